package io.github.allsourceconnect.source.readahead;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ReceiveBufferTest {
  @TempDir Path folder;

  private ReceiveBuffer buffer(long memory, long disk) {
    return new ReceiveBuffer(memory, new SpillFiles(folder, disk), () -> {});
  }

  private long files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.count();
    }
  }

  private static byte[] bytes(SplittableRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** One thread: whatever the order of puts and takes, the bytes come out as they went in. */
  @Test
  void isAQueueWhateverSpills() throws Exception {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      int memory = 1 + random.nextInt(2000);
      int disk = random.nextInt(4) == 0 ? 0 : 20_000 + random.nextInt(20_000);
      ByteArrayOutputStream in = new ByteArrayOutputStream();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      String what = "seed " + seed + ", round " + round;
      try (ReceiveBuffer buffer = buffer(memory, disk)) {
        int generation = 1;
        int lastGeneration = 0;
        long inside = 0;
        for (int step = 0; step < 300; step++) {
          byte[] array = bytes(random, 1 + random.nextInt(700));
          boolean fits = inside + array.length + 200 < (disk == 0 ? memory : memory + disk / 2);
          if (random.nextBoolean() && (fits || buffer.isEmpty())) {
            generation += random.nextInt(20) == 0 ? 1 : 0;
            // in two pieces, as a socket gives them
            int cut = random.nextInt(array.length + 1);
            if (cut > 0) {
              assertTrue(buffer.put(generation, array, 0, cut), what);
            }
            if (cut < array.length && (disk > 0 || cut == 0)) {
              assertTrue(buffer.put(generation, array, cut, array.length - cut), what);
              in.write(array, 0, array.length);
              inside += array.length;
            } else {
              in.write(array, 0, cut);
              inside += cut;
            }
          } else {
            ReceiveBuffer.Block block = buffer.take();
            assertEquals(inside == 0, block == null, what);
            if (block != null) {
              assertTrue(block.connection() >= lastGeneration, what);
              lastGeneration = block.connection();
              out.write(block.array());
              inside -= block.array().length;
            }
          }
          assertTrue(buffer.diskBytes() <= disk, what);
          assertEquals(inside == 0, buffer.isEmpty(), what);
        }
        for (ReceiveBuffer.Block block = buffer.take(); block != null; block = buffer.take()) {
          out.write(block.array());
        }
        assertArrayEquals(in.toByteArray(), out.toByteArray(), what);
        assertTrue(buffer.isEmpty(), what);
      }
      assertEquals(0, files(), what);
    }
  }

  /** Two threads, both full and empty again and again. */
  @Test
  void keepsTheOrderBetweenTwoThreads() throws Exception {
    long seed = new SplittableRandom().nextLong();
    int total = 20_000_000;
    ReceiveBuffer buffer = buffer(50_000, 400_000);
    CompletableFuture<Void> putting =
        CompletableFuture.runAsync(
            () -> {
              SplittableRandom random = new SplittableRandom(seed);
              byte[] array = new byte[64 << 10];
              int at = 0;
              int sent = 0;
              try {
                while (sent < total) {
                  if (at + 3000 > array.length) {
                    array = new byte[64 << 10];
                    at = 0;
                  }
                  int length = Math.min(total - sent, 1 + random.nextInt(3000));
                  for (int i = 0; i < length; i++) {
                    array[at + i] = value(sent + i);
                  }
                  assertTrue(buffer.put(1 + sent / 1_000_000, array, at, length));
                  at += length;
                  sent += length;
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    SplittableRandom random = new SplittableRandom(~seed);
    int got = 0;
    int generation = 0;
    while (got < total) {
      ReceiveBuffer.Block block = buffer.take();
      if (block == null) {
        assertFalse(putting.isCompletedExceptionally(), "seed " + seed);
        Thread.onSpinWait();
        continue;
      }
      assertTrue(block.connection() >= generation, "seed " + seed);
      generation = block.connection();
      for (int i = 0; i < block.array().length; i++) {
        if (block.array()[i] != value(got + i)) {
          throw new AssertionError("seed " + seed + ": byte " + (got + i) + " is another");
        }
      }
      got += block.array().length;
      if (buffer.stalls() == 0) {
        // not before both shares have been full once, or everything was put
        Await.until(
            "both shares are full", Await.LIMIT, () -> buffer.stalls() > 0 || putting.isDone());
      }
    }
    putting.get(30, TimeUnit.SECONDS);
    assertTrue(buffer.isEmpty());
    assertTrue(
        buffer.stalls() > 0, "both shares were never full: the test shows less than it says");
    buffer.close();
    assertEquals(0, files());
  }

  private static byte value(int index) {
    return (byte) (index * 31 + (index >>> 8));
  }

  @Test
  void joinsWhatTrickles() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    byte[] array = bytes(new SplittableRandom(1), 1000);
    try (ReceiveBuffer buffer =
        new ReceiveBuffer(10_000, new SpillFiles(folder, 0), puts::incrementAndGet)) {
      for (int i = 0; i < 1000; i++) {
        assertTrue(buffer.put(1, array, i, 1));
      }
      assertEquals(1000, puts.get());
      assertEquals(1000, buffer.memoryBytes());
      assertArrayEquals(array, buffer.take().array());
      assertNull(buffer.take());
    }
  }

  @Test
  void aFullBufferLetsGoOfAPutWhenTheConnectionIsAbandonedOrAllIsClosed() throws Exception {
    ReceiveBuffer buffer = buffer(10, 0);
    assertTrue(buffer.put(1, new byte[10], 0, 10));
    CompletableFuture<Boolean> waiting = putLater(buffer, 1);
    buffer.abandon(1);
    assertFalse(waiting.get(10, TimeUnit.SECONDS));
    assertFalse(buffer.put(1, new byte[1], 0, 1), "an abandoned connection puts nothing");
    CompletableFuture<Boolean> next = putLater(buffer, 2);
    assertEquals(10, buffer.take().array().length, "what was taken in stays");
    assertTrue(next.get(10, TimeUnit.SECONDS));
    assertTrue(buffer.put(2, new byte[5], 0, 5));
    CompletableFuture<Boolean> last = putLater(buffer, 2);
    buffer.close();
    assertFalse(last.get(10, TimeUnit.SECONDS));
  }

  private static CompletableFuture<Boolean> putLater(ReceiveBuffer buffer, int generation) {
    long before = buffer.stalls();
    CompletableFuture<Boolean> put =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return buffer.put(generation, new byte[5], 0, 5);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Await.until("the put waits", Await.LIMIT, () -> buffer.stalls() > before);
    return put;
  }

  @Test
  void memoryAloneMustDoWhenTheDiskFails() throws Exception {
    Path gone = folder.resolve("gone");
    ReceiveBuffer buffer = new ReceiveBuffer(10, new SpillFiles(gone, 1000), () -> {});
    assertTrue(buffer.put(1, new byte[10], 0, 10));
    CompletableFuture<Boolean> waiting = putLater(buffer, 1);
    assertEquals(10, buffer.take().array().length);
    assertTrue(waiting.get(10, TimeUnit.SECONDS));
    assertEquals(5, buffer.take().array().length);
    buffer.close();
  }
}
