package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.TaskPhase.Failed;
import io.github.allsourceconnect.source.decision.TaskPhase.Failing;
import io.github.allsourceconnect.source.decision.TaskPhase.Finished;
import io.github.allsourceconnect.source.decision.TaskPhase.Following;
import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.Pulse;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.decision.repair.LogHistory;
import io.github.allsourceconnect.source.decision.repair.Repair;
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
 * that replays, {@link SecondOpinion} about whether the connection is still one.
 *
 * <p>Invariants: entries and rows are taken in only while nothing is due; nothing is ordered behind
 * the failure ({@link TaskPhase}).
 */
public class Follower {
  private static final long STORE_WAIT_MS = 1_000;
  private static final long NOT_WAITING = Long.MAX_VALUE;

  private final FollowerSettings settings;
  private final InFlight orders;
  private final LiveLink live;
  private final Sequencer stream;
  private final Acks acks;
  private final Repair repair;
  private final LogHistory logHistory;
  private final Placement placement;
  private final GapWatch gaps;
  private final SecondOpinion opinion;
  private final Current<TaskPhase> phase = new Current<>("a follower", new Following());

  private long number;
  private long now;
  private boolean bufferEmpty = true;
  private long lastEntryAt = Long.MIN_VALUE / 2;
  private long storeWaitEnds = NOT_WAITING;

