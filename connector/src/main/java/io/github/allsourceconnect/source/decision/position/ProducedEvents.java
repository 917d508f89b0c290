package io.github.allsourceconnect.source.decision.position;

import io.github.allsourceconnect.protocol.Event;
import java.util.List;

/**
 * The events produced most recently, in the order of production: what the position is made of.
 *
 * <p>Two horizons. The <em>listed</em> events go into the position; the <em>known</em> ones, many
 * more, are only in memory. In times of events:
 *
 * <pre>
 *    all produced        | those listed, and perhaps others | exactly those listed are produced
 *   ---------------------+----------------------------------+------------------+-------- - -  -
 *                    watermark                          exactFrom            front  ^ apart
 * </pre>
 *
 * <p>Normally watermark and exactFrom are the same. They differ after a clock went back further
 * than the list reaches, and where the list had to be cut: then a repair may produce something
 * twice, and never passes anything over. An event leaves the list when it is older than the front
 * by more than the allowed lateness. Not thread-safe.
 */
public class ProducedEvents {
  /** How many events may be listed, most of them in chunks. */
  public static final int LIST_MAX = 14_000;

  /** How many events are known in memory. */
  public static final int KNOWN_MAX = 1 << 20;

  /** A list as long as this may have single events at its head that are far ahead. */
  private static final int LONG_LIST = 64;

  private final KnownEvents known;
  private final Front front = new Front();
  private final Chunks chunks;
  private final int listMax;

  /** Listed are the events by running number from here on. */
  private long listed;

  private long newest = Long.MIN_VALUE;
  private boolean begun;

  /** The last of those listed whose times are not known; none of them is newer than it says. */
  private long timelessBefore;

  /** Event time of the newest one that has left the list because of its age. */
  private long agedNewest = Long.MIN_VALUE;

  /** Event time of the newest one that has left the list before. */
  private long cutNewest = Long.MIN_VALUE;

  /** Up to this time events may lie before the first one that is wanted. */
  private long mixedUpTo = Long.MIN_VALUE;

  private long clockFloor = Long.MAX_VALUE;
  private long floor = Long.MAX_VALUE;
  private boolean wentBack;
  private long behindSince;
  private long listsCut;
  private long clocksBack;

  /**
   * How many rows in a row have been behind the front, and the event time of the newest of them.
   */
  private int rowsBehind;

  private long rowsNewest;

  public ProducedEvents(int knownMax) {
    this(knownMax, Chunks.Limits.OF_A_TASK);
  }

  /**
   * @param limits of what positions list
   */
  public ProducedEvents(int knownMax, Chunks.Limits limits) {
    known = new KnownEvents(knownMax);
    listMax = Math.min(LIST_MAX, knownMax / 2);
    chunks = chunks(limits);
  }

  /** A place where tests put another. */
  protected Chunks chunks(Chunks.Limits limits) {
    return new Chunks(limits);
  }

  /** Begins with what a position says. */
  public void load(SourcePosition position, long allowed) {
    SourcePosition.Produced stored = position.produced();
    if (stored.watermarkMicros() == Long.MIN_VALUE) {
      return;
    }
    startAmong(stored.watermarkMicros(), stored.mixedUpToMicros());
    cutNewest = stored.exactMicros() - 1;
    clockFloor = Math.max(stored.watermarkMicros(), position.missing().watermarkWithout());
    floor = stored.watermarkMicros();
    known.forgetAll(Math.max(agedNewest, cutNewest));
    listed = known.next();
    front.load(stored.frontMicros(), clockFloor, allowed);
    if (!position.altered()) {
      chunks.firstSlotIsStored(position.number());
    }
    for (StoredChunk chunk : stored.chunks()) {
      long from = known.next();
      load(chunk.ids(), stored.watermarkMicros(), allowed);
      chunks.loaded(chunk, from, known.next());
    }
    for (ListedIds ids : stored.ids()) {
      load(ids, stored.watermarkMicros(), allowed);
    }
    chunks.loadedRest(known.next());
    newest = Math.max(newest, front.newest());
  }

  private void load(ListedIds ids, long fromMicros, long allowed) {
    for (int i = 0; i < ids.size(); i++) {
      long micros = ids.micros(i);
      if (micros >= fromMicros) {
        known.append(ids.hash(i), micros, ids.kind());
        chunks.append(micros, ids.hash(i));
        newest = Math.max(newest, micros);
        front.saw(micros, allowed);
        if (ids.kind() == ListedIds.Kind.TIMELESS) {
          timelessBefore = known.next();
        }
      }
    }
  }

  /** Everything older than {@code watermarkMicros} counts as produced. */
  public void startAt(long watermarkMicros) {
    agedNewest = watermarkMicros - 1;
    known.forgetAll(agedNewest);
    listed = known.next();
    newest = Math.max(newest, watermarkMicros);
    begun = true;
  }

  /**
   * The same, and of the events from then up to {@code mixedUpToMicros} time does not tell which
   * are wanted: some of them lie before the first one that is. So a repair there passes over none.
   */
  public void startAmong(long watermarkMicros, long mixedUpToMicros) {
    startAt(watermarkMicros);
    mixedUpTo = mixedUpToMicros;
  }

