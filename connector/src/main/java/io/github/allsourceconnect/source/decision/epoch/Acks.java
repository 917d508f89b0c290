package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;

/**
 * What is acknowledged to the leader: only what is stored in Kafka, contiguous, each offset once,
 * the newest only.
 *
 * <pre>
 *   acked <= ackable(stored) <= walOffset     of the connection at hand
 *   stored <= emitted                         events, over all connections
 * </pre>
 *
 * Not thread-safe.
 */
public final class Acks {
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;

  private long storedUpTo;
  private long acked;
  private Epoch epoch = Epoch.NONE;

  public Acks(FollowerOrders orders, LiveStream stream, LiveLink live) {
    this.orders = orders;
    this.stream = stream;
    this.live = live;
  }

  /** Kafka has every event up to this number. */
  public void stored(long emission) {
    storedUpTo = Math.max(storedUpTo, emission);
  }

  /** Whether Kafka has every event that was ordered to be produced. */
  public boolean allStored() {
    return storedUpTo >= stream.handover.emitted();
  }

  /** Acknowledges what may be and has not been. */
  public void send() {
    stream.stored(storedUpTo);
    long offset = stream.ackable(storedUpTo);
    if (offset > 0 && live.isOpen(stream.epoch())) {
      if (!epoch.equals(stream.epoch())) {
        epoch = stream.epoch();
        // what a leader that replays was subscribed with counts as acked, and acks only go up
        acked = live.replays() ? live.subscribed() : 0;
      }
      if (offset > acked) {
        acked = offset;
        orders.ack(epoch, offset);
      }
    }
  }

  /** The contiguous offset if the leader has the ack for it; otherwise 0. */
  public long complete() {
    boolean all = stream.verified() && epoch.equals(stream.epoch()) && acked == stream.walOffset();
    return all ? acked : 0;
  }
}
