package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.EntryScanner;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The quick way for what most topics hold: a value that is an event or a WAL entry as JSON text,
 * byte for byte as a real leader writes it and the source connector keeps it. Whatever differs in
 * the least is not judged here but left to {@link SourceFormats}; what this takes, that takes, with
 * the same entry. Stateless; for any thread.
 */
final class UsualValues {
  private static final String EVENT_ID = SourceFormats.HEADERS + "event_id";

  private UsualValues() {}

  /** The entry of a record whose converters keep texts and bytes; null if it is not usual. */
  static WalEntry read(ConsumerRecord<byte[], byte[]> record) {
    WalEntry found = scan(record.value());
    if (found == null || !isOf(record.headers(), Header::key, UsualValues::text, found)) {
      return null;
    }
    Long time =
        record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE ? null : record.timestamp();
    return complete(found, record.offset(), time);
  }

  /** The same of a record that Connect has converted. */
  static WalEntry read(SinkRecord record) {
    WalEntry found = scan(new Located(null, record.value()).raw());
    return found != null
            && isOf(
                record.headers(),
                org.apache.kafka.connect.header.Header::key,
                org.apache.kafka.connect.header.Header::value,
                found)
        ? complete(found, record.originalKafkaOffset(), record.timestamp())
        : null;
  }

  private static String text(Header header) {
    return header.value() == null ? null : new String(header.value(), UTF_8);
  }

  /** Whether no header says that the record is a CloudEvent, or another event than this. */
  private static <H> boolean isOf(
      Iterable<H> headers, Function<H, String> key, Function<H, ?> value, WalEntry found) {
    for (H header : headers) {
      String name = key.apply(header);
      if (name.startsWith(CloudEvents.PREFIX)
          || name.equalsIgnoreCase(CloudEvents.TYPE)
          || (name.equals(EVENT_ID) && !found.event().id().equals(value.apply(header)))) {
        return false;
      }
    }
    return true;
  }

  private static WalEntry scan(byte[] value) {
    WalEntry found = value == null ? null : EntryScanner.scanValue(value);
    return found != null
            && EventTimes.isWrittenToBeKept(found.event().timestamp())
            && (found.walTimestamp() == null
                || Timestamps.isWrittenCanonically(found.walTimestamp()))
        ? found
        : null;
  }

  private static WalEntry complete(WalEntry found, long kafkaOffset, Long recordMs) {
    Event event = found.event();
    long sequence = kafkaOffset + 1;
    if (EventTimes.isTooLate(recordMs)) {
      return null;
    }
    String told = found.walTimestamp();
    String walTime =
        told != null
            ? told
            : EventTimes.written(null, EventTimes.ofRecord(recordMs), event.timestamp());
    return new WalEntry(
        sequence,
        walTime,
        event,
        WalChecksum.compute(sequence, walTime, event.id()),
        found.eventText(),
        null);
  }
}
