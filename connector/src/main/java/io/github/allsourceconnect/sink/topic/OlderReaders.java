package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
 * <p>Queues hold at most one request for each follower and one for each partition: what nobody
 * waits for any more is taken out.
 */
public final class OlderReaders implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(OlderReaders.class);
  private static final Duration POLL = Duration.ofMillis(500);

  private final RequestQueue reads = new RequestQueue();
  private final RequestQueue bounds = new RequestQueue();
  private final List<Thread> threads = new ArrayList<>();
  private final IntFunction<LogConsumer> consumers;
  private final Supplier<LineEncoder> encoders;
  private final LogWatch watch;
  private final long patienceMs;
  private final Consumer<Throwable> failure;
  private final List<Ending> endings = new ArrayList<>();
  private volatile boolean closed;

  /** The thread that asks for bounds only: who was told what is committed. */
  private final Set<LogSink> told = new HashSet<>();

  /**
   * What is wanted.
   *
   * @param log the number of the log that is to be read; without a meaning for bounds, as what
   *     follows
   */
  private record Request(LogSink sink, int log, int number, long position) {}

  /** Who waits, in turn. */
  private static final class RequestQueue {
    private final LinkedHashSet<Request> waiting = new LinkedHashSet<>();

    synchronized void add(Request request) {
      waiting.add(request);
      notifyAll();
    }

    synchronized Request take() throws InterruptedException {
      while (waiting.isEmpty()) {
        wait();
      }
      Iterator<Request> first = waiting.iterator();
      Request request = first.next();
      first.remove();
      return request;
    }

    synchronized void forget(LogSink sink, int number) {
      waiting.removeIf(each -> each.sink() == sink && each.number() == number);
    }

    synchronized void forget(LogSink sink) {
      waiting.removeIf(each -> each.sink() == sink);
    }

    synchronized int size() {
      return waiting.size();
    }
  }

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
      LogWatch watch,
      Duration patience,
      Consumer<Throwable> failure) {
    this.consumers = consumers;
    this.encoders = encoders;
    this.watch = watch;
    this.patienceMs = patience.toMillis();
    this.failure = failure;
    for (int i = 0; i <= readers; i++) {
      int number = i;
      String name = threadName + (i == 0 ? "-bounds" : "-" + i);
      Thread thread = new Thread(LogContext.here().around(() -> run(number)), name);
      thread.setDaemon(true);
      threads.add(thread);
      endings.add(new Ending());
    }
  }

  /** Starts the threads. */
  public void start() {
    threads.forEach(Thread::start);
  }

  /** Asks which log the sink's partition is of, and for its bounds. Any thread. */
  public void queryBounds(LogSink sink) {
    bounds.add(new Request(sink, 0, 0, 0));
  }

  /** Reads a block of the log of this number. Any thread. */
  public void read(LogSink sink, int log, int number, long position) {
    reads.add(new Request(sink, log, number, position));
  }

  /** Nobody waits for the read any more. Any thread. */
  public void forget(LogSink sink, int number) {
    reads.forget(sink, number);
  }

  /** Nobody waits for anything any more. Any thread. */
  public void forget(LogSink sink) {
    reads.forget(sink);
    bounds.forget(sink);
  }

  /** How many requests wait. Any thread. */
  public int waiting() {
    return reads.size() + bounds.size();
  }

  private void run(int number) {
    boolean asks = number == 0;
    LogConsumer consumer = null;
    int log = 0;
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
          if (request.log() != log) {
            // what the consumer knows of its place is true of another log
            consumer.seek(Map.of());
            log = request.log();
          }
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
      if (consumer != null) {
        endings.get(number).undisturbed(consumer::close);
      }
    }
  }

  private void ask(LogConsumer consumer, LogSink sink) {
    try {
      if (told.add(sink)) {
        told.removeIf(known -> known != sink && known.partition() == sink.partition());
        tellStored(sink);
      }
      SeenLog before = watch.within(LogWatch.READ);
      Bounds found = consumer.bounds(sink.partition());
      SeenLog log = watch.now();
      if (log.number() == before.number()) {
        sink.bounds(log, found.begin(), found.end());
        return;
      }
      LOG.info("The topic was replaced while it was asked where it begins; it is asked again");
    } catch (RetriableException e) {
      LOG.warn("Kafka does not say where the log ends, it is asked again: {}", e.toString());
    }
    sink.boundsFailed();
  }

  private void tellStored(LogSink sink) {
    try {
      sink.stored(watch.stored(sink.partition()));
    } catch (RetriableException e) {
      told.remove(sink);
      throw e;
    }
  }

  private void read(LogConsumer consumer, BlockCutter cutter, Request request) {
    LogSink sink = request.sink();
    int partition = sink.partition();
    long position = request.position();
    try {
      consumer.seek(Map.of(partition, position));
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs);
      while (!closed && System.nanoTime() < deadline) {
        for (Stretch stretch : consumer.poll(POLL)) {
          if (isOfTheLog(request)) {
            List<LogBlock> blocks = new ArrayList<>();
            cutter.cut(cutter.map(stretch), blocks::add);
            sink.older(request.number(), blocks);
          }
          return;
        }
      }
      LOG.warn("Nothing came from partition {} at offset {} in time", partition, position);
      sink.olderFailed(request.number(), position);
    } catch (OutOfRangeException e) {
      locate(consumer, request);
    } catch (RetriableException e) {
      LOG.warn("The topic can't be read now, it is tried again: {}", e.toString());
      sink.olderFailed(request.number(), position);
    }
  }

  /** Otherwise nobody waits for what was read: another log is served from now on. */
  private boolean isOfTheLog(Request request) {
    SeenLog log = watch.within(LogWatch.READ);
    if (log.number() == request.log()) {
      return true;
    }
    request.sink().seen(log);
    return false;
  }

  private void locate(LogConsumer consumer, Request request) {
    try {
      Bounds found = consumer.bounds(request.sink().partition());
      if (!isOfTheLog(request)) {
        return;
      }
      if (request.position() < found.begin()) {
        request.sink().olderGone(request.number(), request.position(), found.begin());
        return;
      }
    } catch (RetriableException e) {
      LOG.warn("Kafka does not say where the log begins, it is asked again: {}", e.toString());
    }
    request.sink().olderFailed(request.number(), request.position());
  }

  /** Tells the threads to stop. Any thread. */
  public void stop() {
    closed = true;
    for (int i = 0; i < threads.size(); i++) {
      endings.get(i).interrupt(threads.get(i));
    }
  }

  /** Stops the threads and waits for them. */
  @Override
  public void close() {
    stop();
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