  public Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    this(settings, startOf(settings, position), orders, jitter, new FollowerParts());
  }

  Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders given,
      RandomGenerator jitter,
      FollowerParts parts) {
    this.settings = settings;
    orders = parts.inFlight(given);
    number = position.number();
    Lateness lateness = parts.lateness(position);
    ProducedEvents produced = parts.produced();
    produced.load(position, lateness.allowedMicros());
    live = parts.live(settings, orders, position.leader(), jitter);
    stream = parts.sequencer(settings, orders, position, produced, lateness);
    acks = new Acks(orders, stream, live);
    repair = parts.repair(settings, orders, stream, live);
    logHistory = parts.logHistory(settings, orders, stream, live);
    placement = new Placement(settings, position.snapshotDone(), stream, live, repair);
    gaps = new GapWatch(settings, orders, stream, repair);
    opinion = new SecondOpinion(new Pulse(settings, orders), stream, live, acks);
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
    if (placement.snapshotDone() && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY) {
      phase.to(new Finished());
      orders.finished();
      return;
    }
    live.tick(now, stream.walOffset(), stream.numbering());
  }

  /**
   * Time passes. Call it at least at {@link #wakeAtMs()} and before any other input.
   *
   * @param liveBufferEmpty whether everything that the live connection has received was delivered
   */
  public void tick(long nowMs, boolean liveBufferEmpty) {
    now = nowMs;
    bufferEmpty = liveBufferEmpty;
    if (!isFollowing()) {
      return;
    }
    stream.lateness.at(now);
    live.tick(now, stream.walOffset(), stream.numbering());
    if (live.isLive()
        && live.epoch().isAfter(stream.epoch())
        && !reading()
        && !stream.isDue()
        && (bufferEmpty || isStuckWithAnotherLeader())) {
      placement.switchTo(live.epoch(), now);
    }
    if (stream.verified()) {
      String failure = gaps.checkHole(now);
      if (failure != null) {
        fail(failure);
      }
    } else if (!reading()) {
      placement.find(now);
    }
    if (isFollowing()) {
      repair.tick(now, bufferEmpty, lastEntryAt, heldIsFull());
      logHistory.tick(bufferEmpty);
    }
    settle();
    if (mayBeDead()) {
      opinion.tick(lastEntryAt, now);
    }
  }

  /**
   * What is held leaves no room for what the lost connection has left in the buffer, where it
   * stands has not been found out, and its leader is not followed any more.
   */
  private boolean isStuckWithAnotherLeader() {
    return !stream.verified() && heldIsFull() && !live.isLeaderOf(stream.epoch());
  }

  /**
   * Whether everything has been taken, and only the connection could bring more. While a snapshot
   * comes and there is no offset to ask with, the leader's word could only throw the snapshot away:
   * it answers such a question with the same history, which tells nothing.
   */
  private boolean mayBeDead() {
    return isFollowing()
        && bufferEmpty
        && live.isLive()
        && live.epoch().equals(stream.epoch())
        && !heldIsFull()
        && !stream.isDue()
        && !repair.reading()
        && !(repair.fetching() && acks.complete() == 0);
  }

  private boolean isFollowing() {
    return phase.get() instanceof Following;
  }

  /** After an input: what may be acked, whether the work is done. */
  private void settle() {
    if (orders.hasFailed() && !(phase.get() instanceof Failed)) {
      phase.to(new Failed());
    }
    if (isFollowing()) {
      placement.settle();
      if (stream.owedEvents().judged() && live.epoch().equals(stream.epoch())) {
        String failure = gaps.eventsAreNowhere();
        if (failure != null) {
          phase.to(new Failing(failure));
        }
      }
    }
    if (phase.get() instanceof Failing failing && !stream.isDue() && acks.allStored()) {
      fail(failing.message());
    }
    if (!isFollowing()) {
      return;
    }
    if (placement.snapshotDone()
        && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY
        && repair.idle()
        && !stream.isDue()
        && !isOnlyForAwaited()) {
      phase.to(new Finished());
      live.rest("snapshot.mode=initial_only: the snapshot is complete");
      orders.finished();
      return;
    }
    acks.send();
  }

  /** Whether all that is wanted has been produced, but for what the stream may not bring. */
  private boolean isOnlyForAwaited() {
    return settings.snapshotMode() == SnapshotMode.INITIAL_ONLY && !stream.awaited.isEmpty();
  }

  /** Nothing can go on, for a reason that was found outside of the decisions. */
  public void fail(String message) {
    if (isFollowing() || phase.get() instanceof Failing) {
      phase.to(new Failed());
      orders.fail(message);
    }
  }

  private boolean heldIsFull() {
    return stream.held.currentBytes() >= settings.heldBytesMax();
  }

  /** When {@link #tick} is due at the latest, in the same clock; Long.MAX_VALUE for never. */
  public long wakeAtMs() {
    if (!isFollowing()) {
      return storeWaitEnds;
    }
    long at = Math.min(live.wakeAt(), Math.min(gaps.wakeAt(), placement.wakeAt()));
    at = Math.min(at, storeWaitEnds);
    if (live.isLive()) {
      at = Math.min(at, repair.wakeAt(now));
    }
    if (mayBeDead()) {
      at = Math.min(at, opinion.wakeAt(lastEntryAt));
    }
    return at;
  }

  // ---- what is still wanted

  /** Whether reports of that connection count. */
  private boolean counts(Epoch of) {
    return isFollowing() && orders.isWanted(of);
  }

  /** Whether answers to that request count, and its rows. */
  private boolean counts(Request of) {
    return isFollowing() && orders.isWanted(of);
  }

  /**
   * Whether entries of that connection belong to the stream: those of an earlier one than it has
   * come to are left over. Those of a later one begin it.
   */
  private boolean isOfStream(Epoch of) {
    if (stream.epoch().isAfter(of)) {
      return false;
    }
    if (of.isAfter(stream.epoch())) {
      placement.switchTo(of, now);
    }
    return true;
  }

  // ---- live connection, out of band (as soon as it happens, not behind the buffer)

  /**
   * The live connection's first line is {@code caught_up}, or that line came after a snapshot that
   * was drained.
   */
  public void onLiveCaughtUp(Epoch of, long currentOffset) {
    if (counts(of)) {
      live.caughtUp(currentOffset, now);
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
    if (orders.takesAnswer(of) && isSilent(heard)) {
      String wrong = opinion.judge(more, currentOffset);
      if (wrong != null) {
        giveUp("it brings nothing, but " + wrong);
      } else {
        stream.awaited.streamIsWhole();
      }
    }
  }

  /** There was no answer. */
  public void onProbeFailed(Request of, String why, boolean heard) {
    if (orders.takesAnswer(of) && isSilent(heard)) {
      giveUp("it brings nothing, and a second connection failed: " + why);
    }
  }

  private boolean isSilent(boolean heard) {
    return opinion.isStillSilent(heard, lastEntryAt) && mayBeDead();
  }

  private void giveUp(String why) {
    orders.log(Level.WARN, "Live connection to the leader is given up: " + why);
    live.giveUp("it seems dead", now);
  }

  // ---- live connection, in band (through the buffer)

  /** Whether entries may be handed in now; if not, they stay in the buffer. */
  public boolean wantsEntries() {
    return isFollowing() && !reading() && !stream.isDue() && !heldIsFull();
  }

  /** An entry with a right checksum. */
  public void onEntry(Epoch of, WalEntry entry) {
    if (!isFollowing()) {
      return;
    }
    if (!isOfStream(of)) {
      stream.leftInBuffer(entry);
      return;
    }
    lastEntryAt = now;
    placement.entryCame(of, now);
    stream.entry(entry, now);
  }

  /**
   * A line that is no good entry and that the corrupt-entry policy skips (or sent to the
   * dead-letter topic). Its offset is missing now: the repair of that gap may find the event.
   *
   * @param offset its WAL offset where it could be read, otherwise 0
   */
  public void onCorruptSkipped(Epoch of, long offset) {
    if (isFollowing() && isOfStream(of)) {
      stream.offsets.corrupt(offset);
    }
  }

  // ---- snapshot connection

  /** It answers with entries instead of a snapshot: this leader replays its log. */
  public void onSnapshotReplays(Request of) {
    if (counts(of)) {
      if (logHistory.isFetching()) {
        logHistory.onNotNeeded(now);
      } else {
        repair.onReplays(now);
      }
      settle();
    }
  }

  /** It has no snapshot: {@code caught_up} came first. */
  public void onSnapshotNone(Request of, long currentOffset) {
    if (counts(of)) {
      if (logHistory.isFetching()) {
        logHistory.onNotNeeded(now);
      } else {
        repair.onNone(currentOffset, now);
      }
      settle();
    }
  }

  /**
   * All files are stored.
   *
   * @param endOffset what {@code snapshot_end} said
   */
  public void onSnapshotComplete(Request of, List<String> files, long bytes, long endOffset) {
    if (counts(of)) {
      if (logHistory.isFetching()) {
        logHistory.onComplete(endOffset, now);
      } else {
        repair.onComplete(files, now, bufferEmpty);
      }
      settle();
    }
  }

  /** It could not be fetched or read; worth another try after a while. */
  public void onSnapshotFailed(Request of, String why) {
    if (counts(of)) {
      snapshotFailed(why, null, false);
    }
  }

  /**
   * It was fetched, but what came is no whole snapshot or can't be read; another try may tell the
   * same.
   *
   * @param whatToDo what can be done when it is so again and again, in whole sentences
   * @param better the next one will do without what was damaged
   */
  public void onSnapshotDamaged(Request of, String why, String whatToDo, boolean better) {
    if (counts(of)) {
      snapshotFailed(why, whatToDo, better);
    }
  }

  private void snapshotFailed(String why, String whatToDo, boolean better) {
    if (logHistory.isFetching()) {
      logHistory.onFailed(why, whatToDo != null, now);
    } else {
      repair.onFailed(why, whatToDo, better, now);
    }
    settle();
  }

  /** Whether rows of the open snapshot may be handed in now. */
  public boolean wantsRows() {
    return isFollowing() && (repair.wantsRows() || logHistory.reading());
  }

  /** A row, in the order that was asked for. */
  public void onRow(Request of, SnapshotRow row) {
    if (!counts(of)) {
      return;
    }
    if (logHistory.isFetching()) {
      logHistory.onRow(row, now);
      settle();
      return;
    }
    repair.onRow(row);
  }

  /** No more rows. */
  public void onRowsEnd(Request of) {
    if (!counts(of)) {
      return;
    }
    if (logHistory.isFetching()) {
      logHistory.onRowsEnd(now);
      placement.snapshotIsDone();
    } else {
      repair.onRowsEnd(now);
      noteSnapshotDone();
    }
    settle();
  }

  private void noteSnapshotDone() {
    if (!repair.reading() && !repair.wanted()) {
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
    if (!isFollowing() && !(phase.get() instanceof Failing)) {
      return -1;
    }
    return reading() ? repair.dueBytes() : stream.dueBytes();
  }

  /** Does the next thing that is due: one event is produced, or none. */
  public void produceNext() {
    if (reading()) {
      repair.produceNext(now);
      noteSnapshotDone();
    } else {
      stream.release(now);
    }
    if (dueBytes() < 0) {
      settle();
    }
  }

  // ---- Kafka

  /** Whether the first snapshot is complete, or was not wanted. */
  public boolean snapshotDone() {
    return placement.snapshotDone();
  }

  /** How many events have been ordered to be produced since the start; the number of the last. */
  public long emitted() {
    return stream.emitted();
  }

  /** Kafka has every event up to this number ({@link #emitted()}). */
  public void onCommitted(long emission) {
    acks.stored(emission);
    settle();
  }

  /** The position after all that was ordered to be produced so far. */
  public SourcePosition position() {
    return position(stream.produced.position());
  }

  /** The same with this list of events. */
  protected SourcePosition position(SourcePosition.Produced produced) {
    // an offset of a numbering that may be gone must not be counted from after a restart
    // and with rows awaited another task has to look anew where they belong
    boolean countable = (stream.verified() || !live.numbersDoubtful()) && stream.awaited.isEmpty();
    return new SourcePosition(
        countable ? stream.walOffset() : 0,
        countable ? stream.offsets.beyond() + stream.held.marks() + repair.producedBeyond() : 0,
        stream.offsets.uncertain(),
        repair.missing(),
        produced,
        stream.lateness.micros(),
        stream.lateness.places(),
        placement.snapshotDone() && !isOnlyForAwaited(),
        live.established(),
        number + 1,
        stream.ledger.losses(),
        false);
  }

  /**
   * The position of the record that was ordered last.
   *
   * @param last whether the record is the last of a batch
   */
  public SourcePosition takePosition(boolean last) {
    SourcePosition taken = position(stream.produced.takePosition(number + 1, last));
    number = taken.number();
    return taken;
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
    if (!stream.produced.shouldWait()) {
      storeWaitEnds = NOT_WAITING;
      return false;
    }
    if (!acks.allStored()) {
      storeWaitEnds = NOT_WAITING;
      return true;
    }
    if (storeWaitEnds == NOT_WAITING) {
      storeWaitEnds = now + STORE_WAIT_MS;
    }
    if (now >= storeWaitEnds) {
      stream.produced.waitedInVain();
      storeWaitEnds = NOT_WAITING;
    }
    return storeWaitEnds != NOT_WAITING;
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
    ledger.open = stream.openOffsets();
    ledger.awaited = stream.awaited.size();
    return ledger;
  }

  /** What a task that ends now leaves to the leader alone, in words; empty for nothing. */
  public String leavesBehind() {
    long waiting = stream.held.size();
    long open = stream.openOffsets();
    return isFollowing() && open > 0 && waiting > 0
        ? waiting
            + " events that came wait for "
            + open
            + " that are missing behind offset "
            + stream.walOffset()
            + ", and are not in Kafka yet. The next task fetches them from the leader; should that"
            + " one be lost for good before, they are lost with it"
        : "";
  }

  @Override
  public String toString() {
    return phase
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
