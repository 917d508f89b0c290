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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is new in all partitions of a task, for all followers at once: one thread, one
 * consumer. Starts at a partition's end; what is older is read on demand by {@link OlderReaders}.
 *
 * <p>It reads the topic itself instead of taking what Connect hands to the task, because Connect's
 * consumer also delivers what transactions later abort, and because old and new entries then go the
 * same way: the same record is the same line, whenever it is read.
 */
public final class TailReader implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(TailReader.class);
  private static final long AWAY_NANOS = 10_000_000_000L;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long PAUSE_MS = 500;

  /** For so long a partition is asked where it begins and ends; the others wait meanwhile. */
  private static final Duration ASKING = Duration.ofSeconds(5);

  /** Between two questions to partitions that did not answer, at least. */
  private static final long SILENT_NANOS = 500_000_000L;

  private final LogConsumer consumer;
  private final LogWatch watch;
  private final BlockCutter cutter;
  private final Consumer<Throwable> failure;
  private final Thread thread;
  private final Map<Integer, LogSink> wanted = new HashMap<>();
  private final Ending ending = new Ending();
  private volatile boolean closed;
  private volatile boolean answering;
  private boolean saidAway;
  private long awaySince = System.nanoTime();

  // the reader's thread
  private final Map<Integer, LogSink> reading = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();

  /** What has lost its place and no new one yet; the others are read meanwhile. */
  private final Map<Integer, OutOfRangeException> lost = new HashMap<>();

  /** What did not say where it begins and ends, whoever waits longest first. */
  private final Set<LogSink> silent = new LinkedHashSet<>();

  private long askAgainAt;
  private Set<Integer> sought;
  private int log;

  /**
   * @param failure told, once, why the thread ended before it was closed
   */
  public TailReader(
      String threadName,
      Supplier<LogConsumer> consumer,
      LogWatch watch,
      LineEncoder encoder,
      Consumer<Throwable> failure) {
    this.consumer = consumer.get();
    this.watch = watch;
    this.cutter = new BlockCutter(encoder);
    this.failure = failure;
    this.thread = new Thread(LogContext.here().around(this::run), threadName);
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Whether a broker was connected when the topic was read last. Any thread. */
  public boolean isAnswering() {
    return answering;
  }

  /** Reads a partition from now on. Any thread. */
  public void add(LogSink sink) {
    synchronized (wanted) {
      wanted.put(sink.partition(), sink);
      wanted.notifyAll();
    }
    consumer.wakeUp();
  }

  /** Reads a partition no longer; a block may still be on its way. Any thread. */
  public void remove(LogSink sink) {
    synchronized (wanted) {
      wanted.remove(sink.partition(), sink);
    }
    consumer.wakeUp();
  }

  private void run() {
    try {
      while (!closed) {
        try {
          step();
        } catch (RetriableException e) {
          answers(false);
          sought = null;
          LOG.warn("Can't read {} now; trying again: {}", consumer.described(), e.toString());
          pause();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      if (!closed) {
        failure.accept(e);
      }
    } finally {
      ending.undisturbed(consumer::close);
    }
  }

  /** Notes whether a broker is connected; a change is said, the absence after a while. */
  private void answers(boolean now) {
    answering = now;
    if (now) {
      if (saidAway) {
        LOG.info("A broker of log.bootstrap.servers is connected again");
      }
      saidAway = false;
      awaySince = System.nanoTime();
    } else if (!saidAway && System.nanoTime() - awaySince > AWAY_NANOS) {
      saidAway = true;
      LOG.warn(
          "No broker of log.bootstrap.servers is connected ({}). Followers get nothing new until one"
              + " is. Check that setting, and those under log.consumer.",
          consumer.described());
    }
  }

  /** Each part of it can be done again when Kafka does not answer: nothing is taken as read. */
  private void step() throws InterruptedException {
    if (log != watch.lastSeen()) {
      begin();
    }
    adopt();
    Map<Integer, Long> placed = new HashMap<>(positions);
    placed.keySet().removeAll(lost.keySet());
    if (!placed.keySet().equals(sought)) {
      consumer.seek(placed);
      sought = Set.copyOf(placed.keySet());
    }
    if (placed.isEmpty()) {
      pause();
      return;
    }
    try {
      List<Stretch> stretches = consumer.poll(POLL);
      answers(!stretches.isEmpty() || consumer.isConnected());
      if (!stretches.isEmpty() && watch.within(LogWatch.READ).number() == log) {
        for (Stretch stretch : stretches) {
          deliver(reading.get(stretch.partition()), stretch);
          positions.put(stretch.partition(), stretch.to());
        }
      }
    } catch (OutOfRangeException e) {
      lost.put(e.partition(), e);
      sought = null;
    }
  }

  /** Another log is read from now on, or the first one: all partitions are taken up anew. */
  private void begin() {
    SeenLog seen = watch.within(LogWatch.READ);
    consumer.seek(Map.of());
    reading.clear();
    positions.clear();
    sought = null;
    lost.clear();
    log = seen.number();
  }

  /** Takes up partitions that are new or have lost their place, and drops those that left. */
  private void adopt() {
    List<LogSink> nowhere = new ArrayList<>();
    synchronized (wanted) {
      reading.entrySet().removeIf(e -> wanted.get(e.getKey()) != e.getValue());
      lost.keySet().retainAll(reading.keySet());
      wanted.values().stream()
          .filter(s -> !reading.containsKey(s.partition()) || lost.containsKey(s.partition()))
          .forEach(nowhere::add);
    }
    positions.keySet().retainAll(reading.keySet());
    silent.retainAll(nowhere);
    nowhere.removeAll(silent);
    if (!silent.isEmpty() && System.nanoTime() - askAgainAt >= 0) {
      nowhere.add(silent.iterator().next());
    }
    for (LogSink sink : nowhere) {
      Bounds bounds = bounds(sink);
      if (bounds == null) {
        continue;
      }
      SeenLog seen = watch.now();
      if (seen.number() != log) {
        return; // begun anew with the next step
      }
      OutOfRangeException left = lost.remove(sink.partition());
      if (left == null) {
        start(sink, seen, bounds);
      } else {
        relocate(sink, left, bounds);
      }
    }
  }

  /**
   * From one before the end: what is read there tells the consumer which log it follows, so that it
   * notices when that log is cut back and written anew.
   */
  private void start(LogSink sink, SeenLog seen, Bounds bounds) {
    long start = Math.max(bounds.begin(), bounds.end() - 1);
    reading.put(sink.partition(), sink);
    positions.put(sink.partition(), start);
    // it may have been read before, and by the consumer's account still be, at another place
    sought = null;
    sink.tailStart(seen, start);
  }

  /** Null when it does not say: it may have no leader, which is nothing to the others. */
  private Bounds bounds(LogSink sink) {
    boolean known = silent.remove(sink);
    long begun = System.nanoTime();
    try {
      return consumer.bounds(sink.partition(), ASKING);
    } catch (RetriableException e) {
      silent.add(sink);
      long now = System.nanoTime();
      askAgainAt = now + Math.max(SILENT_NANOS, 2 * (now - begun));
      answers(consumer.isConnected());
      if (!known) {
        LOG.warn(
            "Kafka does not say where partition {} of {} begins and ends; asking again: {}",
            sink.partition(),
            consumer.described(),
            e.toString());
      }
      return null;
    }
  }

  private void deliver(LogSink sink, Stretch stretch) throws InterruptedException {
    MappedStretch mapped = cutter.map(stretch);
    sink.mapped(mapped);
    for (LogBlock block : cutter.cut(mapped)) {
      sink.tail(log, block);
    }
  }

  private void relocate(LogSink sink, OutOfRangeException e, Bounds bounds) {
    int partition = e.partition();
    long position = e.position();
    if (position < bounds.begin()) {
      LOG.warn(
          "Kafka offsets {} to {} of partition {} were deleted before the sink had read them",
          position,
          bounds.begin() - 1,
          partition);
      positions.put(partition, bounds.begin());
      sink.tailGone(log, bounds.begin());
    } else if (position > bounds.end() || e.diverged()) {
      // not where it ends now: what has been written since the cut was read by nobody yet
      long end = Math.max(bounds.begin(), Math.min(e.divergedAt(), bounds.end()));
      positions.put(partition, end);
      sink.truncated(log, end);
    }
  }

  private void pause() throws InterruptedException {
    synchronized (wanted) {
      wanted.wait(PAUSE_MS);
    }
  }

  /** Tells the thread to stop. Any thread. */
  public void stop() {
    closed = true;
    consumer.wakeUp();
    ending.interrupt(thread);
  }

  /** Waits for the thread after {@link #stop}. */
  public void await(Deadline deadline) {
    if (thread.getState() == Thread.State.NEW) {
      consumer.close();
    }
    deadline.join(thread);
  }

  /** Stops the thread and waits for it. */
  @Override
  public void close() {
    stop();
    await(Deadline.in(10_000));
  }
}
