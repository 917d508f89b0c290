package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What the reader of the tail found, on its way to the partition's event loop: in order, bounded in
 * bytes, and taken in turns. Between two turns the loop looks after the connections and gives those
 * who catch up theirs, so that a log that grows faster than it can be sent shuts nobody out.
 */
final class Arrivals {
  /** A turn ends with what brings it to so many bytes. */
  private static final int TURN_BYTES = 128 << 10;

  private final PartitionLoop loop;
  private final Queue<Arrival> queue = new ConcurrentLinkedQueue<>();
  private final MemoryShares.Room room;
  private final AtomicBoolean turnDue = new AtomicBoolean();

  private record Arrival(int bytes, Consumer<LeaderLog> input) {}

  /**
   * @param loop takes what arrived in a turn as one input
   * @param room how many bytes may be on their way, to this and to other partitions
   */
  Arrivals(PartitionLoop loop, MemoryShares.Room room) {
    this.loop = loop;
    this.room = room;
  }

  /** Hands over something small. Any thread. */
  void add(Consumer<LeaderLog> input) {
    put(new Arrival(0, input));
  }

  /** Hands over so many bytes; waits while too many are on their way. Any thread. */
  void add(long bytes, Consumer<LeaderLog> input) throws InterruptedException {
    put(new Arrival(room.take(bytes), input));
  }

  private void put(Arrival arrival) {
    queue.add(arrival);
    turnIfNeeded();
  }

  private void turnIfNeeded() {
    if (!queue.isEmpty() && turnDue.compareAndSet(false, true)) {
      // a scheduled task runs after the connections were looked after, one that is executed before
      Future<?> unused = loop.eventLoop().schedule(this::turn, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void turn() {
    List<Consumer<LeaderLog>> batch = new ArrayList<>();
    int bytes = 0;
    while (bytes < TURN_BYTES) {
      Arrival next = queue.poll();
      if (next == null) {
        break;
      }
      room.giveBack(next.bytes());
      bytes += next.bytes();
      batch.add(next.input());
    }
    try {
      loop.input(log -> batch.forEach(input -> input.accept(log)));
    } finally {
      turnDue.set(false);
      turnIfNeeded();
    }
  }
}