  /** As if nothing had ever been produced. */
  public void forgetAll() {
    mixedUpTo = Long.MIN_VALUE;
    known.forgetAll(Long.MIN_VALUE);
    listed = known.next();
    front.clear();
    newest = Long.MIN_VALUE;
    agedNewest = Long.MIN_VALUE;
    cutNewest = Long.MIN_VALUE;
    clockFloor = Long.MAX_VALUE;
    floor = Long.MAX_VALUE;
    wentBack = false;
    begun = false;
  }

  /** Records and offsets are seen together or not at all, so that the list may have chunks. */
  public void storedTogether() {
    chunks.storedTogether();
  }

  /** Records are seen before their offsets. */
  public void storedApart() {
    chunks.storedApart();
  }

  /** A transaction is over. */
  public void stored(StoredOffsets offsets) {
    chunks.stored(offsets);
  }

  /** Whether the next event had better wait for word of what was handed on. */
  public boolean shouldWait() {
    return chunks.shouldWait(listed, known.next());
  }

  /** No word has come. */
  public void waitedInVain() {
    chunks.waitedInVain();
  }

  /** An entry comes next in the leader's order: how late it is, and whether its clock went back. */
  public void inOrder(Event event, Lateness lateness) {
    long micros = event.micros();
    lateness.entry();
    if (front.isBack(micros, lateness.allowedMicros())) {
      lateness.clockWentBack();
      goBack(lateness.allowedMicros());
    } else if (front.behind() > 0) {
      if (front.behind() == 1) {
        behindSince = known.next();
      }
      lateness.sawBehind(Front.minus(front.newest(), micros), known.newerThan(micros));
    } else {
      lateness.wereLate();
      if (micros < front.newest()) {
        lateness.saw(front.newest() - micros, known.newerThan(micros));
      }
    }
  }

  /**
   * A row is produced next. Rows are in no log's order, so they tell nothing of the clock, unless
   * so many are behind the front and it came of single events.
   */
  public void inRows(Event event, long allowed) {
    if (Front.minus(front.newest(), event.micros()) <= allowed) {
      rowsBehind = 0;
      return;
    }
    rowsNewest = rowsBehind == 0 ? event.micros() : Math.max(rowsNewest, event.micros());
    if (++rowsBehind > Front.BEHIND_MAX) {
      rowsBehind = 0;
      wereSingle(rowsNewest, allowed);
    }
  }

  /**
   * If what was listed of the time before came of single events, the clock was never there.
   * Otherwise it can't be told by time from what comes now.
   */
  private void goBack(long allowed) {
    if (wereSingle(front.behindNewest(), allowed)) {
      return;
    }
    clocksBack++;
    wentBack = true;
    long end = Math.min(behindSince, known.next());
    for (; listed < end; listed++) {
      long micros = known.micros(listed);
      if (front.isAhead(micros)) {
        again();
      } else {
        cutNewest = Math.max(cutNewest, micros);
      }
    }
    front.fallBack();
  }

  /**
   * If all that was produced from the time on where the clock is now is still listed, but for a few
   * events ahead of it there, those were single ones, and the front is where the clock is; the
   * first event of all may be one.
   */
  private boolean wereSingle(long clock, long allowed) {
    long from = Front.minus(clock, allowed);
    if (agedNewest >= from || cutNewest >= from) {
      return false;
    }
    int ahead = 0;
    for (long n = listed; n < known.next() && ahead <= Front.AHEAD_MAX; n++) {
      ahead += known.micros(n) > clock ? 1 : 0;
    }
    if (ahead > Front.AHEAD_MAX) {
      return false;
    }
    front.wasNeverThere(clock);
    for (long n = listed; n < known.next(); n++) {
      front.saw(known.micros(n), allowed);
    }
    return true;
  }

  /** The first of the list goes to its end. */
  private void again() {
    chunks.append(known.micros(listed), known.hash(listed));
    known.again(listed);
  }

  /**
   * An event has been produced.
   *
   * @param tenant its tenant, or null
   * @param allowed the allowed lateness, in microseconds
   * @param notBehind events of this time or newer stay listed
   */
  public void add(Event event, String tenant, long allowed, long notBehind) {
    long micros = event.micros();
    long hash = EventHash.of(event.idHigh(), event.idLow());
    known.append(hash, micros, tenant);
    chunks.append(micros, hash);
    newest = Math.max(newest, micros);
    front.saw(micros, allowed);
    begun = true;
    clockFloor = front.floor(allowed);
    wentBack &= clockFloor <= agedNewest;
    holdsBack(notBehind);
    shorten();
  }

  /** The same after some that were waited for are not any more. */
  public void holdsBack(long notBehind) {
    if (begun) {
      floor = Math.min(clockFloor, notBehind);
    }
  }

