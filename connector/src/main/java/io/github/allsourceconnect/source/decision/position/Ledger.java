package io.github.allsourceconnect.source.decision.position;

/**
 * The figures of the source; they add up at any moment ({@link #balance()}). Every WAL offset is
 * one event, so what is missing can be counted. Filled and read on the follower's thread.
 */
public final class Ledger {
  /** Entries that the live stream delivered. */
  public long delivered;

  /** Entries that came after one with a higher offset. */
  public long outOfOrder;

  /** Events produced from an entry. */
  public long producedLive;

  /** Events produced from a row of a snapshot: of the first one, or of a resume or repair. */
  public long snapshotRows;

  /** Events that a gap lacked and that were produced from rows, counted against its offsets. */
  public long repaired;

  /** Entries dropped because their event had been produced or delivered already. */
  public long duplicates;

  /** Gaps: offsets that did not come within the time allowed. */
  public long gaps;

  /** How many offsets the gaps lacked when they were found. */
  public long gapOffsets;

  /** Repairs completed whose count was right. */
  public long repairs;

  /** Repairs that could not be checked by counting: the numbering had started anew. */
  public long unverifiedRepairs;

  /** Snapshots requested from the leader; each leaves small files there. */
  public long snapshotRequests;

  /** Snapshots that could not be fetched or read. */
  public long snapshotFailures;

  /**
   * Events given up under {@code gap.policy=continue}, or corrupt ones skipped, since the first
   * position was stored, less those found later: {@link #losses()} names them.
   */
  public long unaccounted;

  /**
   * Events that got no record because Kafka must not have them, and of which a note was produced.
   */
  public long refusedToDeadLetters;

  /** Such events of which nothing was produced. */
  public long refusedAndSkipped;

  /** Events of given-up offsets that came after all, and those found behind later ones. */
  public long late;

  /** Lines skipped by {@code corrupt.entry.policy}. */
  public long corrupt;

  /** How often the leader's numbering was found to have started anew. */
  public long regressions;

  /** How often rows beyond what a gap lacked were seen near its end, and left for later. */
  public long surplusRows;

  /**
   * Rows of one entity that raced: by time they stand the other way round than in their file, and
   * no version tells how the leader's log has them.
   */
  public long racedRows;

  /**
   * Events of a repair that went on before the time of a race was over, because too many bytes
   * waited: one of their entity that came later may belong before them.
   */
  public long hurried;

  /** Most rows of another leader that are not produced because they are older than the position. */
  public long foreignRows;

  /** Snapshot rows whose tenant could not be known. */
  public long tenantUnknown;

  /** Entries held from earlier connections that were forgotten for want of memory. */
  public long heldForgotten;

  /**
   * Events that left the position's list of ids before their time, because the list was full: a
   * repair after a restart may produce them again.
   */
  public long listCut;

  /** Connections made. */
  public long connections;

  /** Highest offset delivered in the current numbering. */
  public long highestOffset;

  /** The contiguous offset: everything up to it has been produced. */
  public long walOffset;

  /** Entries held behind a gap. */
  public long held;

  /**
   * Events that are known to exist and have not come: offsets between {@link #walOffset} and {@link
   * #highestOffset}, and what was missing when a leader was lost.
   */
  public long open;

  /**
   * Rows that a repair has left for the live stream and that it has not brought: nothing is acked
   * until it is known where they belong.
   */
  public long awaited;

  /** How late entries have been in the last minute but for a few, microseconds. */
  public long latenessMicros;

  /** How far off, places. */
  public long displacement;

  /** How often the leader's clock went back further than entries are late, and stayed there. */
  public long clocksBack;

  /**
   * Repairs that may have produced something twice, because the position did not tell of all events
   * whether they had been produced.
   */
  public long inexactRepairs;

  private final LossAccount losses = new LossAccount();

  /** Goes on with what a position says was given up. */
  public void load(Losses stored) {
    losses.load(stored);
    refusedToDeadLetters = stored.noted();
    refusedAndSkipped = stored.skipped();
    unaccounted = losses.events();
  }

  /** These are given up. */
  public void lost(Losses.Loss loss) {
    losses.add(loss);
    unaccounted = losses.events();
  }

  /** The event of an offset that had been given up has come. */
  public void found(String leader, long offset) {
    losses.found(leader, offset);
    unaccounted = losses.events();
  }

  /**
   * An event got no record because Kafka must not have it.
   *
   * @param isNoted whether a note was produced instead
   */
  public void refused(boolean isNoted) {
    losses.refused(isNoted);
    refusedToDeadLetters += isNoted ? 1 : 0;
    refusedAndSkipped += isNoted ? 0 : 1;
  }

  /** What was given up and not found later. */
  public Losses losses() {
    return losses.losses();
  }

  // the numbering's own account: what the offsets since its first one were

  private long base;
  private long byEntry;
  private long bySnapshot;
  private long byRepair;
  private long givenUp;
  private long holes;

  public void numberingStarts(long offset) {
    base = offset;
    byEntry = 0;
    bySnapshot = 0;
    byRepair = 0;
    givenUp = 0;
    holes = 0;
    walOffset = offset;
  }

  public void entry() {
    byEntry++;
    walOffset++;
  }

  /** So many of them at once. */
  public void entries(long offsets) {
    byEntry += offsets;
    walOffset += offsets;
  }

  /** So many offsets whose events had been produced from rows. */
  public void settled(long offsets) {
    bySnapshot += offsets;
    walOffset += offsets;
  }

  /** An offset whose event had been produced from a row. */
  public void settled() {
    bySnapshot++;
    walOffset++;
  }

  public void repaired(long offsets) {
    byRepair += offsets;
    walOffset += offsets;
  }

  public void givenUp(long offsets) {
    givenUp += offsets;
    walOffset += offsets;
  }

  public void holes(long offsets) {
    holes += offsets;
    walOffset += offsets;
  }

  /** Zero as long as the figures add up: offsets passed, less what each of them was. */
  public long balance() {
    return walOffset - base - byEntry - bySnapshot - byRepair - givenUp - holes;
  }
}
