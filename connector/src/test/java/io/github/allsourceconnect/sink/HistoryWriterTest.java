package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.EarlierLog;
import io.github.allsourceconnect.sink.history.Histories;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.HistoryWriter;
import io.github.allsourceconnect.sink.topic.LineEncoder;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.MappedStretch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched for the history, when, and how its thread ends. */
class HistoryWriterTest {
  private static final String THREAD = "history-writer-under-test";

  @TempDir Path temp;

  private final MemoryTopic topic = new MemoryTopic("orders");
  private final AtomicReference<EarlierLog> earlier = new AtomicReference<>();
  private final AtomicReference<HistoryCoverage> told = new AtomicReference<>(HistoryCoverage.NONE);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger mapped = new AtomicInteger();
  private final Settings settings = new Settings();
  private HistoryFeed feed = new HistoryFeed(() -> 4 << 20);
  private HistoryWriter writer;
  private History history;

  /** What the topic says, to be changed at will. */
  private static final class Settings {
    final AtomicInteger refusals = new AtomicInteger();
    volatile LogIdentity identity = new LogIdentity("c", "t1");
    volatile TopicRetention retention = TopicRetention.FOREVER;
    volatile CountDownLatch mapping;
    volatile boolean earlierNoted;

    /** What happens once, after the next answer. */
    volatile Runnable afterIdentity = () -> {};
  }

  private final class Parts implements HistoryWriter.Topic {
    private final EntryMapper mapper =
        new RecordEntryMapper(new SinkConfig(MemoryParts.settings(0)).mapping());

    @Override
    public LogConsumer consumer() {
      return topic.consumer();
    }

    @Override
    public LineEncoder mapping() {
      if (settings.mapping != null) {
        try {
          settings.mapping.await();
        } catch (InterruptedException e) {
          throw new InterruptException(e);
        }
      }
      return new LineEncoder() {
        @Override
        public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
          mapped.incrementAndGet();
          return HistoryWriterTest.entry(mapper, record.offset());
        }

        @Override
        public void line(WalEntry entry, LineWriter out) {
          throw new AssertionError("no lines are needed");
        }
      };
    }

    @Override
    public LogIdentity identity() {
      if (settings.refusals.getAndDecrement() > 0) {
        throw new TimeoutException("not now");
      }
      LogIdentity now = settings.identity;
      Runnable then = settings.afterIdentity;
      settings.afterIdentity = () -> {};
      then.run();
      return now;
    }

    @Override
    public boolean isEarlierNoted() {
      return settings.earlierNoted;
    }

