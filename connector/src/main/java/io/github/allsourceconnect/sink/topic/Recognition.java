package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.sink.topic.LogConsumer.OutOfRangeException;
import io.github.allsourceconnect.sink.topic.RecordSearch.AnotherLogException;
import io.github.allsourceconnect.sink.topic.RecordSearch.NotYetException;
import io.github.allsourceconnect.sink.topic.RecordSearch.Place;
import io.github.allsourceconnect.sink.topic.RecordsToFind.Question;
import java.io.Closeable;
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
  private static final long AGAIN_MS = 500;

  private final String topic;
  private final Converters.Choice configured;
  private final Supplier<LogConsumer> consumers;
  private final LogWatch watch;
  private final Consumer<Throwable> failure;
  private final CompletableFuture<Converters.Choice> converters = new CompletableFuture<>();
  private final RecordsToFind toFind = new RecordsToFind();
  private final Thread thread;
  private final Ending ending = new Ending();
  private volatile boolean closed;

  /**
   * @param failure told when it is another topic, or no converter gives what Connect gave
   */
  public Recognition(
      String threadName,
      String topic,
      Converters.Choice configured,
      Supplier<LogConsumer> consumers,
      LogWatch watch,
      Consumer<Throwable> failure) {
    this.topic = topic;
    this.configured = configured;
    this.consumers = consumers;
    this.watch = watch;
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

  /** Whether a record of the partition was found in the log of this number. */
  public boolean recognises(int partition, int log) {
    return toFind.recognises(partition, log);
  }

  /** The partition is closed, or another log: what comes of it is to be looked for anew. */
  public void forget(int partition) {
    toFind.forget(partition);
  }

  /**
   * Connect has handed this over. Never waits; does nothing when nothing is left to find out.
   *
   * @param log the number of the log that Connect reads; 0 when that is not known
   */
  public void show(SinkRecord record, int log) {
    if (teaches(record) || !toFind.recognises(record.originalKafkaPartition(), log)) {
      toFind.show(record, log, teaches(record));
    }
  }

  /**
   * Whether Connect is to hand over a partition again from where it began, for what it did is of a
   * log that is no more, or is not what the topic has there. Told once; what was shown is
   * forgotten.
   */
  public boolean wantsAgain(int partition) {
    return toFind.wantsAgain(partition);
  }

  private boolean teaches(SinkRecord record) {
    return !knowsConverters() && record.value() != null;
  }

  /**
   * The offset of the last record that a partition has, for Connect to hand over again.
   *
   * @param log the number of the log that Connect reads; 0 when that is not known
   * @return -1 when there is none; null when it is not known yet, ask again later
   */
  public Long lastRecord(int partition, int log) {
    return toFind.last(partition, log);
  }

  private void run() {
    RecordSearch search = null;
    try {
      while (!closed) {
        Question question = toFind.take();
        if (search == null) {
          search = new RecordSearch(consumers.get(), watch, () -> closed);
        }
        try {
          answer(search, question);
        } catch (AnotherLogException e) {
          LOG.info("{} was replaced while records were looked for in it", topic);
          toFind.gone(question);
        } catch (OutOfRangeException e) {
          search.forgetPlaces();
          again(question);
        } catch (RetriableException e) {
          if (!question.tried() && !(e instanceof NotYetException)) {
            LOG.warn("Can't read {} now; trying again: {}", topic, e.toString());
          }
          again(question);
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
      if (search != null) {
        ending.undisturbed(search::close);
      }
    }
  }

  private void again(Question question) throws InterruptedException {
    toFind.again(question);
    Thread.sleep(AGAIN_MS);
  }

  private void answer(RecordSearch search, Question question) {
    if (!question.isOf(search.begin())) {
      throw new AnotherLogException();
    }
    if (question.end()) {
      long found = search.back(question);
      search.checkLog();
      toFind.foundLast(question, found);
      return;
    }
    try {
      find(search, question);
    } catch (ConnectException e) {
      if (toFind.differs(question)) {
        throw e;
      }
      LOG.info(
          "What Connect has handed over of {}-{} is to be handed over again, and compared once more:"
              + " {}",
          topic,
          question.partition(),
          e.getMessage());
    }
  }

  /**
   * Looks for what was handed over.
   *
   * @throws ConnectException when it is not what the topic has
   */
  private void find(RecordSearch search, Question question) {
    NotYetException later = null;
    for (SinkRecord record : question.teachers()) {
      try {
        if (teaches(record)) {
          long offset = record.originalKafkaOffset();
          ConsumerRecord<byte[], byte[]> raw =
              same(search, question, offset, Optional.ofNullable(record.timestamp())).record();
          if (raw != null && toFind.counts(question)) {
            converters.complete(Converters.guess(configured, raw, record));
          }
        }
      } catch (NotYetException e) {
        later = e;
      }
    }
    long passed = -1;
    for (Map.Entry<Long, Optional<Long>> mark : question.marks().entrySet()) {
      if (mark.getKey() >= passed && !toFind.isFound(question)) {
        try {
          Place place = same(search, question, mark.getKey(), mark.getValue());
          if (place.record() != null) {
            toFind.found(question);
          }
          passed = place.offset();
        } catch (NotYetException e) {
          later = e;
          break; // those behind it are not there either
        }
      }
    }
    if (later != null && !(toFind.isFound(question) && knowsConverters())) {
      throw later;
    }
  }

  /** What the topic has at an offset; there is no record when that is at another one. */
  private Place same(RecordSearch search, Question question, long offset, Optional<Long> time) {
    Place place = search.at(question.partition(), offset, question.tried());
    if (place.offset() != offset || place.record() == null) {
      return new Place(place.offset(), null);
    }
    search.checkLog();
    if (toFind.counts(question)) {
      checkSame(time, place.record());
    }
    return place;
  }

  private void checkSame(Optional<Long> timestamp, ConsumerRecord<byte[], byte[]> raw) {
    if (timestamp.isPresent() && timestamp.get() != raw.timestamp()) {
      throw new ConnectException(
          "What Connect hands over at offset "
              + raw.offset()
              + " of "
              + topic
              + "-"
              + raw.partition()
              + " (timestamp "
              + timestamp.get()
              + ") is not what log.bootstrap.servers has there (timestamp "
              + raw.timestamp()
              + "): it is another cluster with a topic of the same name. Set log.bootstrap.servers"
              + " to the cluster that the worker reads");
    }
  }

  /** Tells the thread to stop, and those who wait for the converters. Any thread. */
  public void stop() {
    closed = true;
    converters.cancel(false);
    ending.interrupt(thread);
  }

  /** Waits for the thread after {@link #stop}. */
  public void await(Deadline deadline) {
    deadline.join(thread);
  }

  @Override
  public void close() {
    stop();
    await(Deadline.in(10_000));
  }
}
