package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;

/**
 * Hands orders on until one is to fail: no order follows that one. Whoever decides another has
 * overlooked that all is over, and is told so. Not thread-safe.
 */
final class OrdersUntilFailure implements FollowerOrders {
  private final FollowerOrders orders;
  private String failure;

  OrdersUntilFailure(FollowerOrders orders) {
    this.orders = orders;
  }

  boolean hasFailed() {
    return failure != null;
  }

  private FollowerOrders next() {
    if (failure != null) {
      throw new IllegalStateException("an order behind the failure: " + failure);
    }
    return orders;
  }

  @Override
  public void connectLive(int generation, int address, long lastOffset) {
    next().connectLive(generation, address, lastOffset);
  }

  @Override
  public void closeLive(int generation, String why) {
    next().closeLive(generation, why);
  }

  @Override
  public void ack(int generation, long offset) {
    next().ack(generation, offset);
  }

  @Override
  public void probe(int generation, int address, long lastOffset) {
    next().probe(generation, address, lastOffset);
  }

  @Override
  public void requestSnapshot(int snapshot, int address, long lastOffset) {
    next().requestSnapshot(snapshot, address, lastOffset);
  }

  @Override
  public void openRows(int snapshot, long fromMicros, boolean idsOnly) {
    next().openRows(snapshot, fromMicros, idsOnly);
  }

  @Override
  public void openLogRows(int snapshot) {
    next().openLogRows(snapshot);
  }

  @Override
  public void discardSnapshot(int snapshot) {
    next().discardSnapshot(snapshot);
  }

  @Override
  public void emitEntry(WalEntry entry) {
    next().emitEntry(entry);
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    next().emitRow(row, tenant);
  }

  @Override
  public void finished() {
    next().finished();
  }

  @Override
  public void fail(String message) {
    next().fail(message);
    failure = message;
  }

  @Override
  public void log(Level level, String message) {
    orders.log(level, message);
  }
}
