package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.OwedFound;
import io.github.allsourceconnect.source.decision.orders.Epoch;

/**
 * The first look at a snapshot: its rows are counted against what is missing, and nothing is
 * produced. Each WAL offset is one event, so a gap of n offsets is repaired by n events and by
 * nothing else.
 *
 * <pre>
 *   from ............ newest up to the cut ............ cut.micros
 *   rows neither produced nor held                      newer rows: not for this repair
 *
 *   found = such rows + entries that earlier connections left behind
 *   COUNTED   found  = missing        (verified: found >= missing, the rest is beyond)
 *   CREDITED  found + corrupt + uncertain >= missing
 *   SHORT     otherwise, as far back as events are known
 * </pre>
 *
 * Not thread-safe.
 */
final class RepairCount {
  /** What the count says. */
  enum Verdict {
    /** There are as many events as are missing. */
    COUNTED,
    /** There are, if what was skipped and what may belong to either side of a seam is set off. */
    CREDITED,
    /** The leader's offsets do not continue the known ones: what there is can't be counted. */
    ANEW,
    /** No offset is known to count from. */
    UNCOUNTED,
    /** Too few; they may be older than where the count began, so it begins further back. */
    DEEPER,
    /** Too few, as far back as can be told. */
    SHORT,
    /**
     * What was stored in the moment of the snapshot may be there without the one before it, or
     * where rows that are far ahead belong is not known yet.
     */
    AGAIN,
    /** The leader has written more than the live stream has brought. */
    STREAM_BEHIND
  }

  private final LiveStream stream;
  private final LiveLink live;
  private final RepairCut cut;
  private final long slackMicros;
  private final RowsAhead ahead;

  private boolean byOffset;
  private boolean deeper;
  private long cutNewest;
  private long from;
  private long foreignFrom;
  private long foreign;
  private long found;
  private final OwedFound owedFound;
  private boolean ofAnother;
  private long newerRows;

  /** Whether a row newer than the cut is certain not to have been produced. */
  private boolean newAhead;

  private long beforeEarlierCut;
  private long newestSeen;
  private long newestBefore = Long.MIN_VALUE;

  /**
   * @param slackMicros how far back behind the newest event the count looks at least, as far as
   *     events are known
   */
  RepairCount(LiveStream stream, LiveLink live, RepairCut cut, RowsAhead ahead, long slackMicros) {
    this.slackMicros = slackMicros;
    this.ahead = ahead;
    this.stream = stream;
    this.live = live;
    this.cut = cut;
    owedFound = new OwedFound(stream);
  }

  /**
   * A snapshot is complete; its rows are to be handed in, from {@link #from()} on.
   *
   * @param asked over which connection its leader is followed
   */
  void begin(Epoch asked) {
    deeper = false;
    ofAnother = !live.isSameLeader(asked, stream.epoch());
    if (stream.verified()) {
      stream.arrears.awaitedAreTold();
    }
    byOffset = stream.walOffset() > 0 && cut.offset() > 0;
    cutNewest = cut.newest();
    from = stream.produced.lookBack(slackMicros);
    newestSeen = Long.MIN_VALUE;
    if (!byOffset && cut.offset() > 0 && stream.arrears.owed() == 0) {
      // only the files that the entries held are in, and what is newer
      from = Math.max(from, stream.held.oldestOfCurrent());
    }
    restart();
    if (live.isAnotherLeader(stream.epoch()) && stream.produced.watermark() != Long.MIN_VALUE) {
      foreignFrom = Math.min(from, stream.produced.knownWatermark());
    }
  }

  private void restart() {
    foreignFrom = from;
    foreign = 0;
    found = stream.arrears.leftToProduce();
    owedFound.clear();
    newerRows = 0;
    newAhead = false;
    beforeEarlierCut = 0;
    ahead.begin(from);
  }

  /** Event time at which the rows to be handed in begin. */
  long from() {
    return Math.min(Math.min(foreignFrom, ahead.shownFrom()), stream.awaited.notBehind());
  }

