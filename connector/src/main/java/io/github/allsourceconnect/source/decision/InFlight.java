package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;

/**
 * Hands orders on, and knows which of them are in flight: only their answers count. This is the one
 * place where the answers of another epoch are told from those that are waited for.
 *
 * <pre>
 *   connectLive(e) ........ reports of e count ......... closeLive(e), or the next connectLive
 *   requestSnapshot(r) .... answers and rows of r count  discardSnapshot(r)
 *   probe(r) .............. its answer counts .......... once; until its epoch's connection ends
 * </pre>
 *
 * <p>No order follows the one to fail. Whoever decides another has overlooked that all is over, and
 * is told so; so is whoever closes or acks a connection that is not the one in flight, asks for a
 * snapshot while one is, or asks for rows of another. Not thread-safe.
 */
class InFlight implements FollowerOrders {
  private final FollowerOrders orders;
  private String failure;
  private Epoch connection;
  private Request snapshot;
  private Request probe;

  InFlight(FollowerOrders orders) {
    this.orders = orders;
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** Whether reports of this connection count. */
  boolean isWanted(Epoch of) {
    return of.equals(connection);
  }

  /** Whether answers to this request for a snapshot count, and its rows. */
  boolean isWanted(Request of) {
    return of.equals(snapshot);
  }

  /** The connection was closed by the other side, or could not be made. */
  void ended(Epoch of) {
    if (isWanted(of)) {
      connection = null;
      probe = null;
    }
  }

  /** Takes in that a probe is answered; false if that answer is not waited for. */
  boolean takesAnswer(Request of) {
    if (!of.equals(probe)) {
      return false;
    }
    probe = null;
    return true;
  }

  private FollowerOrders next() {
    if (failure != null) {
      throw new IllegalStateException("an order behind the failure: " + failure);
    }
    return orders;
  }

  private static void require(boolean legal, String what, Object inFlight) {
    if (!legal) {
      throw new IllegalStateException(what + ", in flight is " + inFlight);
    }
  }

  @Override
  public void connectLive(Epoch epoch, long lastOffset) {
    require(connection == null, "a second connection: " + epoch, connection);
    connection = epoch;
    probe = null;
    next().connectLive(epoch, lastOffset);
  }

  @Override
  public void closeLive(Epoch epoch, String why) {
    require(isWanted(epoch), "another connection is closed: " + epoch, connection);
    ended(epoch);
    next().closeLive(epoch, why);
  }

  @Override
  public void ack(Epoch epoch, long offset) {
    require(isWanted(epoch), "an ack for another connection: " + epoch, connection);
    next().ack(epoch, offset);
  }

  @Override
  public void probe(Request request, long lastOffset) {
    require(isWanted(request.epoch()), "a probe for another epoch: " + request, connection);
    probe = request;
    next().probe(request, lastOffset);
  }

  @Override
  public void requestSnapshot(Request request, long lastOffset) {
    require(snapshot == null, "a second snapshot: " + request, snapshot);
    snapshot = request;
    next().requestSnapshot(request, lastOffset);
  }

  @Override
  public void openRows(Request request, long fromMicros, boolean idsOnly) {
    require(isWanted(request), "rows of another snapshot: " + request, snapshot);
    next().openRows(request, fromMicros, idsOnly);
  }

  @Override
  public void openLogRows(Request request) {
    require(isWanted(request), "rows of another snapshot: " + request, snapshot);
    next().openLogRows(request);
  }

  @Override
  public void discardSnapshot(Request request) {
    require(isWanted(request), "another snapshot is discarded: " + request, snapshot);
    snapshot = null;
    next().discardSnapshot(request);
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
