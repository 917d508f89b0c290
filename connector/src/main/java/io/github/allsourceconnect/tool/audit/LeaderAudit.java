package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.EventRecords;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.Bearings;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Join;
import io.github.allsourceconnect.tool.audit.decision.JoinJudge;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.OrderJudge;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import io.github.allsourceconnect.tool.input.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A leader's snapshot against a topic. In this order: the topic's ends, the snapshot, the ends
 * again, up to which the topic is read. So whatever stood in the topic at first was in the store
 * before the snapshot. One thread.
 */
final class LeaderAudit implements AutoCloseable {
  private static final long SECOND = 1_000_000;

  private final Options options;
  private final Target target;
  private final Path folder;
  private final Progress progress;
  private final long memory;
  private final Names names = new Names();
  private final Prints prints = new Prints(names);
  private final TopicScope scope;
  private final TopicEvents topic;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long[] ends;
  private StoreRows store;
  private Bearings bearings;
  private Layout.Sort missing;
  private Fingerprint firstMissing;

  LeaderAudit(Options options, Target target, Path folder, Progress progress)
      throws Unjudgeable, UsageException {
    this.options = options;
    this.target = target;
    this.folder = folder;
    this.progress = progress;
    memory = options.memory();
    scope = new TopicScope(target.kafka(), Option.TOPIC, target::has);
    opened.add(scope);
    topic = new TopicEvents(target, scope, prints);
  }

  private Layout.Sort sort(Layout layout, String name) {
    Layout.Sort sort = new Layout.Sort(layout, folder, name, memory / 4);
    opened.add(sort);
    return sort;
  }

  /** Audits. */
  Outcome run() throws Exception {
    long patience = options.number(Option.PATIENCE, 60, 0, 1 << 20) * SECOND;
    long settle = options.number(Option.SETTLE, 5, 0, 3600);
    int examples = (int) options.number(Option.EXAMPLES, 5, 0, 1000);
    long race = options.number(Option.RACE, 100, 0, 1 << 20) * 1000;
    long[] sure = scope.committed();
    long snapshotAt = nowMicros();
    store = StoreRows.fetch(target.config(), folder);
    opened.add(store);
    long fetched = System.nanoTime();
    Layout.Sort rows = sort(Layout.BY_ID, "rows");
    readRows(rows);
    settle(fetched + TimeUnit.SECONDS.toNanos(settle));
    ends = scope.committed();
    long readAt = nowMicros();
    noteUncommitted();
    Layout.Sort records = sort(Layout.BY_ID, "records");
    topic.read(ends, records, progress);
    bearings = new Bearings(store.files().size());
    Join.of(rows.read(), records.read(), bearings);
    Tally tally = new Tally(examples, bearings::tenantOfFile);
    missing = sort(Layout.BY_TIME, "missing");
    Layout.Sort inTopic = sort(Layout.BY_ENTITY, "order");
    JoinJudge judge =
        new JoinJudge(
            new JoinJudge.Bounds(
                goneMicros(readAt), fromMicros(), snapshotAt - patience, bearings.newest(), sure),
            bearings,
            (kind, what, at, parts) -> {
              tally.found(kind, what, at, parts);
              if (kind == Kind.MISSING) {
                missing(what);
              }
            },
            record -> add(inTopic, record));
    Join.of(rows.read(), records.read(), judge);
    OrderJudge order = new OrderJudge(race, tally, judge::isPartial);
    for (Iterator<Fingerprint> all = inTopic.read(); all.hasNext(); ) {
      order.next(all.next());
    }
    order.end();
    tally.add(Kind.NO_EVENT, topic.noEvents());
    note(tally);
    return new Outcome(
        Outcome.Peer.LEADER,
        store.leader().toString(),
        store.files().size(),
        store.bytes(),
        snapshotAt,
        readAt,
        scope.partitions(),
        rows.count(),
        judge.events(),
        judge.records() + topic.noEvents(),
        judge.matched(),
        tally,
        names,
        List.copyOf(notes));
  }

  /** Microseconds since 1970. */
  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private void readRows(Layout.Sort rows) throws Exception {
    EventRecords records =
        target.known() ? new EventRecords(target.config(), System::currentTimeMillis) : null;
    store.read(
        progress,
        row -> {
          int fate =
              records == null ? Fingerprint.EXPECTED : fate(row, records.of(row, null, false));
          rows.add(prints.of(row, fate));
        });
  }

