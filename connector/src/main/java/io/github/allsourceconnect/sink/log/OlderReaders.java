package io.github.allsourceconnect.sink.log;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.log.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.log.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.log.LogConsumer.Stretch;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads older stretches of the topic for followers that are behind, one block at a time, so that
 * they take turns: a few threads, each with a consumer of its own. One further thread asks for
 * bounds, so that a new follower does not wait behind those that catch up.
 *
 * <p>Queues hold at most one request for each follower and one for each partition.
 */
public final class OlderReaders implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(OlderReaders.class);
  private static final Duration POLL = Duration.ofMillis(500);

  private final BlockingQueue<Request> reads = new LinkedBlockingQueue<>();
  private final BlockingQueue<Request> bounds = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private final IntFunction<LogConsumer> consumers;
  private final Supplier<LineEncoder> encoders;
  private final long patienceMs;
  private final Consumer<Throwable> failure;
  private volatile boolean closed;

  private record Request(LogSink sink, int number, long position) {}

  /**
   * @param readers how many threads read
   * @param consumers makes the consumer of a thread, given its number
   * @param encoders makes the encoder of a thread
   * @param patience how long a read may bring nothing before it counts as failed
   * @param failure told why a thread ended before it was closed
   */
  public OlderReaders(
      String threadName,
      int readers,
      IntFunction<LogConsumer> consumers,
      Supplier<LineEncoder> encoders,
      Duration patience,
      Consumer<Throwable> failure) {
    this.consumers = consumers;
    this.encoders = encoders;
    this.patienceMs = patience.toMillis();
    this.failure = failure;
    for (int i = 0; i <= readers; i++) {
      int number = i;
      String name = threadName + (i == 0 ? "-bounds" : "-" + i);
      Thread thread = new Thread(LogContext.here().around(() -> run(number)), name);
      thread.setDaemon(true);
      threads.add(thread);
    }
  }

  /** Starts the threads. */
  public void start() {
    threads.forEach(Thread::start);
  }

  /** Asks for the bounds of the sink's partition. Any thread. */
  public void queryBounds(LogSink sink) {
    bounds.add(new Request(sink, 0, 0));
  }

  /** Reads a block. Any thread. */
  public void read(LogSink sink, int number, long position) {
    reads.add(new Request(sink, number, position));
  }

  private void run(int number) {
    boolean asks = number == 0;
    LogConsumer consumer = null;
    try {
      BlockCutter cutter = asks ? null : new BlockCutter(encoders.get());
      while (!closed) {
        Request request = (asks ? bounds : reads).take();
        if (consumer == null) {
          consumer = consumers.apply(number);
        }
        if (asks) {
          ask(consumer, request.sink());
        } else {
          read(consumer, cutter, request);
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
      if (consumer != null) {
        consumer.close();
      }
    }
  }

  private static void ask(LogConsumer consumer, LogSink sink) {
    try {
      Bounds found = consumer.bounds(sink.partition());
      sink.bounds(found.begin(), found.end());
    } catch (RetriableException e) {
      LOG.warn("Kafka does not say where the log ends, it is asked again: {}", e.toString());
      sink.boundsFailed();
    }
  }

  private void read(LogConsumer consumer, BlockCutter cutter, Request request) {
    LogSink sink = request.sink();
    int partition = sink.partition();
    long position = request.position();
    try {
      consumer.seek(Map.of(partition, position));
      long deadline = System.nanoTime() + patienceMs * 1_000_000;
      while (!closed && System.nanoTime() < deadline) {
        for (Stretch stretch : consumer.poll(POLL)) {
          List<LogBlock> blocks = new ArrayList<>();
          cutter.cut(cutter.map(stretch), blocks::add);
          sink.read(request.number(), blocks);
          return;
        }
      }
      LOG.warn("Nothing came from partition {} at offset {} in time", partition, position);
      sink.readFailed(request.number(), position);
    } catch (OutOfRangeException e) {
      locate(consumer, request);
    } catch (RetriableException e) {
      LOG.warn("The topic can't be read now, it is tried again: {}", e.toString());
      sink.readFailed(request.number(), position);
    }
  }

  private static void locate(LogConsumer consumer, Request request) {
    try {
      Bounds found = consumer.bounds(request.sink().partition());
      if (request.position() < found.begin()) {
        request.sink().readGone(request.number(), request.position(), found.begin());
        return;
      }
    } catch (RetriableException e) {
      LOG.warn("Kafka does not say where the log begins, it is asked again: {}", e.toString());
    }
    request.sink().readFailed(request.number(), request.position());
  }

  /** Stops the threads and waits for them. */
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
