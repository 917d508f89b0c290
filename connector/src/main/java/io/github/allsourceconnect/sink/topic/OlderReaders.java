package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.ReadQueue.Request;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads older stretches of the topic for followers that are behind, one stretch at a time, so that
 * they take turns: a few threads, each with a consumer of its own. One further thread asks for
 * bounds, so that a new follower does not wait behind those that catch up.
 *
 * <p>Queues hold at most one request for each follower and one for each partition: what nobody
 * waits for any more is taken out.
 */
public final class OlderReaders implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(OlderReaders.class);

  /** What was read ahead and nobody asks for within this time is let go of. */
  private static final long AHEAD_KEPT_MS = 1000;

  /** A partition that did not say where it begins is asked again for so long only. */
  private static final Duration SILENT = Duration.ofSeconds(5);

  private final ReadQueue reads = new ReadQueue();
  private final ReadQueue bounds = new ReadQueue();
  private final List<Thread> threads = new ArrayList<>();
  private final IntFunction<LogConsumer> consumers;
  private final SharedCutting cutting;
  private final LogWatch watch;
  private final long patienceMs;
  private final Consumer<Throwable> failure;
  private final List<Ending> endings = new ArrayList<>();
  private volatile boolean closed;

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
    this.cutting = new SharedCutting(threadName + "-cutting", readers, encoders);
    this.watch = watch;
    this.patienceMs = patience.toMillis();
    this.failure = failure;
    for (int i = 0; i <= readers; i++) {
      Work work = i == 0 ? new Asking() : new Reading(i);
      String name = threadName + (i == 0 ? "-bounds" : "-" + i);
      Thread thread = new Thread(LogContext.here().around(work::run), name);
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

  /** What a thread does; its consumer is made when it is first needed. */
  private abstract class Work {
    private final int number;
    private LogConsumer consumer;

    Work(int number) {
      this.number = number;
    }

    void run() {
      try {
        while (!closed) {
          next();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) {
        if (!closed) {
          failure.accept(e);
        }
      } finally {
        reads.leave();
        if (consumer != null) {
          endings.get(number).undisturbed(consumer::close);
        }
      }
    }

    LogConsumer consumer() {
      if (consumer == null) {
        consumer = consumers.apply(number);
      }
      return consumer;
    }

    /** Waits for a request and answers it; keeps nothing of whose it was. */
    abstract void next() throws InterruptedException;
  }

  private final class Reading extends Work {
    private OlderReader reader;

    Reading(int number) {
      super(number);
    }

    @Override
    void next() throws InterruptedException {
      Request request = request();
      if (reader == null) {
        reader =
            new OlderReader(consumer(), cutting, watch, patienceMs, () -> closed, reads::freeAt);
      }
      reads.done(request, reader.read(request));
    }

    /** While nobody waits, what the last one will probably want next is got ready. */
    private Request request() throws InterruptedException {
      if (reader != null) {
        reader.readAhead(() -> !reads.hasNext());
        Request soon = reads.take(AHEAD_KEPT_MS);
        if (soon != null) {
          return soon;
        }
        reader.forgetAhead();
      }
      return reads.take();
    }
  }

  private final class Asking extends Work {
    /** Who was told what is committed, and is not closed. */
    private final Set<LogSink> told = Collections.newSetFromMap(new WeakHashMap<>());

    /** The partitions that did not answer. */
    private final Set<Integer> silent = new HashSet<>();

    Asking() {
      super(0);
    }

    @Override
    void next() throws InterruptedException {
      LogSink sink = bounds.take().sink();
      try {
        if (told.add(sink)) {
          tellStored(sink);
        }
        SeenLog before = watch.within(LogWatch.READ);
        Bounds found = boundsOf(sink.partition());
        SeenLog log = watch.now();
        if (log.number() == before.number()) {
          sink.bounds(log, found.begin(), found.end());
          return;
        }
        LOG.info(
            "{} was replaced while it was asked where it begins; asking again",
            consumer().described());
      } catch (RetriableException e) {
        LOG.warn(
            "Kafka does not say where {} begins and ends; asking again: {}",
            consumer().described(),
            e.toString());
      }
      sink.boundsFailed();
    }

    private Bounds boundsOf(int partition) {
      // until it has answered, a partition is taken for one that does not
      boolean known = !silent.add(partition);
      Bounds found = known ? consumer().bounds(partition, SILENT) : consumer().bounds(partition);
      silent.remove(partition);
      return found;
    }

    private void tellStored(LogSink sink) {
      try {
        sink.stored(watch.stored(sink.partition()));
      } catch (RetriableException e) {
        told.remove(sink);
        throw e;
      }
    }
  }

  /** Tells the threads to stop. Any thread. */
  public void stop() {
    closed = true;
    for (int i = 0; i < threads.size(); i++) {
      endings.get(i).interrupt(threads.get(i));
    }
    cutting.stop();
  }

  /** Waits for the threads after {@link #stop}. */
  public void await(Deadline deadline) {
    threads.forEach(deadline::join);
    cutting.await(deadline);
  }

  /** Stops the threads and waits for them. */
  @Override
  public void close() {
    stop();
    await(Deadline.in(10_000));
  }
}
