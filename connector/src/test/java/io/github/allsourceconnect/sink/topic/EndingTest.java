package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** A reader is told to stop twice, and lets go of its consumer in peace all the same. */
class EndingTest {
  private static final long LIMIT_S = 60;

  /** Closing it lasts until the reader was told to stop once more. */
  private static final class SlowToClose implements LogConsumer {
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch stoppedAgain = new CountDownLatch(1);
    private volatile boolean disturbed;

    @Override
    public Bounds bounds(int partition) {
      return new Bounds(0, 0);
    }

    @Override
    public void seek(Map<Integer, Long> positions) {}

    @Override
    public long position(int partition) {
      return 0;
    }

    @Override
    public List<Stretch> poll(Duration timeout) {
      return List.of();
    }

    @Override
    public void wakeUp() {}

    @Override
    public void close() {
      closing.countDown();
      try {
        stoppedAgain.await(LIMIT_S, TimeUnit.SECONDS);
        disturbed = Thread.interrupted();
      } catch (InterruptedException e) {
        disturbed = true;
      }
    }

    /** Stops a reader, and once more while it lets go. */
    void stopTwice(Runnable stop) throws InterruptedException {
      stop.run();
      assertTrue(closing.await(LIMIT_S, TimeUnit.SECONDS));
      stop.run();
      stoppedAgain.countDown();
    }
  }

  @Test
  void theTailsConsumerIsClosedInPeace() throws InterruptedException {
    SlowToClose consumer = new SlowToClose();
    TailReader tail =
        new TailReader("test-tail", () -> consumer, unanswered(), null, failure -> {});
    tail.start();
    consumer.stopTwice(tail::stop);
    tail.close();
    assertFalse(consumer.disturbed);
  }

  @Test
  void theConsumerThatRecognisesIsClosedInPeace() throws InterruptedException {
    SlowToClose consumer = new SlowToClose();
    CountDownLatch used = new CountDownLatch(1);
    Recognition recognition =
        new Recognition(
            "test-recognition",
            "t",
            new Converters.Choice(
                new ConverterSettings("key", Map.of()),
                new ConverterSettings("value", Map.of()),
                new ConverterSettings(null, Map.of())),
            () -> {
              used.countDown();
              return consumer;
            },
            unanswered(),
            failure -> {});
    recognition.start();
    recognition.lastRecord(0, 0);
    assertTrue(used.await(LIMIT_S, TimeUnit.SECONDS));
    consumer.stopTwice(recognition::stop);
    recognition.close();
    assertFalse(consumer.disturbed);
  }

  /** Kafka does not say which log it is. */
  private static LogWatch unanswered() {
    return new LogWatch(
        new LogIdentities() {
          @Override
          public LogIdentity ask() {
            throw new TimeoutException("no answer");
          }

          @Override
          public List<Committed> committed(int partition) {
            return List.of();
          }

          @Override
          public void close() {}
        });
  }
}