  /** Event time at which the rows to be produced begin. */
  long produceFrom() {
    return deeper ? from : stream.produced.lookBack(slackMicros);
  }

  void row(SnapshotRow row) {
    Event event = row.event();
    if (stream.awaited.isBeforeTheCut(event)) {
      if (stream.arrears.lacks(event, Long.MIN_VALUE)) {
        beforeEarlierCut++;
        owedFound.row(event);
      }
      return;
    }
    if (!stream.arrears.lacks(event, Math.min(foreignFrom, ahead.shownFrom()))) {
      return;
    }
    ahead.shows(event);
    if (event.micros() < from) {
      foreign += event.micros() >= foreignFrom ? 1 : 0;
      return;
    }
    if (event.micros() > cutNewest) {
      newerRows++;
    }
    if (event.micros() > cut.micros()) {
      ahead.row(event);
      newAhead |= stream.produced.isUnknown(event);
      return;
    }
    newestSeen = Math.max(newestSeen, event.micros());
    found++;
    owedFound.row(event);
  }

  /**
   * No more rows.
   *
   * @param streamIsWhole whether the live stream is not to blame for what it has not brought
   * @param mayWait whether what comes live until the next snapshot can be held
   */
  Verdict judge(boolean streamIsWhole, boolean mayWait) {
    if (ofAnother) {
      return (lacksOwed() || lacksOfHeld()) && goDeeper() ? Verdict.DEEPER : Verdict.ANEW;
    }
    // the first look only: a deeper one sees older rows, and the next snapshot's first does not
    if (!deeper && cut.offset() == 0 && found > 0 && newestSeen != newestBefore) {
      newestBefore = newestSeen;
      return Verdict.AGAIN;
    }
    if (!streamIsWhole && cut.isLast() && (newerRows > 0 || surplus())) {
      return Verdict.STREAM_BEHIND;
    }
    if (!byOffset) {
      return uncounted(Verdict.UNCOUNTED, streamIsWhole, mayWait);
    }
    long missing = missing();
    long credit = stream.offsets.uncertain();
    if (stream.verified()) {
      long lines = stream.offsets.corruptUpTo(cut.offset());
      if (found + lines + credit >= missing) {
        return enoughWithLines(missing, streamIsWhole, mayWait);
      }
    } else {
      // of a numbering that is in doubt, the sum alone may be right by chance
      boolean byChance =
          (lacksOwed() && (isDoubtful() || stream.owed.areApart(owedFound.named())))
              || stream.arrears.sumsAreByChance();
      if (mayContinue() && !byChance && found <= missing && found + credit >= missing) {
        return enoughWithCredit(missing, streamIsWhole, mayWait);
      }
      if (!mayContinue() || missing < 0 || found > missing || isDoubtful() || byChance) {
        return uncounted(Verdict.ANEW, streamIsWhole, mayWait);
      }
    }
    if (goDeeper()) {
      return Verdict.DEEPER;
    }
    if (found + credit + beforeEarlierCut >= missing) {
      addBeforeEarlierCut(missing);
      return enough(missing);
    }
    if (ahead.needAnotherLook(missing - found, streamIsWhole, mayWait)) {
      return Verdict.AGAIN;
    }
    if (found + credit + ahead.certain() + stream.offsets.corruptUpTo(cut.offset()) >= missing) {
      return enoughWithAhead(missing);
    }
    return Verdict.SHORT;
  }

  /** No line is believed to be the event of an offset for which there is a row. */
  private Verdict enoughWithLines(long missing, boolean streamIsWhole, boolean mayWait) {
    if (found + stream.offsets.uncertain() < missing) {
      if (goDeeper()) {
        return Verdict.DEEPER;
      }
      addBeforeEarlierCut(missing);
    }
    return enoughWithCredit(missing, streamIsWhole, mayWait);
  }

