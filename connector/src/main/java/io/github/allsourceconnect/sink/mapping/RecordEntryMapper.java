package io.github.allsourceconnect.sink.mapping;

import io.github.allsourceconnect.config.MappingSettings;
import io.github.allsourceconnect.config.MappingSettings.EventMapping;
import io.github.allsourceconnect.config.MappingSettings.NullValues;
import io.github.allsourceconnect.protocol.WalEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The mapping that the settings ask for: what the source connector writes is recognised, other
 * records go by the settings. Immutable; for any thread.
 */
public final class RecordEntryMapper implements EntryMapper {
  private final MappingSettings settings;
  private final SettingsMapper bySettings;

  /** A mapper by these settings. */
  public RecordEntryMapper(MappingSettings settings) {
    this.settings = settings;
    this.bySettings = new SettingsMapper(settings);
  }

  @Override
  public WalEntry map(SinkRecord record) {
    try {
      WalEntry usual = settings.mode() == EventMapping.AUTO ? UsualValues.read(record) : null;
      return usual != null ? usual : mapPlainly(record);
    } catch (DataException e) {
      throw named(
          record.originalTopic(), record.originalKafkaPartition(), record.originalKafkaOffset(), e);
    }
  }

  @Override
  public WalEntry mapUsual(ConsumerRecord<byte[], byte[]> record) {
    try {
      return settings.mode() == EventMapping.AUTO ? UsualValues.read(record) : null;
    } catch (DataException e) {
      throw named(record.topic(), record.partition(), record.offset(), e);
    }
  }

  /** The way for all records. */
  WalEntry mapPlainly(SinkRecord record) {
    if (isEmpty(record)) {
      if (settings.nullValues() == NullValues.IGNORE) {
        return null;
      }
      if (settings.nullValues() == NullValues.FAIL) {
        throw new DataException(
            "it has no value; behavior.on.null.values=ignore leaves such records out, event makes"
                + " them events with the payload null");
      }
    }
    return draft(record).entry();
  }

  private static DataException named(String topic, int partition, long offset, DataException e) {
    return new DataException(
        "The record at "
            + topic
            + "-"
            + partition
            + "@"
            + offset
            + " is not an event: "
            + e.getMessage(),
        e);
  }

  /** Whether the record told no id, so that the entry's was made of the record's place. */
  public static boolean hasMadeId(SinkRecord record, WalEntry entry) {
    return entry
        .event()
        .id()
        .equals(
            NameUuid.ofRecord(
                    record.originalTopic(),
                    record.originalKafkaPartition(),
                    record.originalKafkaOffset())
                .toString());
  }

  private EventDraft draft(SinkRecord record) {
    if (settings.mode() == EventMapping.AUTO) {
      EventDraft recognised = SourceFormats.read(record);
      if (recognised != null) {
        return recognised;
      }
      if (settings.type().isEmpty()) {
        throw new DataException(
            "it is nothing that the source connector writes (an event as Struct, map or JSON text"
                + " with event_type, entity_id and payload; a WAL entry; a payload with allsource."
                + " or ce_ headers); for records of other producers set event.type and its kin");
      }
    }
    return bySettings.map(record);
  }

  private static boolean isEmpty(SinkRecord record) {
    if (record.value() == null) {
      return true;
    }
    if (record.value() instanceof CharSequence text) {
      return text.isEmpty(); // its bytes are not made for that
    }
    byte[] raw = new Located(null, record.value()).raw();
    return raw != null && raw.length == 0;
  }
}