  private void shorten() {
    while (listed < known.next()) {
      long micros = known.micros(listed);
      if (micros < floor) {
        agedNewest = Math.max(agedNewest, micros);
      } else if (known.next() - listed > listMax || chunks.isTooFull(listed, known.next())) {
        listsCut++;
        cutNewest = Math.max(cutNewest, micros);
      } else {
        break;
      }
      listed++;
    }
    if (known.next() - listed >= LONG_LIST && front.isAhead(known.micros(listed))) {
      again();
      listed++;
    }
  }

  /** The event just added came from a row. */
  public void lastIsOnlyRow() {
    known.lastIsOnlyRow();
  }

  /** Whether the event is one of the known. */
  public boolean contains(Event event) {
    // in an orderly stream most are newer than all before them, and need not be looked up
    return event.micros() - 1 <= newest
        && known.contains(EventHash.of(event.idHigh(), event.idLow()), event.micros());
  }

  /** The live stream has brought an event that is known. */
  public void cameLive(Event event) {
    known.cameLive(EventHash.of(event.idHigh(), event.idLow()), event.micros());
  }

  /** Whether the event was produced from a row and no live entry has brought it. */
  public boolean isOnlyRow(Event event) {
    return known.isOnlyRow(EventHash.of(event.idHigh(), event.idLow()), event.micros());
  }

  /** Whether the event is one that a position has told of. */
  public boolean isLoaded(Event event) {
    return known.isLoaded(EventHash.of(event.idHigh(), event.idLow()), event.micros());
  }

  /** The tenant of a known event, or null. */
  public String tenantOf(Event event) {
    return known.tenantOf(EventHash.of(event.idHigh(), event.idLow()), event.micros());
  }

  /** Every event older than this has been produced. */
  public long watermark() {
    return watermarkAt(floor);
  }

  /**
   * What {@link #watermark} would be if nothing else held it back.
   *
   * @param notBehind events of this time or newer stay listed
   */
  public long watermark(long notBehind) {
    return watermarkAt(Math.min(clockFloor, notBehind));
  }

  private long watermarkAt(long from) {
    if (!begun) {
      return Long.MIN_VALUE;
    }
    long watermark = Math.max(agedNewest, Math.min(cutNewest, Front.minus(from, 1))) + 1;
    return wentBack ? Math.min(watermark, clockFloor) : watermark;
  }

  /** Of the events at or after this time exactly the listed ones have been produced. */
  public long exactFrom() {
    return begun ? Math.max(agedNewest, cutNewest) + 1 : Long.MIN_VALUE;
  }

  /**
   * Whether of the events at or after this time some may have been produced and are not known, or
   * may lie before the first one that is wanted.
   */
  public boolean isInexactFrom(long micros) {
    return knownWatermark() > micros || (begun && mixedUpTo >= micros);
  }

  /** Of the events at or after this time exactly the known ones have been produced. */
  public long knownWatermark() {
    return begun ? known.forgottenNewest() + 1 : Long.MIN_VALUE;
  }

  /** Whether it is certain that the event has not been produced. */
  public boolean isUnknown(Event event) {
    // the same event's row may be a microsecond off
    return begun && event.micros() > knownWatermark() && !contains(event);
  }

  /**
   * Event time at which a repair begins to look.
   *
   * @param slackMicros so far back behind the front at least, as far as events are known
   */
  public long lookBack(long slackMicros) {
    long watermark = watermark();
    if (slackMicros == 0 || front.newest() == Long.MIN_VALUE) {
      return watermark;
    }
    return Math.min(
        watermark, Math.max(knownWatermark(), Front.minus(front.newest(), slackMicros)));
  }

  /** Event time of the newest. */
  public long newest() {
    return newest;
  }

  /** What is older has been produced, as far as times can tell. */
  public long floor() {
    return clockFloor == Long.MAX_VALUE ? Long.MIN_VALUE : clockFloor;
  }

  /** Event time of the newest but for single ones that are far ahead of the others. */
  public long front() {
    return front.newest();
  }

  /** How often an event had to leave the list too early because the list was full. */
  public long listsCut() {
    return listsCut;
  }

  /** How often the leader's clock went back further than entries are late, and stayed there. */
  public long clocksBack() {
    return clocksBack;
  }

  /** What a position says of all that. */
  public SourcePosition.Produced position() {
    return position(chunks.show(listed, known.next()));
  }

  /**
   * The same for a position that is handed on.
   *
   * @param number the position's
   * @param last whether it is the last of a batch
   */
  public SourcePosition.Produced takePosition(long number, boolean last) {
    return position(chunks.divide(listed, known.next(), number, last));
  }

  private SourcePosition.Produced position(Chunks.Division list) {
    long watermark = watermark();
    return new SourcePosition.Produced(
        watermark,
        listed < timelessBefore ? Math.max(exactFrom(), front.newest() + 1) : exactFrom(),
        begun ? Math.max(front.newest(), watermark) : Long.MIN_VALUE,
        told(list.ids()),
        list.own(),
        list.others(),
        mixedUpTo >= watermark ? mixedUpTo : Long.MIN_VALUE);
  }

  /** The events listed; a place where tests put others. */
  protected List<ListedIds> told(List<ListedIds> ids) {
    return ids;
  }
}
