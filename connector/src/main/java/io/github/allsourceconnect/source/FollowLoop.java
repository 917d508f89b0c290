package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.ListedRows;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
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
import java.util.ArrayDeque;
import java.util.Arrays;
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
final class FollowLoop implements FollowerOrders, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowLoop.class);
  private static final long METRICS_MS = 500;
  private static final int ROWS_A_ROUND = 1_000;
  private static final long LONGEST_WAIT_MS = 500;
  private static final long SKIPPED_LOG_MS = 10_000;

  /** A line of the stream that is no good entry. */
  @SuppressWarnings("ArrayRecordComponent")
  private record BadLine(ProtocolException cause, byte[] line) {}

  private final RecordSettings records;
  private final int lineMaxBytes;
  private final MessageCodec codec;
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
  private final Follower follower;
  private final Thread thread;
  private final long startedAt = System.nanoTime();
  private volatile boolean closing;
  private volatile boolean woken;
  private volatile boolean storedTogether;

  private final ArrayDeque<Object> decoded = new ArrayDeque<>();
  private LineFramer framer;
  private int generation = -1;
  private int brokenGeneration = -1;
  private SnapshotRows rows;
  private int rowsOf;
  private String failing;
  private boolean finished;
  private boolean firstSnapshot;
  private long metricsAt;
  private long batchAt;
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
    this.lineMaxBytes = config.leader().lineMaxBytes();
    this.codec = codec;
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
    batch = new BatchBuilder(config, follower.takePosition());
    thread = new Thread(this::run, "allsource-" + config.connectorName() + "-follow");
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
        if (!step()) {
          await();
        }
      }
      if (failing != null) {
        closeBatch();
        batches.fail(new ConnectException(failing));
      }
    } catch (IOException | RuntimeException | Error e) {
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

  /** Whether there was anything to do. */
  private boolean step() throws IOException {
    follower.tick(nowMs(), liveBufferEmpty());
    boolean worked = false;
    for (Consumer<Follower> input = mailbox.poll(); input != null; input = mailbox.poll()) {
      input.accept(follower);
      worked = true;
    }
    long committed = batches.takeCommitted();
    if (committed >= 0) {
      follower.onProduced(committed);
      worked = true;
    }
    worked |= entries();
    worked |= rows();
    follower.tick(nowMs(), liveBufferEmpty());
    if (isFull() ? batches.hasRoom() : batches.isEmpty() && hasLingered(worked)) {
      closeBatch();
    }
    if (nowMs() >= metricsAt) {
      publish();
    }
    return worked;
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

  /** Milliseconds of a clock that only goes forward, from 1. */
  private long nowMs() {
    return 1 + (System.nanoTime() - startedAt) / 1_000_000;
  }

  private boolean liveBufferEmpty() {
    return decoded.isEmpty() && buffer.isEmpty();
  }

  /** Whether another event may be produced now; hands the batch on when it is full. */
  private boolean hasRoom() {
    if (!isFull()) {
      return true;
    }
    if (batches.hasRoom()) {
      closeBatch();
      return true;
    }
    return false;
  }

  private boolean isFull() {
    return batch.isFull(records) || follower.mustTakePosition();
  }

  /** Whether a batch that is not full need not wait for more. */
  private boolean hasLingered(boolean worked) {
    long linger = lingerMs();
    return linger == 0 ? !worked : nowMs() - batchAt >= linger;
  }

  private long lingerMs() {
    return storedTogether ? records.lingerTogetherMs() : records.lingerMs();
  }

  private void closeBatch() {
    Batch full =
        batch.close(
            follower::takePosition, follower.emitted(), storedTogether, follower::positionSlot);
    if (storedTogether) {
      follower.onStoredTogether();
    }
    if (full != null) {
      batchAt = nowMs();
      batches.put(full);
    }
  }

  // ---- entries

  private boolean entries() throws IOException {
    boolean any = false;
    while (failing == null && follower.wantsEntries() && hasRoom()) {
      Object next = decoded.poll();
      if (next == null) {
        ReceiveBuffer.Block block = buffer.take();
        if (block == null) {
          return any;
        }
        decode(block);
      } else if (next instanceof WalEntry entry) {
        follower.onEntry(generation, entry);
      } else {
        bad((BadLine) next);
      }
      any = true;
    }
    return any;
  }

  private void decode(ReceiveBuffer.Block block) throws IOException {
    if (block.generation() != generation) {
      generation = block.generation();
      framer = new LineFramer(lineMaxBytes);
    }
    if (generation == brokenGeneration) {
      return;
    }
    try {
      framer.feed(block.array(), 0, block.array().length, this::line);
    } catch (ProtocolException e) {
      brokenGeneration = generation;
      live.lost(generation, e.getMessage());
    }
  }

  private void line(byte[] buf, int off, int len, long number) throws ProtocolException {
    if (generation == brokenGeneration) {
      return;
    }
    try {
      LeaderMessage message = codec.decodeLeader(buf, off, len, number);
      if (message instanceof LeaderMessage.Entry entry) {
        WalChecksum.verify(entry.data(), number);
        decoded.add(entry.data());
      } else if (!(message instanceof LeaderMessage.CaughtUp)) {
        brokenGeneration = generation;
        live.lost(generation, "line " + number + ": a snapshot in the middle of the live stream");
      }
    } catch (ProtocolException e) {
      decoded.add(new BadLine(e, Arrays.copyOfRange(buf, off, off + len)));
    }
  }

  private void bad(BadLine bad) {
    ProtocolException cause = bad.cause;
    String where = live.address() + ", line " + cause.lineNumber() + " of the connection";
    if (records.corrupt() == CorruptPolicy.FAIL) {
      fail(
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
      batch.addDeadLetter(bad.line, cause);
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

  private boolean rows() {
    boolean any = false;
    int left = ROWS_A_ROUND;
    while (rows != null && left-- > 0 && failing == null && follower.wantsRows() && hasRoom()) {
      any = true;
      SnapshotRow row;
      try {
        row = rows.next();
      } catch (IOException e) {
        // the rows of a log are not counted: a file of theirs that is left out would not be missed
        boolean better = rows instanceof TimeOrderedRows && snapshots.unreadable(e.getMessage());
        closeRows();
        follower.onSnapshotDamaged(rowsOf, e.getMessage(), snapshots.advice(), better);
        break;
      }
      if (row == null) {
        closeRows();
        follower.onRowsEnd(rowsOf);
      } else {
        follower.onRow(rowsOf, row);
      }
    }
    return any;
  }

  private void closeRows() {
    if (rows != null) {
      try {
        rows.close();
      } catch (IOException e) {
        LOG.debug("While closing a snapshot's rows", e);
      }
      rows = null;
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
    snapshots.request(snapshot, address, lastOffset);
  }

  @Override
  public void openRows(int snapshot, long fromMicros, boolean idsOnly) {
    closeRows();
    rowsOf = snapshot;
    try {
      rows = new TimeOrderedRows(snapshots.files(), fromMicros, idsOnly);
    } catch (IOException e) {
      String why = e.getMessage();
      boolean better = snapshots.unreadable(why);
      mailbox.add(f -> f.onSnapshotDamaged(snapshot, why, snapshots.advice(), better));
    }
  }

  @Override
  public void openLogRows(int snapshot) {
    closeRows();
    rowsOf = snapshot;
    rows = new ListedRows(snapshots.files());
  }

  @Override
  public void discardSnapshot(int snapshot) {
    closeRows();
    snapshots.discard();
  }

  @Override
  public void emitEntry(WalEntry entry) {
    batch.add(entry);
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    batch.add(row, tenant, firstSnapshot);
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
      case WARN -> LOG.warn("{}", message);
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
    figures.put("bufferMemoryBytes", buffer.memoryBytes());
    figures.put("bufferDiskBytes", buffer.diskBytes());
    figures.put("bufferStalls", buffer.stalls());
    figures.put("receivedBytes", live.receivedBytes());
    figures.put("snapshotBytes", snapshots.received());
    figures.put("snapshotFilesLeftOut", snapshots.leftOut());
    metrics.publish(
        figures,
        finished ? "FINISHED" : live.state().name(),
        live.address() == null ? "" : live.address().toString());
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
