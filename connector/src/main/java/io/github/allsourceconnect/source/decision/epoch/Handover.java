package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;

/**
 * The one way by which an event is produced: ordered to be handed over to Connect, counted, and
 * known from then on. That it is stored in Kafka is another thing ({@link Acks}).
 *
 * <p>Invariants: {@code emitted = producedLive + snapshotRows}; the position does not get past an
 * event that waits for its turn in a repair, nor past one that is owed or awaited. Not thread-safe.
 */
public class Handover {
  private final FollowerOrders orders;
  private final ProducedEvents produced;
  private final Lateness lateness;
  private final Ledger ledger;
  private final OwedEvents owed;
  private final AwaitedRows awaited;

  private long emitted;
  private long oldestWaiting = Long.MAX_VALUE;
  private long producedBefore = Long.MIN_VALUE;

  protected Handover(FollowerOrders orders, LiveStream stream) {
    this.orders = orders;
    produced = stream.produced;
    lateness = stream.lateness;
    ledger = stream.ledger;
    owed = stream.owed;
    awaited = stream.awaited;
  }

  /** Produces an entry. */
  public void entry(WalEntry entry) {
    Event event = entry.event();
    emitted++;
    ledger.producedLive++;
    awaited.produced(event, emitted);
    produced.add(event, event.tenantId(), lateness.allowedMicros(), notBehind());
    orders.emitEntry(entry);
  }

  /**
   * Produces a row.
   *
   * @param tenant the tenant if it is known exactly, otherwise null
   */
  public void row(SnapshotRow row, String tenant) {
    Event event = row.event();
    emitted++;
    ledger.snapshotRows++;
    awaited.produced(event, emitted);
    if (tenant == null) {
      ledger.tenantUnknown++;
    }
    produced.inRows(event, lateness.allowedMicros());
    produced.add(event, tenant, lateness.allowedMicros(), notBehind());
    produced.lastIsOnlyRow();
    orders.emitRow(row, tenant);
  }

  private long notBehind() {
    return Math.min(notBehindButOwed(), owed.notBehind());
  }

  private long notBehindButOwed() {
    return Math.min(oldestWaiting, awaited.notBehind());
  }

  /**
   * Event time where the position's watermark would be if nothing were owed; {@link Long#MIN_VALUE}
   * if that is where it is.
   */
  long watermarkWithoutOwed() {
    long without = produced.watermark(notBehindButOwed());
    return without > produced.watermark() ? without : Long.MIN_VALUE;
  }

  /**
   * A repair produces out of time order, and events of this time wait for their turn: until they
   * are produced, the position does not get past them. {@link Long#MAX_VALUE} for none.
   */
  public void waiting(long oldestMicros) {
    oldestWaiting = oldestMicros;
  }

  /** What was owed or awaited may be settled: the position need not wait for it any longer. */
  public void settled() {
    produced.holdsBack(notBehind());
  }

  /** Whether an event has been produced, as far as that is known. */
  boolean isProduced(Event event) {
    return produced.contains(event) || event.micros() < producedBefore;
  }

  /** A log is followed from its beginning: what is older than this has been produced. */
  void producedBefore(long micros) {
    producedBefore = micros;
  }

  /** Event time of the newest, but for single ones that are far ahead of the others. */
  long front() {
    return produced.front();
  }

  /** The number of the last event produced, from 1. */
  public long emitted() {
    return emitted;
  }
}
