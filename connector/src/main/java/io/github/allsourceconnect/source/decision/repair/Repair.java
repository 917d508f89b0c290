package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Answered;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Cutting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Idle;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Ripening;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The one operation by which the source gets what the live stream did not bring: at the beginning
 * (the first snapshot), after a reconnect, behind a gap. A snapshot is fetched over a second
 * connection while the live one goes on, and read in time order; what was produced already is
 * skipped, the rest is produced together with the entries that were held.
 *
 * <p>{@link RepairPhase} has the way. When a repair is needed ({@link RepairNeed}), a <em>cut</em>
 * is chosen ({@link RepairCut}); a moment later, so that all up to the cut is in it, the snapshot
 * is fetched. What is answered is acted upon here; {@link SnapshotPasses} count its rows (a gap of
 * n offsets is n events) and produce them.
 *
 * <p>Invariants: a snapshot is asked of the leader whose numbering lacks something, and of another
 * one only where nothing is counted. Nothing is called repaired that was not counted. Not
 * thread-safe.
 */
public class Repair implements SnapshotUser {
  /** Why a repair is wanted. */
  public enum Reason {
    BEGINNING,
    RECONNECT,
    GAP
  }

  /** An entry seen live so long ago is in a snapshot requested now. */
  static final long RIPE_MS = 200;

  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final RepairNeed need;
  private final RepairRun run;
  private final RepairCut cut;
  private final AbsentSnapshot absent;
  private final Shortfall shortfall;
  private final SnapshotPasses passes;
  private final RepairAnswers answers;

  /** On this connection it has been said that nobody can be asked. */
  private Epoch notAskedIn;

  public Repair(
      FollowerSettings settings, FollowerOrders orders, LiveStream stream, LiveLink live) {
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    need = new RepairNeed(settings);
    run = new RepairRun(orders);
    cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    absent = new AbsentSnapshot(stream, live, cut);
    shortfall = new Shortfall(settings, orders, stream, live, cut);
    passes =
        new SnapshotPasses(
            settings, orders, stream, live, run, need, cut, shortfall, this::raceMicros);
    answers = new RepairAnswers(orders, stream, live, run, need, cut, absent, shortfall, passes);
  }

  // ---- what is needed

  /** A repair is needed; several needs become one repair. */
  public void want(Reason why, long now) {
    if (!need.isThere()) {
      // what was found out for another one says nothing of the leader, and of the stream, as it is
      absent.forget();
      passes.forget();
    }
    need.want(why, !absent.isTold(), now);
  }

  public boolean wanted() {
    return need.isThere();
  }

  /** Whether a repair without any entry at hand has ended on the current connection. */
  public boolean quietlyEnded() {
    return passes.quietlyEnded();
  }

  /** Whether nothing has been requested for what is wanted. */
  public boolean notYetRequested() {
    RepairPhase at = run.phase();
    return at instanceof Idle || at instanceof Cutting || at instanceof Ripening;
  }

  public boolean idle() {
    return run.phase() instanceof Idle && !need.isThere();
  }

  @Override
  public boolean reading() {
    return passes.reading();
  }

  /** Whether the leader is sending a snapshot over its second connection. */
  public boolean fetching() {
    return run.phase() instanceof Fetching;
  }

  /** Whether the next row may come: what the one before released is produced. */
  public boolean wantsRows() {
    return passes.wantsRows();
  }

  @Override
  public boolean isDone() {
    return !reading() && !need.isThere();
  }

  /** The stream goes on over another connection; what was planned for the old one is void. */
  public void streamChanged() {
    passes.abandon();
  }

  /** Not needed any more. */
  public void cancel() {
    streamChanged();
    need.withdraw();
  }

  // ---- up to the request

  /** When {@link #tick} is due at the latest. */
  public long wakeAt(long now) {
    if (run.phase() instanceof Ripening ripening) {
      return ripening.untilMs();
    }
    if (run.phase() instanceof Cutting) {
      return cut.wakeAt(now);
    }
    return run.phase() instanceof Idle && need.isThere()
        ? Math.max(need.notBefore(), now + 10)
        : Long.MAX_VALUE;
  }

  public void tick(long now) {
    if (run.phase() instanceof Answered answered && !stream.isDue()) {
      answered.input().accept(now);
    }
    if (run.phase() instanceof Idle && need.isThere()) {
      begin(now);
    }
    if (run.phase() instanceof Cutting) {
      switch (cut.choose(now)) {
        case CHOSEN -> run.to(new Ripening(now + RIPE_MS));
        case NOT_NEEDED -> cancel();
        default -> {}
      }
    }
    if (run.phase() instanceof Ripening && stream.intake.bufferEmpty()) {
      passes.streamIsTaken();
    }
    if (run.phase() instanceof Ripening ripening && now >= ripening.untilMs()) {
      if (cut.isOvertaken()) {
        cancel();
      } else if (linkLags(now)) {
        run.to(new Idle());
      } else if (live.isLeaderOf(stream.epoch())) {
        request(stream.epoch(), now);
      } else if (isStuckWithoutItsLeader() && live.isLive()) {
        request(live.epoch(), now);
      } else {
        // another leader's events of that time would be taken for those that are missing
        run.to(new Idle());
      }
    }
  }

