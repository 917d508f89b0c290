package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.ListedRows;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.snapshot.SnapshotFileException;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.Round;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.fetch.SnapshotDownload;
import io.github.allsourceconnect.source.link.AckWriter;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.link.Probe;
import io.github.allsourceconnect.source.link.Threads;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchBuilder;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The follower's thread: gives the decisions their inputs (time, what the connections report,
 * entries, rows, what Kafka has) and carries out their orders. It alone touches {@link Follower}.
 * {@link #wake} and {@link #close} are for any thread.
 */
final class FollowLoop implements FollowerOrders, Round.Shell, LiveLines.Taker, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowLoop.class);
  private static final long METRICS_MS = 500;
  private static final long LONGEST_WAIT_MS = 500;
  private static final long SKIPPED_LOG_MS = 10_000;

  private final RecordSettings records;
  private final LiveLines lines;
  private final ReadLimits limits;
  private final Queue<Consumer<Follower>> mailbox;
  private final ReceiveBuffer buffer;
  private final LiveConnection live;
  private final AckWriter acks;
  private final Probe probe;
  private final SnapshotDownload snapshots;
  private final BatchQueue batches;
  private final Deliveries deliveries;
  private final SourceMetrics metrics;
  private final BatchBuilder batch;
  private final Standing standing = new Standing(System.currentTimeMillis());
  private final SnapshotProgress progress = new SnapshotProgress();
  private final RepeatedLines warnings = new RepeatedLines();
  private final Follower follower;
  private final Round round;
  private final Thread thread;
  private final long startedAt = System.nanoTime();
  private volatile boolean closing;
  private volatile boolean woken;
  private volatile boolean storedTogether;

  private SnapshotRows rows;
  private SnapshotRow row;
  private boolean rowsOver;
  private boolean idsOnly;
  private int rowsOf;
  private String failing;
  private boolean finished;
  private boolean firstSnapshot;
  private long metricsAt;
  private long batchAt;
  private long confirmed;
  private final long bufferDiskMaxBytes;
  private long skipped;
  private long skippedLogAt;

  FollowLoop(
      SourceConfig config,
      SourcePosition position,
      MessageCodec codec,
      Queue<Consumer<Follower>> mailbox,
      ReceiveBuffer buffer,
      LiveConnection live,
      AckWriter acks,
      Probe probe,
      SnapshotDownload snapshots,
      BatchQueue batches,
      Deliveries deliveries,
      SourceMetrics metrics) {
    this.records = config.records();
    this.bufferDiskMaxBytes = config.buffers().diskBytes();
    lines =
        new LiveLines(
            config.leader().lineMaxBytes(),
            config.records().corrupt() != CorruptPolicy.FAIL,
            codec,
            live);
    limits =
        new ReadLimits(
            config.buffers().snapshotMemoryBytes(),
            config.leader().lineMaxBytes(),
            config.buffers().snapshotDiskBytes());
    this.mailbox = mailbox;
    this.buffer = buffer;
    this.live = live;
    this.acks = acks;
    this.probe = probe;
    this.snapshots = snapshots;
    this.batches = batches;
    this.deliveries = deliveries;
    this.metrics = metrics;
    firstSnapshot = !position.snapshotDone();
    follower = new Follower(config.follower(), position, this, new SplittableRandom());
    batch = new BatchBuilder(config, follower.position());
    round = new Round(follower, this, Round.Limits.OF_A_TASK);
    thread =
        new Thread(
            LogContext.here().around(this::run), "allsource-" + config.connectorName() + "-follow");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Connect has been seen to store a batch and its offsets together or not at all. */
  void storedTogether() {
    storedTogether = true;
  }

  /** Something happened that the loop may want to know. */
  void wake() {
    if (!woken) {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      follower.start(nowMs());
      while (!closing && failing == null) {
        woken = false;
        if (!round.run()) {
          await();
        }
      }
      if (failing != null) {
        closeBatch();
        batches.fail(new ConnectException(failing));
      }
    } catch (UncheckedIOException e) {
      batches.fail(e.getCause());
    } catch (RuntimeException | Error e) {
      batches.fail(e);
    } finally {
      String leftBehind = follower.leavesBehind();
      if (!leftBehind.isEmpty()) {
        LOG.warn("The task ends: {}", leftBehind);
      }
      closeRows();
      publish();
    }
  }

  private void await() {
    long now = nowMs();
    long until = Math.min(follower.wakeAtMs(), Math.min(metricsAt, now + LONGEST_WAIT_MS));
    if (!batch.isEmpty() && batches.isEmpty()) {
      until = Math.min(until, batchAt + lingerMs());
    }
    if (!woken && until > now) {
      LockSupport.parkNanos(this, (until - now) * 1_000_000);
    }
  }

  // ---- a round's surroundings

  /** Milliseconds of a clock that only goes forward, from 1. */
  @Override
  public long nowMs() {
    return 1 + (System.nanoTime() - startedAt) / 1_000_000;
  }

  @Override
  public boolean report() {
    Consumer<Follower> input = mailbox.poll();
    if (input == null) {
      return false;
    }
    input.accept(follower);
    return true;
  }

  @Override
  public long committed() {
    long upTo = batches.takeCommitted();
    confirmed = Math.max(confirmed, upTo);
    return upTo;
  }

  @Override
  public boolean liveBufferEmpty() {
    return lines.isEmpty() && buffer.isEmpty();
  }

  @Override
  public boolean makeRoom(long bytes) {
    batch.settle(() -> follower.takePosition(false));
    if (follower.waitsForStore()) {
      return false;
    }
    if (batch.fits(records, bytes)) {
      return true;
    }
    if (batches.hasRoom()) {
      closeBatch();
      return true;
    }
    return false;
  }

  private boolean isFull() {
    return batch.isFull(records) || (!batch.isEmpty() && follower.waitsForStore());
  }

  /** Whether a batch that is not full need not wait for more. */
  private boolean hasLingered(boolean worked) {
    long linger = lingerMs();
    return linger == 0 ? !worked : nowMs() - batchAt >= linger;
  }

  private long lingerMs() {
    return storedTogether ? records.lingerTogetherMs() : records.lingerMs();
  }

  @Override
  public void roundEnds(boolean worked) {
    if (isFull() ? batches.hasRoom() : batches.isEmpty() && hasLingered(worked)) {
      closeBatch();
    }
    if (nowMs() >= metricsAt) {
      publish();
    }
  }

  private void closeBatch() {
    Batch full = batch.close(() -> follower.takePosition(true), follower.emitted());
    if (full != null) {
      batchAt = nowMs();
      batches.put(full);
    }
  }

  // ---- entries

  @Override
  public long nextEntryBytes() {
    if (lines.isEmpty()) {
      ReceiveBuffer.Block block = takeBlock();
      if (block == null) {
        return -1;
      }
      if (lines.isNew(block)) {
        // what was reported of the connection came before its bytes
        while (report()) {
          // one after the other
        }
      }
      lines.decode(block);
    }
    return lines.nextBytes();
  }

  private ReceiveBuffer.Block takeBlock() {
    try {
      return buffer.take();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void entry() {
    lines.next(this);
  }

  @Override
  public void entry(int generation, WalEntry entry) {
    follower.onEntry(generation, entry);
  }

  @Override
  public void bad(int generation, LiveLines.BadLine bad) {
    ProtocolException cause = bad.cause();
    String where = live.address() + ", line " + cause.lineNumber() + " of the connection";
    if (records.corrupt() == CorruptPolicy.FAIL) {
      follower.fail(
          "Corrupt entry from "
              + where
              + (cause.walOffset() > 0 ? ", offset " + cause.walOffset() : "")
              + ": "
              + cause.getMessage()
              + ". The position stays before it. To go on set corrupt.entry.policy=skip, or dlq"
              + " with dlq.topic.");
      return;
    }
    logSkipped(where, cause);
    if (records.corrupt() == CorruptPolicy.DLQ) {
      batch.addDeadLetter(bad.line(), cause);
    }
    follower.onCorruptSkipped(generation, cause.walOffset());
  }

  /** Each one is counted; the log is spared when there are many. */
  private void logSkipped(String where, ProtocolException cause) {
    skipped++;
    if (nowMs() >= skippedLogAt) {
      skippedLogAt = nowMs() + SKIPPED_LOG_MS;
      LOG.error(
          "Corrupt entry from {}, skipped by corrupt.entry.policy ({} since the start): {}",
          where,
          skipped,
          cause.getMessage());
    }
  }

  // ---- rows

  @Override
  public long nextRowBytes() {
    if (rows == null) {
      return -1;
    }
    if (row == null && !rowsOver) {
      try {
        row = rows.next();
        rowsOver = row == null;
      } catch (IOException e) {
        damaged(rowsOf, e);
        return -1;
      }
    }
    return row == null || idsOnly ? 0 : OutputSize.of(row.event());
  }

  @Override
  public void row() {
    SnapshotRow next = row;
    row = null;
    if (next == null) {
      closeRows();
      follower.onRowsEnd(rowsOf);
    } else {
      progress.row();
      follower.onRow(rowsOf, next);
    }
  }

  private void damaged(int snapshot, IOException e) {
    // the rows of a log are not counted: a file of theirs that is left out would not be missed
    boolean counted = rows instanceof TimeOrderedRows;
    closeRows();
    unreadable(snapshot, e, counted).accept(follower);
  }

  /** What the follower is told when a snapshot can't be read, and who is to blame. */
  private Consumer<Follower> unreadable(int snapshot, IOException e, boolean mayLeaveOut) {
    String why = e.getMessage();
    if (e instanceof ScratchException scratch && scratch.isLimit()) {
      return told -> told.fail("Snapshot " + snapshot + ": " + why + " The position is kept.");
    }
    if (!(e instanceof SnapshotFileException file)) {
      return told -> told.onSnapshotFailed(snapshot, why == null ? e.toString() : why);
    }
    boolean better = mayLeaveOut && snapshots.unreadable(file.file());
    String advice = snapshots.advice();
    return told -> told.onSnapshotDamaged(snapshot, why, advice, better);
  }

  private void closeRows() {
    if (rows != null) {
      try {
        rows.close();
      } catch (IOException e) {
        LOG.debug("While closing a snapshot's rows", e);
      }
      rows = null;
      row = null;
      rowsOver = false;
    }
  }

  // ---- orders

  @Override
  public void connectLive(int of, int address, long lastOffset) {
    live.connect(of, address, lastOffset);
  }

  @Override
  public void closeLive(int of, String why) {
    live.disconnect(of, why);
  }

  @Override
  public void ack(int of, long offset) {
    acks.ack(of, offset);
  }

  @Override
  public void probe(int of, int address, long lastOffset) {
    probe.ask(of, address, lastOffset);
  }

  @Override
  public void requestSnapshot(int snapshot, int address, long lastOffset) {
    closeRows();
    progress.asked(snapshot, nowMs());
    snapshots.request(snapshot, address, lastOffset);
  }

  @Override
  public void openRows(int snapshot, long fromMicros, boolean idsOnly) {
    closeRows();
    rowsOf = snapshot;
    try {
      this.idsOnly = idsOnly;
      rows = new TimeOrderedRows(snapshots.files(), fromMicros, idsOnly, limits);
      progress.reading(snapshots.files().size(), rows.expected(), nowMs());
    } catch (IOException e) {
      mailbox.add(unreadable(snapshot, e, true));
    }
  }

  @Override
  public void openLogRows(int snapshot) {
    closeRows();
    rowsOf = snapshot;
    idsOnly = false;
    rows = new ListedRows(snapshots.files(), limits);
    progress.reading(snapshots.files().size(), -1, nowMs());
  }

  @Override
  public void discardSnapshot(int snapshot) {
    closeRows();
    snapshots.discard();
  }

  @Override
  public void emitEntry(WalEntry entry) {
    standing.produced(entry.event().micros());
    refused(batch.add(entry));
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    standing.produced(row.event().micros());
    refused(batch.add(row, tenant, firstSnapshot));
  }

  private void refused(BatchBuilder.Refused how) {
    if (how == BatchBuilder.Refused.FILTERED) {
      deliveries.filtered();
    } else if (how != null) {
      follower.onRefused(how == BatchBuilder.Refused.NOTED);
    }
  }

  @Override
  public void finished() {
    finished = true;
    LOG.info("The snapshot is complete; snapshot.mode=initial_only leaves nothing more to do");
  }

  @Override
  public void fail(String message) {
    failing = message;
  }

  @Override
  public void log(Level level, String message) {
    switch (level) {
      case INFO -> LOG.info("{}", message);
      case WARN -> {
        String line = warnings.take(message, nowMs());
        if (line != null) {
          LOG.warn("{}", line);
        }
      }
      default -> LOG.error("{}", message);
    }
  }

  // ---- figures

  private void publish() {
    metricsAt = nowMs() + METRICS_MS;
    firstSnapshot &= !follower.snapshotDone();
    Map<String, Number> figures = new LinkedHashMap<>(SourceMetrics.of(follower.ledger()));
    figures.put("ackedOffset", acks.sent());
    figures.put("emitted", follower.emitted());
    figures.put("confirmed", deliveries.confirmedCount());
    figures.put("filtered", deliveries.filteredCount());
    figures.put("dropped", deliveries.droppedCount());
    figures.put("protocolErrors", live.protocolErrors());
    figures.put("sameFailureInARow", live.sameFailureInARow());
    figures.put("bufferMemoryBytes", buffer.memoryBytes());
    figures.put("bufferDiskBytes", buffer.diskBytes());
    figures.put("bufferDiskMaxBytes", bufferDiskMaxBytes);
    figures.put("bufferStalls", buffer.stalls());
    figures.put("receivedBytes", live.receivedBytes());
    figures.put("snapshotBytes", snapshots.received());
    figures.put("snapshotFilesLeftOut", snapshots.leftOut());
    standing.addTo(figures, moment(), System.currentTimeMillis());
    metrics.publish(
        figures,
        finished ? "FINISHED" : live.state().name(),
        live.address() == null ? "" : live.address().toString(),
        follower.ledger().losses().text());
  }

  private Standing.Moment moment() {
    boolean snapshot = snapshots.isRunning();
    String line = progress.due(snapshot, snapshots.received(), nowMs());
    if (line != null) {
      LOG.info("{}", line);
    }
    return new Standing.Moment(
        live.state() == LiveConnection.State.LIVE,
        live.silentMs(),
        follower.emitted() - confirmed + follower.ledger().held,
        buffer.memoryBytes() + buffer.diskBytes() + batches.unconfirmedBytes(),
        follower.ledger().open,
        snapshot,
        progress.remaining());
  }

  /** Ends the thread; waits a bounded time for it. */
  @Override
  public void close() {
    closing = true;
    woken = true;
    LockSupport.unpark(thread);
    Threads.join(thread);
  }
}