  /** The stream was not past them after all: they are what is missing. */
  private void addBeforeEarlierCut(long missing) {
    found += Math.max(0, Math.min(beforeEarlierCut, missing - found));
  }

  /**
   * Neither credit nor what may have been produced stands for an event that is there, though its
   * clock was ahead.
   */
  private Verdict enoughWithCredit(long missing, boolean streamIsWhole, boolean mayWait) {
    boolean mayBeWrong = found < missing ? streamIsWhole : newAhead && isInexact();
    long lacking = found < missing ? missing - found : Long.MAX_VALUE;
    if (mayBeWrong && ahead.needAnotherLook(lacking, streamIsWhole, mayWait)) {
      return Verdict.AGAIN;
    }
    return enoughWithAhead(missing);
  }

  /** Those whose clock was ahead count: the stream has shown that it does not bring them. */
  private Verdict enoughWithAhead(long missing) {
    found += Math.max(0, Math.min(ahead.certain(), missing - found));
    return enough(missing);
  }

  private Verdict uncounted(Verdict verdict, boolean streamIsWhole, boolean mayWait) {
    if (ahead.needAnotherLook(Long.MAX_VALUE, streamIsWhole, mayWait)) {
      return Verdict.AGAIN;
    }
    return (lacksOwed() || lacksOfHeld() || lacksOfLog()) && goDeeper() ? Verdict.DEEPER : verdict;
  }

  /** Whether there are fewer events than the leader has numbered, where no entry is at hand. */
  private boolean lacksOfLog() {
    return cut.offset() == 0
        && live.epoch().equals(stream.epoch())
        && !live.isAnotherLeader(stream.epoch())
        && !stream.offsets.holesAreNone()
        && stream.walOffset() + stream.offsets.beyond() + found < live.caughtUpAt();
  }

  /** Whether there are fewer rows than offsets missing between the entries held. */
  private boolean lacksOfHeld() {
    return cut.offset() > 0
        && !live.isAnotherLeader(stream.epoch())
        && !stream.offsets.holesAreNone()
        && found - stream.arrears.leftToProduce() < stream.held.holesUpTo(cut.offset());
  }

  private Verdict enough(long missing) {
    return found < missing ? Verdict.CREDITED : Verdict.COUNTED;
  }

  private boolean mayContinue() {
    return stream.held.firstOffset() > stream.walOffset();
  }

  /** Whether rows were found that can only belong behind the cut. */
  private boolean surplus() {
    if (!byOffset || isInexact()) {
      return false;
    }
    long missing = missing();
    return found > missing
        && (stream.verified() || (mayContinue() && missing >= 0 && !isDoubtful()));
  }

  /** Whether there is a sign that the connection whose entries are held numbers anew. */
  private boolean isDoubtful() {
    return live.numbersDoubtful(stream.epoch());
  }

  private boolean goDeeper() {
    if (deeper || stream.produced.knownWatermark() >= from) {
      return false;
    }
    deeper = true;
    from = stream.produced.knownWatermark();
    restart();
    return true;
  }

  /**
   * Whether some of the events found may have been produced, or lie before the first one that is
   * wanted: the position does not tell. There may be more of them than are missing then, and none
   * may be left out.
   */
  boolean isInexact() {
    return stream.produced.isInexactFrom(produceFrom()) || stream.offsets.isBeyondInexact();
  }

  /** How many offsets up to the cut have brought nothing. */
  long missing() {
    return stream.offsets.missingUpTo(cut.offset());
  }

  /** How many events there are for them: rows, and entries of earlier connections. */
  long found() {
    return found;
  }

  /** Of the rows those that were owed. */
  OwedFound owedFound() {
    return owedFound;
  }

  /**
   * Rows of another leader that are older than everything not yet produced, and were not produced:
   * it has a history of its own. Known only as far back as the events in memory.
   */
  long foreign() {
    return foreign;
  }

  /** Whether the leader lacks events that are known to be missing of an earlier numbering. */
  boolean lacksOwed() {
    return owedFound.lacksAny();
  }
}
