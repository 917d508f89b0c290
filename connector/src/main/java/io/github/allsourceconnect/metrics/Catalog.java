package io.github.allsourceconnect.metrics;

import static io.github.allsourceconnect.metrics.Metric.counter;
import static io.github.allsourceconnect.metrics.Metric.gauge;
import static io.github.allsourceconnect.metrics.Metric.text;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All metrics of both connectors. */
public final class Catalog {
  private static final String EVENTS = "events";
  private static final String OFFSETS = "offsets";
  private static final String BYTES = "bytes";
  private static final String MS = "ms";
  private static final String YES = "0 or 1";

  /** Of a source task; tags: connector, task. */
  public static final List<Metric> SOURCE =
      List.of(
          gauge("connected", YES, "Whether the live stream of a leader is there."),
          gauge(
              "MilliSecondsBehindSource",
              MS,
              "How old the newest produced event is, as long as more is waiting; 0 when all that"
                  + " came is in Kafka. Without a leader, the time since one was heard."),
          gauge(
              "MilliSecondsSinceLastEvent",
              MS,
              "Time since the leader last sent anything. An idle leader sends nothing."),
          gauge("newestEventTime", "ms since 1970", "Time of the event that was produced last."),
          gauge(
              "waitingRecords",
              EVENTS,
              "Events that wait for Kafka's confirmation, or behind a gap."),
          gauge("waitingBytes", BYTES, "What waits in the read-ahead or for Kafka's confirmation."),
          gauge(
              "unconfirmedMs",
              MS,
              "How long Kafka has confirmed nothing, while records wait for that; 0 when none do."),
          gauge("unaccounted", OFFSETS, "Offsets given up. Anything but 0 is a loss."),
          gauge("open", EVENTS, "Events that are known to be missing now."),
          counter("gaps", "", "Gaps found in the live stream."),
          counter("gapOffsets", OFFSETS, "Offsets missing in these gaps."),
          counter("repairs", "", "Repairs whose count was right."),
          counter("repaired", EVENTS, "Events that repairs brought."),
          counter("unverifiedRepairs", "", "Repairs that could not be checked by counting."),
          counter("delivered", EVENTS, "Entries received on the live stream."),
          counter("producedLive", EVENTS, "Events produced from entries of the live stream."),
          counter("snapshotRows", EVENTS, "Events produced from rows of snapshots."),
          counter(
              "filtered",
              EVENTS,
              "Events that include. and exclude. settings, or a transformation, left out. Under"
                  + " errors.tolerance=all also those that a transformation or converter failed on:"
                  + " Connect reports both alike."),
          counter(
              "filterUndecided",
              EVENTS,
              "Events that were produced because an expression of those settings takes too long for"
                  + " them."),
          counter(
              "dropped",
              EVENTS,
              "Events that were given up because Kafka refused them (errors.tolerance=all)."),
          gauge(
              "refusedToDeadLetters",
              EVENTS,
              "Events that got no record, of which a note went to dlq.topic; since the first"
                  + " position."),
          gauge(
              "refusedAndSkipped",
              EVENTS,
              "Events that got no record, and no note; since the first position."),
          counter(
              "protocolErrors",
              "",
              "How often a leader broke the protocol, stalled midway, or closed a connection as soon"
                  + " as it was live."),
          gauge(
              "sameFailureInARow",
              "",
              "How often it did so in the same way without anything getting further."),
          gauge(
              "recurringFailures",
              "",
              "How often it did so in any way, with less than same.failure.timeout.ms from one to"
                  + " the next."),
          gauge("SnapshotRunning", YES, "Whether a snapshot is being fetched or read."),
          gauge("RemainingRowCount", "rows", "Rows of that snapshot that are still to be read."),
          counter(
              "snapshotRequests",
              "",
              "Snapshots requested; each leaves small files at the leader."),
          counter("snapshotFailures", "", "Snapshots that could not be fetched or read."),
          gauge("snapshotBytes", BYTES, "Bytes of the snapshot that was fetched last."),
          gauge(
              "snapshotFilesLeftOut", "files", "Damaged files that the last snapshot did without."),
          counter("outOfOrder", EVENTS, "Entries that came after one with a higher offset."),
          gauge(
              "latenessMicros",
              "µs",
              "How late entries came in the last minute, a few outliers aside."),
          gauge(
              "displacement",
              OFFSETS,
              "How far entries were from their place, a few outliers aside."),
          counter("clocksBack", "", "How often the leader's clock went back, and stayed there."),
          counter("duplicates", EVENTS, "Entries dropped because their event was there already."),
          counter("late", EVENTS, "Events that came after they had been given up, or passed over."),
          counter("corrupt", "lines", "Lines skipped by corrupt.entry.policy."),
          counter("foreignRows", EVENTS, "Events of another leader's history, not produced."),
          counter("tenantUnknown", EVENTS, "Events from files that do not tell their tenant."),
          counter("racedRows", EVENTS, "Rows whose order within their entity is not certain."),
          counter("surplusRows", EVENTS, "Rows beyond what a gap lacked, left for later."),
          counter("hurried", EVENTS, "Events of a repair that did not wait for a race to end."),
          counter("heldForgotten", EVENTS, "Entries of lost connections dropped for want of room."),
          counter("listCut", EVENTS, "Ids that left the position's list before their time."),
          counter(
              "inexactRepairs",
              "",
              "Repairs that may have produced something twice, or older than the beginning."),
          counter("connections", "", "Connections made."),
          counter("regressions", "", "How often the leader's numbering started anew."),
          gauge("walOffset", "offset", "Everything up to it has been produced."),
          gauge("highestOffset", "offset", "The highest offset received."),
          gauge("ackedOffset", "offset", "The offset last acknowledged to the leader."),
          gauge("held", EVENTS, "Entries held behind a gap."),
          gauge(
              "awaited",
              EVENTS,
              "Events of a snapshot that the live stream has to bring, if their clock was right; no"
                  + " acks until it is known."),
          counter("emitted", EVENTS, "Events handed over to Connect."),
          counter("confirmed", "records", "Records that Kafka has."),
          gauge("bufferMemoryBytes", BYTES, "Read-ahead in memory."),
          gauge("bufferDiskBytes", BYTES, "Read-ahead on disk."),
          gauge("bufferDiskMaxBytes", BYTES, "What the read-ahead may take on disk."),
          counter("bufferStalls", "", "How often reading stopped because the read-ahead was full."),
          counter("receivedBytes", BYTES, "Bytes received on live connections."),
          gauge(
              "lastMarkTime",
              "ms since 1970",
              "When the last mark was given for ledger.topic; 0 for none."),
          gauge(
              "shapes",
              "event types",
              "Event types whose payloads have schemas (payload.format=struct)."),
          counter("shapeChanges", "", "How often such a schema was made or changed."),
          counter(
              "unshaped",
              "values",
              "Payloads and metadata with something that has no field and is in allsource_rest."),
          gauge("balance", EVENTS, "0 as long as the figures add up."),
          text("state", "What the live connection is doing."),
          text("losses", "What was given up: the newest twenty ranges, the oldest first."),
          text("leader", "The leader's address."));

