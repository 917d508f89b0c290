package io.github.allsourceconnect.tool.audit.decision;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A store and a topic that has all of it, in order, from a seed; what is planted in the topic is
 * then to be found. Fingerprints only.
 */
final class GeneratedStore {
  private static final long MINUTE = 60_000_000;

  final RandomGenerator random;
  final List<Fingerprint> rows = new ArrayList<>();

  /** By partition and offset, as in the topic. */
  final List<Fingerprint> records = new ArrayList<>();

  final int files;

  /** As {@link Bearings} has them. */
  final int[] tenantOfFile;

  /** What records tell. */
  final Set<Part> told = EnumSet.allOf(Part.class);

  final int partitions;
  final boolean versionsCount;
  private long lastMicros;

  GeneratedStore(RandomGenerator random, int events, boolean versionsCount) {
    this.random = random;
    this.versionsCount = versionsCount;
    files = 1 + random.nextInt(5);
    tenantOfFile = new int[files];
    partitions = 1 + random.nextInt(3);
    int entities = 1 + random.nextInt(20);
    Map<Integer, Integer> versions = new HashMap<>();
    long micros = 1_700_000_000_000_000L;
    for (int i = 0; i < events; i++) {
      micros += 1 + random.nextLong(random.nextInt(10) == 0 ? MINUTE : 200_000);
      int entity = random.nextInt(entities);
      int version = versionsCount ? versions.merge(entity, 1, Integer::sum) : 1;
      int file = (int) ((long) i * files / events);
      Fingerprint row =
          new Fingerprint(
              random.nextLong(),
              random.nextLong(),
              file,
              i + 1,
              micros,
              random.nextLong() | 1,
              random.nextBoolean() ? 0 : 7,
              10 + random.nextInt(3),
              100 + entity,
              0,
              version,
              0,
              2 + random.nextInt(3),
              Named.NONE,
              Fingerprint.EXPECTED);
      rows.add(row);
      if (random.nextInt(20) == 0) {
        rows.add(row);
      }
      records.add(record(row, entity % partitions, i));
    }
    lastMicros = micros;
  }

  static Fingerprint record(Fingerprint row, int partition, long offset) {
    return record(row, partition, offset, Fingerprint.EXPECTED);
  }

  static Fingerprint record(Fingerprint row, int partition, long offset, int fate) {
    return new Fingerprint(
        row.idHigh(),
        row.idLow(),
        partition,
        offset,
        row.micros(),
        row.payload(),
        row.metadata(),
        row.type(),
        row.entity(),
        55,
        row.version(),
        0,
        row.typeName(),
        5,
        fate);
  }

  long newest() {
    return lastMicros;
  }

  /** A row of an index that no other row repeats. */
  Fingerprint rowOf(Fingerprint record) {
    return rows.stream().filter(row -> row.isOf(record)).findFirst().orElseThrow();
  }

  void replaceRows(Fingerprint of, Fingerprint by) {
    rows.replaceAll(row -> row.isOf(of) ? by : row);
  }

  /** All offsets anew, in the order of the list. */
  private List<Fingerprint> placed() {
    List<Fingerprint> placed = new ArrayList<>();
    for (Fingerprint record : records) {
      placed.add(at(record, placed.size()));
    }
    return placed;
  }

  private static Fingerprint at(Fingerprint f, long place) {
    return new Fingerprint(
        f.idHigh(),
        f.idLow(),
        f.source(),
        place,
        f.micros(),
        f.payload(),
        f.metadata(),
        f.type(),
        f.entity(),
        f.tenant(),
        f.version(),
        f.walOffset(),
        f.typeName(),
        f.tenantName(),
        f.fate());
  }

  /** Audits it, with bounds that were learnt from it. */
  Tally audit(long fromMicros, long newMicros, long[] sureBelow) {
    return audit(fromMicros, fromMicros, newMicros, sureBelow);
  }

  Tally audit(long goneMicros, long fromMicros, long newMicros, long[] sureBelow) {
    Comparator<Fingerprint> byPlace =
        Comparator.comparingInt(Fingerprint::source).thenComparingLong(Fingerprint::place);
    Comparator<Fingerprint> byId = Fingerprint::compareId;
    List<Fingerprint> sortedRows = new ArrayList<>(rows);
    sortedRows.sort(byId.thenComparing(byPlace));
    List<Fingerprint> sortedRecords = placed();
    sortedRecords.sort(byId.thenComparing(byPlace));
    Bearings bearings = new Bearings(tenantOfFile);
    Join.of(sortedRows.iterator(), sortedRecords.iterator(), bearings);
    Tally tally = new Tally(3, bearings::tenantOfFile);
    List<Fingerprint> inTopic = new ArrayList<>();
    JoinJudge judge =
        new JoinJudge(
            new JoinJudge.Bounds(goneMicros, fromMicros, newMicros, bearings.newest(), sureBelow),
            told,
            bearings,
            tally,
            inTopic::add);
    Join.of(sortedRows.iterator(), sortedRecords.iterator(), judge);
    inTopic.sort(Comparator.comparingLong(Fingerprint::entity).thenComparing(byPlace));
    OrderJudge order = new OrderJudge(100_000, tally, judge::isPartial);
    inTopic.forEach(order::next);
    order.end();
    return tally;
  }

  Tally audit() {
    long[] all = new long[partitions];
    java.util.Arrays.fill(all, Long.MAX_VALUE);
    return audit(Long.MIN_VALUE, Long.MAX_VALUE, all);
  }
}
