package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The one operation by which the source gets what the live stream did not bring: at the beginning,
 * after a reconnect, behind a gap. A snapshot is fetched over a second connection while the live
 * one goes on, and read in time order; what was produced already is skipped, the rest is produced
 * together with the entries that were held.
 *
 * <p>Steps: choose a <em>cut</em> ({@link RepairCut}), wait a moment so that all up to the cut is
 * in the snapshot, fetch, count (a gap of n offsets is n events), produce. Not thread-safe.
 */
public class Repair {
  /** Why a repair is wanted. */
  public enum Reason {
    BEGINNING,
    RECONNECT,
    GAP
  }

  /** What goes on; {@link #follows} says what may come next. */
  enum Step {
    /** Nothing, or it waits for its time and for a leader. */
    IDLE,
    /** The offset is chosen up to which it reaches. */
    CUTTING,
    /** All up to the cut gets into the next snapshot. */
    RIPENING,
    /** The snapshot comes. */
    FETCHING,
    /** Its rows are counted; nothing is produced. */
    COUNTING,
    /** Rows and held entries are produced. */
    PRODUCING;

    /** Whether it may come right after another; every one may end in {@link #IDLE}. */
    boolean follows(Step before) {
      return switch (this) {
        case IDLE -> true;
        case CUTTING -> before == IDLE;
        case RIPENING -> before == CUTTING;
        case FETCHING -> before == RIPENING;
        case COUNTING -> before == FETCHING || before == COUNTING;
        // without rows, if there is no snapshot or none that can be read
        case PRODUCING -> before != CUTTING && before != RIPENING && before != PRODUCING;
      };
    }
  }

  /** How what is produced stands to the offsets. */
  private enum Account {
    COUNTED,
    CREDITED,
    SHORT,
    ANEW
  }

  /** An entry seen live so long ago is in a snapshot requested now. */
  static final long RIPE_MS = 200;

  private static final String NO_FILES =
      "the leader has no snapshot (a promoted follower has none)";

  private static final int FAILURES_MAX = 5;
  private static final int STREAM_BEHIND_MAX = 3;

  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final Sequencer stream;
  private final LiveLink live;
  private final Ledger ledger;
  private final RepairPause pause;
  private final RepairCut cut;
  private final FileTenants tenants;
  private final AbsentSnapshot absent;
  private final RepairCount count;
  private final RepairProduction production;

  private Step step = Step.IDLE;
  private Reason reason;
  private boolean wanted;
  private long ripeAt;

  /** The snapshot that is fetched or read; null for none. */
  private Request request;

  private int files;
  private LongConsumer answer;
  private boolean lastBufferEmpty;
  private long found;
  private int failures;
  private int damages;
  private int streamBehind;

  /** Another connection has been tried since; if it brings no more, there is no more to bring. */
  private boolean streamGivenUp;

  private Account account = Account.COUNTED;
  private String lacking = "";
  private Epoch quietlyEndedIn;

