package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Header;

/**
 * Writes to the history's partition in transactions. The transactional id is the owner's, so a
 * writer that should be gone can't add to it: its transaction is aborted. One thread, the writer's.
 */
final class TopicWriter implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private enum State {
    BETWEEN_TRANSACTIONS,
    IN_TRANSACTION
  }

  private final Producer<byte[], byte[]> producer;
  private final TopicPartition partition;
  private final String place;
  private final Duration timeout;
  private State state = State.BETWEEN_TRANSACTIONS;

  /**
   * @param producer with the owner's transactional id
   * @param place what messages call the history
   */
  TopicWriter(
      Producer<byte[], byte[]> producer, TopicPartition partition, String place, Duration timeout) {
    this.producer = producer;
    this.partition = partition;
    this.place = place;
    this.timeout = timeout;
  }

  /** Shuts out whoever wrote under this id before. */
  void takeOver() throws IOException {
    kafka(
        "taking over the history",
        () -> {
          producer.initTransactions();
          return null;
        });
  }

  /** In the transaction that is open, or a new one; the producer's memory bounds what waits. */
  Future<RecordMetadata> send(byte[] key, byte[] value, Iterable<Header> headers)
      throws IOException {
    return kafka(
        "writing",
        () -> {
          if (state == State.BETWEEN_TRANSACTIONS) {
            producer.beginTransaction();
            state = State.IN_TRANSACTION;
          }
          return producer.send(
              new ProducerRecord<>(
                  partition.topic(), partition.partition(), null, key, value, headers));
        });
  }

  /** Waits until a record is written: its offset. */
  long written(Future<RecordMetadata> sent) throws IOException {
    return kafka(
        "writing",
        () -> {
          try {
            return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS).offset();
          } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException cause) {
              throw cause;
            }
            throw new IOException("a record can't be written to " + place, e.getCause());
          } catch (TimeoutException e) {
            throw new IOException("a record was not written to " + place + " in time", e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while writing to " + place, e);
          }
        });
  }

  /** What was sent counts from now on. */
  void commit() throws IOException {
    kafka(
        "storing the list of files",
        () -> {
          producer.commitTransaction();
          state = State.BETWEEN_TRANSACTIONS;
          return null;
        });
  }

  /** A step that uses Kafka. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T kafka(String what, Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (KafkaException e) {
      if (isFenced(e) || isFenced(e.getCause())) {
        throw new FencedException(
            "another task writes to the history in " + place + "; this one stops", e);
      }
      throw new IOException(what + " in " + place + " failed: " + e.getMessage(), e);
    }
  }

  private static boolean isFenced(Throwable e) {
    return e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException;
  }

  /** What is not committed is aborted, by this or by the next owner. */
  @Override
  public void close() {
    producer.close(CLOSING);
  }
}
