package io.github.allsourceconnect.tool.audit.decision;

import java.util.BitSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Judges each event by its row and its records.
 *
 * <ul>
 *   <li>A row without a record is missing; unless the settings leave it out, it is older than where
 *       the topic begins, it is too new, or nothing in the topic is as new: the source is behind.
 *   <li>A record without a row is foreign; unless it came after the snapshot was asked for. What
 *       stands in the topic before that moment was in the store before it.
 *   <li>A record whose contents differ from the row's is altered.
 * </ul>
 *
 * <p>Not thread-safe.
 */
public final class JoinJudge implements Join.Pairs {
  /**
   * What can be judged.
   *
   * @param goneMicros rows that are older need not be in the topic
   * @param fromMicros rows that are older may have been in the topic, and be removed
   * @param newMicros rows at or after this time may not be in the topic yet
   * @param newestMicros the newest time of an event that both have; see {@link Bearings#newest}
   * @param sureBelow for each partition, below which offset a record's event must be in the store
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Bounds(
      long goneMicros, long fromMicros, long newMicros, long newestMicros, long[] sureBelow) {}

  private static final int ENTITIES = 1 << 23;

  private final Bounds bounds;
  private final Set<Part> told;
  private final Bearings bearings;
  private final Findings findings;
  private final Consumer<Fingerprint> inTopic;

  /** Entities of which something is not in the topic, or is there by a repair; some others, too. */
  private final BitSet partial = new BitSet(ENTITIES);

  private long events;
  private long matched;
  private long records;

  /**
   * @param told the parts of events that records tell
   * @param inTopic gets the first record of each event that the store has as it is to be ordered
   */
  public JoinJudge(
      Bounds bounds,
      Set<Part> told,
      Bearings bearings,
      Findings findings,
      Consumer<Fingerprint> inTopic) {
    this.bounds = bounds;
    this.told = Set.copyOf(told);
    this.bearings = bearings;
    this.findings = findings;
    this.inTopic = inTopic;
  }

  @Override
  public void event(Fingerprint row, Fingerprint record) {
    if (row != null) {
      events++;
    }
    if (row != null && (record == null || record.fate() == Fingerprint.REPAIRED)) {
      partial.set(bit(row.entity()));
    }
    if (record == null) {
      findings.found(withoutRecord(row), row, null, Set.of());
      return;
    }
    if (row == null && record.fate() == Fingerprint.OWN) {
      return;
    }
    records++;
    if (row == null) {
      boolean sure = record.place() < bounds.sureBelow()[record.source()];
      findings.found(sure ? Kind.FOREIGN : Kind.AFTER_SNAPSHOT, record, record, Set.of());
      return;
    }
    matched++;
    compare(row, record);
    inTopic.accept(record.ordered(row));
  }

  private Kind withoutRecord(Fingerprint row) {
    if (row.fate() == Fingerprint.LEFT_OUT) {
      return Kind.LEFT_OUT;
    }
    if (row.fate() == Fingerprint.REFUSED) {
      return Kind.REFUSED;
    }
    if (row.micros() < bounds.fromMicros()) {
      return row.micros() < bounds.goneMicros() ? Kind.BEFORE_TOPIC : Kind.PERHAPS_REMOVED;
    }
    if (row.micros() >= bounds.newMicros()) {
      return Kind.TOO_NEW;
    }
    if (row.fate() == Fingerprint.DEPENDS_ON_TENANT
        && bearings.tenantOfFile(row.source()) == Named.NONE) {
      return Kind.UNDECIDED;
    }
    return row.micros() > bounds.newestMicros() ? Kind.BEHIND : Kind.MISSING;
  }

  private void compare(Fingerprint row, Fingerprint record) {
    Set<Part> parts = Part.differing(row, record);
    parts.retainAll(told);
    if (!parts.isEmpty()) {
      findings.found(Kind.ALTERED, row, record, parts);
    }
  }

  @Override
  public void rowAgain(Fingerprint row) {
    findings.found(Kind.ROW_AGAIN, row, null, Set.of());
  }

  @Override
  public void recordAgain(Fingerprint row, Fingerprint record) {
    if (row == null && record.fate() == Fingerprint.OWN) {
      return;
    }
    records++;
    findings.found(Kind.TWICE, row == null ? record : row, record, Set.of());
    if (row != null) {
      compare(row, record);
    }
  }

  private static int bit(long entity) {
    return (int) (entity >>> 32) & (ENTITIES - 1);
  }

  /**
   * Whether an event of an entity is not among those that are to be ordered. Some entities count as
   * such although all of theirs are.
   *
   * @param entity its digest
   */
  public boolean isPartial(long entity) {
    return partial.get(bit(entity));
  }

  /** How many events the store has. */
  public long events() {
    return events;
  }

  /** How many of them are in the topic. */
  public long matched() {
    return matched;
  }

  /** How many records were judged. */
  public long records() {
    return records;
  }
}
