package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the history's partition, committed records only. A snapshot has many files, and to connect
 * takes longer than to read one: a consumer that has nothing to do is kept for the next file. Any
 * thread.
 */
@SuppressWarnings("deprecation") // what closes a consumer otherwise is not there before Kafka 4.1
final class TopicReader implements AutoCloseable {
  private static final int TAIL = 64;
  private static final int TAIL_GROWTH = 16;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final HistoryTopic topic;
  private final TopicPartition partition;
  private final String place;
  private final Duration timeout;

  /** Null while there is none; {@link #CLOSED} for good. */
  private final AtomicReference<Idle> idle = new AtomicReference<>();

  private static final Idle CLOSED = new Idle(null);

  /** A consumer that has nothing to do. */
  private static final class Idle {
    final Consumer<byte[], byte[]> consumer;

    Idle(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }
  }

  /** A record's value, and where it stands. */
  @SuppressWarnings("ArrayRecordComponent")
  record Found(byte[] value, long offset) {}

  TopicReader(HistoryTopic topic, TopicPartition partition, String place, Duration timeout) {
    this.topic = topic;
    this.partition = partition;
    this.place = place;
    this.timeout = timeout;
  }

  /** The newest record of a key, which stands near the end: the search goes further and further. */
  Found newest(byte[] key) throws IOException {
    return with(
        consumer -> {
          long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
          long end = consumer.endOffsets(List.of(partition)).get(partition);
          long from = end;
          for (long tail = TAIL; from > begin; tail *= TAIL_GROWTH) {
            from = Math.max(begin, end - tail);
            Found newest = null;
            Progress progress = new Progress(consumer, from);
            while (progress.position < end) {
              for (ConsumerRecord<byte[], byte[]> record : progress.poll()) {
                if (Arrays.equals(record.key(), key) && record.value() != null) {
                  newest = new Found(record.value(), record.offset());
                }
              }
            }
            if (newest != null) {
              return newest;
            }
          }
          return null;
        });
  }

  /** Of these files those whose records are deleted already, and why. */
  Map<String, String> deleted(List<HistoryFile> files) throws IOException {
    return with(
        consumer -> {
          long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
          Map<String, String> deleted = new HashMap<>();
          for (HistoryFile file : files) {
            if (file.first() < begin) {
              deleted.put(file.name(), "lost (the topic begins at " + begin + ")");
            }
          }
          return deleted;
        });
  }

  /** Writes a file's chunks to the disk. */
  void fetch(HistoryFile file, String keyPrefix, Path to) throws IOException {
    with(
        consumer -> {
          try (OutputStream out = Files.newOutputStream(to)) {
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            ChunkedFile chunks = new ChunkedFile(file, keyPrefix, place, out);
            Progress progress = new Progress(consumer, file.first());
            while (!chunks.isComplete() && progress.position < end) {
              for (ConsumerRecord<byte[], byte[]> record : progress.poll()) {
                String key = record.key() == null ? "" : new String(record.key(), UTF_8);
                chunks.take(key, record.value());
              }
            }
            chunks.checkComplete();
            return null;
          } catch (OffsetOutOfRangeException e) {
            throw new DamagedFileException(file, "lost", place, e);
          }
        });
  }

  /** What is done with a consumer. */
  private interface Step<T> {
    T run(Consumer<byte[], byte[]> consumer) throws IOException;
  }

  private <T> T with(Step<T> step) throws IOException {
    Idle mine = idle.getAndUpdate(now -> now == CLOSED ? CLOSED : null);
    if (mine == CLOSED) {
      throw new IOException(place + " is closed");
    }
    Consumer<byte[], byte[]> consumer = mine == null ? null : mine.consumer;
    boolean kept = false;
    try {
      if (consumer == null) {
        consumer = topic.consumer();
      }
      // Kafka's consumer complains when it is asked for what is not assigned to it
      consumer.assign(List.of(partition));
      T result = step.run(consumer);
      consumer.unsubscribe();
      kept = idle.compareAndSet(null, new Idle(consumer));
      return result;
    } catch (KafkaException e) {
      throw new IOException("reading " + place + " failed: " + e.getMessage(), e);
    } finally {
      if (!kept && consumer != null) {
        close(consumer);
      }
    }
  }

  /** Polls while something comes, and gives up when nothing does for the timeout. */
  private final class Progress {
    private final Consumer<byte[], byte[]> consumer;
    private long position;

    Progress(Consumer<byte[], byte[]> consumer, long position) {
      this.consumer = consumer;
      this.position = position;
      consumer.seek(partition, position);
    }

    List<ConsumerRecord<byte[], byte[]>> poll() throws IOException {
      long deadline = System.nanoTime() + timeout.toNanos();
      while (true) {
        List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).records(partition);
        long now = consumer.position(partition);
        if (now > position) {
          position = now;
          return records;
        }
        if (idle.get() == CLOSED) {
          throw new IOException(place + " is closed");
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IOException(
              place + " can't be read: nothing came for snapshot.timeout.ms=" + timeout.toMillis());
        }
      }
    }
  }

  /** Connect 3.6 has no other way to give a limit. */
  @SuppressWarnings("deprecation")
  private static void close(Consumer<byte[], byte[]> consumer) {
    consumer.close(CLOSING);
  }

  @Override
  public void close() {
    Idle last = idle.getAndSet(CLOSED);
    if (last != null && last.consumer != null) {
      close(last.consumer);
    }
  }
}
