package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import io.github.allsourceconnect.sink.topic.ReadQueue.Place;
import io.github.allsourceconnect.sink.topic.ReadQueue.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads stretches of the log, one for each request, and one ahead of the next request: the follower
 * that got a stretch will want the one behind it, and takes its time for the first. One thread.
 *
 * <p>At most one stretch is kept so, no larger than what the consumer gives at once.
 */
final class OlderReader {
  private static final Logger LOG = LoggerFactory.getLogger(OlderReader.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** What follows is mostly on its way already; between two polls others have their turn. */
  private static final Duration AHEAD_POLL = Duration.ofMillis(5);

  private static final int AHEAD_POLLS = 10;

  private final LogConsumer consumer;
  private final SharedCutting cutting;
  private final LogWatch watch;
  private final long patienceMs;
  private final BooleanSupplier closed;
  private final Consumer<Place> stands;

  /** The number of the log that the consumer has a place in. */
  private int log;

  /** Where the last answer ended; null if there was none. */
  private Place place;

  /** What lies behind {@link #place}; null if it has not been read. */
  private List<LogBlock> ahead;

  /**
   * @param patienceMs how long a read may bring nothing before it counts as failed
   * @param closed whether nothing is wanted any more
   * @param stands told where an answer ends, before it is given: whoever gets it may ask at once
   *     for what follows
   */
  OlderReader(
      LogConsumer consumer,
      SharedCutting cutting,
      LogWatch watch,
      long patienceMs,
      BooleanSupplier closed,
      Consumer<Place> stands) {
    this.consumer = consumer;
    this.cutting = cutting;
    this.watch = watch;
    this.patienceMs = patienceMs;
    this.closed = closed;
    this.stands = stands;
  }

  /**
   * Answers, or says why not.
   *
   * @return whether Kafka has said anything
   */
  boolean read(Request request) throws InterruptedException {
    if (request.log() != log) {
      // what the consumer knows of its place is true of another log
      consumer.seek(Map.of());
      log = request.log();
    }
    LogSink sink = request.sink();
    int partition = sink.partition();
    long position = request.position();
    List<LogBlock> blocks = place != null && request.goesOnAt(place) ? ahead : null;
    ahead = null;
    place = null;
    try {
      if (blocks == null) {
        consumer.seek(Map.of(partition, position));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs);
        while (blocks == null && !closed.getAsBoolean() && System.nanoTime() < deadline) {
          blocks = poll(POLL);
        }
      }
      if (blocks == null) {
        LOG.warn(
            "Nothing came from partition {} of {}, offset {}, within log.poll.timeout.ms; trying again",
            partition,
            consumer.described(),
            position);
        sink.olderFailed(request.number(), position);
        return false;
      } else if (isOfTheLog(request)) {
        place = new Place(log, partition, blocks.get(blocks.size() - 1).to());
        stands.accept(place);
        sink.older(request.number(), blocks);
      }
      return true;
    } catch (OutOfRangeException e) {
      return locate(request);
    } catch (RetriableException e) {
      LOG.warn("Can't read {} now; trying again: {}", consumer.described(), e.toString());
      sink.olderFailed(request.number(), position);
      return false;
    }
  }

  private List<LogBlock> poll(Duration timeout) throws InterruptedException {
    for (Stretch stretch : consumer.poll(timeout)) {
      return cutting.cut(stretch);
    }
    return null;
  }

  /**
   * Reads what lies behind the last answer, as far as the consumer has it. What is wrong there is
   * said when it is asked for.
   *
   * @param idle whether still no read waits for this thread
   */
  void readAhead(BooleanSupplier idle) throws InterruptedException {
    if (place != null && ahead == null) {
      try {
        for (int i = 0; ahead == null && i < AHEAD_POLLS && idle.getAsBoolean(); i++) {
          ahead = poll(AHEAD_POLL);
        }
      } catch (RuntimeException e) {
        // whoever asks for it meets it, and says so
        LOG.debug("Not read ahead", e);
      }
    }
  }

  /** Lets go of what was read ahead. */
  void forgetAhead() {
    ahead = null;
  }

  /** Otherwise nobody waits for what was read: another log is served from now on. */
  private boolean isOfTheLog(Request request) {
    SeenLog seen = watch.within(LogWatch.READ);
    if (seen.number() == request.log()) {
      return true;
    }
    request.sink().seen(seen);
    return false;
  }

  private boolean locate(Request request) {
    boolean answered = false;
    try {
      Bounds found = consumer.bounds(request.sink().partition());
      answered = true;
      if (!isOfTheLog(request)) {
        return true;
      }
      if (request.position() < found.begin()) {
        request.sink().olderGone(request.number(), request.position(), found.begin());
        return true;
      }
    } catch (RetriableException e) {
      LOG.warn(
          "Kafka does not say where {} begins; asking again: {}",
          consumer.described(),
          e.toString());
    }
    request.sink().olderFailed(request.number(), request.position());
    return answered;
  }
}