  public Repair(FollowerSettings settings, FollowerOrders orders, Sequencer stream, LiveLink live) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    ledger = stream.ledger;
    pause = new RepairPause(settings);
    cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    tenants = new FileTenants(stream.held, stream.produced);
    absent = new AbsentSnapshot(stream, live, cut);
    count = new RepairCount(stream, live, cut, settings.clockSlackMs() * 1000);
    production = new RepairProduction(stream, cut, tenants, this::raceMicros);
  }

  /** A repair is needed; several needs become one repair. */
  public void want(Reason why, long now) {
    if (!wanted) {
      wanted = true;
      reason = why;
      pause.needed(why, now);
    } else if (why != Reason.GAP) {
      reason = why;
    }
    if (why != Reason.GAP && failures == 0 && !absent.isTold()) {
      pause.urgent();
    }
  }

  public boolean wanted() {
    return wanted;
  }

  /** Whether a repair without any entry at hand has ended on the current connection. */
  public boolean quietlyEnded() {
    return stream.epoch().equals(quietlyEndedIn);
  }

  /** Whether nothing has been requested for what is wanted. */
  public boolean notYetRequested() {
    return step == Step.IDLE || step == Step.CUTTING || step == Step.RIPENING;
  }

  /** While rows are read, no entries may come in between. */
  public boolean reading() {
    return step == Step.COUNTING || step == Step.PRODUCING;
  }

  /** Whether the next row may come: what the one before released is produced. */
  public boolean wantsRows() {
    return step == Step.COUNTING || (step == Step.PRODUCING && production.dueBytes() < 0);
  }

  /** Bytes of the event that {@link #produceNext} produces; -1 when none is due. */
  public long dueBytes() {
    return step == Step.PRODUCING ? production.dueBytes() : -1;
  }

  /** Produces the next event that is due, and ends with the last. */
  public void produceNext(long now) {
    production.produceNext();
    endIfAllIsProduced(now);
  }

  private void endIfAllIsProduced(long now) {
    if (production.isFinished()) {
      end(now);
    }
  }

  private void to(Step next) {
    if (!next.follows(step)) {
      throw new IllegalStateException("a repair can't go from " + step + " to " + next);
    }
    step = next;
  }

  public boolean idle() {
    return step == Step.IDLE && !wanted;
  }

  /** The stream goes on over another connection; what was planned for the old one is void. */
  public void streamChanged() {
    if (step == Step.PRODUCING) {
      abandonProduction();
    }
    if (step == Step.FETCHING || reading()) {
      drop();
    } else {
      to(Step.IDLE);
    }
  }

  /** What has been produced stays on the books; the rest may come with another repair. */
  private void abandonProduction() {
    production.end();
    stream.settleHeld();
    stream.rowsBeyond(production.beyond());
    stream.paid(production.owedFound());
  }

  /** Not needed any more. */
  public void cancel() {
    streamChanged();
    wanted = false;
  }

  public long wakeAt(long now) {
    return switch (step) {
      case IDLE -> wanted ? Math.max(pause.notBefore(), now + 10) : Long.MAX_VALUE;
      case CUTTING -> cut.wakeAt(now);
      case RIPENING -> ripeAt;
      default -> Long.MAX_VALUE;
    };
  }

  public void tick(long now, boolean bufferEmpty, long lastEntryAt, boolean heldFull) {
    lastBufferEmpty = bufferEmpty;
    if (answer != null && !stream.isDue()) {
      LongConsumer input = answer;
      answer = null;
      input.accept(now);
    }
    if (step == Step.IDLE
        && wanted
        && now >= pause.notBefore()
        && live.isLive()
        && live.isLeaderOf(stream.epoch())) {
      to(Step.CUTTING);
      cut.begin(now);
    }
    if (step == Step.IDLE && wanted && heldFull && stream.verified() && isOfLostLeader()) {
      goOnWithoutItsLeader(now);
    }
    if (step == Step.CUTTING) {
      switch (cut.choose(now, bufferEmpty, lastEntryAt, heldFull)) {
        case CHOSEN -> {
          to(Step.RIPENING);
          ripeAt = now + RIPE_MS;
        }
        case NOT_NEEDED -> cancel();
        default -> {}
      }
    }
    if (step == Step.RIPENING && now >= ripeAt) {
      if (overtaken()) {
        cancel();
      } else if (!live.isLeaderOf(stream.epoch())) {
        // another leader's events of that time would be taken for those that are missing
        to(Step.IDLE);
      } else {
        request(now);
      }
    }
  }

  /** Whether another leader is followed than the one whose numbering is at hand. */
  private boolean isOfLostLeader() {
    return live.isLive() && !live.isLeaderOf(stream.epoch());
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
    lacking = what("the leader that numbers so is not followed any more", absent.missing(), 0);
    orders.log(Level.WARN, lacking);
    produceWithoutRows(Account.SHORT, now);
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  public long raceMicros() {
    return stream.lateness.raceMicros();
  }

  /**
   * What was missing up to the cut has come by itself. If rows of a repair that was not finished
   * make up for all of it, nobody but a repair can say so and go on.
   */
  private boolean overtaken() {
    return stream.verified()
        && (stream.walOffset() >= cut.offset()
            || (stream.beyond() == 0 && stream.missingUpTo(cut.offset()) <= 0));
  }

  private void request(long now) {
    to(Step.FETCHING);
    ledger.snapshotRequests++;
    pause.requested(now);
    request = live.newRequest(stream.epoch());
    orders.requestSnapshot(request, 0);
  }

  // ---- the snapshot

  public void onNone(long currentOffset, long now) {
    whenNothingIsDue(now, at -> none(currentOffset, at));
  }

  /** What was answered is not acted upon before all entries that are in order are produced. */
  private void whenNothingIsDue(long now, LongConsumer input) {
    if (stream.isDue()) {
      answer = input;
    } else {
      input.accept(now);
    }
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
      wanted = false;
      return;
    }
    switch (absent.judge(currentOffset, reason == Reason.BEGINNING, now)) {
      case NOT_SURE -> {
        drop();
        pause.again(now + AbsentSnapshot.AGAIN_MS);
        if (live.isOpen()) {
          orders.ack(live.epoch(), 0); // if the peer is gone, this makes it known
        }
      }
      case NOTHING_BEFORE -> {
        drop();
        beginAtFirstHeld(now);
      }
      case COMPLETE -> {
        if (!stream.verified()) {
          ledger.unverifiedRepairs++;
        }
        produceWithoutRows(Account.COUNTED, now);
      }
      case OWED_LACKING -> {
        noteOwed(0);
        produceWithoutRows(Account.ANEW, now);
      }
      case SHORT -> {
        if (goesOnWithout(NO_FILES, Math.max(absent.missing(), 0), 0)) {
          produceWithoutRows(absent.mayContinue() ? Account.SHORT : Account.ANEW, now);
        }
      }
    }
  }

  private void beginAtFirstHeld(long now) {
    long first = stream.held.firstOffset();
    orders.log(
        Level.WARN,
        "The leader has no snapshot and no events before offset "
            + first
            + " (a promoted follower has none): the first snapshot is empty");
    ledger.unverifiedRepairs++;
    stream.establish(first - 1, true, now);
    ended(now);
  }

  private void produceWithoutRows(Account of, long now) {
    account = of;
    files = 0;
    found = stream.leftToProduce();
    to(Step.PRODUCING);
    production.withoutRows();
    endIfAllIsProduced(now);
  }

  public void onReplays(long now) {
    drop();
    wanted = false;
    live.foundToReplay();
    stream.holesAreNormal(now);
  }

  /**
   * The snapshot could not be fetched or read.
   *
   * @param whatToDo if it is damaged: what can be done when it is so again and again; else null
   * @param better the next one will do without what was damaged, so attempts are counted anew
   */
  public void onFailed(String why, String whatToDo, boolean better, long now) {
    whenNothingIsDue(now, at -> failed(why, whatToDo, better, at));
  }

  private void failed(String why, String whatToDo, boolean better, long now) {
    int of = request.number();
    ledger.snapshotFailures++;
    failures = better ? 1 : failures + 1;
    boolean unreadable = whatToDo != null || reading();
    streamChanged();
    orders.log(
        Level.WARN, "Snapshot " + of + " failed (" + why + "), attempt " + failures + " in a row");
    if (unreadable) {
      damages = better ? 1 : damages + 1;
    }
    if (unreadable && damages >= FAILURES_MAX) {
      if (onlySkippedLinesAreMissing()) {
        failures = 0;
        damages = 0;
        produceWithoutRows(Account.SHORT, now);
        return;
      }
      if (settings.gapPolicy() == GapPolicy.CONTINUE && cut.offset() > 0) {
        failures = 0;
        damages = 0;
        long missing = stream.missingUpTo(cut.offset());
        orders.log(Level.ERROR, "Going on without the snapshot: " + why);
        boolean anew =
            !stream.verified() && (missing < 0 || stream.held.firstOffset() <= stream.walOffset());
        produceWithoutRows(anew ? Account.ANEW : Account.SHORT, now);
        return;
      }
      fail(
          "The leader's snapshot could not be read "
              + damages
              + " times in a row; the last time: "
              + why
              + ". The position is kept. "
              + (whatToDo == null ? "Repair or remove the file at the leader." : whatToDo)
              + (cut.offset() > 0
                  ? " gap.policy=continue goes on without the snapshot, and what only it holds is"
                      + " lost."
                  : ""));
      return;
    }
    pause.failed(failures, now);
  }

  public void onComplete(List<String> names, long now, boolean bufferEmpty) {
    lastBufferEmpty = bufferEmpty;
    whenNothingIsDue(now, at -> complete(names, at));
  }

  private void complete(List<String> names, long now) {
    boolean disturbed = cut.offset() == 0 && (!stream.held.currentIsEmpty() || !lastBufferEmpty);
    boolean closedByItself = overtaken();
    if (disturbed || closedByItself) {
      drop();
      if (closedByItself) {
        ended(now);
      } else {
        pause.again(now);
      }
      return;
    }
    files = names.size();
    absent.forget();
    account = Account.COUNTED;
    if (count.begin(tenants.begin(names))) {
      count();
    } else {
      produce(Long.MAX_VALUE);
    }
  }

  /** Whether all that is missing may be lines that could not be read, and that may be skipped. */
  private boolean onlySkippedLinesAreMissing() {
    return stream.verified()
        && cut.offset() > stream.walOffset()
        && stream.missingUpTo(cut.offset()) <= stream.corruptUpTo(cut.offset());
  }

  /** The snapshot is of no use. */
  private void drop() {
    if (request != null) {
      orders.discardSnapshot(request);
      request = null;
    }
    answer = null;
    to(Step.IDLE);
  }

  private void count() {
    to(Step.COUNTING);
    orders.openRows(request, count.from(), true);
  }

  private void produce(long rowsMax) {
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
    produce(count.produceFrom(), rowsMax);
  }

  private void produce(long fromMicros, long rowsMax) {
    to(Step.PRODUCING);
    production.begin(fromMicros, rowsMax);
    orders.openRows(request, fromMicros, false);
  }

  /** How many events this repair has produced that the contiguous offset does not cover yet. */
  public long producedBeyond() {
    return step == Step.PRODUCING ? production.rows() + production.heldProduced() : 0;
  }

  /** Events that are known to exist and have not been produced. */
  public SourcePosition.Missing missing() {
    if (step != Step.PRODUCING) {
      return stream.missing(0, 0);
    }
    long rows = production.rows();
    return stream.missing(
        production.heldProduced(),
        stream.verified() ? rows : Math.min(rows, production.owedFound()));
  }

  // ---- rows

  public void onRow(SnapshotRow row) {
    if (step == Step.COUNTING) {
      tenants.learn(row);
      count.row(row);
    } else if (step == Step.PRODUCING) {
      production.row(row);
    }
  }

  public void onRowsEnd(long now) {
    if (step == Step.COUNTING) {
      onCounted(now);
    } else if (step == Step.PRODUCING) {
      found = count.found();
      production.rowsEnd();
      endIfAllIsProduced(now);
    }
  }

  private void onCounted(long now) {
    RepairCount.Verdict verdict = count.judge(streamGivenUp && streamBehind >= STREAM_BEHIND_MAX);
    switch (verdict) {
      case COUNTED, CREDITED -> {
        account = verdict == RepairCount.Verdict.COUNTED ? Account.COUNTED : Account.CREDITED;
        if (stream.verified()) {
          produce(count.isInexact() ? Long.MAX_VALUE : count.missing() - stream.leftToProduce());
        } else if (count.missing() > 0 && settings.gapPolicy() == GapPolicy.FAIL) {
          failFor("gap.policy=fail", count.missing(), count.found());
        } else {
          produce(Long.MAX_VALUE);
        }
      }
      case ANEW, UNCOUNTED -> {
        account = verdict == RepairCount.Verdict.ANEW ? Account.ANEW : Account.COUNTED;
        noteForeign();
        if (!count.lacksOwed()) {
          produce(Long.MAX_VALUE);
        } else {
          onOwedLacking();
        }
      }
      case DEEPER -> count();
      case SHORT -> onShort();
      case AGAIN -> drop();
      case STREAM_BEHIND -> {
        drop();
        if (++streamBehind >= STREAM_BEHIND_MAX && !streamGivenUp) {
          streamBehind = 0;
          streamGivenUp = true;
          live.giveUp("it does not bring what the leader's snapshot has", now);
        }
      }
    }
  }

  private void noteForeign() {
    if (count.foreign() > ledger.foreignRows) {
      ledger.foreignRows = count.foreign();
      orders.log(
          Level.ERROR,
          "The leader has at least "
              + count.foreign()
              + " events that are older than what has been produced, and that the one before did"
              + " not have: a history of its own. They are not produced. A store that is not the"
              + " same one moved or promoted needs a connector, or a leader.name, of its own.");
    }
  }

  /** There are fewer events than offsets. */
  private void onShort() {
    long missing = count.missing();
    if (settings.snapshotMode() == SnapshotMode.WHEN_NEEDED) {
      produceAll(
          "The position can't be continued ("
              + missing
              + " events missing, "
              + count.found()
              + " found)");
    } else if (goesOnWithout("the leader's snapshot lacks them", missing, count.found())) {
      account = Account.SHORT;
      produce(Long.MAX_VALUE);
    }
  }

  /** What is known to be missing of an earlier numbering is nowhere. */
  private void onOwedLacking() {
    noteOwed(count.owedFound());
    if (settings.snapshotMode() == SnapshotMode.WHEN_NEEDED) {
      stream.giveUpOwed(count.owedFound());
      produceAll(lacking);
    } else {
      produce(Long.MAX_VALUE);
    }
  }

  private void produceAll(String why) {
    orders.log(Level.WARN, why + ": snapshot.mode=when_needed takes the whole snapshot again");
    stream.restartFromNothing();
    account = Account.ANEW;
    produce(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** The leader that is followed now has only so many of the events known to be missing. */
  private void noteOwed(long has) {
    lacking =
        "The leader numbers anew (restart, crash or failover), and it has "
            + has
            + " of the "
            + stream.owed()
            + " events behind offset "
            + stream.owedEvents().after()
            + " of the old numbering that are known to be missing";
  }

  /** What is missing, after a repair that passed over something. */
  public String lacking() {
    return lacking;
  }

  /**
   * Whether to produce the rest without what is missing. If it does not matter to wait, the task
   * fails at once, and everything stays as it is; but what came over connections that are gone, or
   * from a leader that keeps no files, may be nowhere else.
   */
  private boolean goesOnWithout(String cause, long missing, long foundEvents) {
    boolean elsewhere =
        stream.verified()
            ? live.epoch().equals(stream.epoch())
            : stream.held.leftBehind().isEmpty();
    if (settings.gapPolicy() != GapPolicy.CONTINUE && elsewhere && !NO_FILES.equals(cause)) {
      failFor(cause, missing, foundEvents);
      return false;
    }
    lacking = what(cause, missing, foundEvents);
    return true;
  }

  private String what(String cause, long missing, long foundEvents) {
    return "Offsets "
        + (stream.walOffset() + 1)
        + " to "
        + cut.offset()
        + ": "
        + missing
        + " events did not come, "
        + foundEvents
        + " were found in the snapshot; "
        + cause;
  }

  private void failFor(String cause, long missing, long foundEvents) {
    drop();
    fail(
        what(cause, missing, foundEvents)
            + ". The position is kept. To go on without them set gap.policy=continue (they are"
            + " counted as unaccounted); to begin anew with the leader's whole snapshot set"
            + " snapshot.mode=when_needed (events may come twice).");
  }

  /** Everything is produced: {@link #found} is how many events there were for what is missing. */
  private void end(long now) {
    production.end();
    boolean first = reason == Reason.BEGINNING;
    if (cut.offset() == 0) {
      stream.rowsBeyond(production.beyond());
      stream.paid(production.owedFound());
      stream.passOver();
      quietlyEndedIn = stream.epoch();
      stream.held.removeUpTo(0);
    } else if (account == Account.ANEW || stream.walOffset() == 0) {
      establishAnew(first, now);
    } else {
      if (account == Account.COUNTED) {
        ledger.repairs++;
      } else if (account == Account.CREDITED) {
        ledger.unverifiedRepairs++;
      }
      stream.closeGap(cut.offset(), found);
      stream.establish(cut.offset(), false, now);
    }
    drop();
    if (production.rows() > 0 || !first) {
      orders.log(
          Level.INFO,
          (first ? "First snapshot: " : "Repair: ")
              + production.rows()
              + " events from "
              + files
              + " files, up to offset "
              + stream.walOffset());
    }
    ended(now);
  }

  private void establishAnew(boolean first, long now) {
    if (!first || production.hadLeftBehind()) {
      ledger.unverifiedRepairs++;
    }
    stream.paid(production.owedFound());
    stream.passOver();
    if (account == Account.ANEW && stream.walOffset() > 0) {
      orders.log(
          Level.WARN,
          "The leader numbers anew (restart, crash or failover): of the old numbering all up to"
              + " offset "
              + stream.walOffset()
              + " is there, the new one is at "
              + cut.offset()
              + ". Whether more was written under the old one can't be counted; "
              + production.rows()
              + " events that were not there were found in its snapshot. Counted in"
              + " unverifiedRepairs.");
    }
    stream.establish(cut.offset(), true, now);
    stream.uncertainRows(production.seamRows());
  }

  private void ended(long now) {
    wanted = false;
    failures = 0;
    damages = 0;
    streamBehind = 0;
    streamGivenUp = false;
    pause.ended(now);
  }

  private void fail(String message) {
    orders.fail(message);
  }

  @Override
  public String toString() {
    return "repair " + step + (wanted ? " wanted for " + reason : "") + ", cut " + cut.offset();
  }
}
