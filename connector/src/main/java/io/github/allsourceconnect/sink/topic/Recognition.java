package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import io.github.allsourceconnect.sink.topic.RecordsToFind.Question;
import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for what Connect hands over in the topic that the sink reads itself: whether it is the same
 * topic on the same cluster, and which converters the worker has, when the connector names none.
 * One thread of its own, so that nobody waits for it; asked by the task's.
 */
public final class Recognition implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Recognition.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration TRIED_PATIENCE = Duration.ofSeconds(3);
  private static final long AGAIN_MS = 500;
  private static final int LAST = 100;

  private final String topic;
  private final Converters.Choice configured;
  private final Supplier<LogConsumer> consumers;
  private final Consumer<Throwable> failure;
  private final CompletableFuture<Converters.Choice> converters = new CompletableFuture<>();
  private final RecordsToFind toFind = new RecordsToFind();
  private final Thread thread;
  private final Ending ending = new Ending();
  private volatile boolean closed;

  /** What Connect has handed over is not committed yet, or its broker is slow. */
  private static final class NotYetException extends RetriableException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param failure told when it is another topic, or no converter gives what Connect gave
   */
  public Recognition(
      String threadName,
      String topic,
      Converters.Choice configured,
      Supplier<LogConsumer> consumers,
      Consumer<Throwable> failure) {
    this.topic = topic;
    this.configured = configured;
    this.consumers = consumers;
    this.failure = failure;
    if (configured.complete()) {
      converters.complete(configured);
    }
    this.thread = new Thread(LogContext.here().around(this::run), threadName);
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /**
   * The converters; waits until they are known. Any thread.
   *
   * @throws ConnectException when they can't be, or never will
   */
  public Converters.Choice converters() {
    try {
      return converters.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while the converters were not known yet", e);
    } catch (CancellationException e) {
      throw new ConnectException("the sink stops, and the converters were not known yet", e);
    } catch (ExecutionException e) {
      throw new ConnectException(e.getCause().getMessage(), e.getCause());
    }
  }

  /** Whether the converters are known. */
  public boolean knowsConverters() {
    return converters.isDone();
  }

  /** Whether a record of the partition has been found again. */
  public boolean recognises(int partition) {
    return toFind.recognises(partition);
  }

  /** The partition is closed, or another log: what comes of it is to be looked for anew. */
  public void forget(int partition) {
    toFind.forget(partition);
  }

  /** Connect has handed this over. Never waits; does nothing when nothing is left to find out. */
  public void show(SinkRecord record) {
    if (teaches(record) || !recognises(record.originalKafkaPartition())) {
      toFind.show(record, teaches(record));
    }
  }

  private boolean teaches(SinkRecord record) {
    return !knowsConverters() && record.value() != null;
  }

  /**
   * The offset of a record at the end of a partition, for Connect to hand over again.
   *
   * @return -1 when there is none; null when it is not known yet, ask again later
   */
  public Long lastRecord(int partition) {
    return toFind.last(partition);
  }

  private void run() {
    LogConsumer consumer = null;
    try {
      while (!closed) {
        Question question = toFind.take();
        if (consumer == null) {
          consumer = consumers.get();
        }
        try {
          answer(consumer, question);
        } catch (OutOfRangeException e) {
          consumer.seek(Map.of());
        } catch (RetriableException e) {
          if (!question.tried() && !(e instanceof NotYetException)) {
            LOG.warn("Can't read {} now; trying again: {}", topic, e.toString());
          }
          toFind.again(question);
          Thread.sleep(AGAIN_MS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      converters.completeExceptionally(e);
      if (!closed) {
        failure.accept(e);
      }
    } finally {
      if (consumer != null) {
        ending.undisturbed(consumer::close);
      }
    }
  }

  private void answer(LogConsumer consumer, Question question) {
    if (question.end()) {
      toFind.foundLast(question, findLast(consumer, question));
      return;
    }
    NotYetException later = null;
    for (SinkRecord record : question.teachers()) {
      try {
        ConsumerRecord<byte[], byte[]> raw =
            teaches(record)
                ? seek(consumer, question, record.originalKafkaOffset()).record()
                : null;
        if (raw != null
            && raw.offset() == record.originalKafkaOffset()
            && toFind.counts(question)) {
          checkSame(question, raw.offset(), record.timestamp(), raw);
          converters.complete(Converters.guess(configured, raw, record));
        }
      } catch (NotYetException e) {
        later = e;
      }
    }
    long passed = -1;
    for (Map.Entry<Long, Optional<Long>> mark : question.marks().entrySet()) {
      if (mark.getKey() >= passed && !recognises(question.partition())) {
        try {
          Place place = seek(consumer, question, mark.getKey());
          if (place.offset() == mark.getKey() && toFind.counts(question)) {
            checkSame(question, place.offset(), mark.getValue().orElse(null), place.record());
            toFind.found(question);
          }
          passed = place.offset();
        } catch (NotYetException e) {
          later = e;
          break; // those behind it are not there either
        }
      }
    }
    if (later != null && !(recognises(question.partition()) && knowsConverters())) {
      throw later;
    }
  }

  private void checkSame(
      Question question, long offset, Long timestamp, ConsumerRecord<byte[], byte[]> raw) {
    if (timestamp != null && timestamp != raw.timestamp()) {
      throw new ConnectException(
          "What Connect hands over at offset "
              + offset
              + " of "
              + topic
              + "-"
              + question.partition()
              + " (timestamp "
              + timestamp
              + ") is not what log.bootstrap.servers has there (timestamp "
              + raw.timestamp()
              + "): it is another cluster with a topic of the same name. Set log.bootstrap.servers"
              + " to the cluster that the worker reads");
    }
  }

  /**
   * Where the first record at or behind an offset is.
   *
   * @param offset the record's, or up to where there is none
   * @param record null when there is none so far
   */
  private record Place(long offset, ConsumerRecord<byte[], byte[]> record) {}

  /**
   * What the topic has at or behind an offset.
   *
   * @throws RetriableException when that can't be said yet
   */
  private Place seek(LogConsumer consumer, Question question, long offset) {
    int partition = question.partition();
    Duration patience = question.tried() ? TRIED_PATIENCE : PATIENCE;
    Bounds bounds =
        question.tried() ? consumer.bounds(partition, patience) : consumer.bounds(partition);
    if (offset < bounds.begin()) {
      return new Place(bounds.begin(), null);
    }
    if (offset < bounds.end()) {
      consumer.seek(Map.of(partition, offset));
      long deadline = System.nanoTime() + patience.toNanos();
      while (!closed && System.nanoTime() < deadline) {
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

  private long findLast(LogConsumer consumer, Question question) {
    int partition = question.partition();
    Bounds bounds = consumer.bounds(partition);
    long found = -1;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    consumer.seek(Map.of(partition, Math.max(bounds.begin(), bounds.end() - LAST)));
    while (!closed && consumer.position(partition) < bounds.end() && System.nanoTime() < deadline) {
      for (Stretch stretch : consumer.poll(POLL)) {
        for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
          found = raw.value() == null ? found : raw.offset();
        }
      }
    }
    return found;
  }

  /** Tells the thread to stop, and those who wait for the converters. Any thread. */
  public void stop() {
    closed = true;
    converters.cancel(false);
    ending.interrupt(thread);
  }

  @Override
  public void close() {
    stop();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
