package io.github.allsourceconnect.sink.topic;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What two threads cut together is what one cuts. */
class SharedCuttingTest {
  private static final int RECORD = 10_000;

  /** The threads that have mapped records. */
  private final Set<Thread> mappers = ConcurrentHashMap.newKeySet();

  /** Called with each record before it is mapped. */
  private volatile Consumer<ConsumerRecord<byte[], byte[]>> before = record -> {};

  private final SharedCutting cutting = new SharedCutting("test-cutting", 4, Encoder::new);

  /** Every seventh record is no entry. */
  private final class Encoder implements LineEncoder {
    @Override
    public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
      mappers.add(Thread.currentThread());
      before.accept(record);
      return record.offset() % 7 == 3 ? null : Events.entry(record.offset() + 1, "1");
    }

    @Override
    public void line(WalEntry entry, LineWriter out) {
      new MessageCodec().encode(entry, out);
    }
  }

  @AfterEach
  void stop() {
    cutting.stop();
    cutting.await(Deadline.in(Await.LIMIT.toMillis()));
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset, int bytes) {
    return new ConsumerRecord<>(
        "t",
        0,
        offset,
        0,
        TimestampType.CREATE_TIME,
        0,
        bytes,
        null,
        new byte[0],
        new RecordHeaders(),
        Optional.empty());
  }

  /** Records of a size each from offset 100 on. */
  private static Stretch stretch(int records) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      all.add(record(100 + i, RECORD));
    }
    return new Stretch(0, 100, 100 + records, all);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String lines(List<LogBlock> blocks) {
    StringBuilder text = new StringBuilder();
    long next = blocks.get(0).from();
    for (LogBlock block : blocks) {
      assertEquals(next, block.from(), "no hole between blocks");
      next = block.to();
      text.append(new String(block.data(), 0, block.dataEnd(), US_ASCII));
    }
    return text.toString();
  }

  @Test
  void anyStretchIsCutAsOneThreadCutsIt() throws InterruptedException {
    SplittableRandom random = new SplittableRandom(20261128);
    for (int round = 0; round < 300; round++) {
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      long from = random.nextInt(1000);
      long offset = from;
      int most = 1 << random.nextInt(19);
      for (int i = random.nextInt(1 << random.nextInt(9)); i > 0; i--) {
        offset += random.nextInt(4) == 0 ? random.nextInt(9) : 0;
        records.add(record(offset, random.nextInt(most)));
        offset++;
      }
      Stretch stretch = new Stretch(0, from, offset + 1 + random.nextInt(5), records);
      BlockCutter alone = new BlockCutter(new Encoder());
      List<LogBlock> blocks = cutting.cut(stretch);
      String what = "round " + round;
      assertEquals(lines(alone.cut(alone.map(stretch))), lines(blocks), what);
      assertEquals(from, blocks.get(0).from(), what);
      assertEquals(stretch.to(), blocks.get(blocks.size() - 1).to(), what);
    }
    assertTrue(mappers.size() > 1, "another thread has helped");
  }

  @Test
  void aShortStretchIsCutByWhoWantsIt() throws InterruptedException {
    cutting.cut(stretch(12));
    assertEquals(Set.of(Thread.currentThread()), mappers);
    cutting.cut(stretch(13));
    assertEquals(2, mappers.size());
  }

  @Test
  void whereNoOtherThreadIsFreeTheCallerCutsAll() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    Thread test = Thread.currentThread();
    before =
        record -> {
          if (Thread.currentThread() != test) {
            await(held);
          }
        };
    int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 2));
    List<FutureTask<List<LogBlock>>> callers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      FutureTask<List<LogBlock>> caller = new FutureTask<>(() -> cutting.cut(stretch(20)));
      new Thread(caller, "test-caller").start();
      callers.add(caller);
    }
    // each caller, and a thread for each
    Await.until("all are at work", Await.LIMIT, () -> mappers.size() == 2 * threads);
    assertEquals(20 - 3, lines(cutting.cut(stretch(20))).lines().count());
    assertEquals(2 * threads + 1, mappers.size(), "nobody else");
    held.countDown();
    for (FutureTask<List<LogBlock>> caller : callers) {
      assertEquals(20 - 3, lines(caller.get()).lines().count());
    }
  }

  @Test
  void whoIsInterruptedWhileTheOtherHalfIsCutWaitsNoLonger() {
    Thread test = Thread.currentThread();
    CountDownLatch held = new CountDownLatch(1);
    before =
        record -> {
          if (Thread.currentThread() != test) {
            test.interrupt();
            await(held);
          }
        };
    assertThrows(InterruptedException.class, () -> cutting.cut(stretch(20)));
    before = record -> {};
    held.countDown();
  }

  /** What one that failed has left half done is in no other stretch. */
  @Test
  void behindAFailureAllIsAsBefore() throws InterruptedException {
    String right = lines(cutting.cut(stretch(20)));
    for (long where = 100; where < 120; where++) {
      long bad = where;
      before =
          record -> {
            if (record.offset() == bad) {
              throw new IllegalStateException("no event");
            }
          };
      assertThrows(IllegalStateException.class, () -> cutting.cut(stretch(20)));
      before = record -> {};
      assertEquals(right, lines(cutting.cut(stretch(20))));
    }
  }

  @Test
  void whatIsWrongInEitherHalfIsThrownAsItIs() {
    RuntimeException bad = new IllegalStateException("no event");
    for (long where : new long[] {100, 109, 110, 119}) {
      before =
          record -> {
            if (record.offset() == where) {
              throw bad;
            }
          };
      assertSame(bad, assertThrows(RuntimeException.class, () -> cutting.cut(stretch(20))));
    }
    before =
        record -> {
          if (record.offset() == 119) {
            throw new OutOfMemoryError("planted");
          }
        };
    assertThrows(OutOfMemoryError.class, () -> cutting.cut(stretch(20)));
  }

  @Test
  void whatIsThrownWithoutBeingDeclaredKeepsItsCause() {
    IOException bad = new IOException("a converter's");
    before =
        record -> {
          if (record.offset() == 119) {
            throwUndeclared(bad);
          }
        };
    assertSame(
        bad, assertThrows(ConnectException.class, () -> cutting.cut(stretch(20))).getCause());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void throwUndeclared(Exception e) throws E {
    throw (E) e;
  }

  @Test
  void whereNoThreadCanBeMadeTheCallerCutsAll() throws InterruptedException {
    SharedCutting poor =
        new SharedCutting(
            4,
            work -> {
              throw new OutOfMemoryError("unable to create native thread");
            },
            Encoder::new);
    assertEquals(20 - 3, lines(poor.cut(stretch(20))).lines().count());
    assertEquals(Set.of(Thread.currentThread()), mappers);
    poor.stop();
    poor.await(Deadline.in(Await.LIMIT.toMillis()));
  }

  @Test
  void onceStoppedTheCallerCutsAll() throws InterruptedException {
    cutting.stop();
    assertFalse(lines(cutting.cut(stretch(20))).isEmpty());
    assertEquals(Set.of(Thread.currentThread()), mappers);
  }
}