  /** Whether another look is put off: the stream has not brought what the last one has shown. */
  private boolean linkLags(long now) {
    return passes.isTooEarly()
        && !cut.isQuiet(now)
        && !stream.held.isFull()
        && need.mayBePutOff(now);
  }

  /**
   * Whether what is held leaves no room for what its connection has left in the buffer, and where
   * it stands was not found out while its leader was followed. Nothing of that numbering can be
   * counted any more, so the leader that is followed now is asked what it has from that time.
   */
  private boolean isStuckWithoutItsLeader() {
    return !stream.verified() && stream.held.isFull();
  }

  private void begin(long now) {
    if (!live.isLive()) {
      return;
    }
    if (live.isLeaderOf(stream.epoch()) || isStuckWithoutItsLeader()) {
      if (now >= need.notBefore()) {
        run.to(new Cutting());
        cut.begin(now);
      }
    } else if (stream.verified() && stream.held.isFull()) {
      goOnWithoutItsLeader(now);
    } else if (!live.epoch().equals(notAskedIn)) {
      notAskedIn = live.epoch();
      orders.log(
          Level.WARN,
          "What is missing behind offset "
              + stream.walOffset()
              + " belongs to a leader that is no longer followed. The leader that is followed now"
              + " has other numbers, so the source looks for it by its time when that leader's"
              + " stream begins.");
    }
  }

  /** What is held leaves no room, and the connection rests until what the buffer has is taken. */
  public void makeRoom(long now) {
    if (run.phase() instanceof Idle) {
      goOnWithoutItsLeader(now);
    }
  }

  /**
   * What is held leaves no room for what its connection has left in the buffer, and nobody can be
   * asked for what is missing before it: events of another leader can't be told from it by their
   * number, and one that replays sends it anew. It is passed over, and looked for by its time when
   * the next stream begins.
   */
  private void goOnWithoutItsLeader(long now) {
    cut.chooseAllButLast();
    if (cut.isOvertaken()) {
      cancel();
      return;
    }
    answers.nobodyCanTell(now);
  }

  private void request(Epoch asked, long now) {
    stream.ledger.snapshotRequests++;
    need.requested(now);
    run.fetch(live.newRequest(asked));
  }

  // ---- what is answered

  /** What was answered is not acted upon before all entries that are in order are produced. */
  private void whenNothingIsDue(long now, LongConsumer input) {
    run.to(new Answered(run.phase().request(), input));
    if (!stream.isDue()) {
      input.accept(now);
    }
  }

  @Override
  public void onReplays(long now) {
    live.foundToReplay();
    if (live.epoch().equals(stream.epoch())) {
      run.drop();
      need.withdraw();
      stream.holesAreNormal(now);
    } else if (stream.held.isFull()) {
      whenNothingIsDue(now, answers::nobodyCanTell); // it says nothing of the connection before
    } else {
      run.drop();
    }
  }

  @Override
  public void onNone(long currentOffset, long now) {
    whenNothingIsDue(now, at -> answers.none(currentOffset, at));
  }

  @Override
  public void onFailed(String why, String whatToDo, boolean better, long now) {
    if (reading()) {
      answers.failed(why, whatToDo, true, better, now);
    } else {
      whenNothingIsDue(now, at -> answers.failed(why, whatToDo, whatToDo != null, better, at));
    }
  }

  @Override
  public void onComplete(List<String> files, long endOffset, long now) {
    whenNothingIsDue(now, at -> answers.complete(files, at));
  }

  // ---- its rows

  @Override
  public void onRow(SnapshotRow row, long now) {
    passes.row(row);
  }

  @Override
  public void onRowsEnd(long now) {
    passes.rowsEnd(now);
  }

  /** Bytes of the event that {@link #produceNext} produces; -1 when none is due. */
  public long dueBytes() {
    return passes.dueBytes();
  }

  /** Produces the next event that is due, and ends with the last. */
  public void produceNext(long now) {
    passes.produceNext(now);
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  public long raceMicros() {
    return stream.lateness.raceMicros();
  }

  // ---- what is under way

  /** How many events this repair has produced that the contiguous offset does not cover yet. */
  public long producedBeyond() {
    return passes.producedBeyond();
  }

  /** How many of its rows nothing but a silent stream has told from those behind the cut. */
  public int toldBySilence() {
    return passes.toldBySilence();
  }

  /** Events that are known to exist and have not been produced. */
  public SourcePosition.Missing missing() {
    return passes.missing();
  }

  /** What is missing, after a repair that passed over something; otherwise empty. */
  public String lacking() {
    return shortfall.lacking();
  }

  @Override
  public String toString() {
    return "repair " + run.phase() + need + ", cut " + cut.offset();
  }
}
