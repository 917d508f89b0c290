package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.Pulse;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
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
 * <p>The parts: {@link LiveLink} decides about the live connection, {@link Sequencer} about the
 * order of its entries and the account, {@link Repair} about snapshots, {@link LogHistory} about
 * those of a leader that replays, {@link Pulse} about whether the connection is still one.
 */
public class Follower {
  private static final long STORE_WAIT_MS = 1_000;
  private static final long NOT_WAITING = Long.MAX_VALUE;

  private enum Stage {
    FOLLOWING,
    /** A failure is certain; Kafka shall have first what is not to be had again. */
    FAILING,
    FINISHED,
    FAILED;

    boolean follows(Stage before) {
      return before == FOLLOWING ? this != FOLLOWING : before == FAILING && this == FAILED;
    }
  }

  private void to(Stage next) {
    if (!next.follows(stage)) {
      throw new IllegalStateException("a follower can't go from " + stage + " to " + next);
    }
    stage = next;
  }

  private final FollowerSettings settings;
  private final InFlight orders;
  private final LiveLink live;
  private final Sequencer stream;
  private final Acks acks;
  private final Repair repair;
  private final Pulse pulse;
  private final LogHistory logHistory;

  private Stage stage = Stage.FOLLOWING;
  private String failure = "";
  private boolean snapshotDone;
  private boolean skipToLive;
  private long number;
  private long now;
  private boolean bufferEmpty = true;
  private long lastEntryAt = Long.MIN_VALUE / 2;
  private long firstEntryAt = -1;
  private long storeWaitEnds = NOT_WAITING;
  private Epoch established = Epoch.NONE;

