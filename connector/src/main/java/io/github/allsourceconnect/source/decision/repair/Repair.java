package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Answered;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Counting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Cutting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Idle;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Producing;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Ripening;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The one operation by which the source gets what the live stream did not bring: at the beginning
 * (the first snapshot), after a reconnect, behind a gap. A snapshot is fetched over a second
 * connection while the live one goes on, and read in time order; what was produced already is
 * skipped, the rest is produced together with the entries that were held.
 *
 * <p>{@link RepairPhase} has the way: choose a <em>cut</em> ({@link RepairCut}), wait a moment so
 * that all up to the cut is in the snapshot, fetch, count ({@link RepairCount}: a gap of n offsets
 * is n events), produce ({@link RepairProduction}), enter it in the account ({@link Settlement}).
 *
 * <p>Invariants: a snapshot is in flight exactly while the phase has a request. It is asked of the
 * leader whose numbering lacks something, and of no other. Nothing is called repaired that was not
 * counted. Not thread-safe.
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

  private static final String NO_FILES =
      "the leader has no snapshot (a promoted follower has none)";

  private static final int STREAM_BEHIND_MAX = 3;

  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final Ledger ledger;
  private final RepairPause pause;
  private final RepairCut cut;
  private final FileTenants tenants;
  private final AbsentSnapshot absent;
  private final RowsAhead ahead;
  private final RepairCount count;
  private final RepairProduction production;
  private final Shortfall shortfall;
  private final AfterCount afterCount;
  private final Settlement settlement;
  private final Attempts attempts = new Attempts();
  private final Current<RepairPhase> phase = new Current<>("a repair", new Idle());

  /** Why a repair is needed; null if none is. */
  private Reason wanted;

  private int streamBehind;

  /** Another connection has been tried since; if it brings no more, there is no more to bring. */
  private boolean streamGivenUp;

  private Epoch quietlyEndedIn;
  private Epoch notAskedIn;

  public Repair(
      FollowerSettings settings, FollowerOrders orders, LiveStream stream, LiveLink live) {
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    ledger = stream.ledger;
    pause = new RepairPause(settings);
    cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    tenants = new FileTenants(stream.held, stream.produced);
    absent = new AbsentSnapshot(stream, live, cut);
    ahead = new RowsAhead(stream, cut);
    count = new RepairCount(stream, live, cut, ahead, settings.clockSlackMs() * 1000);
    production = new RepairProduction(stream, cut, tenants, ahead, this::raceMicros);
    shortfall = new Shortfall(settings, orders, stream, live, cut);
    afterCount = new AfterCount(settings, stream, count, shortfall);
    settlement = new Settlement(orders, stream, cut, shortfall);
  }

  // ---- what is needed

  /** A repair is needed; several needs become one repair. */
  public void want(Reason why, long now) {
    if (wanted == null) {
      wanted = why;
      pause.needed(why, now);
    } else if (why != Reason.GAP) {
      wanted = why;
    }
    if (why != Reason.GAP && attempts.inARow() == 0 && !absent.isTold()) {
      pause.urgent();
    }
  }

  public boolean wanted() {
    return wanted != null;
  }

  /** Whether a repair without any entry at hand has ended on the current connection. */
  public boolean quietlyEnded() {
    return stream.epoch().equals(quietlyEndedIn);
  }

  /** Whether nothing has been requested for what is wanted. */
  public boolean notYetRequested() {
    RepairPhase at = phase.get();
    return at instanceof Idle || at instanceof Cutting || at instanceof Ripening;
  }

  @Override
  public boolean reading() {
    return phase.get() instanceof Counting || phase.get() instanceof Producing;
  }

  /** Whether the next row may come: what the one before released is produced. */
  public boolean wantsRows() {
    return phase.get() instanceof Counting
        || (phase.get() instanceof Producing && production.dueBytes() < 0);
  }

  /** Bytes of the event that {@link #produceNext} produces; -1 when none is due. */
  public long dueBytes() {
    return phase.get() instanceof Producing ? production.dueBytes() : -1;
  }

  public boolean idle() {
    return phase.get() instanceof Idle && wanted == null;
  }

  @Override
  public boolean isDone() {
    return !reading() && wanted == null;
  }

  /** The stream goes on over another connection; what was planned for the old one is void. */
  public void streamChanged() {
    if (phase.get() instanceof Producing) {
      settlement.abandoned(production);
    }
    drop();
  }

  /** Not needed any more. */
  public void cancel() {
    streamChanged();
    wanted = null;
  }

  /** The snapshot, if there is one, is of no use any more. */
  private void drop() {
    Request request = phase.get().request();
    phase.to(new Idle());
    if (request != null) {
      orders.discardSnapshot(request);
    }
  }

  private void ended(long now) {
    wanted = null;
    attempts.begin();
    streamBehind = 0;
    streamGivenUp = false;
    ahead.forget();
    pause.ended(now);
  }

  // ---- up to the request

  /** When {@link #tick} is due at the latest. */
  public long wakeAt(long now) {
    if (phase.get() instanceof Ripening ripening) {
      return ripening.untilMs();
    }
    if (phase.get() instanceof Cutting) {
      return cut.wakeAt(now);
    }
    return phase.get() instanceof Idle && wanted != null
        ? Math.max(pause.notBefore(), now + 10)
        : Long.MAX_VALUE;
  }

  public void tick(long now) {
    if (stream.verified() && idle() && live.isLive() && live.epoch().equals(stream.epoch())) {
      fetchAwaited(now);
    }
    if (phase.get() instanceof Answered answered && !stream.isDue()) {
      answered.input().accept(now);
    }
    if (phase.get() instanceof Idle && wanted != null) {
      begin(now);
    }
    if (phase.get() instanceof Cutting) {
      switch (cut.choose(now)) {
        case CHOSEN -> phase.to(new Ripening(now + RIPE_MS));
        case NOT_NEEDED -> cancel();
        default -> {}
      }
    }
    if (phase.get() instanceof Ripening && stream.intake.bufferEmpty()) {
      ahead.streamIsTaken();
    }
    if (phase.get() instanceof Ripening ripening && now >= ripening.untilMs()) {
      if (overtaken()) {
        cancel();
      } else if (live.isLeaderOf(stream.epoch())) {
        request(now);
      } else {
        // another leader's events of that time would be taken for those that are missing
        phase.to(new Idle());
      }
    }
  }

  /** What rows told and the stream has not brought, though it is past them, lies before it. */
  private void fetchAwaited(long now) {
    if (stream.holeSince() < 0 && stream.arrears.awaitedAreTold()) {
      String what =
          stream.awaited.beforeTheCut()
              + " events of a snapshot are newer, by their clock, than the first entries that came,"
              + " and yet were written before";
      orders.log(Level.WARN, what + " them. They are fetched with another connection.");
      live.giveUp(what + " them", now);
    }
  }

  private void begin(long now) {
    if (!live.isLive()) {
      return;
    }
    if (live.isLeaderOf(stream.epoch())) {
      if (now >= pause.notBefore()) {
        phase.to(new Cutting());
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
              + " is of a leader that is not followed any more. The one that is followed now can't"
              + " be asked for it by its number; it is looked for by its time when that one's"
              + " stream begins.");
    }
  }

  /**
   * What is held leaves no room for what its connection has left in the buffer, and nobody can be
   * asked for what is missing before it: events of another leader can't be told from it by their
   * number. It is passed over, and looked for by its time when the other leader's stream begins.
   */
  private void goOnWithoutItsLeader(long now) {
    cut.chooseAll();
    if (overtaken()) {
      cancel();
      return;
    }
    shortfall.passOver("the leader with this numbering is no longer followed", absent.missing(), 0);
    orders.log(Level.WARN, shortfall.lacking());
    produceWithoutRows(Account.SHORT, now);
  }

  /**
   * What was missing up to the cut has come by itself. If rows of a repair that was not finished
   * make up for all of it, nobody but a repair can say so and go on.
   */
  private boolean overtaken() {
    return stream.verified()
        && (stream.walOffset() >= cut.offset()
            || (stream.offsets.beyond() == 0 && stream.offsets.missingUpTo(cut.offset()) <= 0));
  }

  private void request(long now) {
    Request request = live.newRequest(stream.epoch());
    phase.to(new Fetching(request));
    ledger.snapshotRequests++;
    pause.requested(now);
    orders.requestSnapshot(request, 0);
  }

  // ---- the snapshot's answer

  /** What was answered is not acted upon before all entries that are in order are produced. */
  private void whenNothingIsDue(long now, LongConsumer input) {
    phase.to(new Answered(phase.get().request(), input));
    if (!stream.isDue()) {
      input.accept(now);
    }
  }

  @Override
  public void onNone(long currentOffset, long now) {
    whenNothingIsDue(now, at -> none(currentOffset, at));
  }

  private void none(long currentOffset, long now) {
    if (overtaken()) {
      drop();
      ended(now);
      return;
    }
    if (cut.offset() == 0) {
      // its sequence is 0, or it has no files: the first entry will ask again
      drop();
      wanted = null;
      return;
    }
    switch (absent.judge(currentOffset, wanted == Reason.BEGINNING, now)) {
      case NOT_SURE -> {
        drop();
        pause.again(now + AbsentSnapshot.AGAIN_MS);
        if (live.isOpen()) {
          orders.ack(live.epoch(), 0); // if the peer is gone, this makes it known
        }
      }
      case NOTHING_BEFORE -> {
        drop();
        settlement.nothingBeforeFirstHeld(now);
        ended(now);
      }
      case COMPLETE -> {
        if (!stream.verified()) {
          ledger.unverifiedRepairs++;
        }
        produceWithoutRows(Account.COUNTED, now);
      }
      case OWED_LACKING -> {
        shortfall.noteOwed(0);
        produceWithoutRows(Account.ANEW, now);
      }
      case SHORT -> {
        shortfall.passOver(NO_FILES, Math.max(absent.missing(), 0), 0);
        produceWithoutRows(absent.mayContinue() ? Account.SHORT : Account.ANEW, now);
      }
    }
  }

  @Override
  public void onReplays(long now) {
    drop();
    wanted = null;
    live.foundToReplay();
    stream.holesAreNormal(now);
  }

  @Override
  public void onFailed(String why, String whatToDo, boolean better, long now) {
    if (reading()) {
      failed(why, whatToDo, true, better, now);
    } else {
      whenNothingIsDue(now, at -> failed(why, whatToDo, whatToDo != null, better, at));
    }
  }

  private void failed(String why, String whatToDo, boolean unreadable, boolean better, long now) {
    int number = phase.get().request().number();
    ledger.snapshotFailures++;
    attempts.failed(unreadable, better);
    streamChanged();
    orders.log(
        Level.WARN,
        "Snapshot " + number + " failed (" + why + "), attempt " + attempts.inARow() + " in a row");
    if (!unreadable || !attempts.areEnough()) {
      pause.failed(attempts.inARow(), now);
    } else if (onlySkippedLinesAreMissing()) {
      attempts.begin();
      produceWithoutRows(Account.SHORT, now);
    } else if (shortfall.mayContinue() && cut.offset() > 0) {
      attempts.begin();
      orders.log(Level.ERROR, "Going on without the snapshot: " + why);
      boolean anew =
          !stream.verified()
              && (stream.offsets.missingUpTo(cut.offset()) < 0
                  || stream.held.firstOffset() <= stream.walOffset());
      produceWithoutRows(anew ? Account.ANEW : Account.SHORT, now);
    } else {
      shortfall.failUnreadable(attempts.unreadable(), why, whatToDo);
    }
  }

  /** Whether all that is missing may be lines that could not be read, and that may be skipped. */
  private boolean onlySkippedLinesAreMissing() {
    return stream.verified()
        && cut.offset() > stream.walOffset()
        && stream.offsets.missingUpTo(cut.offset()) <= stream.offsets.corruptUpTo(cut.offset());
  }

  @Override
  public void onComplete(List<String> files, long endOffset, long now) {
    whenNothingIsDue(now, at -> complete(files, at));
  }

  private void complete(List<String> names, long now) {
    if (overtaken()) {
      drop();
      ended(now);
      return;
    }
    if (cut.offset() == 0 && (!stream.held.currentIsEmpty() || !stream.intake.bufferEmpty())) {
      drop();
      pause.again(now);
      return;
    }
    absent.forget();
    tenants.begin(names);
    count.begin();
    count(names.size());
  }

  // ---- its rows

  private void count(int files) {
    Request request = phase.get().request();
    phase.to(new Counting(request, files));
    orders.openRows(request, count.from(), true);
  }

  @Override
  public void onRow(SnapshotRow row, long now) {
    if (phase.get() instanceof Counting) {
      tenants.learn(row);
      count.row(row);
    } else if (phase.get() instanceof Producing) {
      production.row(row);
    }
  }

  @Override
  public void onRowsEnd(long now) {
    if (phase.get() instanceof Counting counting) {
      counted(counting.files(), now);
    } else if (phase.get() instanceof Producing) {
      production.rowsEnd();
      endIfAllIsProduced(now);
    }
  }

  private void counted(int files, long now) {
    AfterCount.Outcome outcome =
        afterCount.decide(
            streamGivenUp && streamBehind >= STREAM_BEHIND_MAX, !stream.held.isFull());
    if (outcome instanceof AfterCount.Outcome.Produce some) {
      produce(some.account(), files, some.rowsMax());
    } else if (outcome instanceof AfterCount.Outcome.ProduceAll all) {
      orders.log(
          Level.WARN, all.why() + ": snapshot.mode=when_needed takes the whole snapshot again");
      noteInexact();
      stream.restartFromNothing();
      produceRows(Account.ANEW, files, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (outcome instanceof AfterCount.Outcome.Deeper) {
      count(files);
    } else if (outcome instanceof AfterCount.Outcome.Fail fail) {
      long missing = count.missing();
      long found = count.found();
      drop();
      shortfall.fail(fail.cause(), missing, found);
    } else {
      drop();
      if (outcome instanceof AfterCount.Outcome.StreamBehind
          && ++streamBehind >= STREAM_BEHIND_MAX
          && !streamGivenUp) {
        streamBehind = 0;
        streamGivenUp = true;
        live.giveUp("it does not bring what the leader's snapshot has", now);
      }
    }
  }

  // ---- producing

  private void produce(Account account, int files, long rowsMax) {
    noteInexact();
    produceRows(account, files, count.produceFrom(), rowsMax);
  }

  private void noteInexact() {
    if (count.isInexact()) {
      ledger.inexactRepairs++;
      orders.log(
          Level.WARN,
          "The position does not tell of all events since "
              + Losses.Micros.text(count.produceFrom())
              + " whether they have been produced (the leader's clock went back, or more events"
              + " came within the allowed lateness than a position lists). This repair passes over"
              + " none of them; some may come twice. Counted in inexactRepairs.");
    }
  }

  private void produceRows(Account account, int files, long fromMicros, long rowsMax) {
    Request request = phase.get().request();
    phase.to(new Producing(request, files, account, count.found()));
    boolean counted = account != Account.ANEW && stream.walOffset() > 0;
    production.begin(fromMicros, rowsMax, counted);
    orders.openRows(request, fromMicros, false);
  }

  private void produceWithoutRows(Account account, long now) {
    phase.to(new Producing(phase.get().request(), 0, account, stream.arrears.leftToProduce()));
    production.withoutRows();
    endIfAllIsProduced(now);
  }

  /** Produces the next event that is due, and ends with the last. */
  public void produceNext(long now) {
    production.produceNext();
    endIfAllIsProduced(now);
  }

  private void endIfAllIsProduced(long now) {
    if (phase.get() instanceof Producing producing && production.isFinished()) {
      settlement.finished(producing, production, wanted == Reason.BEGINNING, now);
      if (cut.offset() == 0) {
        quietlyEndedIn = stream.epoch();
      }
      drop();
      ended(now);
    }
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  public long raceMicros() {
    return stream.lateness.raceMicros();
  }

  // ---- what is under way

  /** How many events this repair has produced that the contiguous offset does not cover yet. */
  public long producedBeyond() {
    return phase.get() instanceof Producing
        ? production.rows() - production.beforeAnEarlierCut() + production.heldProduced()
        : 0;
  }

  /** Events that are known to exist and have not been produced. */
  public SourcePosition.Missing missing() {
    if (!(phase.get() instanceof Producing)) {
      return stream.arrears.missing(0, 0);
    }
    long rows = production.rows() - production.beforeAnEarlierCut();
    return stream.arrears.missing(
        production.heldProduced(),
        stream.verified() ? rows : Math.min(rows, production.owedFound()));
  }

  /** What is missing, after a repair that passed over something; otherwise empty. */
  public String lacking() {
    return shortfall.lacking();
  }

  @Override
  public String toString() {
    return "repair " + phase + (wanted == null ? "" : " for " + wanted) + ", cut " + cut.offset();
  }
}
