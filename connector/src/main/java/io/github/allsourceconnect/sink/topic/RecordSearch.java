package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import io.github.allsourceconnect.sink.topic.RecordsToFind.Question;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;

/** Finds single records in the topic, and knows of which log they are. One thread. */
final class RecordSearch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration TRIED_PATIENCE = Duration.ofSeconds(3);

  /** For so long others wait for one that looks back; then it is their turn. */
  private static final Duration TURN = Duration.ofSeconds(2);

  private final LogConsumer consumer;
  private final LogWatch watch;
  private final BooleanSupplier closed;

  /** The number of the log that the consumer has a place in. */
  private int log;

  /** What is looked for is not committed yet, or its broker is slow. */
  static final class NotYetException extends RetriableException {
    private static final long serialVersionUID = 1L;
  }

  /** The topic was deleted and created again. */
  static final class AnotherLogException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Where the first record at or behind an offset is.
   *
   * @param offset the record's, or up to where there is none
   * @param record null when there is none so far
   */
  record Place(long offset, ConsumerRecord<byte[], byte[]> record) {}

  /**
   * @param closed whether nothing is wanted any more
   */
  RecordSearch(LogConsumer consumer, LogWatch watch, BooleanSupplier closed) {
    this.consumer = consumer;
    this.watch = watch;
    this.closed = closed;
  }

  /** The number of the log in which is looked from now on; {@link #checkLog} says if it was. */
  int begin() {
    int now = watch.within(LogWatch.READ).number();
    if (now != log) {
      forgetPlaces(); // what the consumer has is of another log
      log = now;
    }
    return log;
  }

  /**
   * What was read before this call is of the log in which is looked.
   *
   * @throws AnotherLogException when it may not be
   */
  void checkLog() {
    if (watch.now().number() != log) {
      throw new AnotherLogException();
    }
  }

  /** What the consumer knows of its place no longer holds. */
  void forgetPlaces() {
    consumer.seek(Map.of());
  }

  /**
   * What a partition has at or behind an offset.
   *
   * @param tried whether it was looked for in vain before
   * @throws RetriableException when that can't be said yet
   */
  Place at(int partition, long offset, boolean tried) {
    Duration patience = tried ? TRIED_PATIENCE : PATIENCE;
    Bounds bounds = bounds(partition, tried);
    if (offset < bounds.begin()) {
      return new Place(bounds.begin(), null);
    }
    if (offset < bounds.end()) {
      consumer.seek(Map.of(partition, offset));
      long deadline = System.nanoTime() + patience.toNanos();
      while (!closed.getAsBoolean() && System.nanoTime() < deadline) {
        for (Stretch stretch : consumer.poll(POLL)) {
          for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
            return new Place(raw.offset(), raw);
          }
          return new Place(stretch.to(), null);
        }
      }
    }
    throw new NotYetException();
  }

  private Bounds bounds(int partition, boolean tried) {
    return tried ? consumer.bounds(partition, TRIED_PATIENCE) : consumer.bounds(partition);
  }

  /**
   * Looks back for the last record that has a value, as long as it is its turn.
   *
   * @return its offset; -1 when there is none
   * @throws RetriableException when it is not done yet
   */
  long back(Question question) {
    int partition = question.partition();
    Bounds bounds = bounds(partition, question.tried());
    LookBack place = question.looksBackFrom(bounds.end());
    long deadline = System.nanoTime() + TURN.toNanos();
    for (long next = place.next(bounds.begin()); next >= 0; next = place.next(bounds.begin())) {
      if (closed.getAsBoolean() || System.nanoTime() >= deadline) {
        throw new NotYetException();
      }
      consumer.seek(Map.of(partition, next));
      for (Stretch stretch : consumer.poll(POLL)) {
        for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
          if (raw.value() != null) {
            place.has(raw.offset());
          }
        }
        place.read(stretch.to());
      }
    }
    return place.found();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
