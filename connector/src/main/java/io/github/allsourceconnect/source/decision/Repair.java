package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.FollowerSettings.SnapshotMode;
import java.util.ArrayList;
import java.util.List;

/**
 * The one operation by which the source gets what the live stream did not bring: at the beginning,
 * after a reconnect, behind a gap. A snapshot is fetched over a second connection while the live
 * one goes on, and read in time order; what was produced already is skipped, the rest is produced
 * together with the entries that were held.
 *
 * <p>Steps: choose a <em>cut</em> ({@link RepairCut}), wait a moment so that all up to the cut is
 * in the snapshot, fetch, count (a gap of n offsets is n events), produce. Not thread-safe.
 */
class Repair {
  /** Why a repair is wanted. */
  enum Reason {
    BEGINNING,
    RECONNECT,
    GAP
  }

  private enum Step {
    IDLE,
    CUTTING,
    RIPENING,
    FETCHING,
    COUNTING,
    PRODUCING
  }

  /** An entry seen live so long ago is in a snapshot requested now. */
  static final long RIPE_MS = 200;

  private static final String NO_FILES =
      "the leader has no snapshot (a promoted follower has none)";

  private static final int FAILURES_MAX = 5;
  private static final int OWED_MAX = 3;
  private static final long NONE_AGAIN_MS = 1_000;
  private static final long NONE_CERTAIN_MS = 35_000;

  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final Sequencer stream;
  private final LiveLink live;
  private final Ledger ledger;
  private final RepairCut cut;
  private final FileTenants tenants;

  private Step step = Step.IDLE;
  private Reason reason;
  private boolean wanted;
  private long notBefore;
  private long requestedAt = Long.MIN_VALUE / 2;
  private long interval;
  private long lastEndedAt = Long.MIN_VALUE / 2;
  private long ripeAt;
  private int snapshot;
  private int failures;

  private long cutNewest;
  private long newerRows;
  private long newestSeen;
  private long newestBefore = Long.MIN_VALUE;
  private int owed;

  private int files;
  private boolean deeper;
  private boolean counts;
  private long from;
  private long found;
  private long quota;
  private long owedFound;
  private long rows;
  private long heldProduced;
  private int leftBehind;
  private long leftProduced;
  private boolean startsAnew;
  private boolean short_;
  private boolean creditUsed;
  private final List<Event> seamRows = new ArrayList<>();
  private long noneSince = -1;
  private int noneGeneration;
  private EntityOrder order;
  private boolean failed;
  private String lacking = "";
  private int quietlyEndedIn = -1;

