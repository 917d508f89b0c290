package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.Recognition;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What Connect hands over is found again, however much of it there is and whenever it can be read.
 */
class RecognitionTest {
  private final MemoryTopic topic = new MemoryTopic("orders");
  private final CountDownLatch connects = new CountDownLatch(1);
  private volatile Throwable failure;
  private final Recognition recognition =
      new Recognition("recognition", "orders", known(), this::consumer, e -> failure = e);

  private static Converters.Choice known() {
    return Converters.Choice.of(new SinkConfig(MemoryParts.settings(9_090)).log());
  }

  /** A broker that takes its time. */
  private LogConsumer consumer() {
    try {
      connects.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return topic.consumer();
  }

  private static SinkRecord handed(int partition, long offset) {
    return new SinkRecord(
        "orders",
        partition,
        null,
        "order",
        null,
        "value",
        offset,
        null,
        TimestampType.NO_TIMESTAMP_TYPE);
  }

  private SinkRecord append(int partition) {
    return handed(partition, topic.append(partition, "order", "value"));
  }

  private void awaitRecognised(int partition) {
    Await.until(
        "partition " + partition + " is recognised",
        Await.LIMIT,
        () -> recognition.recognises(partition));
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
      recognition.show(append(0));
    }
    recognition.show(append(1));
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
      recognition.show(handed(0, offset));
    }
    for (int i = 0; i < 100; i++) {
      recognition.show(append(0));
    }
    topic.hole(0, 100);
    for (int offset = 200; offset < 300; offset++) {
      recognition.show(handed(0, offset));
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
    recognition.show(first);
    for (int offset = 1; offset < 11; offset++) {
      recognition.show(handed(0, offset));
      recognition.show(handed(1, offset - 1));
    }
    recognition.show(newest);
    connects.countDown();
    awaitRecognised(0);
    awaitRecognised(1);
  }

  /** Connect may hand over what is not committed yet. */
  @Test
  void aRecordBehindTheEndIsLookedForAgain() {
    recognition.start();
    connects.countDown();
    recognition.show(handed(0, 0));
    Await.until("somebody reads", Await.LIMIT, () -> topic.openConsumers() == 1);
    assertFalse(recognition.recognises(0));
    topic.append(0, "order", "value");
    awaitRecognised(0);
  }

  /** What was cut off, or is not committed, must not hide what is there. */
  @Test
  void oneBehindTheEndDoesNotHideAnother() {
    recognition.start();
    recognition.show(handed(0, 1_000));
    recognition.show(append(0));
    connects.countDown();
    awaitRecognised(0);
  }

  @Test
  void aBrokerThatDoesNotAnswerIsAskedAgain() {
    recognition.start();
    topic.fail(2, 2);
    connects.countDown();
    recognition.show(append(0));
    awaitRecognised(0);
  }

  /** What was aborted all along is told apart from what waits. */
  @Test
  void onlyHolesRecogniseNothing() {
    recognition.start();
    connects.countDown();
    topic.hole(0, 10);
    recognition.show(handed(0, 3));
    recognition.show(append(1));
    awaitRecognised(1);
    assertFalse(recognition.recognises(0));
  }
}
