package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Idle;

/**
 * The phase of a repair, and the snapshot that goes with it.
 *
 * <p>Invariant: a snapshot is in flight exactly while the phase has a request. Not thread-safe.
 */
final class RepairRun {
  private final FollowerOrders orders;
  private final Current<RepairPhase> phase = new Current<>("a repair", new Idle());

  RepairRun(FollowerOrders orders) {
    this.orders = orders;
  }

  RepairPhase phase() {
    return phase.get();
  }

  /**
   * Goes on to the next phase.
   *
   * @throws IllegalStateException if it may not follow the one at hand
   */
  void to(RepairPhase next) {
    phase.to(next);
  }

  /** Asks for a snapshot. */
  void fetch(Request request) {
    phase.to(new Fetching(request));
    orders.requestSnapshot(request, 0);
  }

  /** It is over; the snapshot, if there is one, is of no use any more. */
  void drop() {
    Request request = phase.get().request();
    phase.to(new Idle());
    if (request != null) {
      orders.discardSnapshot(request);
    }
  }
}
