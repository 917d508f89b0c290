package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.Round;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.fetch.RowFeed;
import io.github.allsourceconnect.source.fetch.SnapshotDownload;
import io.github.allsourceconnect.source.link.AckWriter;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.link.Probe;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What surrounds the decisions: gives them their inputs (what the connections report, entries,
 * rows, what Kafka has) and carries out their orders. Nothing here waits. The follower's thread.
 */
final class FollowShell implements FollowerOrders, Round.Shell, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowShell.class);

  private final SnapshotReading reading;
  private final Queue<Consumer<Follower>> mailbox;
  private final LiveConnection live;
  private final AckWriter acks;
  private final Probe probe;
  private final SnapshotDownload snapshots;
  private final BatchQueue batches;
  private final Figures figures;
  private final KafkaWatch kafka;
  private final RepeatedLines warnings = new RepeatedLines();
  private final Polling polling;
  private final Follower follower;
  private final OutgoingBatches outgoing;
  private final LiveReading entries;
  private final long startedAt = System.nanoTime();

  private String failure;

  /**
   * @param wake called by any thread when there is something to take
   * @param interrupt ends what Connect's thread waits for, if that is Kafka
   */
  FollowShell(
      SourceConfig config,
      SourcePosition position,
      List<String> shapes,
      MessageCodec codec,
      Queue<Consumer<Follower>> mailbox,
      ReceiveBuffer buffer,
      LiveConnection live,
      AckWriter acks,
      Probe probe,
      SnapshotDownload snapshots,
      BatchQueue batches,
      Deliveries deliveries,
      SourceMetrics metrics,
      Runnable wake,
      Runnable interrupt) {
    reading = new SnapshotReading(snapshots, wake);
    this.mailbox = mailbox;
    this.live = live;
    this.acks = acks;
    this.probe = probe;
    this.snapshots = snapshots;
    this.batches = batches;
    figures =
        new Figures(
            buffer,
            config.buffers().diskBytes(),
            live,
            acks,
            snapshots,
            batches,
            deliveries,
            metrics);
    kafka = new KafkaWatch(config.batches(), batches, deliveries, interrupt);
    polling = new Polling(nowMs());
    follower = new Follower(config.follower(), position, this, new SplittableRandom());
    outgoing =
        new OutgoingBatches(
            config, position, shapes, follower, batches, deliveries, figures, nowMs());
    entries = new LiveReading(config, codec, buffer, live, follower, outgoing, this::nowMs);
  }

  Follower follower() {
    return follower;
  }

  OutgoingBatches outgoing() {
    return outgoing;
  }

  /** Connect asks for records; for any thread. */
  void polled() {
    polling.polled(nowMs());
  }

  /** The message to fail with; null as long as the work goes on. */
  String failure() {
    return failure;
  }

  /** When a round is due at the latest. */
  long dueMs() {
    return Math.min(Math.min(follower.wakeAtMs(), figures.dueMs()), outgoing.dueAtMs());
  }

  /** Looks whether Kafka confirms; how long it has confirmed nothing of what waits for that. */
  long lookAtKafka() {
    return kafka.look(nowMs());
  }

  void publish() {
    outgoing.publish(lookAtKafka(), nowMs());
  }

  /** Nothing more is taken. */
  @Override
  public void close() {
    String leftBehind = follower.leavesBehind();
    if (!leftBehind.isEmpty()) {
      LOG.warn("The task ends: {}", leftBehind);
    }
    reading.close();
    publish();
  }

  // ---- a round's surroundings

  /** Milliseconds of a clock that only goes forward, from 1. */
  @Override
  public long nowMs() {
    return 1 + (System.nanoTime() - startedAt) / 1_000_000;
  }

  @Override
  public boolean report() {
    Consumer<Follower> input = mailbox.poll();
    if (input == null) {
      return false;
    }
    input.accept(follower);
    return true;
  }

  @Override
  public long committed() {
    long upTo = batches.takeCommitted();
    figures.confirmed(upTo);
    return upTo;
  }

  @Override
  public boolean liveBufferEmpty() {
    return entries.isEmpty();
  }

  @Override
  public boolean makeRoom(long bytes) {
    return outgoing.makeRoom(bytes, nowMs());
  }

  @Override
  public void roundEnds(boolean worked) {
    Polling.Change change = polling.look(nowMs(), batches::awaitsConfirmation);
    if (change != null) {
      LOG.info("{}", change.line());
      if (change.notPolledMs() > 0) {
        outgoing.resumed(change);
      }
    }
    outgoing.roundEnds(worked, nowMs());
    if (nowMs() >= figures.dueMs()) {
      publish();
    }
  }

  // ---- entries

  @Override
  public long nextEntryBytes() {
    return entries.nextBytes(this::reports);
  }

  private void reports() {
    while (report()) {
      // one after the other
    }
  }

  @Override
  public void entry() {
    entries.next();
  }

  // ---- rows

  @Override
  public long nextRowBytes() {
    return reading.nextBytes(follower);
  }

  @Override
  public void row() {
    RowFeed from = reading.feed();
    if (reading.next(follower)) {
      figures.row(from, nowMs());
    }
  }

  // ---- orders

  @Override
  public void connectLive(Epoch of, long lastOffset) {
    live.connect(of, lastOffset);
  }

  @Override
  public void closeLive(Epoch of, String why) {
    live.disconnect(of, why);
  }

  @Override
  public void ack(Epoch of, long offset) {
    acks.ack(of, offset);
  }

  @Override
  public void probe(Request request, long lastOffset) {
    probe.ask(request, lastOffset);
  }

  @Override
  public void requestSnapshot(Request request, long lastOffset) {
    reading.close();
    figures.snapshotAsked(request, nowMs());
    snapshots.request(request, lastOffset);
  }

  @Override
  public void openRows(Request request, long fromMicros, boolean idsOnly) {
    reading.openInTimeOrder(request, fromMicros, idsOnly);
  }

  @Override
  public void openLogRows(Request request) {
    reading.openAsTheyStand(request);
  }

  @Override
  public void discardSnapshot(Request request) {
    reading.close();
    snapshots.discard();
  }

  @Override
  public void emitEntry(WalEntry entry) {
    outgoing.add(entry);
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    outgoing.add(row, tenant);
  }

  @Override
  public void finished() {
    figures.finished();
    LOG.info("The snapshot is complete; snapshot.mode=initial_only leaves nothing more to do");
  }

  @Override
  public void fail(String message) {
    failure = message;
  }

  @Override
  public void log(Level level, String message) {
    switch (level) {
      case INFO -> LOG.info("{}", message);
      case WARN -> {
        String line = warnings.take(message, nowMs());
        if (line != null) {
          LOG.warn("{}", line);
        }
      }
      default -> LOG.error("{}", message);
    }
  }
}
