package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.simulation.LedgerJudge.PlantedLedgerFault;
import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.Round;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.ledger.LedgerView;
import io.github.allsourceconnect.source.decision.ledger.TopicLedger;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.record.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A task on a worker: the shell round the real {@link Follower}, and Connect's poll and commit. */
final class WorkerModel implements FollowerOrders, Round.Shell {
  /** A line of the live stream; without an entry it can't be read. */
  private record Buffered(Epoch epoch, WalEntry entry, long offset) {
    static final long LOG_END = -1;
  }

  private record Batch(List<KafkaModel.Sent> records, long upTo, LedgerJudge.Written written) {}

  private static final Pattern PASSED_OVER =
      Pattern.compile(
          "Offsets (\\d+) to (\\d+): (\\d+) events did not come, .*"
              + "the leader with this numbering is no longer followed");

  /** What no snapshot could tell of, with corrupt.entry.policy=skip. */
  private static final Pattern SKIPPED =
      Pattern.compile(
          "Going on without the snapshot, for all that is missing are lines .*"
              + "Offsets (\\d+) to (\\d+): (\\d+) events did not come.*");

  /** What the leader's snapshot lacks, as far as times tell, with gap.policy=continue. */
  private static final Pattern UNACCOUNTED =
      Pattern.compile(
          "Offsets (\\d+) to (\\d+): (\\d+) events did not come, .*"
              + "events are counted as unaccounted.");

  private static final long TRANSACTION_MS = 2_000;

  /** How often Connect asks for records. */
  private static final long POLL_MS = 500;

  private static final int STOPS_WHILE_SENDING = 400;

  private static final int NONE = KafkaModel.Sent.NO_EVENT;

  /** A task fails with the fifth snapshot in a row that can't be read. */
  private static final int DAMAGES_MAX = 5;

  private static final int BATCHES_MAX = 2;
  private static final int ROUND_INPUTS_MAX = 50;
  private static final long LEDGER_INTERVAL_MS = 700;

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Upstream leader;
  private final KafkaModel kafka;
  private final Trace trace;
  private final int bufferMax;
  private final int kafkaEpoch;
  private final Follower follower;
  private final SourceJudge judge;

  private final Round round;
  private final int batchMax;
  private final int roundMax;
  private int roundInputs;
  private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
  private final ArrayDeque<Buffered> buffer = new ArrayDeque<>();
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private List<KafkaModel.Sent> output = new ArrayList<>();

  /** The newest event, whose position is not known yet. */
  private int unsettled = NONE;

  /** Batches of the transaction that is open. */
  private final List<Batch> open = new ArrayList<>();

  private final List<Integer> transactions = new ArrayList<>();
  private final Transaction transaction = new Transaction();
  private boolean committing;
  private final LedgerJudge ledgerJudge;
  private final int ledgerRun;
  private final TopicLedger marks;
  private List<Integer> withRecord = new ArrayList<>();
  private long committedUpTo = -1;
  private boolean inFlight;
  private boolean alive = true;
  private boolean running;
  private boolean again;
  private long wakeAt = Long.MAX_VALUE;
  private Upstream.Link live;

  /** Of what was acked last. */
  private Object ackedNumbering;

  private long linesAnywhere;

  /** Of which numbering the last entry was that was taken, and how far that has come. */
  private Object takenNumbering;

  private long takenUpTo;

  private Epoch liveEpoch = Epoch.NONE;
  private Upstream.Link snapshotLink;
  private Request wantedSnapshot;
  private List<Upstream.SnapshotFile> files = List.of();
  private List<SnapshotRow> rows = List.of();
  private int nextRow = 1;
  private long rowsReadyAt;
  private Request rowsOf;
  private boolean counting;
  private boolean wantsAllAgain;
  private SourcePosition acknowledged;
  private long received;
  private long entries;
  private long corrupt;
  private long snapshotsAsked;
  private long produced;
  private final Set<Integer> receivedEvents = new HashSet<>();
  private final Map<Epoch, Upstream.Link> links = new HashMap<>();
  private Epoch taken;
  String failure;
  boolean finished;
  boolean refuseConnections;
  boolean hangConnections;
  int failingSnapshots;
  int damagedSnapshots;
  int damagedRows;
  private int damagesInARow;
  boolean failsOnCorrupt;

  /** Nothing before the first live entries is wanted, and none of them has been produced yet. */
  boolean skipsToLive;

  /** The first event that is wanted; NO_EVENT if all are. */
  private int began;

