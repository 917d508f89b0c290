package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final int WAITING = 64;
  private static final int LAST = 100;

  private final String topic;
  private final Converters.Choice configured;
  private final Supplier<LogConsumer> consumers;
  private final Consumer<Throwable> failure;
  private final CompletableFuture<Converters.Choice> converters = new CompletableFuture<>();
  private final Set<Integer> recognised = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Long> last = new ConcurrentHashMap<>();
  private final BlockingQueue<Question> questions = new ArrayBlockingQueue<>(WAITING);
  private final Thread thread;
  private final Ending ending = new Ending();
  private volatile boolean closed;

  /** A record to be looked for; null for the last one of the partition. */
  private record Question(int partition, SinkRecord record) {}

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
    return recognised.contains(partition);
  }

  /** The partition is closed, or another log: what comes of it is to be looked for anew. */
  public void forget(int partition) {
    recognised.remove(partition);
    last.remove(partition);
  }

  /** Connect has handed this over. Never waits; does nothing when nothing is left to find out. */
  public void show(SinkRecord record) {
    int partition = record.originalKafkaPartition();
    boolean teaches = !knowsConverters() && record.value() != null;
    if (teaches || !recognises(partition)) {
      questions.offer(new Question(partition, record));
    }
  }

  /**
   * The offset of a record at the end of a partition, for Connect to hand over again.
   *
   * @return -1 when there is none; null when it is not known yet, ask again later
   */
  public Long lastRecord(int partition) {
    Long known = last.get(partition);
    if (known == null) {
      questions.offer(new Question(partition, null));
    }
    return known;
  }

  private void run() {
    LogConsumer consumer = null;
    try {
      while (!closed) {
        Question question = questions.take();
        if (consumer == null) {
          consumer = consumers.get();
        }
        try {
          answer(consumer, question);
        } catch (OutOfRangeException e) {
          consumer.seek(Map.of());
        } catch (RetriableException e) {
          LOG.warn("Can't read {} now; trying again: {}", topic, e.toString());
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
    SinkRecord record = question.record();
    if (record == null) {
      last.put(question.partition(), findLast(consumer, question.partition()));
      return;
    }
    boolean teaches = !knowsConverters() && record.value() != null;
    if (!teaches && recognises(question.partition())) {
      return;
    }
    ConsumerRecord<byte[], byte[]> raw = find(consumer, record);
    if (raw == null) {
      return; // it was aborted, or is gone: the next one will do
    }
    if (record.timestamp() != null && !Objects.equals(record.timestamp(), raw.timestamp())) {
      throw new ConnectException(
          "What Connect hands over at offset "
              + raw.offset()
              + " of "
              + topic
              + "-"
              + raw.partition()
              + " (timestamp "
              + record.timestamp()
              + ") is not what log.bootstrap.servers has there (timestamp "
              + raw.timestamp()
              + "): it is another cluster with a topic of the same name. Set log.bootstrap.servers"
              + " to the cluster that the worker reads");
    }
    if (teaches) {
      converters.complete(Converters.guess(configured, raw, record));
    }
    recognised.add(question.partition());
  }

  private ConsumerRecord<byte[], byte[]> find(LogConsumer consumer, SinkRecord record) {
    int partition = record.originalKafkaPartition();
    long offset = record.originalKafkaOffset();
    Bounds bounds = consumer.bounds(partition);
    if (offset < bounds.begin() || offset >= bounds.end()) {
      return null;
    }
    consumer.seek(Map.of(partition, offset));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!closed && System.nanoTime() < deadline) {
      for (Stretch stretch : consumer.poll(POLL)) {
        for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
          return raw.offset() == offset ? raw : null;
        }
        return null;
      }
    }
    return null;
  }

  private long findLast(LogConsumer consumer, int partition) {
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