  public Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    this(settings, startOf(settings, position), orders, jitter, new Parts());
  }

  Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders given,
      RandomGenerator jitter,
      Parts parts) {
    this.settings = settings;
    orders = new InFlight(given);
    snapshotDone = position.snapshotDone();
    skipToLive = settings.snapshotMode() == SnapshotMode.NO_DATA && !snapshotDone;
    number = position.number();
    Lateness lateness = parts.lateness(position);
    ProducedEvents produced = parts.produced();
    produced.load(position, lateness.allowedMicros());
    live = parts.live(settings, orders, position.leader(), jitter);
    stream = parts.sequencer(settings, orders, position, produced, lateness);
    acks = new Acks(orders, stream, live);
    repair = parts.repair(settings, orders, stream, live);
    pulse = new Pulse(settings, orders);
    logHistory = parts.logHistory(settings, orders, stream, live);
  }

  /** The follower's collaborators; a place where tests put others. */
  static class Parts {
    Lateness lateness(SourcePosition position) {
      return new Lateness(position.latenessMicros(), position.displacement());
    }

    ProducedEvents produced() {
      return new ProducedEvents(ProducedEvents.KNOWN_MAX);
    }

    LiveLink live(
        FollowerSettings settings, FollowerOrders orders, String leader, RandomGenerator jitter) {
      return new LiveLink(settings, orders, leader, jitter);
    }

    Sequencer sequencer(
        FollowerSettings settings,
        FollowerOrders orders,
        SourcePosition position,
        ProducedEvents produced,
        Lateness lateness) {
      return new Sequencer(orders, position, produced, lateness, settings.heldBytesMax());
    }

    Repair repair(
        FollowerSettings settings, FollowerOrders orders, Sequencer stream, LiveLink live) {
      return new Repair(settings, orders, stream, live);
    }

    LogHistory logHistory(
        FollowerSettings settings, FollowerOrders orders, Sequencer stream, LiveLink live) {
      return new LogHistory(settings, orders, stream, live);
    }
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
    if (snapshotDone && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY) {
      to(Stage.FINISHED);
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
    if (stage != Stage.FOLLOWING) {
      return;
    }
    stream.lateness.at(now);
    live.tick(now, stream.walOffset(), stream.numbering());
    if (live.isLive()
        && live.epoch().isAfter(stream.epoch())
        && !reading()
        && !stream.isDue()
        && (bufferEmpty || isStuckWithAnotherLeader())) {
      switchTo(live.epoch());
    }
    if (stream.verified()) {
      checkHole();
    } else if (!reading()) {
      findPlace();
    }
    if (stage == Stage.FOLLOWING) {
      repair.tick(now, bufferEmpty, lastEntryAt, heldIsFull());
      logHistory.tick(bufferEmpty);
    }
    settle();
    if (mayBeDead()) {
      pulse.tick(live, lastEntryAt, acks.complete(), now);
    }
  }

  /**
   * What is held leaves no room for what the lost connection has left in the buffer, where it
   * stands has not been found out, and its leader is not followed any more.
   */
  private boolean isStuckWithAnotherLeader() {
    return !stream.verified() && heldIsFull() && !live.isLeaderOf(stream.epoch());
  }

  /** Whether everything has been taken, and only the connection could bring more. */
  private boolean mayBeDead() {
    return stage == Stage.FOLLOWING
        && bufferEmpty
        && live.isLive()
        && live.epoch().equals(stream.epoch())
        && !heldIsFull()
        && !stream.isDue()
        && !repair.reading();
  }

  private void checkHole() {
    if (stream.holeSince() >= 0
        && now - stream.holeSince() >= settings.gapTimeoutMs()
        && repair.idle()) {
      long missing = stream.missingUpTo(stream.held.lastOffset());
      stream.ledger.gaps++;
      stream.ledger.gapOffsets += missing;
      String what =
          "Gap behind offset "
              + stream.walOffset()
              + ": "
              + missing
              + " of the offsets up to "
              + stream.held.lastOffset()
              + " did not come within gap.timeout.ms="
              + settings.gapTimeoutMs();
      if (settings.gapPolicy() == GapPolicy.FAIL) {
        fail(
            what
                + ". The leader drops entries for slow followers and never replays them."
                + " gap.policy=fail; to go on set gap.policy=repair (fetches them in a snapshot) or"
                + " continue.");
        return;
      }
      orders.log(Level.WARN, what + "; a snapshot is fetched to repair it");
      repair.want(Repair.Reason.GAP, now);
    }
  }

  /** The connection's entries have no place in the order yet. */
  private void findPlace() {
    if (stream.held.currentIsEmpty()) {
      return;
    }
    if (skipToLive) {
      if (now - firstEntryAt >= settings.gapTimeoutMs()) {
        skipToLive = false;
        snapshotDone = true;
        repair.cancel();
        stream.beginAtFirstHeld(now);
      }
      return;
    }
    if (repair.quietlyEnded()
        && stream.firstHeldFollows()
        && !live.numbersDoubtful()
        && repair.notYetRequested()) {
      repair.cancel();
      stream.establishAtFirstHeld(now);
    } else if (repair.idle()) {
      repair.want(snapshotDone ? Repair.Reason.RECONNECT : Repair.Reason.BEGINNING, now);
    }
  }

  private void switchTo(Epoch epoch) {
    repair.streamChanged();
    boolean continues =
        live.replays()
            && live.epoch().equals(epoch)
            && live.subscribed() <= stream.walOffset()
            && (stream.walOffset() > 0 || live.subscribed() == 0);
    stream.switchTo(epoch, continues, live.holesNormal());
    if (!live.epoch().equals(epoch) || live.numbersDoubtful()) {
      stream.mayNumberAnew();
    }
    firstEntryAt = -1;
    if (continues) {
      repair.cancel();
      snapshotDone = true;
    } else if (!skipToLive) {
      repair.want(snapshotDone ? Repair.Reason.RECONNECT : Repair.Reason.BEGINNING, now);
    }
  }

  /** After an input: what may be acked, whether the work is done. */
  private void settle() {
    if (orders.hasFailed() && stage != Stage.FAILED) {
      to(Stage.FAILED);
    }
    if (stage == Stage.FOLLOWING && stream.verified()) {
      snapshotDone = true;
      if (!established.equals(stream.epoch())) {
        established = stream.epoch();
        live.numbersEstablished(established);
        stream.numberedBy(live.established());
      }
    }
    if (stage == Stage.FOLLOWING
        && stream.owedEvents().judged()
        && live.epoch().equals(stream.epoch())) {
      eventsAreNowhere();
    }
    if (stage == Stage.FAILING && !stream.isDue() && acks.allProduced()) {
      fail(failure);
    }
    if (stage != Stage.FOLLOWING) {
      return;
    }
    if (snapshotDone
        && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY
        && repair.idle()
        && !stream.isDue()) {
      to(Stage.FINISHED);
      live.rest("snapshot.mode=initial_only: the snapshot is complete");
      orders.finished();
      return;
    }
    acks.send();
  }

  /** Events are missing that the leader lacks; what came behind them has been produced. */
  private void eventsAreNowhere() {
    long events = stream.owedEvents().passedOver();
    String what =
        repair.lacking().isEmpty()
            ? events
                + " events behind offset "
                + stream.owedEvents().after()
                + " of an earlier numbering are missing since its leader was lost"
            : repair.lacking();
    if (settings.gapPolicy() == GapPolicy.CONTINUE
        || settings.snapshotMode() == SnapshotMode.WHEN_NEEDED) {
      stream.giveUpPassedOver();
      orders.log(Level.ERROR, what + ". " + events + " events are counted as unaccounted.");
      return;
    }
    to(Stage.FAILING);
    failure =
        what
            + ". Everything else that came is produced, and the position tells that "
            + events
            + " events are missing. If the leader that had them comes back, restart the task with"
            + " its address alone: they are fetched, though later than what followed them. To go on"
            + " without them set gap.policy=continue (they are counted as unaccounted).";
    orders.log(Level.ERROR, "The task fails as soon as Kafka has what it was given: " + failure);
  }

  /** Nothing can go on, for a reason that was found outside of the decisions. */
  public void fail(String message) {
    if (stage == Stage.FOLLOWING || stage == Stage.FAILING) {
      to(Stage.FAILED);
      orders.fail(message);
    }
  }

  private boolean heldIsFull() {
    return stream.held.currentBytes() >= settings.heldBytesMax();
  }

  /** When {@link #tick} is due at the latest, in the same clock; Long.MAX_VALUE for never. */
  public long wakeAtMs() {
    if (stage != Stage.FOLLOWING) {
      return storeWaitEnds;
    }
    long at = Math.min(storeWaitEnds, live.wakeAt());
    if (live.isLive()) {
      at = Math.min(at, repair.wakeAt(now));
    }
    if (mayBeDead()) {
      at = Math.min(at, pulse.wakeAt(live, lastEntryAt));
    }
    if (stream.holeSince() >= 0 && repair.idle()) {
      at = Math.min(at, stream.holeSince() + settings.gapTimeoutMs());
    }
    if (skipToLive && firstEntryAt >= 0) {
      at = Math.min(at, firstEntryAt + settings.gapTimeoutMs());
    }
    return at;
  }

  // ---- what is still wanted

  /** Whether reports of that connection count. */
  private boolean counts(Epoch of) {
    return stage == Stage.FOLLOWING && orders.isWanted(of);
  }

  /** Whether answers to that request count, and its rows. */
  private boolean counts(Request of) {
    return stage == Stage.FOLLOWING && orders.isWanted(of);
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
      switchTo(of);
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
    } else if (skipToLive) {
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
      long highest = stream.ledger.highestOffset;
      long known = Math.max(highest, Math.max(live.caughtUpAt(), acks.complete()));
      String wrong =
          pulse.judge(
              more, currentOffset, live.replays(), known, highest, stream.lateness.places());
      if (wrong != null) {
        giveUp("it brings nothing, but " + wrong);
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
    pulse.answered();
    return !heard && mayBeDead() && pulse.silentSince(lastEntryAt);
  }

  private void giveUp(String why) {
    orders.log(Level.WARN, "Live connection to the leader is given up: " + why);
    live.giveUp("it seems dead", now);
  }

  // ---- live connection, in band (through the buffer)

  /** Whether entries may be handed in now; if not, they stay in the buffer. */
  public boolean wantsEntries() {
    return stage == Stage.FOLLOWING && !reading() && !stream.isDue() && !heldIsFull();
  }

  /** An entry with a right checksum. */
  public void onEntry(Epoch of, WalEntry entry) {
    if (stage != Stage.FOLLOWING) {
      return;
    }
    if (!isOfStream(of)) {
      stream.leftInBuffer(entry);
      return;
    }
    lastEntryAt = now;
    if (firstEntryAt < 0) {
      firstEntryAt = now;
      live.proven();
    }
    stream.entry(entry, now);
  }

  /**
   * A line that is no good entry and that the corrupt-entry policy skips (or sent to the
   * dead-letter topic). Its offset is missing now: the repair of that gap may find the event.
   *
   * @param offset its WAL offset where it could be read, otherwise 0
   */
  public void onCorruptSkipped(Epoch of, long offset) {
    if (stage == Stage.FOLLOWING && isOfStream(of)) {
      stream.corrupt(offset);
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
    return stage == Stage.FOLLOWING && (repair.wantsRows() || logHistory.reading());
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
      snapshotDone = true;
    } else {
      repair.onRowsEnd(now);
      noteSnapshotDone();
    }
    settle();
  }

  private void noteSnapshotDone() {
    if (!repair.reading() && !repair.wanted()) {
      snapshotDone = true;
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
    if (stage != Stage.FOLLOWING && stage != Stage.FAILING) {
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
    return snapshotDone;
  }

  /** How many events have been ordered to be produced since the start; the number of the last. */
  public long emitted() {
    return stream.emitted();
  }

  /** Kafka has every event up to this number ({@link #emitted()}). */
  public void onCommitted(long emission) {
    acks.produced(emission);
    settle();
  }

  /** The position after all that was ordered to be produced so far. */
  public SourcePosition position() {
    return position(stream.produced.position());
  }

  /** The same with this list of events. */
  protected SourcePosition position(SourcePosition.Produced produced) {
    // an offset of a numbering that may be gone must not be counted from after a restart
    boolean countable = stream.verified() || !live.numbersDoubtful();
    return new SourcePosition(
        countable ? stream.walOffset() : 0,
        countable ? stream.beyond() + stream.held.marks() + repair.producedBeyond() : 0,
        stream.uncertain(),
        repair.missing(),
        produced,
        stream.lateness.micros(),
        stream.lateness.places(),
        snapshotDone,
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
    storeWaitEnds = NOT_WAITING;
  }

  /**
   * Whether nothing should be produced until there is word of what was handed on: positions might
   * not tell of it all. That ends after a while in any case.
   */
  public boolean waitsForStore() {
    if (!stream.produced.shouldWait()) {
      storeWaitEnds = NOT_WAITING;
      return false;
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
    return ledger;
  }

  /** What a task that ends now leaves to the leader alone, in words; empty for nothing. */
  public String leavesBehind() {
    long waiting = stream.held.size();
    long open = stream.openOffsets();
    return stage == Stage.FOLLOWING && open > 0 && waiting > 0
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
    return stage
        + ", offset "
        + stream.walOffset()
        + (stream.verified() ? "" : " (unverified)")
        + ", held "
        + stream.held.size()
        + ", "
        + live
        + ", "
        + repair
        + ", "
        + logHistory;
  }
}