  /** Of one partition of a sink; tags: connector, task, partition. */
  public static final List<Metric> SINK_PARTITION =
      List.of(
          gauge("listening", YES, "Whether followers can connect."),
          gauge("followers", "", "Followers connected."),
          gauge("followersCatchingUp", "", "Of these, those that do not have everything yet.")
              .once("followers-catching-up"),
          counter("followersRefused", "", "Followers closed for a reason.")
              .once("followers-refused"),
          counter("followersIncomplete", "", "New followers served without what is gone.")
              .once("followers-incomplete"),
          gauge("newcomers", "", "Connections that have not subscribed yet."),
          gauge(
              "lag",
              OFFSETS,
              "Offsets of the log that the slowest follower has not acknowledged;"
                  + " transaction markers count. Without a follower, those not committed."),
          gauge("logBegin", "Kafka offset", "The topic's first offset.").once("log-begin"),
          gauge("logEnd", "Kafka offset", "Up to where the topic was read.").once("log-end"),
          gauge(
                  "ackedLowest",
                  "offset",
                  "The lowest offset that a connected follower acknowledged.")
              .once("acked-lowest"),
          gauge(
                  "ackedHighest",
                  "offset",
                  "The highest offset that a connected follower acknowledged.")
              .once("acked-highest"),
          gauge("committable", "offset", "What may be committed; -1 for nothing."),
          counter("bytesSent", BYTES, "Bytes sent to followers.").once("bytes-sent"),
          gauge("memoryBytes", BYTES, "Memory that the tail and older blocks take.")
              .once("memory-bytes"),
          gauge("snapshotsRunning", "", "Followers that are being sent a snapshot.")
              .once("snapshots-running"),
          gauge(
                  "historyAfter",
                  "offset",
                  "The kept history holds what is above this; -1 without one.")
              .once("history-after"),
          gauge("historyUpTo", "offset", "The kept history reaches up to this.")
              .once("history-up-to"),
          gauge(
              "historyMissing", OFFSETS, "Offsets within the kept history that are gone for good."),
          gauge("port", "", "The port in use; 0 while nothing listens."),
          text("topic", "The topic."),
          text("address", "Where followers connect."));

  /** Of a sink task; tags: connector, task. Sums over its partitions among them. */
  public static final List<Metric> SINK =
      List.of(
          gauge("partitions", "", "Partitions served."),
          gauge("listening", "partitions", "Partitions whose port is open."),
          gauge("brokersAnswering", YES, "Whether a broker of log.bootstrap.servers is connected."),
          gauge("followers", "", "Followers connected."),
          gauge("followersCatchingUp", "", "Of these, those that do not have everything yet.")
              .once("followers-catching-up"),
          counter("followersRefused", "", "Followers closed for a reason.")
              .once("followers-refused"),
          counter("followersIncomplete", "", "New followers served without what is gone.")
              .once("followers-incomplete"),
          gauge("lag", OFFSETS, "Sum over the partitions."),
          counter("bytesSent", BYTES, "Bytes sent to followers.").once("bytes-sent"),
          gauge("memoryBytes", BYTES, "Memory that tails and older blocks take.")
              .once("memory-bytes"),
          gauge("snapshotsRunning", "", "Followers that are being sent a snapshot.")
              .once("snapshots-running"),
          gauge(
              "historyMissing", OFFSETS, "Offsets within kept histories that are gone for good."));

  private static final Map<String, Metric> SOURCE_BY_NAME = byName(SOURCE);
  private static final Map<String, Metric> PARTITION_BY_NAME = byName(SINK_PARTITION);
  private static final Map<String, Metric> SINK_BY_NAME = byName(SINK);

  private Catalog() {}

  private static Map<String, Metric> byName(List<Metric> metrics) {
    return metrics.stream().collect(Collectors.toUnmodifiableMap(Metric::name, m -> m));
  }

  static Function<String, Metric> source() {
    return SOURCE_BY_NAME::get;
  }

  static Function<String, Metric> sink() {
    return SINK_BY_NAME::get;
  }

  static Function<String, Metric> sinkPartition() {
    return PARTITION_BY_NAME::get;
  }
}
