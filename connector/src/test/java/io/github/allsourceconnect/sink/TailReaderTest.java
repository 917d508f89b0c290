package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.topic.LineEncoder;
import io.github.allsourceconnect.sink.topic.LogWatch;
import io.github.allsourceconnect.sink.topic.QuietSink;
import io.github.allsourceconnect.sink.topic.TailReader;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the reader of the tail tells its partitions. */
class TailReaderTest {

  private final MemoryTopic topic = new MemoryTopic("orders");
  private final LogWatch watch = new LogWatch(topic.identities());
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicReference<RuntimeException> refusal = new AtomicReference<>();
  private final TailReader tail =
      new TailReader("test-tail", topic::consumer, watch, new NoLines(), failure::set);

  /** Records become no entries: what counts is which offsets are covered. */
  private final class NoLines implements LineEncoder {
    @Override
    public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
      if (refusal.get() != null) {
        throw refusal.get();
      }
      return null;
    }

    @Override
    public void line(WalEntry entry, LineWriter out) {
      throw new AssertionError("there is no entry");
    }
  }

  /** Writes down what it is told. */
  private static final class Recorder extends QuietSink {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile long reached = -1;

    Recorder(int partition) {
      super(partition);
    }

    @Override
    public void tailStart(SeenLog log, long position) {
      told.add("start " + log.number() + " at " + position);
      reached = position;
    }

    @Override
    public void tail(int log, LogBlock block) {
      if (block.from() != reached) {
        told.add("a jump from " + reached + " to " + block.from());
      }
      reached = block.to();
    }

    @Override
    public void tailGone(int log, long begin) {
      told.add("gone up to " + begin);
      reached = begin;
    }

    @Override
    public void truncated(int log, long end) {
      told.add("cut at " + end);
      reached = end;
    }

    void await(long offset) {
      Await.until(
          "offset " + offset, Await.LIMIT, () -> reached == offset, () -> told + ", " + reached);
    }
  }

  private void append(int partition, int count) {
    for (int i = 0; i < count; i++) {
      topic.append(partition, "k", "v");
    }
  }

  private Recorder serve(int partition) {
    Recorder sink = new Recorder(partition);
    tail.add(sink);
    return sink;
  }

  @AfterEach
  void close() {
    tail.close();
    watch.close();
    assertEquals(0, topic.openConsumers());
  }

  /** From the last record on: by that the consumer knows which log it follows. */
  @Test
  void beginsOneBeforeTheEndAndGoesOn() {
    append(0, 5);
    append(1, 3);
    tail.start();
    Recorder zero = serve(0);
    Recorder one = serve(1);
    Recorder empty = serve(2);
    zero.await(5);
    one.await(3);
    append(0, 4);
    append(2, 1);
    zero.await(9);
    empty.await(1);
    assertEquals(List.of("start 1 at 4"), zero.told);
    assertEquals(List.of("start 1 at 2"), one.told);
    assertEquals(List.of("start 1 at 0"), empty.told);
  }

  @Test
  void whatWasDeletedUnreadIsSaid() {
    append(0, 2);
    topic.fail(0, 2);
    tail.start();
    Recorder sink = serve(0);
    Await.until("reads fail", Await.LIMIT, () -> sink.reached == 1 || topic.hasFailed());
    append(0, 8);
    topic.retain(0, 10);
    sink.await(10);
    append(0, 1);
    sink.await(11);
    assertEquals(0, sink.told.stream().filter(told -> told.startsWith("a jump")).count());
  }

  /** What was written since is read, too. */
  @Test
  void aLogThatWasCutAndHasGrownAgainIsReadFromWhereItWasCut() {
    append(0, 10);
    tail.start();
    Recorder sink = serve(0);
    sink.await(10);
    synchronized (topic) {
      topic.truncate(0, 6);
      append(0, 3);
    }
    sink.await(9);
    assertEquals(List.of("start 1 at 9", "cut at 6"), sink.told);
  }

  @Test
  void aLogThatWasCutIsSaidAndReadOn() {
    append(0, 10);
    tail.start();
    Recorder sink = serve(0);
    sink.await(10);
    topic.truncate(0, 6);
    sink.await(6);
    append(0, 1);
    sink.await(7);
    assertEquals(List.of("start 1 at 9", "cut at 6"), sink.told);
  }

  @Test
  void aTopicThatIsCreatedAgainIsBegunAnew() {
    append(0, 10);
    tail.start();
    Recorder sink = serve(0);
    sink.await(10);
    topic.recreate();
    watch.now();
    append(0, 3);
    Await.until(
        "the new log",
        Await.LIMIT,
        () -> sink.told.stream().anyMatch(t -> t.startsWith("start 2")));
    sink.await(3);
  }

  /** A partition that is closed and opened again at once is taken up at its end again. */
  @Test
  void aPartitionThatComesBackIsTakenUpAnew() {
    append(0, 4);
    tail.start();
    Recorder before = serve(0);
    before.await(4);
    tail.remove(before);
    Recorder after = serve(0);
    after.await(4);
    append(0, 2);
    after.await(6);
    assertEquals(List.of("start 1 at 3"), after.told);
    assertEquals(4, before.reached, "who left is told nothing more");
  }

  @Test
  void aPartitionWithoutALeaderKeepsNoneOfTheOthersWaiting() {
    append(0, 2);
    append(1, 3);
    append(2, 4);
    topic.loseLeader(1);
    tail.start();
    Recorder zero = serve(0);
    Recorder one = serve(1);
    Recorder two = serve(2);
    zero.await(2);
    two.await(4);
    append(0, 1);
    append(2, 1);
    zero.await(3);
    two.await(5);
    assertEquals(List.of(), one.told);
    topic.electLeader(1);
    one.await(3);
    assertEquals(List.of("start 1 at 2"), one.told);
    assertEquals(List.of("start 1 at 1"), zero.told);
    assertEquals(null, failure.get());
  }

  /** What it was to read next is gone, and nobody says where it goes on. */
  @Test
  void aPartitionThatIsLostAndHasNoLeaderKeepsNoneOfTheOthersWaiting() {
    append(0, 2);
    append(1, 3);
    tail.start();
    Recorder zero = serve(0);
    Recorder one = serve(1);
    zero.await(2);
    one.await(3);
    topic.fail(Integer.MAX_VALUE, 0);
    synchronized (topic) {
      append(0, 8);
      topic.retain(0, 10);
    }
    for (int i = 4; i < 24; i++) {
      append(1, 1);
      one.await(i);
    }
    topic.fail(0, 0);
    zero.await(10);
    append(0, 1);
    zero.await(11);
    assertEquals(List.of("start 1 at 1", "gone up to 10"), zero.told);
    assertEquals(null, failure.get());
  }

  @Test
  void whatPassesIsTriedAgainAndWhatDoesNotIsToldWithItsCause() {
    topic.fail(2, 2);
    tail.start();
    Recorder sink = serve(0);
    append(0, 1);
    sink.await(1);
    assertEquals(null, failure.get());
    refusal.set(new DataException("no event"));
    append(0, 1);
    Await.until("the failure is told", Await.LIMIT, () -> failure.get() != null);
    assertEquals(refusal.get(), failure.get());
    assertEquals(1, sink.reached);
  }
}
