package io.github.allsourceconnect.source.decision.position;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the source stands: what has been produced by the time of events, and the contiguous WAL
 * offset beside it. Immutable.
 *
 * @param walOffset the contiguous WAL offset that has been produced, 0 when the leader's numbering
 *     is not known
 * @param beyond how many events with an unknown offset above {@code walOffset} have been produced
 *     (rows of a repair that was not finished)
 * @param uncertain of how many produced rows it is not known whether they are below or above {@code
 *     walOffset}: those next to the seam where a numbering began
 * @param missing the events that are known to exist and have not been produced: a leader with
 *     another numbering must have them
 * @param produced what has been produced, by time
 * @param latenessMicros how late entries have been; {@link Lateness#micros()}
 * @param displacement how far off; {@link Lateness#places()}
 * @param snapshotDone whether the first snapshot is complete (or was not wanted)
 * @param leader the address of the leader whose numbering {@code walOffset} is of; empty when not
 *     known
 * @param number rises with each position taken; of several stored ones the highest wins
 * @param losses what was given up
 * @param altered whether it was set from outside, and counts instead of all that were stored before
 * @param marks what the ledger topic has counted
 */
public record SourcePosition(
    long walOffset,
    long beyond,
    int uncertain,
    Missing missing,
    Produced produced,
    long latenessMicros,
    int displacement,
    boolean snapshotDone,
    String leader,
    long number,
    Losses losses,
    boolean altered,
    MarkTotals marks) {

  /** Without a ledger. */
  public SourcePosition(
      long walOffset,
      long beyond,
      int uncertain,
      Missing missing,
      Produced produced,
      long latenessMicros,
      int displacement,
      boolean snapshotDone,
      String leader,
      long number,
      Losses losses,
      boolean altered) {
    this(
        walOffset,
        beyond,
        uncertain,
        missing,
        produced,
        latenessMicros,
        displacement,
        snapshotDone,
        leader,
        number,
        losses,
        altered,
        MarkTotals.NONE);
  }

  /**
   * Events that are known to exist and have not been produced.
   *
   * @param events how many may still be had; nothing that came behind them has been produced
   * @param newestMicros event time of the newest event that has come, so that none of them is much
   *     newer; {@link Long#MAX_VALUE} when not known
   * @param after they are above this offset of the numbering in which they were missed; 0 when it
   *     is not known
   * @param passedOver how many more a leader lacked, so that what came behind them has been
   *     produced without them; in positions of earlier builds, otherwise they are among those lost
   * @param skipped how many lines behind the contiguous offset could not be used, so that as many
   *     offsets may stay missing
   * @param lost what is beside that, of connections that are gone: each hole with what is known of
   *     it
   * @param watermarkWithout event time in microseconds where the position's watermark would be
   *     without those lost, if nothing else is missing, all of them are passed over and other
   *     leaders' than the one whose numbering is known, and it can't be told of all events between
   *     what has been produced; otherwise {@link Long#MIN_VALUE}
   */
  public record Missing(
      long events,
      long newestMicros,
      long after,
      long passedOver,
      long skipped,
      List<LostHole> lost,
      long watermarkWithout) {
    /** None. */
    public static final Missing NONE = new Missing(0, Long.MAX_VALUE, 0, 0);

    /** The watermark would be the same without them, or is not to be told. */
    public Missing(
        long events,
        long newestMicros,
        long after,
        long passedOver,
        long skipped,
        List<LostHole> lost) {
      this(events, newestMicros, after, passedOver, skipped, lost, Long.MIN_VALUE);
    }

    /** Nothing else is missing. */
    public Missing(long events, long newestMicros, long after, long passedOver, long skipped) {
      this(events, newestMicros, after, passedOver, skipped, List.of());
    }

    /** Every line could be used. */
    public Missing(long events, long newestMicros, long after, long passedOver) {
      this(events, newestMicros, after, passedOver, 0);
    }

    /** Whether no repair can find what is passed over without repeating what came behind it. */
    public boolean isBehindUnlisted() {
      return watermarkWithout != Long.MIN_VALUE;
    }

    /** Whether nothing is missing but what is passed over in lost holes. */
    public boolean onlyPassedOver() {
      return events + passedOver + skipped == 0
          && !lost.isEmpty()
          && lost.stream().allMatch(LostHole::isPassedOver);
    }

    /** Whether some of that leader's holes are passed over, and none of them is open. */
    public boolean onlyPassedOverOf(String leader) {
      return lost.stream().anyMatch(hole -> hole.all().leader().equals(leader))
          && lost.stream()
              .filter(hole -> hole.all().leader().equals(leader))
              .allMatch(LostHole::isPassedOver);
    }

    /** How many are passed over, those of each lost hole included. */
    public long allPassedOver() {
      return passedOver + lost.stream().mapToLong(LostHole::passedOver).sum();
    }
  }

  /**
   * What has been produced, by event time in microseconds.
   *
   * @param watermarkMicros every event older than this; {@link Long#MIN_VALUE} when nothing was
   * @param exactMicros of the events at or after this exactly those listed, of those between it and
   *     the watermark at least those listed
   * @param frontMicros how far event time has come, but for single events far ahead
   * @param ids the events listed, those of chunks left out
   * @param own the chunk that is stored with this position, in its slot; null for none
   * @param others chunks that are stored elsewhere
   * @param mixedUpToMicros events up to this time may lie before the first one that is wanted;
   *     {@link Long#MIN_VALUE} for none
   */
  public record Produced(
      long watermarkMicros,
      long exactMicros,
      long frontMicros,
      List<ListedIds> ids,
      StoredChunk own,
      List<StoredChunk> others,
      long mixedUpToMicros) {
    /** Nothing. */
    public static final Produced NOTHING =
        new Produced(Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, List.of(), null, List.of());

    /** All events are wanted. */
    public Produced(
        long watermarkMicros,
        long exactMicros,
        long frontMicros,
        List<ListedIds> ids,
        StoredChunk own,
        List<StoredChunk> others) {
      this(watermarkMicros, exactMicros, frontMicros, ids, own, others, Long.MIN_VALUE);
    }

    /** Everything older than a time, and nothing else. */
    public static Produced before(long micros) {
      return new Produced(micros, micros, micros, List.of(), null, List.of());
    }

    /** Where the position is stored. */
    public int slot() {
      return own == null ? FIRST_SLOT : own.slot();
    }

    /** All chunks that it needs. */
    List<StoredChunk> chunks() {
      List<StoredChunk> all = new ArrayList<>(others);
      if (own != null) {
        all.add(own);
      }
      return all;
    }
  }

  /** The slot that every store has that has any: without it the others do not count. */
  public static final int FIRST_SLOT = 0;

  /** Nothing produced yet. */
  public static final SourcePosition START =
      new SourcePosition(
          0, 0, 0, Missing.NONE, Produced.NOTHING, 0, 0, false, "", 0, Losses.NONE, false);

  /**
   * What the stored ones say together. The one with the highest number tells where the source
   * stands; it is whole by itself, but for the chunks that it names. Should one of those not be
   * what it says, what it would have told is unknown: something may be produced twice, and nothing
   * is passed over.
   *
   * @param stored by slot
   */
  public static SourcePosition of(Map<Integer, SourcePosition> stored) {
    long highest = stored.values().stream().mapToLong(SourcePosition::number).max().orElse(0);
    SourcePosition first = stored.get(FIRST_SLOT);
    if (first == null) {
      return START.with(highest);
    }
    SourcePosition newest = first;
    for (SourcePosition one : stored.values()) {
      newest = !first.altered && one.number > newest.number ? one : newest;
    }
    return newest.withOthers(stored).with(highest);
  }

  private SourcePosition withOthers(Map<Integer, SourcePosition> stored) {
    List<ListedIds> ids = new ArrayList<>(produced.ids);
    List<StoredChunk> whole = new ArrayList<>();
    long exact = produced.exactMicros;
    for (StoredChunk named : produced.others) {
      SourcePosition there = stored.get(named.slot());
      if (there != null && there.produced.own != null && named.names(there.produced.own)) {
        whole.add(there.produced.own);
      } else if (there != null && named.slot() == FIRST_SLOT && there.number == named.number()) {
        ids.addAll(there.produced.ids); // as builds before stored it
      } else {
        exact = Math.max(exact, produced.frontMicros + 1);
      }
    }
    return with(
        new Produced(
            produced.watermarkMicros,
            exact,
            produced.frontMicros,
            ids,
            produced.own,
            whole,
            produced.mixedUpToMicros));
  }

  /**
   * The same where those passed over are given up, if {@link Missing#isBehindUnlisted}: what lies
   * behind them has been produced.
   */
  public SourcePosition withoutPassedOver() {
    if (!missing.isBehindUnlisted()) {
      return this;
    }
    LossAccount account = new LossAccount();
    account.load(losses);
    missing.lost.forEach(hole -> account.add(hole.all()));
    long from = missing.watermarkWithout;
    return new SourcePosition(
        walOffset,
        beyond,
        uncertain,
        Missing.NONE,
        new Produced(
            from,
            Math.max(from, produced.exactMicros),
            produced.frontMicros,
            produced.ids,
            produced.own,
            produced.others,
            produced.mixedUpToMicros),
        latenessMicros,
        displacement,
        snapshotDone,
        leader,
        number,
        account.losses(),
        altered,
        marks);
  }

  /** What it says, in words, for the log. */
  public String summary() {
    if (produced.watermarkMicros == Long.MIN_VALUE) {
      return "no position is stored; "
          + (snapshotDone ? "it begins with what comes now" : "it begins with a first snapshot");
    }
    String since =
        produced.watermarkMicros == Long.MIN_VALUE + 1
            ? ""
            : " since " + Losses.Micros.text(produced.watermarkMicros);
    String text =
        altered
            ? "the position was set from outside; everything" + since + " is produced again"
            : "goes on behind offset " + walOffset + ", looking for events" + since;
    return losses.events() == 0
        ? text
        : text + "; " + losses.events() + " events were given up before: " + losses.text();
  }

  /** Nothing of it has been produced, though it is known how late entries are. */
  public SourcePosition atTheBeginning() {
    return new SourcePosition(
        0,
        0,
        0,
        Missing.NONE,
        Produced.NOTHING,
        latenessMicros,
        displacement,
        false,
        leader,
        number,
        losses,
        altered,
        marks);
  }

  /** The same with another list of what was produced. */
  public SourcePosition with(Produced of) {
    return new SourcePosition(
        walOffset,
        beyond,
        uncertain,
        missing,
        of,
        latenessMicros,
        displacement,
        snapshotDone,
        leader,
        number,
        losses,
        altered,
        marks);
  }

  /** The same under another number. */
  public SourcePosition with(long otherNumber) {
    return new SourcePosition(
        walOffset,
        beyond,
        uncertain,
        missing,
        produced,
        latenessMicros,
        displacement,
        snapshotDone,
        leader,
        otherNumber,
        losses,
        altered,
        marks);
  }

  /** The same with what the ledger topic has counted. */
  public SourcePosition with(MarkTotals counted) {
    return new SourcePosition(
        walOffset,
        beyond,
        uncertain,
        missing,
        produced,
        latenessMicros,
        displacement,
        snapshotDone,
        leader,
        number,
        losses,
        altered,
        counted);
  }

  /** Whether it is not known of some events after the watermark if they have been produced. */
  public boolean isInexact() {
    return produced.exactMicros > produced.watermarkMicros;
  }
}
