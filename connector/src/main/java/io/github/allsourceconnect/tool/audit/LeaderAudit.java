package io.github.allsourceconnect.tool.audit;

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
  private final Prints prints;
  private final TopicScope scope;
  private final TopicEvents topic;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long[] ends;
  private StoreRows store;
  private Expected expected;
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
    prints = new Prints(names, target.digest());
    scope = new TopicScope(target.brokers(), Option.TOPIC, target::has);
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
    expected = new Expected(target, store.files(), names);
    long fetched = System.nanoTime();
    Layout.Sort rows = sort(Layout.BY_ID, "rows");
    store.read(progress, row -> rows.add(prints.of(row, expected.fate(row))));
    settle(fetched + TimeUnit.SECONDS.toNanos(settle));
    scope.refresh();
    // what has come since the snapshot may be in topics that were not there before
    sure = Arrays.copyOf(sure, scope.partitions().size());
    long[] written = scope.written();
    ends = scope.committed();
    long readAt = nowMicros();
    noteUncommitted(written);
    Layout.Sort records = sort(Layout.BY_ID, "records");
    topic.read(ends, records, progress);
    bearings = new Bearings(expected.tenants());
    Join.of(rows.read(), records.read(), bearings);
    Tally tally = new Tally(examples, bearings::tenantOfFile);
    missing = sort(Layout.BY_TIME, "missing");
    Layout.Sort inTopic = sort(Layout.BY_ENTITY, "order");
    Horizon horizon = new Horizon(scope, topic, bearings, target.mode());
    JoinJudge judge =
        new JoinJudge(
            new JoinJudge.Bounds(
                horizon.goneMicros(readAt),
                horizon.fromMicros(),
                horizon.newMicros(snapshotAt - patience),
                bearings.newest(),
                sure),
            target.told(),
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
    if (topic.noEvents() > 0) {
      notes.add(topic.reader().firstTrouble());
    }
    notes.addAll(LeaderNotes.of(target, tally, expected.failing()));
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

  private void settle(long untilNanos) throws InterruptedException {
    long left = untilNanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private void noteUncommitted(long[] written) {
    long uncommitted = 0;
    for (int i = 0; i < written.length; i++) {
      uncommitted += Math.max(0, written[i] - ends[i]);
    }
    if (uncommitted > 0) {
      notes.add(
          uncommitted
              + " records at the topic's end are of transactions that are open; they were not"
              + " read");
    }
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