  WorkerModel(
      Scheduler scheduler,
      RandomGenerator random,
      Upstream leader,
      KafkaModel kafka,
      Trace trace,
      int bufferMax,
      SourceJudge judge,
      LedgerJudge ledgerJudge,
      SourcePosition start,
      Function<FollowerOrders, Follower> newFollower) {
    this.judge = judge;
    began = kafka.begins();
    this.scheduler = scheduler;
    this.random = random;
    this.leader = leader;
    this.kafka = kafka;
    this.trace = trace;
    this.bufferMax = bufferMax;
    this.kafkaEpoch = kafka.newEpoch();
    this.follower = newFollower.apply(this);
    this.ledgerJudge = ledgerJudge;
    ledgerRun = ledgerJudge == null ? 0 : ledgerJudge.newRun();
    marks =
        ledgerJudge == null
            ? null
            : new TopicLedger(
                "main", LEDGER_INTERVAL_MS, "", start, scheduler.now(), scheduler.now());
    batchMax = 1 + random.nextInt(60);
    roundMax = 1 + random.nextInt(ROUND_INPUTS_MAX);
    round = new Round(follower, this, new Round.Limits(roundMax, 1 + random.nextInt(3), 1));
    follower.start(scheduler.now());
    run();
    if (kafka.exactlyOnce()) {
      scheduler.after(POLL_MS, this::commitNothing);
    } else {
      scheduler.after(5_000, this::flushOffsets);
    }
  }

  Ledger ledger() {
    return follower.ledger();
  }

  /** The events that live connections have brought. */
  Set<Integer> receivedEvents() {
    return receivedEvents;
  }

  /** How many offsets are known to be missing, less those that may not be. */
  boolean snapshotDone() {
    return follower.snapshotDone();
  }

  /** Whether the task knows where the entries of its connection belong. */
  boolean isPlaced() {
    return !follower.toString().contains("(unverified)");
  }

  /** Whether nothing waits that a live connection has brought. */
  boolean hasTakenAll() {
    return buffer.isEmpty();
  }

  long open() {
    return Math.max(0, follower.ledger().open - follower.position().uncertain());
  }

  boolean alive() {
    return alive;
  }

  /** How many snapshots in a row were damaged, or will be. */
  int damages() {
    return damagesInARow + damagedSnapshots + damagedRows;
  }

  /** Whether so many snapshots have been damaged in a row that a task fails for it. */
  boolean sawTooManyDamages() {
    return damagesInARow >= DAMAGES_MAX;
  }

  /** The worker's process is gone; nothing of it is left. */
  void kill() {
    alive = false;
    if (live != null) {
      live.abandon();
    }
    if (snapshotLink != null) {
      snapshotLink.abandon();
    }
  }

  /**
   * Whether a stored position could not tell of all events whether they had been produced, and the
   * task has said so: an event that is missing is told from one that was produced by nothing then.
   */
  boolean saysItIsInexact() {
    return kafka.inexact && follower.ledger().inexactRepairs > 0;
  }

  // ---- the shell

  private void input(Runnable input) {
    if (alive && failure == null) {
      mailbox.add(input);
      run();
    }
  }

