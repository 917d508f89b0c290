package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.topic.Converters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each record that Connect hands over: one that is no event fails the task, or is reported
 * and passed over. Used by the task's thread.
 */
final class RecordCheck {
  private static final Logger LOG = LoggerFactory.getLogger(RecordCheck.class);

  private final EntryMapper mapper;
  private final boolean headersAreTexts;
  private final boolean passesOver;
  private final ErrantRecordReporter reporter;
  private final List<Reported> reported = new ArrayList<>();
  private long passedOver;

  /** A record that was given to Connect for the dead-letter topic. */
  private record Reported(TopicPartition of, long offset, Future<Void> written) {
    boolean isSafe() {
      return written.isDone() && failure() == null;
    }

    /** Why it will not be there; null when it is, or may come to be. */
    Throwable failure() {
      try {
        if (written.isDone()) {
          written.get();
        }
        return null;
      } catch (ExecutionException e) {
        return e.getCause();
      } catch (CancellationException e) {
        return e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return e;
      }
    }
  }

  /**
   * @param log which converters the sink reads the topic with
   * @param passesOver whether {@code errors.tolerance} is {@code all}
   * @param reporter null when there is no place to report to
   */
  RecordCheck(
      EntryMapper mapper, LogSettings log, boolean passesOver, ErrantRecordReporter reporter) {
    this.mapper = mapper;
    this.headersAreTexts = Converters.readsHeadersAsTexts(log.headerConverter());
    this.passesOver = passesOver;
    this.reporter = reporter;
  }

  void check(SinkRecord record) {
    try {
      mapper.map(asRead(record));
    } catch (DataException e) {
      bad(record, e);
    }
  }

  /**
   * The record as followers' readers make it. Where those read headers as texts, Connect's default
   * converter has made null, booleans, numbers, dates and structures of texts that look like some.
   */
  SinkRecord asRead(SinkRecord record) {
    if (!headersAreTexts || areTexts(record.headers())) {
      return record;
    }
    ConnectHeaders headers = new ConnectHeaders();
    for (Header header : record.headers()) {
      if (header.value() instanceof byte[]) {
        headers.add(header);
      } else {
        String text = Values.convertToString(header.schema(), header.value());
        headers.add(header.key(), text == null ? "null" : text, Schema.STRING_SCHEMA);
      }
    }
    return record.newRecord(
        record.topic(),
        record.kafkaPartition(),
        record.keySchema(),
        record.key(),
        record.valueSchema(),
        record.value(),
        record.timestamp(),
        headers);
  }

  private static boolean areTexts(Headers headers) {
    for (Header header : headers) {
      if (!(header.value() instanceof String || header.value() instanceof byte[])) {
        return false;
      }
    }
    return true;
  }

  private void bad(SinkRecord record, DataException e) {
    if (!passesOver) {
      throw new ConnectException(
          "The record at "
              + record.topic()
              + "-"
              + record.kafkaPartition()
              + ", offset "
              + record.kafkaOffset()
              + " is not an event. Correct the mapping (event.mapping), or let Connect pass over such"
              + " records: errors.tolerance=all, with errors.deadletterqueue.topic.name to keep"
              + " them",
          e);
    }
    passedOver++;
    if (reporter != null) {
      reported.add(
          new Reported(
              new TopicPartition(record.originalTopic(), record.originalKafkaPartition()),
              record.originalKafkaOffset(),
              reporter.report(record, e)));
    } else if (Long.bitCount(passedOver) == 1) {
      LOG.warn(
          "{} records that are not events were passed over (errors.tolerance=all, and no"
              + " errors.deadletterqueue.topic.name keeps them); the last is at {}-{}, offset {}: {}",
          passedOver,
          record.topic(),
          record.kafkaPartition(),
          record.kafkaOffset(),
          e.getMessage());
    }
  }

  /**
   * Up to where all is safe that was to go to the dead-letter topic: no offset that is committed
   * passes that. Never waits. Connect does, before it asks what is to be committed; but when it has
   * seen that something can't be written, it asks all the same while it closes the task.
   *
   * @return {@link Long#MAX_VALUE} when all is
   */
  long safeUpTo(TopicPartition of) {
    reported.removeIf(Reported::isSafe);
    return reported.stream()
        .filter(each -> each.of().equals(of))
        .mapToLong(Reported::offset)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /**
   * Fails the task when something can't be written, as Connect does before it commits. It does not
   * know of what failed while it was told of it, and nothing more would ever be committed.
   */
  void failIfLost() {
    reported.removeIf(Reported::isSafe);
    for (Reported each : reported) {
      Throwable why = each.failure();
      if (why != null) {
        throw new ConnectException(
            "The record at "
                + each.of()
                + ", offset "
                + each.offset()
                + " is not an event, and can't be written to errors.deadletterqueue.topic.name",
            why);
      }
    }
  }

  /** The partition is closed. */
  void forget(TopicPartition closed) {
    reported.removeIf(each -> each.of().equals(closed));
  }
}
