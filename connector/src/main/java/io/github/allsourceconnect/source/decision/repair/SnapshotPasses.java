package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Counting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Producing;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The passes over a snapshot's rows: they are counted, perhaps again from further back, and then
 * produced together with the entries held up to the cut. Where there is no snapshot, the entries
 * are produced alone.
 *
 * <pre>
 *   begin ---- Counting ---- Counting, deeper ---- Producing ---- end
 *                 |____________ another snapshot is needed, or the task fails
 *   withoutRows ---------------------------------- Producing ---- end
 * </pre>
 *
 * <p>Invariant: while {@link #reading()}, no entry may come in between. Not thread-safe.
 */
final class SnapshotPasses {
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final RepairRun run;
  private final RepairNeed need;
  private final RepairCut cut;
  private final FileTenants tenants;
  private final RowsAhead ahead;
  private final RepairCount count;
  private final RepairProduction production;
  private final Shortfall shortfall;
  private final AfterCount afterCount;
  private final Settlement settlement;
  private final StreamDoubt doubt = new StreamDoubt();

  /** On this connection a repair without any entry at hand has ended. */
  private Epoch quietlyEndedIn;

  /**
   * So many parts may come one after the other: a stream that never has a clean cut goes on, too.
   */
  private static final int PARTS_MAX = 4;

  private final boolean failsOnGaps;

  /** How many have, without a cut in between. */
  private int parts;

  /**
   * @param raceMicros how close two events of an entity must be for their versions to settle their
   *     order
   */
  SnapshotPasses(
      FollowerSettings settings,
      FollowerOrders orders,
      LiveStream stream,
      LiveLink live,
      RepairRun run,
      RepairNeed need,
      RepairCut cut,
      Shortfall shortfall,
      LongSupplier raceMicros) {
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.run = run;
    this.need = need;
    this.cut = cut;
    this.shortfall = shortfall;
    failsOnGaps = settings.gapPolicy() == GapPolicy.FAIL;
    tenants = new FileTenants(stream.held, stream.produced);
    ahead = new RowsAhead(stream, cut);
    count = new RepairCount(stream, live, cut, ahead, settings.clockSlackMs() * 1000);
    production = new RepairProduction(stream, cut, tenants, ahead, raceMicros);
    afterCount = new AfterCount(settings, stream, count, shortfall);
    settlement = new Settlement(orders, stream, cut, shortfall);
  }

  boolean reading() {
    return run.phase() instanceof Counting || isProducing();
  }

  private boolean isProducing() {
    return run.phase() instanceof Producing;
  }

  /** Whether the next row may come: what the one before released is produced. */
  boolean wantsRows() {
    return run.phase() instanceof Counting || (isProducing() && production.dueBytes() < 0);
  }

  /** Bytes of the event that {@link #produceNext} produces; -1 when none is due. */
  long dueBytes() {
    return isProducing() ? production.dueBytes() : -1;
  }

  /** All that the live connection has received before the snapshot is asked for has been taken. */
  void streamIsTaken() {
    ahead.streamIsTaken();
  }

  /** Whether another snapshot would not tell yet what it is to be asked for. */
  boolean isTooEarly() {
    return ahead.isTooEarly();
  }

  // ---- counting

  /** A snapshot is complete: the first pass over its files. */
  void begin(List<String> names) {
    tenants.begin(names);
    Request request = run.phase().request();
    boolean isOurs = live.isSameLeader(request.epoch(), stream.epoch());
    boolean mayBePart = isOurs && !failsOnGaps && parts < PARTS_MAX;
    if (cut.isBlind() && mayBePart && stream.held.hasMuchToProduce()) {
      producePart(names.size());
      return;
    }
    count.begin(request.epoch());
    count(names.size());
  }

  /**
   * What is held has to make room before a cut is found at which events can be told apart. What is
   * older than the newer half of it is there as a whole, rows and entries: that is produced, and
   * which offsets the rows have is found out later.
   */
  private void producePart(int files) {
    Request request = run.phase().request();
    run.to(new Producing(request, files, Account.PART, 0));
    boolean isExact = !stream.produced.isInexactFrom(stream.produced.knownWatermark());
    long from = isExact ? stream.produced.knownWatermark() : stream.produced.watermark();
    if (stream.produced.isInexactFrom(from)) {
      stream.offsets.rowsAreInexact();
    }
    long upTo = cut.halfOfHeld();
    if (cut.mayStillCome(upTo)) {
      settlement.partIsForced();
    }
    production.beginPart(from, upTo);
    cut.partIsProduced(upTo);
    orders.openRows(request, from, false);
  }

  private void count(int files) {
    Request request = run.phase().request();
    run.to(new Counting(request, files));
    orders.openRows(request, count.from(), true);
  }

  /** A row, in the order that was asked for. */
  void row(SnapshotRow row) {
    if (run.phase() instanceof Counting) {
      tenants.learn(row);
      count.row(row);
    } else if (isProducing()) {
      production.row(row);
    }
  }

  /** No more rows. */
  void rowsEnd(long now) {
    if (run.phase() instanceof Counting counting) {
      counted(counting.files(), now);
    } else if (isProducing()) {
      production.rowsEnd();
      endIfFinished(now);
    }
  }

  private void counted(int files, long now) {
    AfterCount.Outcome outcome = afterCount.decide(doubt.isSettled(), !stream.held.isFull());
    if (outcome instanceof AfterCount.Outcome.Produce some) {
      noteInexact();
      produce(some.account(), files, count.produceFrom(), some.rowsMax());
    } else if (outcome instanceof AfterCount.Outcome.ProduceAll all) {
      orders.log(
          Level.WARN, all.why() + ": snapshot.mode=when_needed takes the whole snapshot again");
      noteInexact();
      stream.restartFromNothing();
      produce(Account.ANEW, files, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (outcome instanceof AfterCount.Outcome.Deeper) {
      count(files);
    } else if (outcome instanceof AfterCount.Outcome.Fail fail) {
      long missing = count.missing();
      long found = count.found();
      run.drop();
      shortfall.fail(fail.cause(), missing, found);
    } else {
      run.drop();
      if (outcome instanceof AfterCount.Outcome.StreamBehind
          && doubt.raised()
          && live.isOpen(stream.epoch())) {
        live.giveUp("it does not bring what the leader's snapshot has", now);
      }
    }
  }

  // ---- producing

  private void noteInexact() {
    if (count.isInexact()) {
      stream.offsets.rowsAreInexact();
      stream.ledger.inexactRepairs++;
      orders.log(
          Level.WARN,
          "The position can't tell for all events since "
              + since(count.produceFrom())
              + " whether they have been produced (the leader's clock went back, or more events"
              + " came within the allowed lateness than a position lists), or whether they are"
              + " wanted (snapshot.mode=no_data began there). This repair passes over none of them;"
              + " some may come twice, or be older than the beginning. Counted in inexactRepairs.");
    }
  }

  private static String since(long micros) {
    return micros < 0 ? "the beginning" : Losses.Micros.text(micros);
  }

  private void produce(Account account, int files, long fromMicros, long rowsMax) {
    Request request = run.phase().request();
    if (!live.isSameLeader(request.epoch(), stream.epoch())) {
      neverPlaced();
    }
    run.to(new Producing(request, files, account, count.found()));
    boolean counted =
        account != Account.ANEW && account != Account.CREDITED && stream.walOffset() > 0;
    production.begin(fromMicros, rowsMax, counted, count.isInexact());
    begins(account);
    // what is awaited is known by its id, whatever its clock says
    orders.openRows(request, Math.min(fromMicros, stream.awaited.notBehind()), false);
  }

  /** Where the entries up to the cut belong is not looked for any more. */
  void neverPlaced() {
    stream.arrears.neverPlaced(cut.offset(), !live.numbersDoubtful(stream.epoch()));
  }

  /** There is no snapshot, or none that can be read: what is held is produced. */
  void withoutRows(Account account, long now) {
    long found = stream.arrears.leftToProduce();
    run.to(new Producing(run.phase().request(), 0, account, found));
    production.withoutRows();
    begins(account);
    endIfFinished(now);
  }

  /** What is not certain is said before it is produced: the task may be killed meanwhile. */
  private void begins(Account account) {
    if (cut.isForced()) {
      settlement.cutIsForced();
    }
    if (account == Account.SHORT || account == Account.UNASKED) {
      production.passesOver();
    }
  }

  /** Produces the next event that is due; with the last the repair ends. */
  void produceNext(long now) {
    production.produceNext();
    endIfFinished(now);
  }

  private void endIfFinished(long now) {
    if (!(run.phase() instanceof Producing producing) || !production.isFinished()) {
      return;
    }
    if (producing.account() == Account.PART) {
      parts = production.heldProduced() == 0 ? PARTS_MAX : parts + 1;
      settlement.abandoned(production);
      run.drop();
      need.partIsDone(now);
    } else {
      settlement.finished(producing, production, need.isBeginning(), now);
      if (cut.offset() == 0) {
        quietlyEndedIn = stream.epoch();
      }
      end(now);
    }
  }

  // ---- the end

  /** There was nothing before the first entry held. */
  void nothingBefore(long now) {
    run.drop();
    settlement.nothingBeforeFirstHeld(now);
    end(now);
  }

  /** The repair is over, and not needed any more. */
  void end(long now) {
    parts = 0;
    ahead.forget();
    cut.partsAreSettled();
    run.drop();
    need.ended(now);
  }

  /** Another repair is needed than the one before. */
  void forget() {
    doubt.forget();
    ahead.forget();
  }

  /** The repair goes on no longer; what it has produced stays on the books. */
  void abandon() {
    if (isProducing()) {
      settlement.abandoned(production);
    }
    run.drop();
  }

  /** Whether a repair without any entry at hand has ended on the current connection. */
  boolean quietlyEnded() {
    return stream.epoch().equals(quietlyEndedIn);
  }

  // ---- what is under way

  /** How many events this repair has produced that the contiguous offset does not cover yet. */
  long producedBeyond() {
    return isProducing()
        ? production.rows() - production.beforeAnEarlierCut() + production.heldProduced()
        : 0;
  }

  /** How many of its rows nothing but a silent stream has told from those behind the cut. */
  int toldBySilence() {
    return isProducing() ? production.toldBySilence().size() : 0;
  }

  /** Events that are known to exist and have not been produced. */
  SourcePosition.Missing missing() {
    if (!isProducing()) {
      return stream.arrears.missing(0, 0, 0);
    }
    if (!stream.verified()) {
      return stream.arrears.missing(
          production.heldProduced(), production.leftProduced(), production.owedFound());
    }
    return stream.arrears.missing(
        production.heldProduced(),
        production.leftProduced(),
        production.rows() - production.beforeAnEarlierCut());
  }
}
