package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.mapping.EntryMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Values;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
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
  private final boolean passesOver;
  private final ErrantRecordReporter reporter;
  private final List<Future<Void>> reported = new ArrayList<>();
  private long passedOver;

  /**
   * @param passesOver whether {@code errors.tolerance} is {@code all}
   * @param reporter null when there is no place to report to
   */
  RecordCheck(EntryMapper mapper, boolean passesOver, ErrantRecordReporter reporter) {
    this.mapper = mapper;
    this.passesOver = passesOver;
    this.reporter = reporter;
  }

  void check(SinkRecord record) {
    try {
      mapper.map(asText(record));
    } catch (DataException e) {
      bad(record, e);
    }
  }

  /**
   * Headers as the texts that they were: Connect's default converter makes null, booleans, numbers,
   * dates and structures of those that look like some. What followers get is read without it.
   */
  private static SinkRecord asText(SinkRecord record) {
    boolean texts = true;
    for (Header header : record.headers()) {
      texts &= header.value() instanceof String || header.value() instanceof byte[];
    }
    if (texts) {
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
      reported.add(reporter.report(record, e));
    } else if (Long.bitCount(passedOver) == 1) {
      LOG.warn(
          "{} records were passed over that are not events (errors.tolerance=all, and no dead-letter"
              + " topic keeps them), the last at {}-{}, offset {}: {}",
          passedOver,
          record.topic(),
          record.kafkaPartition(),
          record.kafkaOffset(),
          e.getMessage());
    }
  }

  /** No offset passes a record that is not safe in the dead-letter topic. */
  void awaitReported() {
    try {
      for (Future<Void> each : reported) {
        each.get();
      }
      reported.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while bad records were being reported", e);
    } catch (ExecutionException e) {
      throw new ConnectException("A bad record could not be reported", e.getCause());
    }
  }
}
