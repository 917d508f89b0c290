package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.LogWatch;
import io.github.allsourceconnect.sink.topic.Recognition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Connect hands over is found again, however much of it there is and whenever it can be read.
 */
class RecognitionTest {
  private final MemoryTopic topic = new MemoryTopic("orders");
  private final CountDownLatch connects = new CountDownLatch(1);
  private volatile Throwable failure;
  private final LogWatch watch = new LogWatch(topic.identities());
  private final Recognition recognition = recognition(MemoryParts.settings(9_090));

  /** What happens once, after the next read. */
  private volatile Runnable afterRead = () -> {};

  private Recognition recognition(Map<String, String> settings) {
    return new Recognition(
        "recognition",
        "orders",
        Converters.Choice.of(new SinkConfig(settings).log()),
        this::consumer,
        watch,
        e -> failure = e);
  }

  /** A broker that takes its time. */
  private LogConsumer consumer() {
    try {
      connects.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new PassingConsumer(topic.consumer()) {
      @Override
      public List<Stretch> poll(Duration timeout) {
        List<Stretch> read = super.poll(timeout);
        Runnable then = afterRead;
        afterRead = () -> {};
        then.run();
        return read;
      }
    };
  }

  private static SinkRecord handed(int partition, long offset) {
    return new SinkRecord(
        "orders",
        partition,
        Schema.OPTIONAL_STRING_SCHEMA,
        "order",
        Schema.OPTIONAL_STRING_SCHEMA,
        "value",
        offset,
        null,
        TimestampType.NO_TIMESTAMP_TYPE);
  }

  private static SinkRecord handed(long offset, long timestamp) {
    return new SinkRecord(
        "orders", 0, null, "order", null, "value", offset, timestamp, TimestampType.CREATE_TIME);
  }

  private SinkRecord append(int partition) {
    return handed(partition, topic.append(partition, "order", "value"));
  }

  private void awaitRecognised(int partition) {
    Await.until(
        "partition " + partition + " is recognised",
        Await.LIMIT,
        () -> recognition.recognises(partition, 1));
  }

  @AfterEach
  void close() {
    recognition.close();
    assertNull(failure);
    assertEquals(0, topic.openConsumers());
  }

  /** Nothing more may come of a partition: its one record counts, whatever the others bring. */
  @Test
  void manyRecordsOfOnePartitionDoNotDisplaceAnothers() {
    recognition.start();
    for (int i = 0; i < 1_000; i++) {
      recognition.show(append(0), 1);
    }
    recognition.show(append(1), 1);
    connects.countDown();
    awaitRecognised(1);
    awaitRecognised(0);
  }

  /** Some may be aborted: the last, the first, or those around. */
  @Test
  void recordsAroundDoNotHideOthers() {
    recognition.start();
    topic.hole(0, 100);
    for (int offset = 0; offset < 100; offset++) {
      recognition.show(handed(0, offset), 1);
    }
    for (int i = 0; i < 100; i++) {
      recognition.show(append(0), 1);
    }
    topic.hole(0, 100);
    for (int offset = 200; offset < 300; offset++) {
      recognition.show(handed(0, offset), 1);
    }
    connects.countDown();
    awaitRecognised(0);
  }

  @Test
  void itIsEnoughThatTheFirstOrTheNewestIsThere() {
    SinkRecord first = append(0);
    topic.hole(0, 10);
    topic.hole(1, 10);
    SinkRecord newest = append(1);
    recognition.start();
    recognition.show(first, 1);
    for (int offset = 1; offset < 11; offset++) {
      recognition.show(handed(0, offset), 1);
      recognition.show(handed(1, offset - 1), 1);
    }
    recognition.show(newest, 1);
    connects.countDown();
    awaitRecognised(0);
    awaitRecognised(1);
  }

  /** Connect may hand over what is not committed yet. */
  @Test
  void aRecordBehindTheEndIsLookedForAgain() {
    recognition.start();
    connects.countDown();
    recognition.show(handed(0, 0), 1);
    Await.until("somebody reads", Await.LIMIT, () -> topic.openConsumers() == 1);
    assertFalse(recognition.recognises(0, 1));
    topic.append(0, "order", "value");
    awaitRecognised(0);
  }

  /** What was cut off, or is not committed, must not hide what is there. */
  @Test
  void oneBehindTheEndDoesNotHideAnother() {
    recognition.start();
    recognition.show(handed(0, 1_000), 1);
    recognition.show(append(0), 1);
    connects.countDown();
    awaitRecognised(0);
  }

  @Test
  void aBrokerThatDoesNotAnswerIsAskedAgain() {
    recognition.start();
    topic.fail(2, 2);
    connects.countDown();
    recognition.show(append(0), 1);
    awaitRecognised(0);
  }

  /** What was aborted all along is told apart from what waits. */
  @Test
  void onlyHolesRecogniseNothing() {
    recognition.start();
    connects.countDown();
    topic.hole(0, 10);
    recognition.show(handed(0, 3), 1);
    recognition.show(append(1), 1);
    awaitRecognised(1);
    assertFalse(recognition.recognises(0, 1));
  }

  private void createAgain() {
    watch.now();
    topic.recreate();
    watch.now();
  }

  private void awaitWantedAgain(int partition) {
    Await.until(
        "partition " + partition + " is to be handed over again",
        Await.LIMIT,
        () -> recognition.wantsAgain(partition));
  }

  /** It was handed over of a log that is no more: what is there now is not compared with it. */
  @Test
  void aRecordOfATopicThatWasCreatedAgainIsNotComparedWithTheNewOnes() {
    recognition.start();
    recognition.show(handed(topic.append(0, "order", "value", 1_000), 1_000), 1);
    createAgain();
    SinkRecord another = handed(topic.append(0, "order", "value", 2_000), 2_000);
    connects.countDown();
    awaitWantedAgain(0);
    recognition.show(another, 2);
    Await.until("recognised", Await.LIMIT, () -> recognition.recognises(0, 2));
    assertFalse(recognition.recognises(0, 1));
  }

  /** The other way round: one that has no time would be taken for it. */
  @Test
  void aRecordOfTheNewTopicDoesNotStandForOneOfTheOld() {
    recognition.start();
    recognition.show(append(0), 1);
    createAgain();
    append(0);
    connects.countDown();
    awaitWantedAgain(0);
    assertFalse(recognition.recognises(0, 0));
  }

  /** What was read may be of the log that replaced the one in which it was looked for. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aTopicThatIsReplacedBetweenReadAndAnswer(int known) {
    recognition.start();
    SinkRecord old = handed(topic.append(0, "order", "value", 1_000), known == 0 ? 1_000 : 3_000);
    afterRead = topic::recreate;
    recognition.show(old, known);
    connects.countDown();
    awaitWantedAgain(0);
    assertFalse(recognition.recognises(0, 0));
    recognition.show(append(0), 0);
    Await.until("recognised", Await.LIMIT, () -> recognition.recognises(0, 2));
  }

  /** What was shown before Connect was sent back may be what differed before: it is not counted. */
  @Test
  void onlyWhatIsHandedOverAgainIsBelievedToDiffer() {
    recognition.start();
    topic.append(0, "order", "value", 1_000);
    connects.countDown();
    recognition.show(handed(0L, 2_000L), 1);
    awaitWantedAgain(0);
    assertNull(failure);
    recognition.show(handed(0L, 1_000L), 1);
    awaitRecognised(0);
  }

  @Test
  void whatDiffersTwiceIsAnotherCluster() {
    recognition.start();
    topic.append(0, "order", "value", 1_000);
    connects.countDown();
    recognition.show(handed(0L, 2_000L), 1);
    awaitWantedAgain(0);
    recognition.show(handed(0L, 2_000L), 1);
    Await.until("it fails", Await.LIMIT, () -> failure != null);
    assertTrue(failure.getMessage().contains("another cluster"), failure.getMessage());
    failure = null;
  }

  private static Map<String, String> unnamed() {
    Map<String, String> settings = MemoryParts.settings(9_090);
    settings.remove("key.converter");
    settings.remove("value.converter");
    return settings;
  }

  private static Long last(Recognition asked) {
    Long[] found = {null};
    Await.until(
        "the last record is known",
        Await.LIMIT,
        () -> {
          found[0] = asked.lastRecord(0, 1);
          return found[0] != null;
        });
    return found[0];
  }

  /** Aborted records, markers, and what has no value. */
  @ParameterizedTest
  @ValueSource(ints = {0, 99, 100, 101, 10_000, 1_000_000})
  void theLastRecordIsFoundHoweverManyOffsetsHoldNone(int behind) {
    recognition.start();
    connects.countDown();
    topic.hole(0, 300);
    for (int i = 0; i < 1_000; i++) {
      append(0);
    }
    topic.hole(0, behind / 2);
    topic.append(0, "order", null);
    topic.hole(0, behind - behind / 2);
    assertEquals(1_299, last(recognition));
  }

  @Test
  void thereMayBeNoRecordAtAll() {
    recognition.start();
    connects.countDown();
    topic.hole(0, 1_000);
    topic.retain(0, 250);
    assertEquals(-1, last(recognition));
  }

  /** The first and the newest of those handed over are aborted, and one between tells it. */
  @Test
  void theOneThatTellsTheConvertersIsKeptWhenItIsKnown() {
    try (Recognition learning = recognition(unnamed())) {
      topic.hole(0, 1);
      SinkRecord between = append(0);
      topic.hole(0, 1);
      learning.show(handed(0, 0), 1);
      learning.show(between, 1);
      learning.show(handed(0, 2), 1);
      learning.start();
      connects.countDown();
      assertEquals(1, last(learning));
      assertFalse(learning.knowsConverters());
      // handed over again
      learning.show(handed(0, 0), 1);
      learning.show(between, 1);
      learning.show(handed(0, 2), 1);
      Await.until("converters are known", Await.LIMIT, learning::knowsConverters);
    }
  }
}
