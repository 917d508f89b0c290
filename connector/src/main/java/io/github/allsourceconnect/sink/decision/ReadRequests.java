package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is being read of the log for followers that are behind: one read for each place, however
 * many wait for it. A read that failed is ordered again at the next tick. Not thread-safe.
 */
final class ReadRequests {
  /** A stretch of the log that is being read, and for whom. */
  private static final class Read {
    final int number;
    final List<ServedFollower> waiting = new ArrayList<>();
    boolean due;

    Read(int number) {
      this.number = number;
    }
  }

  private final LeaderOrders orders;
  private final Map<Long, Read> byPosition = new HashMap<>();
  private int lastNumber;

  ReadRequests(LeaderOrders orders) {
    this.orders = orders;
  }

  /** The follower waits for what the log has there, which is what it needs next. */
  void want(ServedFollower follower, long position) {
    Read read = byPosition.get(position);
    if (read == null) {
      read = new Read(++lastNumber);
      byPosition.put(position, read);
      orders.read(read.number, position);
    }
    read.waiting.add(follower);
  }

  /** The answer is there: who waited for it; nobody if nobody does any more. */
  List<ServedFollower> answered(int number, long position) {
    Read read = byPosition.get(position);
    if (read == null || read.number != number) {
      return List.of();
    }
    byPosition.remove(position);
    read.waiting.forEach(ServedFollower::hasBeenRead);
    return read.waiting;
  }

  /** There is no answer now. */
  void failed(int number, long position) {
    Read read = byPosition.get(position);
    if (read != null && read.number == number) {
      read.due = true;
    }
  }

  /** Orders again what failed. */
  void tick() {
    byPosition.forEach(
        (position, read) -> {
          if (read.due) {
            read.due = false;
            orders.read(read.number, position);
          }
        });
  }

  /** The follower waits no longer. */
  void forget(ServedFollower follower) {
    Read read = byPosition.get(follower.next());
    if (read != null && read.waiting.remove(follower) && read.waiting.isEmpty()) {
      byPosition.remove(follower.next());
      orders.forgetRead(read.number);
    }
  }

  /** Answers to what was ordered so far are of no use. */
  void clear() {
    byPosition.values().forEach(read -> orders.forgetRead(read.number));
    byPosition.clear();
  }
}
