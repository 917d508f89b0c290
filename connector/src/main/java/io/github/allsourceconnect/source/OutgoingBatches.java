package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.BatchSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchBuilder;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import java.util.List;

/**
 * What the follower produces, on its way to Connect: events become records of a batch, each with
 * the position after it, and the batch is handed on when it is full or has lingered.
 *
 * <p>Invariants: nothing is added before there is room for it ({@link #makeRoom}); the record that
 * was added last gets its position before anything else is added. The follower's thread; {@link
 * #storedTogether}, {@link #stores} and {@link #lostShapes} are for any.
 */
final class OutgoingBatches {
  private final BatchSettings settings;
  private final Follower follower;
  private final BatchBuilder batch;
  private final BatchQueue queue;
  private final Deliveries deliveries;
  private final LedgerTopic ledger;
  private final Figures figures;

  private volatile boolean storedTogether;
  private volatile Boolean stores;
  private boolean firstSnapshot;
  private long handedOnAtMs;

  /**
   * @param position the one that the task begins with
   * @param shapes the schemas of payloads that are stored, in parts
   */
  OutgoingBatches(
      SourceConfig config,
      SourcePosition position,
      List<String> shapes,
      Follower follower,
      BatchQueue queue,
      Deliveries deliveries,
      Figures figures,
      long nowMs) {
    settings = config.batches();
    this.follower = follower;
    this.queue = queue;
    this.deliveries = deliveries;
    this.figures = figures;
    firstSnapshot = !position.snapshotDone();
    batch = new BatchBuilder(config, follower.position(), shapes);
    ledger = new LedgerTopic(config, position, deliveries, batch, nowMs);
  }

  // ---- how Connect stores

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

  // ---- what goes in

  /** Whether an event of so many bytes may be added; hands the batch on for that if need be. */
  boolean makeRoom(long bytes, long nowMs) {
    settle(false);
    if (follower.waitsForStore()) {
      return false;
    }
    if (batch.fits(settings, bytes)) {
      return true;
    }
    if (hasRoom()) {
      handOn(nowMs);
      return true;
    }
    return false;
  }

  void add(WalEntry entry) {
    figures.produced(entry.event().micros());
    refused(batch.add(entry), entry.event());
  }

  /**
   * @param tenant the tenant if it is known exactly, otherwise null
   */
  void add(SnapshotRow row, String tenant) {
    figures.produced(row.event().micros());
    refused(batch.add(row, tenant, firstSnapshot), row.event());
  }

  /** A line that is no good entry. */
  void addDeadLetter(byte[] line, ProtocolException why) {
    batch.addDeadLetter(line, why);
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

  /** The record that was added last gets its position. */
  private void settle(boolean last) {
    batch.settle(() -> ledger.stamp(follower.takePosition(last)));
  }

  // ---- when a batch goes on

  private boolean hasRoom() {
    boolean alone = batch.mustBeConfirmed() || batch.wantsToBeAlone();
    return queue.hasRoom() && (!alone || queue.isDrained());
  }

  private boolean isFull() {
    return batch.isFull(settings) || (!batch.isEmpty() && follower.waitsForStore());
  }

  private long lingerMs() {
    return storedTogether ? settings.lingerTogetherMs() : settings.lingerMs();
  }

  /** Whether a batch that is not full need not wait for more. */
  private boolean hasLingered(boolean worked, long nowMs) {
    long linger = lingerMs();
    return linger == 0 ? !worked : nowMs - handedOnAtMs >= linger;
  }

  /**
   * A round ends.
   *
   * @param worked whether anything was done
   */
  void roundEnds(boolean worked, long nowMs) {
    ledger.look(follower, figures.snapshotRunning(), figures.remainingRows(), nowMs);
    if (isFull() ? hasRoom() : queue.isEmpty() && hasLingered(worked, nowMs) && hasRoom()) {
      handOn(nowMs);
    }
  }

  /** When the next batch may be due though nothing comes; {@link Long#MAX_VALUE} for never. */
  long dueAtMs() {
    if (!queue.isEmpty() || !hasRoom()) {
      return Long.MAX_VALUE;
    }
    long lingered = handedOnAtMs + lingerMs();
    return batch.isEmpty() ? Math.max(ledger.dueAtMs(), lingered) : lingered;
  }

  private void handOn(long nowMs) {
    Boolean together = stores;
    if (together != null) {
      batch.stores(together);
    }
    if (batch.isEmpty() && !ledger.isDue(nowMs)) {
      return;
    }
    settle(true);
    ledger.close(batch, follower, figures.snapshotRunning(), figures.remainingRows(), nowMs);
    Batch full = batch.close(follower.emitted(), queue.isDrained());
    ledger.closed(batch);
    if (full != null) {
      handedOnAtMs = nowMs;
      queue.put(full);
    }
  }

  // ---- beside the events

  /** Connect asks for records again. */
  void resumed(Polling.Change change) {
    ledger.resumed(change.notPolledMs(), change.paused());
  }

  /** The task fails with this message: what there is goes on before it. */
  void fails(String why, long nowMs) {
    ledger.fails(why);
    handOn(nowMs);
  }

  /** Figures are due. */
  void publish(long unconfirmedMs, long nowMs) {
    firstSnapshot &= !follower.snapshotDone();
    figures.publish(follower, batch, ledger.lastMarkMs(), unconfirmedMs, nowMs);
  }
}
