package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.epoch.AwaitedRows;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import java.util.HashSet;
import java.util.Set;

/**
 * Rows that are far newer than everything the live stream has brought, where there is nothing to
 * count against: the stream will bring them, or their clock was ahead and they lie before the cut.
 * The next snapshot tells. When the stream has been taken to its end meanwhile and has gone on to
 * what was written after the first snapshot ({@link ShownRows}), it has brought all that was
 * written before; what is still far ahead was written before the cut, or it would have come. The
 * same is true of a stream that has not gone on where another connection, and the snapshots since,
 * have shown that there is no more to bring. What is not told so is left for the stream ({@link
 * AwaitedRows}).
 *
 * <p>Bounds: {@link #ROWS_MAX} rows are told one by one, with {@link #LOOKS_MAX} snapshots more
 * than a repair needs. More than {@link #FEW} are looked for only while there is room for what
 * comes live meanwhile: the stream is behind, or the clock has jumped back. With more than are told
 * one by one it has jumped far: those are told by the range of their times in the snapshot before.
 * Not thread-safe.
 */
final class RowsAhead {
  static final int ROWS_MAX = ShownRows.ROWS_MAX;
  static final int FEW = 32;
  static final int LOOKS_MAX = 5;

  /** Rows are ahead from here on, in microseconds, or from the allowed lateness if it is more. */
  static final long LEAST_MICROS = 1_000_000;

  private final LiveStream stream;
  private final RepairCut cut;

  private final Set<HeldEntries.Id> seen = new HashSet<>();
  private final Set<HeldEntries.Id> rows = new HashSet<>();
  private final Set<HeldEntries.Id> certain = new HashSet<>();
  private final ShownRows shown = new ShownRows();
  private Epoch epoch = Epoch.NONE;
  private long from;
  private long shownFrom;

  /** Rows newer than the cut that are not ahead: a whole stream would have brought them. */
  private long between;

  private long lastOffset;
  private boolean streamTaken;
  private int looks;
  private boolean waitsForLink;

  // of more rows than are told one by one
  private long oldest;
  private long newest;
  private long seenOldest = Long.MAX_VALUE;
  private long seenNewest = Long.MIN_VALUE;
  private boolean seenIsCertain;

  RowsAhead(LiveStream stream, RepairCut cut) {
    this.stream = stream;
    this.cut = cut;
  }

  /**
   * A look at a snapshot begins.
   *
   * @param rowsFrom event time at which the rows begin that count
   */
  void begin(long rowsFrom) {
    rows.clear();
    between = 0;
    certain.clear();
    oldest = Long.MAX_VALUE;
    newest = Long.MIN_VALUE;
    seenIsCertain = false;
    if (!epoch.equals(stream.epoch())) {
      forget();
      epoch = stream.epoch();
    }
    shownFrom = shownFrom(rowsFrom);
    shown.begin(shownFrom);
    from =
        cut.offset() > 0
            ? cut.newestHeld() + Math.max(LEAST_MICROS, stream.lateness.allowedMicros())
            : Long.MAX_VALUE;
  }

  /**
   * Rows are noted from the time on of those that the stream can still bring, about, if they are
   * read. If the clock has gone back behind that, they are to be read from there on.
   */
  private long shownFrom(long rowsFrom) {
    long allowed = stream.lateness.allowedMicros();
    long oldest = ShownRows.oldestInARow(stream.held.current(), rowsFrom);
    return oldest < rowsFrom
        ? oldest - allowed
        : Math.max(rowsFrom, stream.held.oldestOfCurrent() - allowed);
  }

  /** Event time at which rows begin to be of use. */
  long shownFrom() {
    return shownFrom;
  }

  /** A row that is neither produced nor held, also before the cut. */
  void shows(Event event) {
    shown.row(event);
  }

  /** One of those that is newer than the cut. */
  void row(Event event) {
    if (event.micros() <= from) {
      between++;
      return;
    }
    oldest = Math.min(oldest, event.micros());
    newest = Math.max(newest, event.micros());
    if (rows.size() <= ROWS_MAX) {
      rows.add(HeldEntries.Id.of(event));
    }
  }

  /**
   * Whether another snapshot is to tell where the rows belong.
   *
   * @param lacking how many there are to be found; {@link Long#MAX_VALUE} if nothing tells
   * @param streamIsWhole whether a stream that has not gone on has brought all there was all the
   *     same
   * @param mayWait whether what comes live until then can be held
   */
  boolean needAnotherLook(long lacking, boolean streamIsWhole, boolean mayWait) {
    if (rows.isEmpty()) {
      return false;
    }
    long last = stream.held.lastOffset();
    boolean tells = streamTaken && (isPastTheLastLook() || (streamIsWhole && between == 0));
    if (rows.size() > ROWS_MAX) {
      return needAnotherLookForAJump(last, tells, mayWait);
    }
    if (tells) {
      certain.addAll(rows);
      certain.retainAll(seen);
    }
    boolean areMany = rows.size() > FEW;
    boolean isCounted = lacking < Long.MAX_VALUE;
    boolean mayLook = looks < LOOKS_MAX && (mayWait || !areMany);
    boolean isTold =
        certain.size() >= Math.min(lacking, rows.size()) || (areMany && tells && !isCounted);
    if (isTold || !mayLook) {
      return false;
    }
    waitsForLink = isCounted;
    looks++;
    seen.clear();
    seen.addAll(rows);
    shown.keep();
    lastOffset = last;
    streamTaken = false;
    return true;
  }

  private boolean isPastTheLastLook() {
    return shown.areNotAll(stream.held.behind(lastOffset));
  }

  /**
   * Whether some are known to be missing, and the stream goes on, but only with what the last look
   * has shown: no other would tell. Unless the clock has gone back behind it.
   */
  boolean isTooEarly() {
    return waitsForLink
        && epoch.equals(stream.epoch())
        && stream.held.lastOffset() > lastOffset
        && !isPastTheLastLook()
        && !shown.clockWentBack(stream.held.current());
  }

  private boolean needAnotherLookForAJump(long last, boolean tells, boolean mayWait) {
    if (seenNewest > Long.MIN_VALUE && tells) {
      seenIsCertain = true;
      return false;
    }
    if (!mayWait || looks == LOOKS_MAX) {
      return false;
    }
    waitsForLink = false;
    looks++;
    seenOldest = oldest;
    seenNewest = newest;
    shown.keep();
    lastOffset = last;
    streamTaken = false;
    return true;
  }

  /** Of the rows those that are known one by one to have been written before the cut. */
  int certain() {
    return certain.size();
  }

  /** All that the live connection has received has been taken in. */
  void streamIsTaken() {
    streamTaken = true;
  }

  /** Whether the event was written before the cut, whatever its clock says. */
  boolean isBeforeTheCut(Event event) {
    if (seenIsCertain) {
      return event.micros() > from && event.micros() >= seenOldest && event.micros() <= seenNewest;
    }
    return !certain.isEmpty() && certain.contains(HeldEntries.Id.of(event));
  }

  /** Another repair is needed, or another connection brings the stream. */
  void forget() {
    shown.forget();
    seen.clear();
    rows.clear();
    certain.clear();
    seenOldest = Long.MAX_VALUE;
    seenNewest = Long.MIN_VALUE;
    seenIsCertain = false;
    streamTaken = false;
    waitsForLink = false;
    looks = 0;
  }
}
