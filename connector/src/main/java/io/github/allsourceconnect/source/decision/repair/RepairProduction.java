package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.OwedFound;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The second look at a snapshot: what was not produced yet is, its rows together with the entries
 * held up to the cut, in the order of each entity.
 *
 * <pre>
 *   produced  = rows() + heldProduced()
 *   rows()   &lt;= rowsMax of begin: what is more is left for later, and counted as surplus
 *   beyond()  = rows() + those of the held that earlier connections left behind
 * </pre>
 *
 * Until {@link #end} the position does not get past the oldest event that waits. Not thread-safe.
 */
final class RepairProduction {
  private final LiveStream stream;
  private final RepairCut cut;
  private final FileTenants tenants;
  private final RowsAhead ahead;
  private final LongSupplier raceMicros;

  private final EntitiesAtCut entities = new EntitiesAtCut();

  private EntityOrder order;
  private long upToMicros;
  private long from;
  private long quota;
  private long rows;
  private long heldProduced;
  private final Set<WalEntry> left = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean hadLeftBehind;
  private long leftProduced;
  private final OwedFound owed;
  private final OwedFound owedProduced;
  private final IdentityHashMap<Event, Integer> owedOnes = new IdentityHashMap<>();
  private final LeftRows leftRows;
  private boolean cutIsCounted;
  private boolean isCounted;

  /** Of a part, event time of the newest that is produced; {@link Long#MAX_VALUE} for all. */
  private long partUpTo = Long.MAX_VALUE;

  /** Of a part, entities of which something newer comes first. */
  private final Set<String> putOff = new HashSet<>();

  private boolean hasQuota;
  private boolean hasRows;
  private boolean hasSurplus;
  private boolean mayBeSwapped;
  private final Set<Event> lateOnes = Collections.newSetFromMap(new IdentityHashMap<>());
  private long lateRows;

  /** Of these, such as may be behind the cut after all. */
  private final List<Event> toldBySilence = new ArrayList<>();

  /** What was older than this had been produced when the repair began. */
  private long floorMicros;

  private final Set<Event> awaitedLate = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * @param raceMicros how close two events of an entity must be for their versions to settle their
   *     order
   */
  RepairProduction(
      LiveStream stream,
      RepairCut cut,
      FileTenants tenants,
      RowsAhead ahead,
      LongSupplier raceMicros) {
    this.stream = stream;
    this.cut = cut;
    this.tenants = tenants;
    this.ahead = ahead;
    this.raceMicros = raceMicros;
    leftRows = new LeftRows(stream, cut);
    owed = new OwedFound(stream);
    owedProduced = owed.some();
  }

  /**
   * Begins.
   *
   * @param fromMicros event time at which rows begin to matter
   * @param rowsMax no more rows than this are for this repair
   * @param counted whether what is left for the live stream is counted by its offsets
   * @param inexact whether more rows may be produced than are missing
   */
  void begin(long fromMicros, long rowsMax, boolean counted, boolean inexact) {
    from = fromMicros;
    quota = rowsMax;
    hasQuota = rowsMax < Long.MAX_VALUE;
    rows = 0;
    heldProduced = 0;
    leftProduced = 0;
    owed.clear();
    owedProduced.clear();
    owedOnes.clear();
    long cutNewest = cut.newest();
    leftRows.begin(cutNewest);
    cutIsCounted = counted;
    isCounted = counted && !inexact;
    upToMicros = counted ? cut.micros() : cut.microsUncounted();
    partUpTo = Long.MAX_VALUE;
    putOff.clear();
    hasRows = true;
    hasSurplus = false;
    mayBeSwapped = cut.isForced() || !stream.awaited.isEmpty();
    lateOnes.clear();
    lateRows = 0;
    toldBySilence.clear();
    floorMicros = stream.produced.floor();
    awaitedLate.clear();
    left.clear();
    left.addAll(stream.held.leftBehind());
    hadLeftBehind = !left.isEmpty();
    if (isCounted) {
      entities.none();
    } else {
      entities.begin(
          stream.held.upTo(cut.offset()),
          cutNewest,
          stream.held.behind(cut.offset()),
          raceMicros.getAsLong());
    }
    orderWith(stream.held.entriesUpTo(cut.offset()));
  }

  private void orderWith(List<WalEntry> entries) {
    entries.removeIf(entry -> stream.produced.contains(entry.event()));
    order = new EntityOrder(entries, raceMicros.getAsLong(), stream.versionsCount());
  }

  /**
   * Begins with what is not newer than a time, rows and entries alike, whatever their offsets: no
   * cut is settled by it. Where versions tell that something newer comes first, an older one of its
   * entity is left for the next part.
   *
   * @param fromMicros event time at which rows begin to matter
   * @param upTo event time of the newest
   */
  void beginPart(long fromMicros, long upTo) {
    begin(fromMicros, Long.MAX_VALUE, true, false);
    partUpTo = upTo;
    upToMicros = upTo + Math.max(raceMicros.getAsLong(), EntityOrder.WIDE_MICROS);
    orderWith(stream.held.entriesNotAfter(upToMicros));
  }

  /** Something is passed over that may be found later: the position must not get past it. */
  void passesOver() {
    long oldest = stream.arrears.oldestOfHole();
    if (oldest > Long.MIN_VALUE) {
      leftRows.holdsBack(oldest);
    }
  }

  /** There is no snapshot: the entries are to be produced as they came. */
  void withoutRows() {
    begin(Long.MAX_VALUE, 0, true, false);
    hasRows = false;
    order.byArrival();
  }

  void row(SnapshotRow row) {
    Event event = row.event();
    leftRows.atSeam(event, upToMicros);
    if (stream.awaited.isBeforeTheCut(event)) {
      if (stream.arrears.lacks(event, Long.MIN_VALUE)) {
        lateOnes.add(event);
        noteOwed(event);
        order.add(row);
      }
      return;
    }
    if (isBehindTheCut(event)) {
      // the count has not taken what is newer than a cut that it reaches to: the stream's offsets
      // tell
      boolean offsetsTell = isCounted || (cutIsCounted && event.micros() > upToMicros);
      if (!offsetsTell && stream.arrears.lacks(event, from)) {
        leftRows.leave(event);
      }
      return;
    }
    if (!stream.arrears.lacks(event, from)) {
      order.pass(row, !stream.held.has(event));
      return;
    }
    if (quota > 0) {
      quota--;
      if (!noteOwed(event) && stream.awaited.isLate(event, floorMicros)) {
        awaitedLate.add(event);
      }
      order.add(row);
    } else {
      stream.ledger.surplusRows++;
      hasSurplus = true;
      if (mayBeSwapped && leftRows.hasRoom()) {
        leftRows.leave(event); // one of those awaited may have taken its place
      }
    }
  }

  private boolean noteOwed(Event event) {
    int what = owed.row(event);
    if (what != 0) {
      owedOnes.put(event, what);
    }
    return what != 0;
  }

  private boolean isBehindTheCut(Event event) {
    if (ahead.isBeforeTheCut(event) || entities.tellThatIsBefore(event)) {
      return false;
    }
    if (entities.tellThatIsBehind(event)) {
      return true;
    }
    if (event.micros() <= upToMicros) {
      return false;
    }
    if (!cutIsCounted && !hasQuota && order.isBeforeOneThatWaits(event)) {
      leftRows.atSeam(event, event.micros());
      return false;
    }
    boolean isOwed = stream.arrears.owed() > 0 && owed.lacks(event);
    return event.micros() > cut.micros() || !isOwed;
  }

  private boolean isPart() {
    return partUpTo < Long.MAX_VALUE;
  }

  /** The next that is ready; null for none. */
  private EntityOrder.Item next() {
    EntityOrder.Item next = order.peek();
    while (isPart() && next != null && isPutOff(next.event())) {
      order.poll();
      next = order.peek();
    }
    return next;
  }

  private boolean isPutOff(Event event) {
    if (event.micros() > partUpTo) {
      putOff.add(event.entityId());
    }
    return putOff.contains(event.entityId());
  }

  /** Bytes of the event that {@link #produceNext} produces; -1 when none is ready. */
  long dueBytes() {
    EntityOrder.Item next = next();
    if (next == null) {
      return -1;
    }
    return next.entry() != null ? OutputSize.of(next.entry()) : OutputSize.of(next.event());
  }

  /** Produces the next event that is ready. */
  void produceNext() {
    next();
    EntityOrder.Item item = order.poll();
    stream.handover.waiting(Math.min(order.oldestWaiting(), leftRows.oldest()));
    if (item.entry() != null) {
      heldProduced++;
      if (left.contains(item.entry())) {
        leftProduced++;
      }
      stream.handover.entry(item.entry());
    } else {
      rows++;
      SnapshotRow row = item.row();
      Integer owedAs = owedOnes.remove(row.event());
      if (owedAs != null && !stream.held.has(row.event())) { // it has not come live meanwhile
        owedProduced.add(row.event(), owedAs);
      }
      if (lateOnes.remove(row.event())) {
        lateRows += owedAs == null ? 1 : 0; // what is owed is missing behind the cut
        stream.arrears.comesLate();
        if (owedAs == null && stream.awaited.isToldBySilence(row.event())) {
          toldBySilence.add(row.event().withoutContent());
        }
      } else if (awaitedLate.remove(row.event())) {
        stream.arrears.comesLate();
      }
      String tenant = row.event().tenantId();
      stream.handover.row(row, tenant != null ? tenant : tenants.of(row.file()));
    }
  }

  /** No more rows: what is still in the window may be produced. */
  void rowsEnd() {
    order.end();
  }

  /** Whether nothing is left to be produced. */
  boolean isFinished() {
    return next() == null && order.isFinished();
  }

  /** All is produced, or the rest is given up. */
  void end() {
    stream.ledger.racedRows += order.raced();
    stream.ledger.hurried += order.hurried();
    order = null;
    left.clear();
    stream.handover.waiting(Long.MAX_VALUE);
  }

  /** Rows produced. */
  long rows() {
    return rows;
  }

  /** Whether entries of earlier connections were there to be produced. */
  boolean hadLeftBehind() {
    return hadLeftBehind;
  }

  /** Events produced of which the current connection has told no offset. */
  long beyond() {
    return rows - lateRows + leftProduced;
  }

  /** Entries produced that were held, and still are. */
  long heldProduced() {
    return heldProduced;
  }

  /** Of these, those of earlier connections. */
  long leftProduced() {
    return leftProduced;
  }

  /** Of the rows produced those that were owed. */
  OwedFound owedFound() {
    return owedProduced;
  }

  /** Of the rows those before the cut of an earlier repair; see {@link AwaitedRows}. */
  long beforeAnEarlierCut() {
    return lateRows;
  }

  /** Of these, those that nothing but a silent stream has told. */
  List<Event> toldBySilence() {
    return toldBySilence;
  }

  /** Whether there is a snapshot. */
  boolean hasRows() {
    return hasRows;
  }

  /** Whether there was one, and all that it had and was lacking up to the cut is produced. */
  boolean isWhole() {
    return hasRows && !hasSurplus && leftRows.untold() == 0;
  }

  /** Rows that may lie on either side of the cut. */
  LeftRows leftRows() {
    return leftRows;
  }
}
