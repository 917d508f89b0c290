package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.SeenLog;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads go where what follows is at hand, and one stretch is read ahead. */
class OlderReadersTest {
  private static final int STRETCH = 10;
  private static final int READERS = 4;

  /** A topic of 100 stretches whose consumers count what they are asked. */
  private static final class Counting implements LogConsumer {
    private final List<Long> sought = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> polled = Collections.synchronizedList(new ArrayList<>());
    private final Map<Integer, Long> positions = new HashMap<>();

    @Override
    public Bounds bounds(int partition) {
      return new Bounds(0, 100 * STRETCH);
    }

    @Override
    public void seek(Map<Integer, Long> wanted) {
      if (!wanted.isEmpty() && !wanted.equals(positions)) {
        sought.addAll(wanted.values());
      }
      positions.clear();
      positions.putAll(wanted);
    }

    @Override
    public long position(int partition) {
      return positions.get(partition);
    }

    @Override
    public List<Stretch> poll(Duration timeout) {
      Map.Entry<Integer, Long> at = positions.entrySet().iterator().next();
      long from = at.getValue();
      polled.add(from);
      if (from >= 100 * STRETCH) {
        return List.of();
      }
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (long offset = from; offset < from + STRETCH; offset++) {
        records.add(new ConsumerRecord<>("t", at.getKey(), offset, null, new byte[] {1}));
      }
      at.setValue(from + STRETCH);
      return List.of(new Stretch(at.getKey(), from, from + STRETCH, records));
    }

    @Override
    public void wakeUp() {}

    @Override
    public void close() {}
  }

  /** A partition that keeps the last answer of each read. */
  private static final class Answers extends QuietSink {
    private final Map<Integer, List<LogBlock>> blocks = new ConcurrentHashMap<>();
    private volatile int seen;
    private volatile boolean placed;

    Answers(int partition) {
      super(partition);
    }

    @Override
    public void seen(SeenLog log) {
      seen = log.number();
    }

    @Override
    public void bounds(SeenLog log, long begin, long end) {
      placed = true;
    }

    @Override
    public void older(int number, List<LogBlock> read) {
      blocks.put(number, read);
    }
  }

  private final List<Counting> consumers = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<LogIdentity> identity =
      new AtomicReference<>(new LogIdentity("cluster", "topic-1"));
  private final AtomicReference<Throwable> failed = new AtomicReference<>();
  private final Answers answers = new Answers(0);
  private volatile long unreadable = -1;
  private int number;

  private final LogWatch watch =
      new LogWatch(
          new LogIdentities() {
            @Override
            public LogIdentity ask() {
              return identity.get();
            }

            @Override
            public List<Committed> committed(int partition) {
              return List.of();
            }

            @Override
            public void close() {}
          });

