package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Pulse;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.decision.repair.LogHistory;
import io.github.allsourceconnect.source.decision.repair.Repair;
import io.github.allsourceconnect.source.decision.repair.SnapshotUser;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * All decisions of the source: where to connect, what a message means now, what is a gap, when to
 * repair, what to produce, what to ack, when to give up. Single-threaded; knows no socket, file,
 * clock, thread or Kafka. Time is what the last {@link #tick} said.
 *
 * <p>This class is the list of inputs: each is given to the part that decides about it, if it is
 * still wanted ({@link InFlight}). The parts: {@link LiveLink} decides about the live connection,
 * {@link Placement} where its entries belong, {@link Sequencer} about their order, {@link GapWatch}
 * about what is missing, {@link Repair} about snapshots, {@link LogHistory} about those of a leader
 * that replays, {@link SecondOpinion} about whether the connection is still one, {@link Course}
 * about the end of all. {@link Positions} say where the source stands.
 *
 * <p>Invariants: entries and rows are taken in only while nothing is due; an answer counts only
 * while it is waited for; nothing is ordered behind the failure.
 */
public class Follower {
  private final InFlight orders;
  private final LiveLink live;
  private final LiveStream stream;
  private final Sequencer entries;
  private final Acks acks;
  private final Repair repair;
  private final LogHistory logHistory;
  private final Placement placement;
  private final GapWatch gaps;
  private final SecondOpinion opinion;
  private final Course course;
  private final Positions positions;
  private final StoreWait storeWait;

  private long now;

  public Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    this(settings, position, orders, jitter, new FollowerParts());
  }

  Follower(
      FollowerSettings settings,
      SourcePosition stored,
      FollowerOrders given,
      RandomGenerator jitter,
      FollowerParts parts) {
    orders = parts.inFlight(given);
    SourcePosition wanted = startOf(settings, stored);
    SourcePosition position =
        GapWatch.goesOnWithout(settings) ? wanted.withoutPassedOver() : wanted;
    Lateness lateness = parts.lateness(position);
    ProducedEvents produced = parts.produced();
    produced.load(position, lateness.allowedMicros());
    live = parts.live(settings, orders, position.leader(), jitter);
    stream = parts.stream(settings, orders, position, produced, lateness);
    entries = parts.sequencer(stream);
    acks = new Acks(orders, stream, live);
    repair = parts.repair(settings, orders, stream, live);
    logHistory = parts.logHistory(settings, orders, stream, entries, live);
    placement = new Placement(settings, position.snapshotDone(), stream, live, repair);
    gaps = new GapWatch(settings, orders, stream, live, repair, wanted.missing());
    opinion = new SecondOpinion(new Pulse(settings, orders), orders, stream, live, acks, repair);
    course = new Course(settings, orders, stream, live, acks, repair, placement, gaps);
    positions = parts.positions(settings, position.number(), stream, live, repair, placement);
    storeWait = new StoreWait(stream.produced, acks);
  }

  static SourcePosition startOf(FollowerSettings settings, SourcePosition stored) {
    if (settings.snapshotMode() != SnapshotMode.ALWAYS) {
      return stored;
    }
    return stored.atTheBeginning();
  }

  /** Begins; orders the first connection. */
  public void start(long nowMs) {
    now = nowMs;
    course.begin();
    if (course.goesOn()) {
      live.tick(now, stream.toSubscribeWith(), stream.walOffset(), stream.numbering());
    }
  }

  /**
   * Time passes. Call it at least at {@link #wakeAtMs()} and before any other input.
   *
   * @param liveBufferEmpty whether everything that the live connection has received was delivered
   */
  public void tick(long nowMs, boolean liveBufferEmpty) {
    now = nowMs;
    stream.tick(now, liveBufferEmpty);
    if (!course.goesOn()) {
      return;
    }
    stream.lateness.at(now);
    live.tick(now, stream.toSubscribeWith(), stream.walOffset(), stream.numbering());
    if (!reading()) {
      placement.followNewest(now);
    }
    if (stream.verified()) {
      String failure = gaps.checkHole(now);
      if (failure != null) {
        course.fail(failure);
      }
    } else if (!reading()) {
      placement.find(now);
    }
    if (course.goesOn()) {
      gaps.fetchAwaited(now);
      repair.tick(now);
      if (logHistory.waitsForRoom()) {
        repair.makeRoom(now);
      }
      logHistory.tick();
    }
    course.settle();
    if (course.goesOn()) {
      opinion.tick(now);
    }
  }

  /** Nothing can go on, for a reason that was found outside of the decisions. */
  public void fail(String message) {
    course.fail(message);
  }

  /** When {@link #tick} is due at the latest, in the same clock; Long.MAX_VALUE for never. */
  public long wakeAtMs() {
    if (!course.goesOn()) {
      return storeWait.endsAt();
    }
    long at = Math.min(live.wakeAt(), Math.min(gaps.wakeAt(), placement.wakeAt()));
    at = Math.min(at, storeWait.endsAt());
    if (live.isLive()) {
      at = Math.min(at, repair.wakeAt(now));
    }
    return Math.min(at, opinion.wakeAt());
  }

  // ---- what is still wanted

  /** Whether reports of that connection count. */
  private boolean counts(Epoch of) {
    return course.goesOn() && orders.isWanted(of);
  }

  /** Whether answers to that request count, and its rows. */
  private boolean counts(Request of) {
    return course.goesOn() && orders.isWanted(of);
  }

  // ---- live connection, out of band (as soon as it happens, not behind the buffer)

  /**
   * The live connection's first line is {@code caught_up}, or that line came after a snapshot that
   * was drained.
   */
  public void onLiveCaughtUp(Epoch of, long currentOffset) {
    if (counts(of)) {
      live.caughtUp(currentOffset, now);
      if (live.isLive()) {
        placement.caughtUp(of);
      }
    }
  }

  /**
   * The live connection begins with a snapshot. Unless it is closed now, its chunks are skipped
   * unread.
   *
   * @param replays whether the leader says that it replays, and that the snapshot's rows carry
   *     their WAL offsets
   */
  public void onLiveSnapshotStart(Epoch of, boolean replays) {
    if (!counts(of)) {
      return;
    }
    if (!replays) {
      live.snapshotStart();
    } else if (placement.skipsToLive()) {
      live.saysItReplays();
      live.snapshotStart();
    } else {
      live.rest("what the leader's log lacks is fetched first");
      repair.cancel();
      logHistory.want();
    }
  }

  /**
   * The leader replays its log: an entry came before {@code caught_up}, or it says so. The entry
   * itself comes by {@link #onEntry}.
   */
  public void onLiveReplays(Epoch of) {
    if (counts(of)) {
      live.replays(now);
    }
  }

  /** The connection could not be made, was closed, or broke the protocol. */
  public void onLiveClosed(Epoch of, String why) {
    if (counts(of)) {
      orders.ended(of);
      orders.log(Level.WARN, "Live connection to the leader: " + why);
      live.closed(now);
    }
  }

  // ---- the second opinion on a silent connection

  /**
   * The leader has answered {@link FollowerOrders#probe}.
   *
   * @param more it began with an entry or a snapshot
   * @param currentOffset how far it has come, if not
   * @param heard whether the live connection has brought anything since
   */
  public void onProbeAnswered(Request of, boolean more, long currentOffset, boolean heard) {
    if (orders.takesAnswer(of) && course.goesOn()) {
      opinion.answered(more, currentOffset, heard, now);
    }
  }

  /** There was no answer. */
  public void onProbeFailed(Request of, String why, boolean heard) {
    if (orders.takesAnswer(of) && course.goesOn()) {
      opinion.failed(why, heard, now);
    }
  }

  // ---- live connection, in band (through the buffer)

  /** Whether entries may be handed in now; if not, they stay in the buffer. */
  public boolean wantsEntries() {
    return course.goesOn() && !reading() && !stream.isDue() && !stream.held.isFull();
  }

  /** An entry with a right checksum. */
  public void onEntry(Epoch of, WalEntry entry) {
    if (course.goesOn()) {
      placement.comesTo(of, now);
      placement.entryComes(of);
      entries.entry(entry, now);
    }
  }

  /** {@code caught_up} behind entries: what a leader that replays had in its log has come. */
  public void onLogEnd(Epoch of) {
    if (course.goesOn()) {
      placement.comesTo(of, now);
      placement.caughtUp(of);
      course.settle();
    }
  }

  /**
   * A line that is no good entry and that the corrupt-entry policy skips (or sent to the
   * dead-letter topic). Its offset is missing now: the repair of that gap may find the event.
   *
   * @param offset its WAL offset where it could be read, otherwise 0
   */
  public void onCorruptSkipped(Epoch of, long offset) {
    if (course.goesOn()) {
      placement.comesTo(of, now);
      stream.corrupt(offset, now);
    }
  }

  // ---- snapshot connection

  /** Whose the snapshot in flight is. */
  private SnapshotUser user() {
    return logHistory.isFetching() ? logHistory : repair;
  }

  /** It answers with entries instead of a snapshot: this leader replays its log. */
  public void onSnapshotReplays(Request of) {
    if (counts(of)) {
      user().onReplays(now);
      course.settle();
    }
  }

  /** It has no snapshot: {@code caught_up} came first. */
  public void onSnapshotNone(Request of, long currentOffset) {
    if (counts(of)) {
      user().onNone(currentOffset, now);
      course.settle();
    }
  }

  /**
   * All files are stored.
   *
   * @param endOffset what {@code snapshot_end} said
   */
  public void onSnapshotComplete(Request of, List<String> files, long bytes, long endOffset) {
    if (counts(of)) {
      user().onComplete(files, endOffset, now);
      course.settle();
    }
  }

  /** It could not be fetched or read; worth another try after a while. */
  public void onSnapshotFailed(Request of, String why) {
    snapshotFailed(of, why, null, false);
  }

  /**
   * It was fetched, but what came is no whole snapshot or can't be read; another try may tell the
   * same.
   *
   * @param whatToDo what can be done when it is so again and again, in whole sentences
   * @param better the next one will do without what was damaged
   */
  public void onSnapshotDamaged(Request of, String why, String whatToDo, boolean better) {
    snapshotFailed(of, why, whatToDo, better);
  }

  private void snapshotFailed(Request of, String why, String whatToDo, boolean better) {
    if (counts(of)) {
      user().onFailed(why, whatToDo, better, now);
      course.settle();
    }
  }

  /** Whether rows of the open snapshot may be handed in now. */
  public boolean wantsRows() {
    return course.goesOn() && (repair.wantsRows() || logHistory.reading());
  }

  /** A row, in the order that was asked for. */
  public void onRow(Request of, SnapshotRow row) {
    if (counts(of)) {
      user().onRow(row, now);
      course.settle();
    }
  }

  /** No more rows. */
  public void onRowsEnd(Request of) {
    if (counts(of)) {
      SnapshotUser user = user();
      user.onRowsEnd(now);
      if (user == repair) {
        noteSnapshotDone();
      }
      course.settle();
    }
  }

  private void noteSnapshotDone() {
    if (repair.isDone()) {
      placement.snapshotIsDone();
    }
  }

  private boolean reading() {
    return repair.reading() || logHistory.reading();
  }

  // ---- what is due

  /**
   * About how many bytes the event takes in a batch that {@link #produceNext} produces; 0 if there
   * is something to be done for which no event is produced; -1 when nothing is due. Entries and
   * rows are not wanted before all that is due has been produced.
   */
  public long dueBytes() {
    if (!course.produces()) {
      return -1;
    }
    return reading() ? repair.dueBytes() : entries.dueBytes();
  }

  /** Does the next thing that is due: one event is produced, or none. */
  public void produceNext() {
    if (reading()) {
      repair.produceNext(now);
      noteSnapshotDone();
    } else {
      entries.release(now);
    }
    if (dueBytes() < 0) {
      course.settle();
    }
  }

  // ---- Kafka

  /** Whether the first snapshot is complete, or was not wanted. */
  public boolean snapshotDone() {
    return placement.snapshotDone();
  }

  /** How many events have been ordered to be produced since the start; the number of the last. */
  public long emitted() {
    return stream.handover.emitted();
  }

  /** Kafka has every event up to this number ({@link #emitted()}). */
  public void onCommitted(long emission) {
    acks.stored(emission);
    course.settle();
  }

  /** The position after all that was ordered to be produced so far. */
  public SourcePosition position() {
    return positions.now();
  }

  /**
   * The position of the record that was ordered last.
   *
   * @param last whether the record is the last of a batch
   */
  public SourcePosition takePosition(boolean last) {
    return positions.take(last);
  }

  // ---- how Connect stores positions

  /** Records and their positions are seen together, or not at all. */
  public void onStoredTogether() {
    stream.produced.storedTogether();
  }

  /** Records are seen before their positions are stored. */
  public void onStoredApart() {
    stream.produced.storedApart();
  }

  /** A transaction is over. */
  public void onStored(StoredOffsets offsets) {
    stream.produced.stored(offsets);
  }

  /**
   * Whether nothing should be produced until there is word of what was handed on: positions might
   * not tell of it all. That ends soon after Kafka has, or has been spared, all of it.
   */
  public boolean waitsForStore() {
    return storeWait.lasts(now);
  }

  /**
   * The event that is being emitted gets no record, because Kafka must not have it.
   *
   * @param isNoted whether a note is produced instead
   */
  public void onRefused(boolean isNoted) {
    stream.ledger.refused(isNoted);
  }

  /** The figures; same thread. */
  public Ledger ledger() {
    Ledger ledger = stream.ledger;
    ledger.held = stream.held.size();
    ledger.listCut = stream.produced.listsCut();
    ledger.clocksBack = stream.produced.clocksBack();
    ledger.latenessMicros = stream.lateness.micros();
    ledger.displacement = stream.lateness.places();
    ledger.open = stream.arrears.open();
    ledger.awaited = stream.awaited.size();
    return ledger;
  }

  /** What a task that ends now leaves to the leader alone, in words; empty for nothing. */
  public String leavesBehind() {
    long waiting = stream.held.size();
    long open = stream.arrears.open();
    return course.goesOn() && open > 0 && waiting > 0
        ? waiting
            + " events that came wait for "
            + open
            + " that are missing behind offset "
            + stream.walOffset()
            + ", and are not in Kafka yet. The next task fetches them from the leader; if that leader"
            + " is lost for good before then, they are lost with it"
        : "";
  }

  @Override
  public String toString() {
    return course
        + ", offset "
        + stream.walOffset()
        + (stream.verified() ? "" : " (unverified)")
        + ", held "
        + stream.held.size()
        + ", awaited "
        + stream.awaited.size()
        + ", "
        + live
        + ", "
        + repair
        + ", "
        + logHistory;
  }
}
