package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.EarlierLog;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.history.HistoryAppender;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history of one partition, and never makes a follower wait: takes what the tail reader
 * has mapped ({@link HistoryFeed}), and reads the topic with a consumer of its own only what is
 * older than that. One thread.
 */
public final class HistoryWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryWriter.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration NOTED = Duration.ofSeconds(2);
  private static final long CLOSE_MS = 3_500;
  private static final long LAST_MS = 500;

  /** What the writer needs of the topic. Used by the writer's thread. */
  public interface Topic {
    /** A new consumer. */
    LogConsumer consumer();

    /** Maps records; asked for when the first one comes, and may wait until it is known how. */
    LineEncoder mapping();

    /** Which log it is now; throws a RetriableException when that is not known. */
    LogIdentity identity();

    /**
     * Whether what is committed says of the log as it is now that there was one before; throws a
     * RetriableException when that is not known.
     */
    boolean isEarlierNoted();

    /** When records are deleted; throws a RetriableException when that is not known. */
    TopicRetention retention();
  }

  /** Who is told of the history. Called by the writer's thread. */
  public interface Told {
    /** It covers more of this log, or anything else, than before. */
    void holds(LogIdentity of, HistoryCoverage coverage);

    /** The one that was found is that of another log; told before {@link #holds}. */
    void earlier(EarlierLog log);
  }

  private final String log;
  private final int partition;
  private final History history;
  private final HistoryAppender appender;
  private final FileLimits limits;
  private final Topic topic;
  private final StoppableTopic asked;
  private final Told listener;
  private final Consumer<Throwable> failure;
  private final HistoryFeed feed;
  private final Thread thread;
  private volatile boolean givenUp;
  private BlockCutter cutter;
  private TopicRetention retention = TopicRetention.FOREVER;
  private HistoryCoverage told;
  private LogIdentity toldOf;
  private long lookedAt = System.nanoTime();

  /**
   * What the settings say of open files, for a warning.
   *
   * @param ageMs {@code snapshot.file.max.age.ms}
   * @param bytes {@code snapshot.file.max.bytes}
   */
  public record FileLimits(long ageMs, long bytes) {}

  /**
   * @param log what messages call the partition
   * @param feed what the tail reader has mapped
   * @param listener told of the history
   * @param failure told why the thread ended before it was closed
   */
  public HistoryWriter(
      String threadName,
      String log,
      int partition,
      History history,
      HistoryFeed feed,
      FileLimits limits,
      Topic topic,
      Told listener,
      Consumer<Throwable> failure) {
    this.log = log;
    this.partition = partition;
    this.history = history;
    this.appender = history.appender();
    this.feed = feed;
    this.limits = limits;
    this.topic = topic;
    this.asked = new StoppableTopic(log, topic::consumer);
    this.listener = listener;
    this.failure = failure;
    this.thread = new Thread(LogContext.here().around(this::run), threadName);
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  private void run() {
    try {
      LogIdentity identity = asked.ask("which log it is", topic::identity);
      if (identity != null) {
        HistoryCoverage kept = appender.open(identity);
        tellEarlier();
        tell(kept);
        heedRetention();
        keep();
      }
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      if (!asked.isStopping()) {
        failure.accept(e);
      }
    } finally {
      Thread.interrupted();
      asked.closeConsumer();
      closeAppender();
    }
  }

  /** Writes, and finds its place again whenever the log does not lead on. */
  private void keep() throws IOException, InterruptedException {
    boolean looksWrong = false;
    while (!asked.isStopping()) {
      Bounds bounds =
          asked.ask("where it begins and ends", () -> asked.consumer().bounds(partition));
      // it may have been replaced while it was asked where it begins
      LogIdentity now = asked.ask("which log it is", topic::identity);
      if (bounds == null || now == null) {
        return;
      }
      if (!now.equals(history.identity())) {
        belongTo(now);
        continue;
      }
      HistoryPlace place = HistoryPlace.of(history.coverage(), bounds.begin(), bounds.end());
      if (place instanceof HistoryPlace.AnotherLog && !looksWrong) {
        looksWrong = true;
        asked.pause(); // the broker that was asked which log it is may be behind
        continue;
      }
      looksWrong = false;
      long position = goOn(place);
      try {
        follow(position);
      } catch (OutOfRangeException e) {
        asked.closeConsumer();
        appender.flush();
        belongToLog(e.diverged());
      }
    }
  }

  private long goOn(HistoryPlace place) throws IOException {
    if (place instanceof HistoryPlace.Lost lost) {
      LOG.error(
          "{}: {}: the history has a hole there. What lies before it is kept; followers that lack"
              + " it are served by history.gap.policy",
          log,
          lost.hole());
    } else if (place instanceof HistoryPlace.Begin begin && begin.after() > 0) {
      LOG.warn(
          "{}: no history was kept and the topic begins at offset {}: followers that lack older"
              + " ones are served by history.gap.policy",
          log,
          begin.after() + 1);
    }
    long position = appender.goOn(place);
    tell(history.coverage());
    return position;
  }

  private void follow(long from) throws IOException, InterruptedException {
    long position = from;
    while (!asked.isStopping()) {
      forgetEarlierWhenNoted();
      MappedStretch fed = feed.take(history.identity(), position, POLL.toMillis());
      if (feed.takeCut(history.identity())) {
        throw new OutOfRangeException(partition, position, true, null);
      }
      if (fed != null) {
        asked.closeConsumer();
        position = write(fed);
      } else if (feed.isPast(history.identity(), position)) {
        position = readBehind(position);
      } else {
        appender.reached(position, false);
        tell(history.coverage());
      }
    }
  }

  /** What the feed has not is read from the topic. */
  private long readBehind(long from) throws IOException, InterruptedException {
    long position = from;
    try {
      asked.consumer().seek(Map.of(partition, position));
      while (!asked.isStopping() && feed.isPast(history.identity(), position)) {
        long before = position;
        List<Stretch> read = asked.consumer().poll(POLL);
        checkLog(position);
        for (Stretch stretch : read) {
          position = write(mapped(stretch));
        }
        if (position == before) {
          appender.reached(position, false);
          tell(history.coverage());
        }
      }
    } catch (RetriableException e) {
      LOG.warn("{}: the topic can't be read now; trying again: {}", log, e.toString());
      asked.pause();
    }
    return position;
  }

  /** What was read before is of the history's log: its numbers go on if it is another one, too. */
  private void checkLog(long position) throws InterruptedException {
    if (!asked.interruptibly(topic::identity).equals(history.identity())) {
      throw new OutOfRangeException(partition, position, false, null);
    }
  }

  private MappedStretch mapped(Stretch stretch) throws InterruptedException {
    if (cutter == null && !stretch.records().isEmpty()) {
      // it may have to wait until the converters are known, and can be woken there
      cutter = new BlockCutter(asked.interruptibly(topic::mapping));
    }
    return cutter == null
        ? new MappedStretch(stretch.from(), stretch.to(), List.of(), Long.MAX_VALUE, 0)
        : cutter.map(stretch);
  }

  private long write(MappedStretch stretch) throws IOException {
    for (WalEntry entry : stretch.entries()) {
      appender.append(entry);
    }
    boolean atOnce = retention.takesSoon(stretch.oldestMs(), System.currentTimeMillis());
    appender.reached(stretch.to(), atOnce);
    tell(history.coverage());
    return stretch.to();
  }

  private void tell(HistoryCoverage now) {
    LogIdentity of = history.identity();
    if (now.begun() && !(now.equals(told) && of.equals(toldOf))) {
      told = now;
      toldOf = of;
      listener.holds(of, now);
    }
  }

  private void tellEarlier() {
    if (appender.earlier() != null) {
      listener.earlier(appender.earlier());
    }
  }

  /** What is committed outlives the task and can be deleted by whoever knows better. */
  private void forgetEarlierWhenNoted() throws IOException, InterruptedException {
    if (appender.earlier() == null || System.nanoTime() - lookedAt < NOTED.toNanos()) {
      return;
    }
    lookedAt = System.nanoTime();
    try {
      if (asked.interruptibly(topic::isEarlierNoted)) {
        appender.forgetEarlier();
      }
    } catch (RetriableException e) {
      LOG.debug("{}: Kafka does not say what is committed: {}", log, e.toString());
    }
  }

  /** Whether it is still the same log; if not, a new history takes the old one's place. */
  private void belongToLog(boolean diverged) throws IOException, InterruptedException {
    LogIdentity before = history.identity();
    LogIdentity identity = asked.ask("which log it is", topic::identity);
    if (diverged && before.equals(identity)) {
      asked.pause(); // the broker that was asked may be behind
      identity = asked.ask("which log it is", topic::identity);
    }
    if (identity == null) {
      return;
    }
    if (diverged && identity.equals(before)) {
      throw new IOException(
          log
              + ": the topic was cut back to before WAL offset "
              + history.coverage().upTo()
              + ", up to which the history reaches, and written anew. Keep the history somewhere"
              + " else, or remove it");
    }
    belongTo(identity);
  }

  private void belongTo(LogIdentity identity) throws IOException {
    appender.belongTo(identity);
    tellEarlier();
  }

  private void heedRetention() throws InterruptedException {
    TopicRetention found = asked.ask("when it deletes records", topic::retention);
    if (found != null) {
      retention = found;
      appender.hurry(found);
      found.warnings(limits.ageMs(), limits.bytes()).forEach(w -> LOG.warn("{}: {}", log, w));
    }
  }

  private void closeAppender() {
    try {
      appender.close();
    } catch (IOException | RuntimeException e) {
      if (givenUp) {
        LOG.debug("{}: the history was not closed well, for it was given up", log, e);
      } else {
        LOG.warn(
            "{}: the history could not be closed well; it is checked when it is opened", log, e);
      }
    }
  }

  /** Tells the thread to end soon; what was taken is made durable. Any thread. */
  public void stop() {
    appender.stopMerging();
    asked.stop(thread);
    feed.wakeUp();
  }

  /** It had its time: what is not in the history yet is left to the next writer. */
  private void giveUp() {
    if (thread.isAlive()) {
      givenUp = true;
      LOG.warn("{}: the history can't be written now; what is not in it yet is left", log);
      thread.interrupt();
    }
  }

  /** Stops the thread and waits for it, a few seconds at most. */
  @Override
  public void close() {
    stop();
    closeAll(List.of(this), Deadline.in(CLOSE_MS));
  }

  /** Waits for writers that were stopped. Who is not done soon before the deadline gives up. */
  public static void closeAll(Collection<HistoryWriter> stopped, Deadline deadline) {
    Deadline inPeace = deadline.before(LAST_MS);
    stopped.forEach(writer -> inPeace.join(writer.thread));
    stopped.forEach(HistoryWriter::giveUp);
    stopped.forEach(writer -> deadline.join(writer.thread));
  }
}
