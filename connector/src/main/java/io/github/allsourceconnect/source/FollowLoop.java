package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.Round;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.fetch.RowFeed;
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
import java.util.List;
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
  private static final long LONGEST_WAIT_MS = 500;

  private final RecordSettings records;
  private final LiveLines lines;
  private final SnapshotReading reading;
  private final Queue<Consumer<Follower>> mailbox;
  private final ReceiveBuffer buffer;
  private final LiveConnection live;
  private final AckWriter acks;
  private final Probe probe;
  private final SnapshotDownload snapshots;
  private final BatchQueue batches;
  private final Deliveries deliveries;
  private final Figures figures;
  private final KafkaWatch kafka;
  private final BatchBuilder batch;
  private final SkippedLog skippedLog = new SkippedLog();
  private final RepeatedLines warnings = new RepeatedLines();
  private final LedgerTopic ledger;
  private final Polling polling;
  private final Follower follower;
  private final Round round;
  private final Thread thread;
  private final long startedAt = System.nanoTime();
  private volatile boolean closing;
  private volatile boolean woken;
  private volatile boolean storedTogether;
  private volatile Boolean stores;

  private String failing;
  private boolean firstSnapshot;
  private long batchAt;

  FollowLoop(
      SourceConfig config,
      SourcePosition position,
      List<String> shapes,
      MessageCodec codec,
      Queue<Consumer<Follower>> mailbox,
      ReceiveBuffer buffer,
      LiveConnection live,
      AckWriter acks,
      Probe probe,
      SnapshotDownload snapshots,
      BatchQueue batches,
      Deliveries deliveries,
      SourceMetrics metrics,
      Runnable interrupt) {
    this.records = config.records();
    lines = new LiveLines(config.leader().lineMaxBytes(), codec, live);
    reading = new SnapshotReading(snapshots, this::wake);
    this.mailbox = mailbox;
    this.buffer = buffer;
    this.live = live;
    this.acks = acks;
    this.probe = probe;
    this.snapshots = snapshots;
    this.batches = batches;
    this.deliveries = deliveries;
    figures =
        new Figures(
            buffer,
            config.buffers().diskBytes(),
            live,
            acks,
            snapshots,
            batches,
            deliveries,
            metrics);
    kafka = new KafkaWatch(records, batches, deliveries, interrupt);
    firstSnapshot = !position.snapshotDone();
    follower = new Follower(config.follower(), position, this, new SplittableRandom());
    batch = new BatchBuilder(config, follower.position(), shapes);
    polling = new Polling(nowMs());
    ledger = new LedgerTopic(config, position, deliveries, batch, nowMs());
    round = new Round(follower, this, Round.Limits.OF_A_TASK);
    String name = Printable.name(config.connectorName());
    thread = new Thread(LogContext.here().around(this::run), "allsource-" + name + "-follow");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Connect has been seen to store a batch and its offsets together or not at all. */
  void storedTogether() {
    storedTogether = true;
  }

  /** Connect has stored a position, with its records or apart. */
  void stores(boolean together) {
    stores = together;
  }

  /** A record that had a part of the schemas with it was left out by the worker. */
  void lostShapes(int part) {
    batch.lostShapes(part);
  }

  /** Connect asks for records. */
  void polled() {
    polling.polled(nowMs());
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
        ledger.fails(failing);
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
      reading.close();
      publish();
    }
    while (!closing) {
      // Connect is told when it polls, from which Kafka may keep it
      long unused = kafka.look(nowMs());
      LockSupport.parkNanos(this, LONGEST_WAIT_MS * 1_000_000);
    }
  }

  private void await() {
    long now = nowMs();
    long until = Math.min(follower.wakeAtMs(), Math.min(figures.dueMs(), now + LONGEST_WAIT_MS));
    boolean room = batches.isEmpty() && hasRoom();
    if (!batch.isEmpty() && room) {
      until = Math.min(until, batchAt + lingerMs());
    }
    if (room) {
      until = Math.min(until, Math.max(ledger.dueAtMs(), batchAt + lingerMs()));
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
    figures.confirmed(upTo);
    return upTo;
  }

  @Override
  public boolean liveBufferEmpty() {
    return lines.isEmpty() && buffer.isEmpty();
  }

  @Override
  public boolean makeRoom(long bytes) {
    settle(false);
    if (follower.waitsForStore()) {
      return false;
    }
    if (batch.fits(records, bytes)) {
      return true;
    }
    if (hasRoom()) {
      closeBatch();
      return true;
    }
    return false;
  }

  private boolean hasRoom() {
    boolean alone = batch.mustBeConfirmed() || batch.wantsToBeAlone();
    return batches.hasRoom() && (!alone || batches.isDrained());
  }

  /** The record that was added last gets its position. */
  private void settle(boolean last) {
    batch.settle(() -> ledger.stamp(follower.takePosition(last)));
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
    Polling.Change change = polling.look(nowMs(), batches::awaitsConfirmation);
    if (change != null) {
      LOG.info("{}", change.line());
      if (change.notPolledMs() > 0) {
        ledger.resumed(change.notPolledMs(), change.paused());
      }
    }
    ledger.look(follower, figures.snapshotRunning(), figures.remainingRows(), nowMs());
    if (isFull() ? hasRoom() : batches.isEmpty() && hasLingered(worked) && hasRoom()) {
      closeBatch();
    }
    if (nowMs() >= figures.dueMs()) {
      publish();
    }
  }

  private void closeBatch() {
    Boolean together = stores;
    if (together != null) {
      batch.stores(together);
    }
    if (batch.isEmpty() && !ledger.isDue(nowMs())) {
      return;
    }
    settle(true);
    ledger.close(batch, follower, figures.snapshotRunning(), figures.remainingRows(), nowMs());
    Batch full = batch.close(follower.emitted(), batches.isDrained());
    ledger.closed(batch);
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
  public void entry(Epoch of, WalEntry entry) {
    follower.onEntry(of, entry);
  }

  @Override
  public void bad(Epoch of, LiveLines.BadLine bad) {
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
    skippedLog.skipped(where, cause, nowMs());
    if (records.corrupt() == CorruptPolicy.DLQ) {
      batch.addDeadLetter(bad.line(), cause);
    }
    follower.onCorruptSkipped(of, cause.walOffset());
  }

  // ---- rows

  @Override
  public long nextRowBytes() {
    return reading.nextBytes(follower);
  }

  @Override
  public void row() {
    RowFeed from = reading.feed();
    if (reading.next(follower)) {
      figures.row(from, nowMs());
    }
  }

  // ---- orders

  @Override
  public void connectLive(Epoch of, long lastOffset) {
    live.connect(of, lastOffset);
  }

  @Override
  public void closeLive(Epoch of, String why) {
    live.disconnect(of, why);
  }

  @Override
  public void ack(Epoch of, long offset) {
    acks.ack(of, offset);
  }

  @Override
  public void probe(Request request, long lastOffset) {
    probe.ask(request, lastOffset);
  }

  @Override
  public void requestSnapshot(Request request, long lastOffset) {
    reading.close();
    figures.snapshotAsked(request, nowMs());
    snapshots.request(request, lastOffset);
  }

  @Override
  public void openRows(Request request, long fromMicros, boolean idsOnly) {
    reading.openInTimeOrder(request, fromMicros, idsOnly);
  }

  @Override
  public void openLogRows(Request request) {
    reading.openAsTheyStand(request);
  }

  @Override
  public void discardSnapshot(Request request) {
    reading.close();
    snapshots.discard();
  }

  @Override
  public void emitEntry(WalEntry entry) {
    figures.produced(entry.event().micros());
    refused(batch.add(entry), entry.event());
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    figures.produced(row.event().micros());
    refused(batch.add(row, tenant, firstSnapshot), row.event());
  }

  private void refused(BatchBuilder.Refused how, Event event) {
    if (how == null) {
      ledger.produced(event);
    } else if (how == BatchBuilder.Refused.FILTERED) {
      deliveries.filtered();
      ledger.leftOut();
    } else {
      follower.onRefused(how == BatchBuilder.Refused.NOTED);
    }
  }

  @Override
  public void finished() {
    figures.finished();
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
    firstSnapshot &= !follower.snapshotDone();
    figures.publish(follower, batch, ledger.lastMarkMs(), kafka.look(nowMs()), nowMs());
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