    @Override
    public TopicRetention retention() {
      return settings.retention;
    }
  }

  private static WalEntry entry(EntryMapper mapper, long offset) {
    String json = Events.json((int) offset + 1);
    return mapper.map(new SinkRecord("orders", 0, null, null, Schema.STRING_SCHEMA, json, offset));
  }

  private HistoryWriter start(String... more) {
    Map<String, String> all = MemoryParts.settings(0);
    all.put("snapshot.dir", temp.toString());
    all.put("snapshot.file.max.rows", "10");
    all.put("snapshot.file.max.age.ms", "86400000");
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    history = Histories.create(new SinkConfig(all), 0, () -> Long.MAX_VALUE).orElseThrow();
    writer =
        new HistoryWriter(
            THREAD,
            "orders-0",
            0,
            history,
            feed,
            new HistoryWriter.FileLimits(86_400_000, 1 << 20),
            new Parts(),
            new HistoryWriter.Told() {
              @Override
              public void holds(LogIdentity of, HistoryCoverage coverage) {
                told.set(coverage);
              }

              @Override
              public void earlier(EarlierLog log) {
                earlier.set(log);
              }
            },
            failure::set);
    return writer;
  }

  @AfterEach
  void close() {
    if (writer != null) {
      writer.close();
    }
    assertNull(failure.get());
    assertEquals(0, topic.openConsumers(), "consumers that were left open");
    assertFalse(threadLives());
  }

  private static boolean threadLives() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(THREAD));
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      topic.append(0, null, Events.json((int) topic.end(0) + 1));
    }
  }

  private void awaitHistory(long upTo) {
    Await.until(
        "the history reaches to " + upTo,
        Await.LIMIT,
        () -> {
          assertNull(failure.get());
          return told.get().upTo() == upTo;
        });
  }

  private static MappedStretch stretch(long from, long to) {
    EntryMapper mapper = new RecordEntryMapper(new SinkConfig(MemoryParts.settings(0)).mapping());
    List<WalEntry> entries = new ArrayList<>();
    for (long offset = from; offset < to; offset++) {
      entries.add(entry(mapper, offset));
    }
    return new MappedStretch(from, to, entries, Long.MAX_VALUE, 100);
  }

  @Test
  void whatTheTailHasMappedIsNeitherFetchedNorMappedAgain() {
    append(100);
    HistoryWriter started = start();
    feed.start(settings.identity, 100);
    started.start();
    awaitHistory(100);
    int reads = topic.reads();
    int before = mapped.get();
    feed.add(stretch(100, 115));
    feed.add(stretch(115, 120));
    awaitHistory(120);
    Await.until("its own consumer is closed", Await.LIMIT, () -> topic.openConsumers() == 0);
    feed.add(stretch(120, 150));
    awaitHistory(150);
    assertEquals(reads, topic.reads(), "nothing was fetched");
    assertEquals(before, mapped.get(), "nothing was mapped");
  }

  @Test
  void whatTheTopicDeletesSoonIsDurableAtOnce() {
    settings.retention = new TopicRetention(OptionalLong.of(60_000), OptionalLong.empty());
    HistoryWriter started = start();
    feed.start(settings.identity, 0);
    started.start();
    MappedStretch three = stretch(0, 3);
    long aged = System.currentTimeMillis() - 30_000;
    feed.add(new MappedStretch(0, 3, three.entries(), aged, 100));
    awaitHistory(3);
  }

  @Test
  void kafkaIsAskedAgainWhenItDoesNotAnswer() {
    settings.refusals.set(2);
    append(10);
    start().start();
    awaitHistory(10);
    assertTrue(settings.refusals.get() < 0);
  }

  @Test
  void whatTheTopicLosesMeanwhileIsAHole() {
    append(20);
    HistoryWriter started = start();
    started.start();
    awaitHistory(20);
    started.close();
    append(30);
    topic.retain(0, 30);
    start().start();
    awaitHistory(50);
    assertEquals(10, told.get().missing());
    assertEquals(20, told.get().holes().get(0).after());
    assertEquals(30, told.get().holes().get(0).upTo());
  }

  @Test
  void aTopicThatIsCreatedAgainHasAHistoryOfItsOwn() throws IOException {
    append(20);
    HistoryWriter started = start();
    feed.start(settings.identity, 20);
    started.start();
    awaitHistory(20);
    topic.truncate(0, 0);
    settings.identity = new LogIdentity("c", "t2");
    append(10);
    feed.cut();
    awaitHistory(10);
    assertEquals(0, told.get().missing());
    assertEquals(new LogIdentity("c", "t1"), earlier.get().log());
    assertTrue(earlier.get().mayHave() > 20);
    try (Stream<Path> all = Files.walk(temp)) {
      assertTrue(
          all.anyMatch(path -> path.getFileName().toString().startsWith("aside-c%2Ft1")),
          "the old one is set aside");
    }
  }

  private void createAgain(int records) {
    topic.recreate();
    settings.identity = new LogIdentity("c", "t2");
    append(records);
  }

  private void awaitHistoryOfItsOwn(long upTo) {
    awaitHistory(upTo);
    assertEquals(0, told.get().missing());
    assertEquals(0, told.get().after());
    assertEquals(new LogIdentity("c", "t2"), history.identity());
  }

  /** Between two answers of Kafka it may be replaced: what is read then is not the old one's. */
  @Test
  void aTopicThatIsCreatedAgainWhileItsHistoryIsOpened() {
    append(20);
    start().start();
    awaitHistory(20);
    writer.close();
    settings.afterIdentity = () -> createAgain(50);
    start().start();
    awaitHistoryOfItsOwn(50);
    assertEquals(new LogIdentity("c", "t1"), earlier.get().log());
  }

  /** The new one may have grown beyond the place where the writer reads: it notices nothing. */
  @Test
  void aTopicThatIsCreatedAgainWhileTheWriterReadsIt() {
    append(20);
    start().start();
    awaitHistory(20);
    createAgain(50);
    awaitHistoryOfItsOwn(50);
    assertEquals(new LogIdentity("c", "t1"), earlier.get().log());
  }

  /** Writer and tail find out by themselves, in any order. */
  @Test
  void theTailThatBeginsAnewLaterThanTheWriterChangesNothing() {
    append(20);
    HistoryWriter started = start();
    feed.start(settings.identity, 1_000);
    started.start();
    awaitHistory(20);
    createAgain(5);
    append(5);
    awaitHistoryOfItsOwn(10);
    feed.start(settings.identity, 5);
    feed.add(stretch(5, 10));
    feed.add(stretch(10, 20));
    awaitHistoryOfItsOwn(20);
  }

  /** A task that was killed before it had committed anything took the log of before with it. */
  @Test
  void theLogOfBeforeIsToldUntilWhatIsCommittedTellsOfIt() {
    append(20);
    HistoryWriter old = start();
    feed.start(settings.identity, 20);
    old.start();
    awaitHistory(20);
    old.close();
    topic.truncate(0, 0);
    settings.identity = new LogIdentity("c", "t2");
    append(10);
    feed = new HistoryFeed(() -> 4 << 20);
    feed.start(settings.identity, 10);
    for (int task = 0; task < 2; task++) {
      earlier.set(null);
      HistoryWriter started = start();
      started.start();
      Await.until("it tells", Await.LIMIT, () -> earlier.get() != null);
      assertEquals(new LogIdentity("c", "t1"), earlier.get().log());
      awaitHistory(10);
      started.close();
    }
    settings.earlierNoted = true;
    told.set(HistoryCoverage.NONE);
    HistoryWriter noting = start();
    noting.start();
    awaitHistory(10);
    Await.until("it is forgotten", Await.LIMIT, () -> history.appender().earlier() == null);
    noting.close();
    earlier.set(null);
    told.set(HistoryCoverage.NONE);
    start().start();
    awaitHistory(10);
    assertNull(earlier.get());
  }

  @Test
  void itEndsAlthoughItIsNotKnownHowToMap() {
    settings.mapping = new CountDownLatch(1);
    append(10);
    HistoryWriter started = start();
    started.start();
    Await.until("it reads", Await.LIMIT, () -> topic.reads() > 0);
    started.stop();
    started.close();
    assertFalse(threadLives());
  }

  @Test
  void whatWasTakenIsDurableWhenItIsClosed() {
    append(13);
    HistoryWriter started = start();
    feed.start(settings.identity, 13);
    started.start();
    awaitHistory(10);
    Await.until("all are mapped", Await.LIMIT, () -> mapped.get() == 13);
    started.close();
    start().start();
    awaitHistory(13);
  }
}