  private final OlderReaders readers =
      new OlderReaders(
          "test-older",
          READERS,
          index -> {
            Counting made = new Counting();
            consumers.add(made);
            return made;
          },
          () ->
              new LineEncoder() {
                @Override
                public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
                  if (record.offset() == unreadable) {
                    throw new IllegalStateException("no event");
                  }
                  return Events.entry(record.offset() + 1, "1");
                }

                @Override
                public void line(WalEntry entry, LineWriter out) {
                  new MessageCodec().encode(entry, out);
                }
              },
          watch,
          Await.LIMIT,
          failed::set);

  @AfterEach
  void close() {
    readers.close();
    watch.close();
  }

  /** The read's answer: where its first block begins and its last one ends. */
  private List<Long> read(int log, long position) {
    int mine = ++number;
    readers.read(answers, log, mine, position);
    Await.until(
        "an answer for " + position,
        Await.LIMIT,
        () -> answers.blocks.containsKey(mine) || failed.get() != null);
    List<LogBlock> blocks = answers.blocks.get(mine);
    return blocks == null
        ? List.of()
        : List.of(blocks.get(0).from(), blocks.get(blocks.size() - 1).to());
  }

  /** A thread has read ahead that far. */
  private void awaitAhead(long position) {
    Await.until(
        "read ahead of " + position,
        Await.LIMIT,
        () -> consumers.stream().anyMatch(each -> List.copyOf(each.polled).contains(position)));
  }

  @Test
  void aFollowerThatIsBehindIsReadForByOneThreadThatSeeksOnce() {
    readers.start();
    int log = watch.now().number();
    for (long from = 0; from < 50 * STRETCH; from += STRETCH) {
      assertEquals(List.of(from, from + STRETCH), read(log, from));
    }
    awaitAhead(50 * STRETCH);
    assertEquals(1, consumers.size());
    assertEquals(List.of(0L), consumers.get(0).sought);
    assertEquals(51, consumers.get(0).polled.size(), "each stretch is polled once");
  }

  /**
   * A follower that takes all that it gets wants what follows before the reader has turned round.
   */
  @Test
  void aFollowerThatAsksAtOnceIsReadForByOneThreadToo() {
    int log = watch.now().number();
    AtomicReference<Long> reached = new AtomicReference<>(0L);
    QuietSink eager =
        new QuietSink(0) {
          @Override
          public void older(int number, List<LogBlock> read) {
            long to = read.get(read.size() - 1).to();
            if (to < 50 * STRETCH) {
              readers.read(this, log, number + 1, to);
            }
            // whoever is free has taken it by now
            Await.until("it waits", Await.LIMIT, () -> to == 50 * STRETCH || isLeft());
            reached.set(to);
          }

          private boolean isLeft() {
            return readers.waiting() == 1 || consumers.size() > 1;
          }
        };
    readers.start();
    readers.read(eager, log, 1, 0);
    Await.until("all is read", Await.LIMIT, () -> reached.get() == 50 * STRETCH);
    assertEquals(List.of(List.of(0L)), consumers.stream().map(each -> each.sought).toList());
  }

  @Test
  void whatWasReadAheadForOnePlaceIsNotGivenForAnother() {
    readers.start();
    int log = watch.now().number();
    read(log, 0);
    awaitAhead(STRETCH);
    assertEquals(List.of(30L, 40L), read(log, 30));
    assertEquals(List.of(10L, 20L), read(log, 10));
    assertEquals(List.of(0L, 10L), read(log, 0));
  }

  @Test
  void whatWasReadAheadOfALogIsNotGivenOnceTheTopicIsAnother() {
    readers.start();
    int log = watch.now().number();
    read(log, 0);
    awaitAhead(STRETCH);
    identity.set(new LogIdentity("cluster", "topic-2"));
    Await.until(
        "an answer that is not kept any more",
        Await.LIMIT,
        () -> watch.within(LogWatch.READ).number() == 2);
    readers.read(answers, log, ++number, STRETCH);
    Await.until("the other log is told", Await.LIMIT, () -> answers.seen == 2);
    assertNull(answers.blocks.get(number));
    int polledBefore = consumers.stream().mapToInt(each -> each.polled.size()).sum();
    assertEquals(List.of(10L, 20L), read(2, STRETCH));
    assertTrue(
        consumers.stream().mapToInt(each -> each.polled.size()).sum() > polledBefore,
        "read anew from the other topic");
  }

  @Test
  void whatIsWrongAheadIsSaidWhenItIsAskedFor() {
    unreadable = STRETCH + 3;
    readers.start();
    int log = watch.now().number();
    read(log, 0);
    awaitAhead(STRETCH);
    assertNull(failed.get());
    assertEquals(List.of(0L, 10L), read(log, 0));
    assertNull(failed.get());
    assertEquals(List.of(), read(log, STRETCH));
    assertEquals("no event", failed.get().getMessage());
  }

  /** The partition is served no longer: nothing that was asked for it keeps it in memory. */
  @Test
  void whoIsForgottenIsNotReachable() {
    readers.start();
    WeakReference<Answers> left = new WeakReference<>(placed());
    readers.queryBounds(answers);
    Await.until("another one is placed", Await.LIMIT, () -> answers.placed);
    readers.forget(left.get());
    Await.until(
        "it is gone",
        Await.LIMIT,
        () -> {
          System.gc();
          return left.get() == null;
        });
  }

  private Answers placed() {
    Answers sink = new Answers(1);
    readers.queryBounds(sink);
    Await.until("it is placed", Await.LIMIT, () -> sink.placed);
    return sink;
  }

  @Test
  void followersAtDifferentPlacesAreReadForAtTheSameTime() {
    readers.start();
    int log = watch.now().number();
    for (int round = 0; round < 20; round++) {
      for (long place = 0; place < 3; place++) {
        long from = place * 300 + round * STRETCH;
        assertEquals(List.of(from, from + STRETCH), read(log, from));
      }
    }
  }
}