  private void run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      roundInputs = 0;
      again |= failure == null && round.run();
      poll();
    } while (again);
    running = false;
    if (failure != null) {
      closeBatch();
      poll();
    }
    check();
    long at = Math.min(follower.wakeAtMs(), ledgerDueAt());
    if (at != Long.MAX_VALUE && at < wakeAt) {
      wakeAt = Math.max(at, scheduler.now() + 1);
      scheduler.at(
          wakeAt,
          () -> {
            if (alive) {
              wakeAt = Long.MAX_VALUE;
              run();
            }
          });
    }
  }

  // ---- a round's surroundings

  @Override
  public long nowMs() {
    return scheduler.now();
  }

  @Override
  public boolean report() {
    Runnable input = mailbox.poll();
    if (input == null) {
      return false;
    }
    input.run();
    return true;
  }

  @Override
  public long committed() {
    long upTo = committedUpTo;
    committedUpTo = -1;
    return upTo;
  }

  @Override
  public boolean liveBufferEmpty() {
    return buffer.isEmpty();
  }

  @Override
  public long nextEntryBytes() {
    return buffer.isEmpty() ? -1 : 1;
  }

  /** How many lines could not be used whose offsets could not be read either. */
  long linesAnywhere() {
    return linesAnywhere;
  }

  private void noteTaken(Buffered next) {
    taken = next.epoch;
    Upstream.Link link = links.get(taken);
    Object numbering = link == null ? null : link.numbering();
    takenUpTo = numbering == takenNumbering ? takenUpTo : 0;
    takenUpTo = Math.max(takenUpTo, next.entry.sequence());
    takenNumbering = numbering;
  }

  @Override
  public void entry() {
    done();
    Buffered next = buffer.poll();
    if (next.entry != null) {
      entries++;
      judge.delivers(next.epoch.connection(), next.entry.sequence());
      noteTaken(next);
      follower.onEntry(next.epoch, next.entry);
    } else if (next.offset == Buffered.LOG_END) {
      follower.onLogEnd(next.epoch);
    } else if (failsOnCorrupt) {
      follower.fail("Corrupt entry");
    } else {
      corrupt++;
      linesAnywhere += next.offset == 0 || kafka.linkLagged ? 1 : 0; // nor is its time told
      follower.onCorruptSkipped(next.epoch, next.offset);
    }
    if (live != null && buffer.size() == bufferMax - 1) {
      live.pump();
    }
  }

  @Override
  public long nextRowBytes() {
    if (scheduler.now() < rowsReadyAt) {
      return -1;
    }
    if (damagedRows > 0 && nextRow < rows.size() && random.nextInt(rows.size() + 1) == 0) {
      damagedRows--;
      trace.line("  row %d can't be read", nextRow);
      nextRow = rows.size() + 1;
      damagesInARow++;
      judge.snapshotFails(scheduler.now());
      follower.onSnapshotDamaged(rowsOf, "a bad page", "Mend it.", false);
      return -1;
    }
    return nextRow <= rows.size() ? 1 : -1;
  }

  @Override
  public void row() {
    done();
    if (nextRow < rows.size()) {
      follower.onRow(rowsOf, rows.get(nextRow++));
    } else {
      nextRow++;
      if (!counting) {
        damagesInARow = 0;
      }
      judge.snapshotEnds(counting, scheduler.now());
      follower.onRowsEnd(rowsOf);
    }
  }

  private void done() {
    if (++roundInputs > roundMax) {
      trace.violation("a round takes more than %d inputs", roundMax);
    }
  }

  @Override
  public boolean makeRoom(long bytes) {
    settle(false);
    if (follower.waitsForStore()) {
      return false;
    }
    if (output.size() < batchMax) {
      return true;
    }
    if (batches.size() < BATCHES_MAX) {
      closeBatch();
      return true;
    }
    return false;
  }

  private void settle(boolean last) {
    if (unsettled != NONE) {
      output.add(new KafkaModel.Sent(unsettled, stamped(follower.takePosition(last))));
      unsettled = NONE;
    }
  }

  private SourcePosition stamped(SourcePosition position) {
    return marks == null || ledgerJudge.has(PlantedLedgerFault.COUNTS_NOT_STORED)
        ? position
        : marks.stamp(position);
  }

  private int outputSize() {
    return output.size() + (unsettled == NONE ? 0 : 1);
  }

  @Override
  public void roundEnds(boolean worked) {
    if (marks != null && marks.wantsLook(nowMs())) {
      marks.look(view());
    }
    boolean full = outputSize() >= batchMax || (outputSize() > 0 && follower.waitsForStore());
    if (full ? batches.size() < BATCHES_MAX : !worked && batches.isEmpty()) {
      closeBatch();
    }
  }

  private boolean ledgerIsDue() {
    return marks != null && marks.isDue(nowMs());
  }

  private long ledgerDueAt() {
    return marks == null || !batches.isEmpty() || inFlight || failure != null
        ? Long.MAX_VALUE
        : Math.max(marks.dueAtMs(), nowMs() + 1);
  }

  private LedgerView view() {
    return new LedgerView(
        nowMs(),
        nowMs(),
        follower.ledger(),
        follower.snapshotDone(),
        wantedSnapshot != null,
        rows.size() - nextRow,
        new LedgerView.Left(0, 0, 0));
  }

  private void closeBatch() {
    if (outputSize() == 0 && !ledgerIsDue()) {
      return;
    }
    if (outputSize() > batchMax) {
      trace.violation("a batch of %d events, %d are allowed", outputSize(), batchMax);
    }
    settle(true);
    LedgerJudge.Written written = null;
    if (marks != null) {
      String mark = marks.markName();
      List<LedgerRecord> due = marks.close(view(), follower.position());
      written = write(new LedgerJudge.Written(withRecord, mark, due));
      withRecord = new ArrayList<>();
      if (!due.isEmpty()) {
        output.add(new KafkaModel.Sent(NONE, stamped(follower.takePosition(true))));
      }
    }
    if (!output.isEmpty()) {
      batches.add(new Batch(output, follower.emitted(), written));
    }
    output = new ArrayList<>();
  }

  /** With a planted fault, perhaps. */
  private LedgerJudge.Written write(LedgerJudge.Written written) {
    if (ledgerJudge.has(PlantedLedgerFault.MARK_LEFT_OUT) && random.nextInt(4) == 0) {
      return new LedgerJudge.Written(written.events(), written.mark(), List.of());
    }
    Batch before = batches.peekLast();
    if (ledgerJudge.has(PlantedLedgerFault.MARK_AHEAD) && before != null) {
      before.written.records().addAll(written.records());
      return new LedgerJudge.Written(written.events(), written.mark(), new ArrayList<>());
    }
    return new LedgerJudge.Written(
        written.events(), written.mark(), new ArrayList<>(written.records()));
  }

  private void check() {
    Ledger ledger = follower.ledger();
    if (ledger.balance() != 0) {
      trace.violation("the ledger does not add up: %d", ledger.balance());
    }
    judge.check(ledger);
    judge.step(
        kafka,
        finished,
        kafka.isUp()
            && !kafka.fenced(kafkaEpoch)
            && failure == null
            && !finished
            && !refuseConnections
            && !hangConnections,
        scheduler.now());
    if (kafka.clockWasOff && judge.isFull()) {
      cutIsForced(); // there is no room to wait until a clock's jump is told from a gap
    }
    agrees("entries delivered", ledger.delivered, entries);
    agrees("lines skipped", ledger.corrupt, corrupt);
    agrees("snapshots requested", ledger.snapshotRequests, snapshotsAsked);
    agrees("events produced", ledger.producedLive + ledger.snapshotRows, produced);
    if (ledger.open < 0) {
      trace.violation("%d offsets open", ledger.open);
    }
  }

  private void agrees(String what, long told, long counted) {
    if (told != counted) {
      trace.violation("%s: %d by the figures, %d are", what, told, counted);
    }
  }

  /** No order may follow the one to fail. */
  private void ordered(String what) {
    if (failure != null) {
      trace.violation("%s is ordered behind the failure", what);
    }
  }

  private void poll() {
    Batch batch = inFlight ? null : batches.poll();
    if (batch == null) {
      return;
    }
    inFlight = true;
    again = true;
    transaction.polled(batch.records.get(batch.records.size() - 1).position());
    transactions.add(
        kafka.begin(
            kafkaEpoch,
            batch.records.stream()
                .map(KafkaModel.Sent::event)
                .filter(event -> event != NONE)
                .toList()));
    open.add(batch);
    if (open.size() >= kafka.batchesInTransaction()) {
      scheduler.after(random.nextInt(15), this::commit);
      return;
    }
    if (open.size() == 1) {
      scheduler.after(TRANSACTION_MS, this::commit);
    }
    scheduler.after(
        random.nextInt(5),
        () -> {
          inFlight = committing;
          if (alive) {
            run();
          }
        });
  }

  private void commit() {
    if (!alive || open.isEmpty()) {
      return;
    }
    committing = true;
    inFlight = true;
    if (!kafka.isUp()) {
      scheduler.after(50, this::commit);
      return;
    }
    if (kafka.fenced(kafkaEpoch)) {
      trace.line("a fenced task's transaction is aborted");
      kill();
      return;
    }
    List<KafkaModel.Sent> records = new ArrayList<>();
    open.forEach(batch -> records.addAll(batch.records));
    boolean stops = random.nextInt(STOPS_WHILE_SENDING) == 0 && kafka.mayStopWhileSending();
    if (stops) {
      int got = 1 + random.nextInt(records.size());
      trace.line("the worker is stopped, with %d of %d records sent", got, records.size());
      records.subList(got, records.size()).clear();
    }
    kafka.commit(transactions, records, transaction);
    for (Batch batch : open) {
      if (batch.written != null) {
        ledgerJudge.committed(ledgerRun, batch.written, kafka.behindLast(batch.records));
      }
    }
    KafkaModel.Sent last = kafka.lastOf(records);
    acknowledged = last == null ? acknowledged : last.position();
    if (stops) {
      if (!kafka.exactlyOnce() && acknowledged != null) {
        kafka.store(acknowledged);
      }
      kill();
      return;
    }
    long upTo = open.get(open.size() - 1).upTo;
    open.clear();
    transactions.clear();
    // killed between the commit and the word of it: the task never learns
    scheduler.after(
        random.nextInt(3),
        () -> {
          inFlight = false;
          committing = false;
          if (alive) {
            if (kafka.exactlyOnce()) {
              stored();
            } else if (last != null) {
              mailbox.add(follower::onStoredApart);
            }
            committedUpTo = upTo;
            run();
          }
        });
  }

  private void stored() {
    StoredOffsets stored = transaction.take();
    mailbox.add(
        () -> {
          follower.onStoredTogether();
          follower.onStored(stored);
        });
  }

  /** Connect commits also when there is nothing to be committed. */
  private void commitNothing() {
    if (!alive) {
      return;
    }
    if (open.isEmpty() && !committing && kafka.isUp()) {
      stored();
      run();
    }
    scheduler.after(POLL_MS, this::commitNothing);
  }

  private void flushOffsets() {
    if (alive) {
      if (acknowledged != null && kafka.isUp()) {
        kafka.store(acknowledged);
      }
      scheduler.after(5_000, this::flushOffsets);
    }
  }

  // ---- orders

  @Override
  public void connectLive(Epoch epoch, long lastOffset) {
    ordered("a connection");
    liveEpoch = epoch;
    judge.connects(epoch.connection(), scheduler.now());
    trace.line("connect %d, subscribe %d", epoch.connection(), lastOffset);
    scheduler.after(1 + random.nextInt(3), () -> openLive(epoch, lastOffset));
  }

  private void openLive(Epoch epoch, long lastOffset) {
    if (!alive || !epoch.equals(liveEpoch)) {
      return;
    }
    if (hangConnections) {
      scheduler.after(10_000, () -> liveClosed(epoch, "no answer in 10 s"));
      return;
    }
    Upstream.Link connection =
        refuseConnections
            ? null
            : leader.connect(epoch.leader(), new LiveClient(epoch, lastOffset));
    if (connection == null) {
      liveClosed(epoch, "refused");
      return;
    }
    live = connection;
    links.put(epoch, connection);
    judge.connected(connection);
    if (ackedNumbering != null
        && connection.numbering() == ackedNumbering
        && !skipsToLive
        && !kafka.fenced(kafkaEpoch)
        && !kafka.cutWasForced
        && lastOffset > Math.max(1, connection.ackable(kafka))) {
      trace.violation(
          "subscribe %d, but Kafka has only up to %d of this numbering",
          lastOffset, connection.ackable(kafka));
    }
    connection.subscribe(lastOffset);
  }

  private void liveClosed(Epoch epoch, String why) {
    input(
        () -> {
          judge.lost(epoch.connection(), scheduler.now());
          follower.onLiveClosed(epoch, why);
        });
  }

  private final class LiveClient implements Upstream.Client {
    private final Epoch epoch;
    private final long subscribed;
    private boolean entriesCame;

    LiveClient(Epoch epoch, long subscribed) {
      this.epoch = epoch;
      this.subscribed = subscribed;
    }

    @Override
    public void snapshotStart(boolean replays) {
      input(() -> follower.onLiveSnapshotStart(epoch, replays));
    }

    @Override
    public void files(List<Upstream.SnapshotFile> sent, long endOffset) {}

    @Override
    public void snapshot(List<SnapshotRow> sent, long endOffset) {}

    @Override
    public void replays() {
      trace.line("connection %d replays", epoch.connection());
      input(() -> follower.onLiveReplays(epoch));
    }

    @Override
    public void caughtUp(long currentOffset) {
      trace.line("connection %d caught up at %d", epoch.connection(), currentOffset);
      kafka.numbersLookedAlike |=
          kafka.ackedNumbering != null
              && live.numbering() != kafka.ackedNumbering
              && subscribed > 1
              && currentOffset >= subscribed;
      kafka.numbersLookedAlike |=
          takenNumbering != null
              && live.numbering() != takenNumbering
              && currentOffset >= takenUpTo;
      judge.live(epoch.connection(), scheduler.now());
      if (entriesCame) {
        buffer.add(new Buffered(epoch, null, Buffered.LOG_END));
        run();
      } else {
        input(() -> follower.onLiveCaughtUp(epoch, currentOffset));
      }
    }

    @Override
    public void entry(WalEntry entry) {
      entriesCame = true;
      if (alive) {
        trace.line("  entry %d: event %d", entry.sequence(), StoredEvent.indexOf(entry.event()));
        buffer.add(new Buffered(epoch, entry, 0));
        judge.arrives(
            epoch.connection(),
            entry.sequence(),
            StoredEvent.indexOf(entry.event()),
            scheduler.now());
        received++;
        receivedEvents.add(StoredEvent.indexOf(entry.event()));
        run();
      }
    }

    @Override
    public void corrupt(long offset) {
      if (alive) {
        trace.line("  a line that can't be read, offset %d", offset);
        buffer.add(new Buffered(epoch, null, offset));
        received++;
        run();
      }
    }

    @Override
    public void closed(String why) {
      liveClosed(epoch, why);
    }

    @Override
    public boolean reads() {
      return buffer.size() < bufferMax;
    }
  }

  @Override
  public void closeLive(Epoch epoch, String why) {
    judge.closes(epoch.connection(), why, scheduler.now());
    if (live != null && epoch.equals(liveEpoch)) {
      live.abandon();
    }
  }

  @Override
  public void ack(Epoch epoch, long offset) {
    if (live == null || !epoch.equals(liveEpoch)) {
      return;
    }
    live.ack(offset);
    judge.acks(offset);
    if (offset > 0) {
      ackedNumbering = live.numbering(); // 0 only asks whether the connection still is one
      kafka.ackedNumbering = ackedNumbering;
    }
    if (live.isOpen()
        && !skipsToLive
        && !kafka.fenced(kafkaEpoch)
        && !kafka.cutWasForced
        && offset > live.ackable(kafka)) {
      trace.violation(
          "ack %d, but Kafka has only up to %d of this numbering", offset, live.ackable(kafka));
    }
  }

  @Override
  public void probe(Request request, long lastOffset) {
    trace.line("probe %d, subscribe %d", request.epoch().connection(), lastOffset);
    long before = received;
    scheduler.after(
        1 + random.nextInt(3),
        () -> {
          if (!alive) {
            return;
          }
          ProbeClient client = new ProbeClient(request, before);
          if (hangConnections || refuseConnections) {
            client.failed(hangConnections ? "no answer" : "refused", hangConnections ? 5_000 : 1);
            return;
          }
          client.link = leader.connect(request.epoch().leader(), client);
          if (client.link == null) {
            client.failed("refused", 1);
          } else {
            client.link.subscribe(lastOffset);
          }
        });
  }

  private final class ProbeClient implements Upstream.Client {
    private final Request request;
    private final long before;
    private Upstream.Link link;
    private boolean answered;

    ProbeClient(Request request, long before) {
      this.request = request;
      this.before = before;
    }

    void failed(String why, long afterMs) {
      if (!answered) {
        answered = true;
        scheduler.after(
            afterMs, () -> input(() -> follower.onProbeFailed(request, why, received != before)));
      }
    }

    private void answer(boolean more, long currentOffset) {
      if (!answered) {
        answered = true;
        link.abandon();
        trace.line(
            "probe %d answered %d%s",
            request.epoch().connection(), currentOffset, more ? ", more" : "");
        scheduler.after(
            500,
            () ->
                input(
                    () ->
                        follower.onProbeAnswered(
                            request, more, currentOffset, received != before)));
      }
    }

    @Override
    public void snapshotStart(boolean replays) {
      answer(true, -1);
    }

    @Override
    public void replays() {}

    @Override
    public void snapshot(List<SnapshotRow> rows, long endOffset) {}

    @Override
    public void files(List<Upstream.SnapshotFile> sent, long endOffset) {}

    @Override
    public void caughtUp(long currentOffset) {
      answer(false, currentOffset);
    }

    @Override
    public void entry(WalEntry entry) {
      answer(true, -1);
    }

    @Override
    public void closed(String why) {
      failed(why, 1);
    }

    @Override
    public boolean reads() {
      return true;
    }
  }

  @Override
  public void requestSnapshot(Request snapshot, long lastOffset) {
    ordered("a snapshot");
    snapshotsAsked++;
    if (wantedSnapshot != null) {
      trace.violation("a snapshot is asked for, and the one before is not discarded");
    }
    judge.asksSnapshot(snapshot.epoch().connection(), scheduler.now());
    trace.line("snapshot %d requested", snapshot.number());
    wantedSnapshot = snapshot;
    scheduler.after(
        1 + random.nextInt(3),
        () -> {
          if (!alive) {
            return;
          }
          snapshotLink =
              refuseConnections || hangConnections
                  ? null
                  : leader.connect(snapshot.epoch().leader(), new SnapshotClient(snapshot));
          if (snapshotLink == null) {
            judge.snapshotFails(scheduler.now());
            input(() -> follower.onSnapshotFailed(snapshot, "refused"));
          } else {
            snapshotLink.subscribe(lastOffset);
          }
        });
  }

  private final class SnapshotClient implements Upstream.Client {
    private final Request snapshot;
    private boolean answered;

    SnapshotClient(Request snapshot) {
      this.snapshot = snapshot;
    }

    @Override
    public void snapshotStart(boolean replays) {}

    @Override
    public void replays() {
      if (!answered) {
        answered = true;
        leave();
        input(() -> follower.onSnapshotReplays(snapshot));
      }
    }

    @Override
    public void snapshot(List<SnapshotRow> sent, long endOffset) {
      if (failsNow()) {
        return;
      }
      if (snapshot.equals(wantedSnapshot)) {
        rows = sent;
      }
      trace.line("snapshot %d complete, up to %d", snapshot.number(), endOffset);
      input(() -> follower.onSnapshotComplete(snapshot, List.of("history"), 1, endOffset));
    }

    /** Whether this answer is not wanted any more, or not usable. */
    private boolean failsNow() {
      if (answered) {
        return true;
      }
      answered = true;
      leave();
      if (failingSnapshots > 0) {
        failingSnapshots--;
        judge.snapshotFails(scheduler.now());
        input(() -> follower.onSnapshotFailed(snapshot, "a chunk is missing"));
        return true;
      }
      if (damagedSnapshots > 0) {
        damagedSnapshots--;
        judge.snapshotFails(scheduler.now());
        damagesInARow++;
        input(() -> follower.onSnapshotDamaged(snapshot, "a bad chunk", "Mend it.", false));
        return true;
      }
      return !alive;
    }

    @Override
    public void files(List<Upstream.SnapshotFile> sent, long endOffset) {
      if (failsNow()) {
        return;
      }
      if (snapshot.equals(wantedSnapshot)) {
        files = sent;
      }
      List<String> names = sent.stream().map(Upstream.SnapshotFile::name).toList();
      trace.line("snapshot %d complete: %s", snapshot.number(), names);
      input(() -> follower.onSnapshotComplete(snapshot, names, 1, endOffset));
    }

    @Override
    public void caughtUp(long currentOffset) {
      if (!answered) {
        answered = true;
        leave();
        trace.line("no snapshot");
        judge.noSnapshot(scheduler.now());
        input(() -> follower.onSnapshotNone(snapshot, currentOffset));
      }
    }

    @Override
    public void entry(WalEntry entry) {}

    @Override
    public void closed(String why) {
      if (!answered) {
        answered = true;
        judge.snapshotFails(scheduler.now());
        input(() -> follower.onSnapshotFailed(snapshot, why));
      }
    }

    @Override
    public boolean reads() {
      return true;
    }

    private void leave() {
      if (snapshotLink != null) {
        snapshotLink.abandon();
      }
    }
  }

  @Override
  public void openRows(Request snapshot, long fromMicros, boolean idsOnly) {
    counting = idsOnly;
    trace.line("  rows from %d%s", fromMicros, idsOnly ? ", counting" : "");
    if (!idsOnly && wantsAllAgain) {
      wantsAllAgain = false;
      trace.fault("whole snapshot again");
      if (!kafka.clockWasOff
          && !kafka.cutWasForced
          && !kafka.numbersLookedAlike
          && !saysItIsInexact()) {
        trace.violation("the whole snapshot is taken again, and nothing was lost");
      }
      kafka.takesAllAgain();
    }
    List<SnapshotRow> all = new ArrayList<>();
    for (int f = 0; f < files.size(); f++) {
      long place = 0;
      for (StoredEvent event : files.get(f).rows()) {
        place++;
        if (event.micros() >= fromMicros) {
          all.add(new SnapshotRow(event.row, 0, f, place));
        }
      }
    }
    all.sort(
        Comparator.comparingLong((SnapshotRow row) -> row.event().micros())
            .thenComparingLong(row -> row.event().idLow()));
    List<SnapshotRow> once = new ArrayList<>(all.size());
    for (SnapshotRow row : all) {
      if (once.isEmpty() || once.get(once.size() - 1).event().idLow() != row.event().idLow()) {
        once.add(row);
      }
    }
    rows = once;
    nextRow = 0;
    rowsOf = snapshot;
    readingTakesTime();
  }

  @Override
  public void openLogRows(Request snapshot) {
    counting = false;
    nextRow = 0;
    rowsOf = snapshot;
    readingTakesTime();
  }

  /** Files are opened on another thread; meanwhile all else goes on. */
  private void readingTakesTime() {
    int ms = random.nextInt(4) == 0 ? 1 + random.nextInt(1_000) : 0;
    rowsReadyAt = scheduler.now() + ms;
    if (ms > 0) {
      scheduler.after(
          ms,
          () -> {
            if (alive) {
              run();
            }
          });
    }
  }

  @Override
  public void discardSnapshot(Request snapshot) {
    wantedSnapshot = null;
    rows = List.of();
    nextRow = 1;
    files = List.of();
  }

  @Override
  public void emitEntry(WalEntry entry) {
    if (skipsToLive) {
      skipsToLive = false;
      began = StoredEvent.indexOf(entry.event());
      if (!kafka.fenced(kafkaEpoch)) {
        kafka.beginsWith(began);
      }
    }
    judge.produces(StoredEvent.indexOf(entry.event()), false, true, scheduler.now());
    emit(StoredEvent.indexOf(entry.event()), "entry " + entry.sequence(), entry.event());
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    int index = StoredEvent.indexOf(row.event());
    if (skipsToLive) {
      trace.violation("event %d is fetched before anything has come live", index);
    }
    if (!StrangeStore.isStrange(index)) {
      kafka.producesRow(index, began);
    }
    judge.produces(index, true, tenant != null, scheduler.now());
    emit(index, "row", row.event());
    if (!StrangeStore.isStrange(index)
        && tenant != null
        && !tenant.equals(leader.event(index).live.tenantId())) {
      trace.violation("event %d is of another tenant than %s", index, tenant);
    }
  }

  private void emit(int index, String from, Event of) {
    ordered("an event");
    produced++;
    if (StrangeStore.isStrange(index)) {
      trace.violation("an event of a store that is not followed is produced from %s", from);
      return;
    }
    StoredEvent event = leader.event(index);
    trace.line(
        "  produce event %d from %s, time %d, version %d",
        index, from, event.micros(), event.row.version());
    if (unsettled != NONE) {
      trace.violation("event %d has no position", unsettled);
    }
    unsettled = index;
    if (marks != null) {
      boolean refused = LedgerJudge.isRefused(index);
      if (refused) {
        follower.onRefused(true);
      } else {
        withRecord.add(index);
      }
      if (!refused || ledgerJudge.has(PlantedLedgerFault.REFUSED_COUNTED)) {
        marks.produced(of);
      }
    }
  }

  @Override
  public void finished() {
    finished = true;
  }

  @Override
  public void fail(String message) {
    failure = message;
    if (!kafka.exactlyOnce() && acknowledged != null && kafka.isUp()) {
      kafka.store(acknowledged); // as Connect does when a task fails, though not under exactly-once
    }
    trace.line("FAILED %s", message);
  }

  @Override
  public void log(Level level, String message) {
    if (message.startsWith("0 ")) {
      trace.violation("%s is told of nothing: %s", level, message);
    }
    kafka.rowsLayBefore |= message.endsWith("They are fetched with another connection.");
    kafka.awaitedGivenUp |=
        message.contains("The live stream has not brought them, and the leader");
    if (message.startsWith("The entries that waited took all of gap.memory.bytes")) {
      cutIsForced();
    }
    wantsAllAgain |= message.contains("takes the whole snapshot again");
    Upstream.Link of = taken == null ? null : links.get(taken);
    Matcher passed = PASSED_OVER.matcher(message);
    if (passed.matches() && of != null && !of.isOpen()) {
      // what is held is full, and another leader is followed: it is not waited for any longer
      kafka.mayComeLate(didNotCome(of, passed, true));
      cutIsForced();
    }
    Matcher skipped = SKIPPED.matcher(message);
    if (skipped.matches() && of != null && sawTooManyDamages() && corrupt > 0) {
      kafka.givesUp(didNotCome(of, skipped, true));
    }
    Matcher unaccounted = UNACCOUNTED.matcher(message);
    if (unaccounted.matches() && of != null && kafka.clockWasOff) {
      kafka.saysItLacks(didNotCome(of, unaccounted, false)); // their times are not looked at
    }
    trace.line("%s %s", level, message);
  }

  private void cutIsForced() {
    kafka.cutWasForced = true;
    judge.cutIsForced();
  }

  /**
   * The events that the task says did not come.
   *
   * @param exactly whether there must be as many as it says; none if it is not so
   */
  private Set<Integer> didNotCome(Upstream.Link link, Matcher said, boolean exactly) {
    Set<Integer> missing = new HashSet<>();
    long last = Long.parseLong(said.group(2));
    for (long offset = Long.parseLong(said.group(1)); offset <= last; offset++) {
      int event = link.eventAt(offset);
      if (event >= 0 && !receivedEvents.contains(event) && !kafka.has(event)) {
        missing.add(event);
      }
    }
    return !exactly || missing.size() == Integer.parseInt(said.group(3)) ? missing : Set.of();
  }

  @Override
  public String toString() {
    return follower.toString();
  }
}