  Repair(FollowerSettings settings, FollowerOrders orders, Sequencer stream, LiveLink live) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.ledger = stream.ledger;
    this.cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    this.tenants = new FileTenants(stream.held, stream.produced);
    this.interval = settings.repairMinIntervalMs();
  }

  /** A repair is needed; several needs become one repair. */
  void want(Reason why, long now) {
    if (!wanted) {
      wanted = true;
      reason = why;
      if (now - lastEndedAt > 8 * interval) {
        interval = settings.repairMinIntervalMs();
      } else if (why == Reason.GAP && now - lastEndedAt < 2 * interval) {
        interval = Math.min(interval * 2, settings.repairMaxIntervalMs());
      }
    } else if (why != Reason.GAP) {
      reason = why;
    }
    if (why != Reason.GAP && failures == 0 && noneSince < 0) {
      // the whole stream waits for this one; the pause that gaps have earned is not for it
      notBefore = Math.min(notBefore, requestedAt + settings.repairMinIntervalMs());
    }
  }

  boolean wanted() {
    return wanted;
  }

  /** Whether a repair without any entry at hand has ended on the current connection. */
  boolean quietlyEnded() {
    return quietlyEndedIn == stream.generation();
  }

  /** Whether nothing has been requested for what is wanted. */
  boolean notYetRequested() {
    return step == Step.IDLE || step == Step.CUTTING || step == Step.RIPENING;
  }

  /** While rows are read, no entries may come in between. */
  boolean reading() {
    return step == Step.COUNTING || step == Step.PRODUCING;
  }

  boolean idle() {
    return step == Step.IDLE && !wanted;
  }

  /** The stream goes on over another connection; what was planned for the old one is void. */
  void streamChanged() {
    if (step == Step.FETCHING) {
      orders.discardSnapshot(snapshot);
    }
    step = Step.IDLE;
  }

  /** Not needed any more. */
  void cancel() {
    streamChanged();
    wanted = false;
  }

  long wakeAt(long now) {
    return switch (step) {
      case IDLE -> wanted ? Math.max(notBefore, now + 10) : Long.MAX_VALUE;
      case CUTTING -> cut.wakeAt(now);
      case RIPENING -> ripeAt;
      default -> Long.MAX_VALUE;
    };
  }

  void tick(long now, boolean bufferEmpty, long lastEntryAt, boolean heldFull) {
    if (step == Step.IDLE && wanted && now >= notBefore && live.isLive()) {
      step = Step.CUTTING;
      cut.begin(now);
    }
    if (step == Step.CUTTING) {
      switch (cut.choose(now, bufferEmpty, lastEntryAt, heldFull)) {
        case CHOSEN -> {
          step = Step.RIPENING;
          ripeAt = now + RIPE_MS;
        }
        case NOT_NEEDED -> cancel();
        default -> {}
      }
    }
    if (step == Step.RIPENING && now >= ripeAt) {
      if (overtaken()) {
        cancel();
      } else {
        request(now);
      }
    }
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  long raceMicros() {
    return stream.lateness.raceMicros();
  }

  /** What was missing up to the cut has come by itself. */
  private boolean overtaken() {
    return stream.verified()
        && (stream.walOffset() >= cut.offset() || stream.missingUpTo(cut.offset()) <= 0);
  }

  private void request(long now) {
    step = Step.FETCHING;
    ledger.snapshotRequests++;
    requestedAt = now;
    notBefore = now + interval;
    orders.requestSnapshot(nextNumber(), live.address(), 0);
  }

  /** The number of the next snapshot, whoever asks for it. */
  int nextNumber() {
    return ++snapshot;
  }

  // ---- the snapshot

  void onNone(int of, long currentOffset, long now) {
    if (of != snapshot || step != Step.FETCHING) {
      return;
    }
    step = Step.IDLE;
    if (overtaken()) {
      ended(now);
      return;
    }
    if (cut.offset() == 0) {
      // its sequence is 0, or it has no files: the first entry will ask again
      wanted = false;
      return;
    }
    boolean mayContinue =
        stream.held.currentIsEmpty() || stream.walOffset() < stream.held.firstOffset();
    long missing = stream.missingUpTo(cut.offset()) - leftToProduce();
    boolean owes =
        stream.owed() > 0
            && (stream.walOffset() == 0 || !mayContinue || missing < 0 || live.numbersDoubtful());
    boolean fits =
        mayContinue && missing <= stream.corruptUpTo(cut.offset()) && missing >= 0 && !owes;
    boolean nothingBefore =
        stream.walOffset() == 0
            && reason == Reason.BEGINNING
            && stream.held.leftBehind().isEmpty()
            && !stream.held.currentIsEmpty();
    if (!hasNoFiles(currentOffset, fits || nothingBefore, now)) {
      notBefore = now + NONE_AGAIN_MS;
      orders.ack(live.generation(), 0); // if the peer is gone, this makes it known
      return;
    }
    noneSince = -1;
    if (nothingBefore && !fits) {
      long first = stream.held.firstOffset();
      orders.log(
          Level.WARN,
          "The leader has no snapshot and no events before offset "
              + first
              + " (a promoted follower has none): the first snapshot is empty");
      ledger.unverifiedRepairs++;
      stream.establish(first - 1, true, now);
      ended(now);
      return;
    }
    if (owes) {
      noteOwed(0);
      produceWithoutRows(true, now);
    } else if (fits) {
      if (!stream.verified()) {
        ledger.unverifiedRepairs++;
      }
      produceWithoutRows(false, now);
    } else if (goesOnWithout(NO_FILES, Math.max(missing, 0), 0)) {
      produceWithoutRows(!mayContinue, now);
    }
  }

  /**
   * Whether the leader really has no files. One that was just restarted says the same as long as
   * nothing was written; but then it has shipped nothing either, and the live connection is dead.
   */
  private boolean hasNoFiles(long currentOffset, boolean fits, long now) {
    if (live.generation() != stream.generation() || !live.isLive()) {
      noneSince = -1;
      return false;
    }
    if (currentOffset > 0) {
      return true;
    }
    if (noneSince < 0 || noneGeneration != live.generation()) {
      noneSince = now;
      noneGeneration = live.generation();
    }
    return now - noneSince >= (fits ? NONE_AGAIN_MS : NONE_CERTAIN_MS);
  }

  private void produceWithoutRows(boolean anew, long now) {
    startsAnew = anew;
    owedFound = 0;
    quota = 0;
    found = leftToProduce();
    short_ = false;
    creditUsed = false;
    cutNewest = Long.MAX_VALUE;
    files = 0;
    beginOrder();
    order.byArrival();
    end(now);
  }

  void onReplays(int of, long now) {
    if (of == snapshot && step == Step.FETCHING) {
      step = Step.IDLE;
      wanted = false;
      live.foundToReplay();
      stream.holesAreNormal(now);
    }
  }

  /**
   * @param whatToDo if it is damaged: what can be done when it is so again and again; else null
   */
  void onFailed(int of, String why, String whatToDo, long now) {
    if (of != snapshot || step == Step.IDLE) {
      return;
    }
    ledger.snapshotFailures++;
    failures++;
    stream.waiting(Long.MAX_VALUE);
    boolean unreadable = whatToDo != null || reading();
    if (step == Step.PRODUCING) {
      stream.rowsBeyond(rows + leftProduced);
      stream.paid(owedFound);
    }
    orders.discardSnapshot(snapshot);
    step = Step.IDLE;
    orders.log(
        Level.WARN, "Snapshot " + of + " failed (" + why + "), attempt " + failures + " in a row");
    if (stream.verified()
        && cut.offset() > stream.walOffset()
        && stream.missingUpTo(cut.offset()) <= stream.corruptUpTo(cut.offset())) {
      produceWithoutRows(false, now);
      return;
    }
    if (unreadable && failures >= FAILURES_MAX) {
      if (settings.gapPolicy() == GapPolicy.CONTINUE && cut.offset() > 0) {
        failures = 0;
        long missing = stream.missingUpTo(cut.offset());
        orders.log(Level.ERROR, "Going on without the snapshot: " + why);
        produceWithoutRows(
            !stream.verified() && (missing < 0 || stream.held.firstOffset() <= stream.walOffset()),
            now);
        return;
      }
      fail(
          "The leader's snapshot could not be read "
              + failures
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
    notBefore =
        now + Math.min(settings.backoffMs() << Math.min(failures - 1, 20), settings.backoffMaxMs());
  }

  void onComplete(int of, List<String> names, long now, boolean bufferEmpty) {
    if (of != snapshot || step != Step.FETCHING) {
      return;
    }
    boolean disturbed = cut.offset() == 0 && (!stream.held.currentIsEmpty() || !bufferEmpty);
    boolean closedByItself = overtaken();
    if (disturbed || closedByItself) {
      orders.discardSnapshot(snapshot);
      step = Step.IDLE;
      if (closedByItself) {
        ended(now);
        stream.drain(now);
      } else {
        notBefore = now;
      }
      return;
    }
    files = names.size();
    boolean tell = tenants.begin(names);
    deeper = false;
    creditUsed = false;
    noneSince = -1;
    short_ = false;
    startsAnew = false;
    cutNewest = cut.newest();
    counts = stream.walOffset() > 0 && cut.offset() > 0;
    quota = Long.MAX_VALUE;
    if (counts) {
      count(stream.produced.watermark());
    } else if (cut.offset() == 0) {
      newestSeen = Long.MIN_VALUE;
      count(stream.produced.watermark());
    } else if (stream.owed() > 0) {
      count(stream.produced.watermark());
    } else if (tell || cut.isLast()) {
      // only to learn tenants, from the files that the entries held are in, and what is newer
      long oldest = Long.MAX_VALUE;
      for (HeldEntries.Held one : stream.held.current()) {
        oldest = Math.min(oldest, one.micros());
      }
      count(Math.max(oldest, stream.produced.watermark()));
    } else {
      produce(stream.produced.watermark());
    }
  }

  private void count(long fromMicros) {
    step = Step.COUNTING;
    found = leftToProduce();
    owedFound = 0;
    newerRows = 0;
    from = fromMicros;
    orders.openRows(snapshot, fromMicros, true);
  }

  private void produce(long fromMicros) {
    step = Step.PRODUCING;
    owedFound = 0;
    from = fromMicros;
    beginOrder();
    orders.openRows(snapshot, fromMicros, false);
  }

  private void beginOrder() {
    rows = 0;
    seamRows.clear();
    heldProduced = 0;
    leftProduced = 0;
    leftBehind = (int) leftToProduce();
    List<WalEntry> entries = stream.held.entriesUpTo(cut.offset());
    entries.removeIf(this::isProduced);
    order = new EntityOrder(entries, raceMicros(), stream.versionsCount(), this::produceItem);
  }

  /** Entries of earlier connections: events that the current one has not brought. */
  private long leftToProduce() {
    return stream.held.leftBehind().stream().filter(e -> !isProduced(e)).count();
  }

  private boolean isProduced(WalEntry entry) {
    return stream.produced.contains(entry.event().idHigh(), entry.event().idLow());
  }

  /** How many events this repair has produced that the contiguous offset does not cover yet. */
  long producedBeyond() {
    return step == Step.PRODUCING ? rows + heldProduced : 0;
  }

  private void produceItem(EntityOrder.Item item) {
    stream.waiting(order.oldestWaiting());
    if (item.entry() != null) {
      heldProduced++;
      if (item.arrival() < leftBehind) {
        leftProduced++;
      }
      stream.produceHeld(item.entry());
    } else {
      rows++;
      SnapshotRow row = item.row();
      String tenant = row.event().tenantId();
      stream.produceRow(row, tenant != null ? tenant : tenants.of(row.file()));
    }
  }

  // ---- rows

  void onRow(int of, SnapshotRow row) {
    if (of != snapshot || !reading()) {
      return;
    }
    if (step == Step.COUNTING) {
      tenants.learn(row);
    }
    if (step == Step.PRODUCING) {
      noteSeam(row.event());
    }
    if (!isWanted(row)) {
      if (step == Step.PRODUCING && row.event().micros() <= cut.micros()) {
        order.pass(row);
      }
      return;
    }
    if (step == Step.COUNTING && row.event().micros() > cutNewest) {
      newerRows++;
    }
    if (row.event().micros() > cut.micros()) {
      return;
    }
    newestSeen = Math.max(newestSeen, row.event().micros());
    if (stream.mayBeOwed(row.event())) {
      owedFound++;
    }
    if (step == Step.COUNTING) {
      found++;
    } else if (quota > 0) {
      quota--;
      order.add(row);
    } else {
      ledger.surplusRows++;
    }
  }

  /** Rows so near the cut that they may be beyond it, and whose offsets no entry has told. */
  private void noteSeam(Event event) {
    if (cut.offset() > 0
        && event.micros() >= cutNewest - stream.lateness.allowedMicros()
        && event.micros() <= cut.micros()
        && !stream.held.has(event)
        && (!stream.produced.contains(event.idHigh(), event.idLow())
            || stream.produced.isOnlyRow(event.idHigh(), event.idLow()))) {
      seamRows.add(event);
    }
  }

  private boolean isWanted(SnapshotRow row) {
    Event event = row.event();
    return event.micros() >= from
        && !stream.held.has(event)
        && !stream.produced.contains(event.idHigh(), event.idLow());
  }

  void onRowsEnd(int of, long now) {
    if (of != snapshot) {
      return;
    }
    if (step == Step.COUNTING) {
      if (cut.offset() == 0 && found > 0 && newestSeen != newestBefore) {
        // what was stored in the moment of the snapshot may be there without the one before it
        newestBefore = newestSeen;
        orders.discardSnapshot(snapshot);
        step = Step.IDLE;
        return;
      }
      if (cut.isLast() && (newerRows > 0 || surplus())) {
        // the leader has written more than the live stream has brought: wait for it
        orders.discardSnapshot(snapshot);
        step = Step.IDLE;
        if (++owed >= OWED_MAX) {
          owed = 0;
          live.giveUp("it does not bring what the leader's snapshot has", now);
        }
        return;
      }
      if (counts) {
        judge();
      } else if (owedIsThere()) {
        produce(deeper ? from : stream.produced.watermark());
      }
    } else if (step == Step.PRODUCING) {
      end(now);
    }
  }

  /** Whether rows were found that can only belong behind the cut. */
  private boolean surplus() {
    if (!counts) {
      return false;
    }
    long missing = stream.missingUpTo(cut.offset());
    if (stream.verified()) {
      return found > missing;
    }
    return stream.held.firstOffset() > stream.walOffset()
        && missing >= 0
        && found > missing
        && !live.numbersDoubtful();
  }

  /** Whether the count fits, and to which numbering. */
  private void judge() {
    long missing = stream.missingUpTo(cut.offset());
    if (stream.verified()) {
      if (found + stream.corruptUpTo(cut.offset()) + stream.uncertain() >= missing) {
        creditUsed = found < missing;
        quota = missing - leftToProduce();
        produce(from);
        return;
      }
    } else {
      boolean mayContinue = stream.held.firstOffset() > stream.walOffset();
      if (mayContinue && found <= missing && found + stream.uncertain() >= missing) {
        creditUsed = found < missing;
        if (missing > 0 && settings.gapPolicy() == GapPolicy.FAIL) {
          failFor("gap.policy=fail", missing, found);
          return;
        }
        produce(from);
        return;
      }
      if (!mayContinue || missing < 0 || found > missing || live.numbersDoubtful()) {
        if (owedIsThere()) {
          startsAnew = true;
          produce(from);
        }
        return;
      }
    }
    if (!deeper && stream.produced.knownWatermark() < from) {
      deeper = true;
      count(stream.produced.knownWatermark());
      return;
    }
    short_ = true;
    if (settings.snapshotMode() == SnapshotMode.WHEN_NEEDED) {
      orders.log(
          Level.WARN,
          "The position can't be continued ("
              + missing
              + " events missing, "
              + found
              + " found): snapshot.mode=when_needed takes the whole snapshot again");
      stream.restartFromNothing();
      startsAnew = true;
      short_ = false;
      produce(Long.MIN_VALUE);
      return;
    }
    if (goesOnWithout("the leader's snapshot lacks them", missing, found)) {
      produce(from);
    }
  }

  /**
   * Whether no further look is needed for what is known to be missing of the old numbering, because
   * it is there or nowhere.
   */
  private boolean owedIsThere() {
    if (owedFound >= stream.owed()) {
      return true;
    }
    if (!deeper && stream.produced.knownWatermark() < from) {
      deeper = true;
      count(stream.produced.knownWatermark());
      return false;
    }
    noteOwed(owedFound);
    if (settings.snapshotMode() == SnapshotMode.WHEN_NEEDED) {
      orders.log(
          Level.WARN, lacking + ": snapshot.mode=when_needed takes the whole snapshot again");
      ledger.unaccounted += stream.owed() - owedFound;
      stream.restartFromNothing();
      startsAnew = true;
      produce(Long.MIN_VALUE);
      return false;
    }
    return true;
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
  String lacking() {
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
            ? live.generation() == stream.generation()
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
    orders.discardSnapshot(snapshot);
    step = Step.IDLE;
    fail(
        what(cause, missing, foundEvents)
            + ". The position is kept. To go on without them set gap.policy=continue (they are"
            + " counted as unaccounted); to begin anew with the leader's whole snapshot set"
            + " snapshot.mode=when_needed (events may come twice).");
  }

  private void end(long now) {
    order.end();
    ledger.racedRows += order.raced();
    order = null;
    stream.waiting(Long.MAX_VALUE);
    boolean first = reason == Reason.BEGINNING;
    if (cut.offset() == 0) {
      stream.rowsBeyond(rows + leftProduced);
      stream.paid(owedFound);
      stream.passOver();
      quietlyEndedIn = stream.generation();
      stream.held.removeUpTo(0);
    } else if (startsAnew || stream.walOffset() == 0) {
      if (!first || leftBehind > 0) {
        ledger.unverifiedRepairs++;
      }
      stream.paid(owedFound);
      stream.passOver();
      if (startsAnew && stream.walOffset() > 0) {
        orders.log(
            Level.WARN,
            "The leader numbers anew (restart, crash or failover): of the old numbering all up to"
                + " offset "
                + stream.walOffset()
                + " is there, the new one is at "
                + cut.offset()
                + ". Whether more was written under the old one can't be counted; "
                + rows
                + " events that were not there were found in its snapshot. Counted in"
                + " unverifiedRepairs.");
      }
      stream.establish(cut.offset(), true, now);
      stream.uncertainRows(seamRows);
    } else {
      if (creditUsed) {
        ledger.unverifiedRepairs++;
      } else if (!short_) {
        ledger.repairs++;
      }
      stream.closeGap(cut.offset(), found);
      stream.establish(cut.offset(), false, now);
    }
    orders.discardSnapshot(snapshot);
    step = Step.IDLE;
    if (rows > 0 || !first) {
      orders.log(
          Level.INFO,
          (first ? "First snapshot: " : "Repair: ")
              + rows
              + " events from "
              + files
              + " files, up to offset "
              + stream.walOffset());
    }
    ended(now);
  }

  private void ended(long now) {
    wanted = false;
    failures = 0;
    owed = 0;
    lastEndedAt = now;
  }

  private void fail(String message) {
    failed = true;
    orders.fail(message);
  }

  boolean failed() {
    return failed;
  }

  @Override
  public String toString() {
    return "repair " + step + (wanted ? " wanted for " + reason : "") + ", cut " + cut.offset();
  }
}
