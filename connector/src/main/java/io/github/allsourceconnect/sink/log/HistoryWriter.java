package io.github.allsourceconnect.sink.log;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.history.SnapshotStore;
import io.github.allsourceconnect.sink.log.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.log.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.log.LogConsumer.Stretch;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history of one partition: reads the topic at its own pace, with a consumer of its own,
 * and never makes a follower wait. One thread.
 */
public final class HistoryWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryWriter.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final String log;
  private final int partition;
  private final SnapshotStore store;
  private final Supplier<LogConsumer> consumers;
  private final Supplier<RecordPipeline> pipelines;
  private final Consumer<HistoryCoverage> coverage;
  private final Consumer<Throwable> failure;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean waitsForConverters = true;

  /**
   * @param log what messages call the partition
   * @param coverage told whenever the history covers more (or anything else) than before
   * @param failure told why the thread ended before it was closed
   */
  public HistoryWriter(
      String threadName,
      String log,
      int partition,
      SnapshotStore store,
      Supplier<LogConsumer> consumers,
      Supplier<RecordPipeline> pipelines,
      Consumer<HistoryCoverage> coverage,
      Consumer<Throwable> failure) {
    this.log = log;
    this.partition = partition;
    this.store = store;
    this.consumers = consumers;
    this.pipelines = pipelines;
    this.coverage = coverage;
    this.failure = failure;
    this.thread = new Thread(LogContext.here().around(this::run), threadName);
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  private void run() {
    try (LogConsumer consumer = consumers.get()) {
      RecordPipeline pipeline = pipelines.get();
      waitsForConverters = false;
      HistoryCoverage known = store.open();
      if (known.upTo() >= 0) {
        coverage.accept(known);
      }
      long position = place(consumer, known);
      while (!closed) {
        try {
          consumer.seek(Map.of(partition, position));
          while (!closed) {
            for (Stretch stretch : consumer.poll(POLL)) {
              for (ConsumerRecord<byte[], byte[]> record : stretch.records()) {
                WalEntry entry = pipeline.entry(record);
                if (entry != null) {
                  store.append(entry);
                }
              }
              position = stretch.to();
            }
            store.reached(position);
            HistoryCoverage now = store.coverage();
            if (!now.equals(known)) {
              known = now;
              coverage.accept(now);
            }
          }
        } catch (OutOfRangeException e) {
          if (e.diverged()) {
            throw anotherLog(position, "the topic was cut back before that, and written anew");
          }
          position = place(consumer, new HistoryCoverage(known.after(), position));
        } catch (RetriableException e) {
          LOG.warn("{}: the topic can't be read now, it is tried again: {}", log, e.toString());
          Thread.sleep(POLL.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      if (!closed) {
        failure.accept(e);
      }
    } finally {
      Thread.interrupted();
      closeStore();
    }
  }

  /** Where reading goes on; begins the history anew when the topic does not lead on from it. */
  private long place(LogConsumer consumer, HistoryCoverage known)
      throws IOException, InterruptedException {
    Bounds bounds = null;
    while (bounds == null) {
      try {
        bounds = consumer.bounds(partition);
      } catch (RetriableException e) {
        LOG.warn("{}: Kafka does not say where it begins: {}", log, e.toString());
        Thread.sleep(POLL.toMillis());
      }
    }
    if (known.upTo() >= bounds.begin() && known.upTo() <= bounds.end()) {
      return known.upTo();
    }
    if (known.upTo() > bounds.end()) {
      throw anotherLog(known.upTo(), "the topic ends at " + bounds.end());
    }
    if (known.upTo() >= 0) {
      LOG.error(
          "{}: offsets {} to {} are gone for good: the history has them not, and the topic no"
              + " longer. Followers that lack them are refused. The history begins anew",
          log,
          known.upTo() + 1,
          bounds.begin());
    } else if (bounds.begin() > 0) {
      LOG.warn(
          "{}: no history was kept and the topic begins at offset {}: followers that lack older"
              + " ones are refused",
          log,
          bounds.begin() + 1);
    }
    store.begin(bounds.begin());
    coverage.accept(store.coverage());
    return bounds.begin();
  }

  private IOException anotherLog(long upTo, String but) {
    return new IOException(
        log
            + ": the kept history reaches to offset "
            + upTo
            + " but "
            + but
            + ": it is the history of another topic, or this one was truncated or created again."
            + " Keep the history somewhere else, or remove it");
  }

  private void closeStore() {
    try {
      store.close();
    } catch (IOException e) {
      LOG.warn("{}: the history could not be closed well; it is checked when it is opened", log, e);
    }
  }

  /** Tells the thread to stop, and to make durable what was taken. Any thread. */
  public void stop() {
    closed = true;
    if (waitsForConverters) {
      thread.interrupt();
    }
  }

  /** Stops the thread and waits for it; what was taken is made durable. */
  @Override
  public void close() {
    stop();
    try {
      thread.join(20_000);
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(5_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