  private int fate(SnapshotRow row, EventRecords.Fate fate) {
    if (fate instanceof EventRecords.LeftOut) {
      return Fingerprint.LEFT_OUT;
    }
    if (fate instanceof EventRecords.Refused) {
      return Fingerprint.REFUSED;
    }
    return target.choosesTenants() && row.event().tenantId() == null
        ? Fingerprint.DEPENDS_ON_TENANT
        : Fingerprint.EXPECTED;
  }

  private void settle(long untilNanos) throws InterruptedException {
    long left = untilNanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private void noteUncommitted() throws Unjudgeable {
    long uncommitted = scope.uncommitted(ends);
    if (uncommitted > 0) {
      notes.add(
          uncommitted
              + " records at the topic's end are of transactions that are open; they were not"
              + " read");
    }
  }

  /** The time from which on the topic is to have everything. */
  private long fromMicros() {
    long from = Long.MIN_VALUE;
    long[] begin = scope.begin();
    long newest = Math.max(bearings.newest(), Long.MIN_VALUE + SECOND);
    for (int i = 0; i < begin.length; i++) {
      if (begin[i] > 0) {
        from = Math.max(from, topic.firstMicros(i, newest - SECOND) + SECOND);
      }
    }
    if (isWithoutHistory()) {
      from = Math.max(from, bearings.oldest());
    }
    return from;
  }

  /**
   * The time before which Kafka may have removed everything: no later than where every partition
   * begins, or as long ago as it keeps events at least.
   */
  private long goneMicros(long nowMicros) {
    long[] begin = scope.begin();
    long everywhere = Long.MAX_VALUE;
    long longAgo = Long.MIN_VALUE;
    for (int i = 0; i < begin.length; i++) {
      long first = topic.firstMicros(i, Long.MIN_VALUE);
      boolean known = begin[i] > 0 && first != Long.MIN_VALUE;
      everywhere = Math.min(everywhere, known ? first + SECOND : Long.MIN_VALUE);
      if (begin[i] > 0) {
        long keptMs = Math.min(scope.retentionMs(i), nowMicros / 1000);
        longAgo = Math.max(longAgo, nowMicros - keptMs * 1000);
      }
    }
    long from = Math.max(everywhere, longAgo);
    return isWithoutHistory() ? Math.max(from, bearings.oldest()) : from;
  }

  private boolean isWithoutHistory() {
    return "no_data".equalsIgnoreCase(target.setting("snapshot.mode"));
  }

  private void missing(Fingerprint row) {
    if (firstMissing == null || row.micros() < firstMissing.micros()) {
      firstMissing = row;
    }
    add(missing, row);
  }

  private static void add(Layout.Sort sort, Fingerprint fingerprint) {
    try {
      sort.add(fingerprint);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void note(Tally tally) {
    if (topic.noEvents() > 0) {
      notes.add(topic.reader().firstTrouble());
    }
    String transforms = target.setting("transforms");
    if (transforms != null && !transforms.isBlank()) {
      notes.add(
          "the connector has transformations ("
              + transforms
              + "): what they drop or change counts as missing or altered");
    }
    if (tally.of(Kind.BEHIND).events() > 0) {
      notes.add(
          "the topic has nothing as new as the events that count as behind: the source is late, or"
              + " stopped, or the topic's end is lost; when it runs again, audit again");
    }
    if (tally.of(Kind.PERHAPS_REMOVED).events() > 0) {
      notes.add(
          "partitions of the topic begin at different times, so of what is newer than the oldest"
              + " beginning and not in the topic it can't be told whether Kafka has removed it; the"
              + " time that the topic keeps events is not over for it");
    }
    if (tally.of(Kind.UNDECIDED).events() > 0) {
      notes.add(
          "the connector chooses by tenant, and the store's files tell none: of files of which"
              + " nothing is in the topic it can't be told whether they were left out");
    }
  }

  /** The rows that are missing, by time. */
  Iterator<Fingerprint> missing() throws IOException {
    return missing.read();
  }

  /** The time of the oldest one that is missing. */
  long oldestMissing() {
    return firstMissing.micros();
  }

  StoreRows store() {
    return store;
  }

  TopicScope scope() {
    return scope;
  }

  /** Up to where the topic was read. */
  long[] ends() {
    return Arrays.copyOf(ends, ends.length);
  }

  RecordReader reader() {
    return topic.reader();
  }

  /** The tenant of a row that tells none; null if it is not known. */
  String tenantOf(Fingerprint row) {
    return names.exactly(bearings.tenantOfFile(row.source()));
  }

  @Override
  public void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }
}
