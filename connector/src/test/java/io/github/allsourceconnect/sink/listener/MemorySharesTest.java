package io.github.allsourceconnect.sink.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import org.junit.jupiter.api.Test;

/** However many partitions and followers a task has, they share its part of the heap. */
class MemorySharesTest {
  private static final long MB = 1 << 20;

  @Test
  void aLargeHeapGivesEachWhatTheSettingsAllow() {
    MemoryShares shares = new MemoryShares(8_192 * MB, 64 * MB, 4 * MB);
    for (int partition = 0; partition < 8; partition++) {
      assertEquals(4 * MB, shares.update(partition, 10));
    }
    assertEquals(64 * MB, shares.tail());
    assertEquals(32 * MB, shares.older());
    assertEquals(4 * MB, shares.feed());
    assertEquals(64 * MB, shares.file());
  }

  @Test
  void aSmallOneIsShared() {
    MemoryShares shares = new MemoryShares(256 * MB, 64 * MB, 4 * MB);
    for (int partitions = 1; partitions <= 16; partitions++) {
      long follower = shares.update(partitions, 5);
      assertTrue(follower * 5 * partitions <= 32 * MB, "followers");
      assertTrue(shares.tail() * partitions <= 32 * MB, "tails");
      assertTrue(shares.older() * partitions <= 16 * MB, "older blocks");
      assertTrue(shares.file() * partitions <= 16 * MB, "files");
      assertTrue(shares.feed() * partitions <= 8 * MB, "what waits for histories");
    }
    for (int partitions = 16; partitions > 1; partitions--) {
      shares.remove(partitions);
    }
    assertEquals(1, shares.partitions());
    assertEquals(32 * MB, shares.tail());
    assertEquals(4 * MB, shares.update(1, 5));
  }

  /** A task that can't have its part gets on all the same. */
  @Test
  void eachHasTheLeast() {
    MemoryShares shares = new MemoryShares(8 * MB, 64 * MB, 4 * MB);
    int follower = 0;
    for (int partition = 0; partition < 100; partition++) {
      follower = shares.update(partition, 1_000);
    }
    assertEquals(64 << 10, follower);
    assertEquals(MB, shares.tail());
    assertEquals(64 << 10, shares.older());
    assertEquals(64 << 10, shares.feed());
    assertEquals(MB, shares.file());
  }

  @Test
  void oneLargePieceTakesAllTheRoomAndNoMore() throws InterruptedException {
    MemoryShares.Room room = new MemoryShares(256 * MB, 64 * MB, 4 * MB).tails();
    int taken = room.take(100 * MB);
    assertEquals(8 * MB, taken);
    room.giveBack(taken);
    assertEquals(5, room.take(5));
  }

  /** It needs all of it at once, and others go on taking a little. */
  @Test
  void whoWaitsForMuchRoomHasItsTurn() throws InterruptedException {
    MemoryShares.Room room = new MemoryShares(256 * MB, 64 * MB, 4 * MB).olders();
    int some = room.take(1);
    Thread large = taker(room, 100 * MB);
    Thread small = taker(room, 1);
    assertEquals(Thread.State.WAITING, small.getState());
    room.giveBack(some);
    large.join();
    room.giveBack((int) (8 * MB));
    small.join();
  }

  private static Thread taker(MemoryShares.Room room, long bytes) {
    Thread thread =
        new Thread(
            () -> {
              try {
                int unused = room.take(bytes);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setDaemon(true);
    thread.start();
    Await.until(
        "it waits, or is done",
        Await.LIMIT,
        () ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TERMINATED);
    return thread;
  }
}
