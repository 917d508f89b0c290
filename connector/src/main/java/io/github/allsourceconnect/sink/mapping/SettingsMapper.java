package io.github.allsourceconnect.sink.mapping;

import io.github.allsourceconnect.config.MappingSettings;
import io.github.allsourceconnect.config.MappingSettings.ValueSource;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Makes an event of any producer's record, by the settings. Immutable; for any thread. */
final class SettingsMapper {
  /** A {@link ValueSource} with its paths taken apart; those that are not set are null. */
  private record Source(String header, List<String> field, List<String> keyField, String constant) {
    static Source of(ValueSource source) {
      return new Source(
          source.header(), path(source.field()), path(source.keyField()), source.constant());
    }

    private static List<String> path(String path) {
      return path == null ? null : FieldPath.parse(path);
    }
  }

  private final MappingSettings settings;
  private final Source type;
  private final Source entity;
  private final Source tenant;
  private final Source id;
  private final Source timestamp;
  private final Source version;
  private final Source metadata;
  private final List<String> payload;

  SettingsMapper(MappingSettings settings) {
    this.settings = settings;
    this.type = Source.of(settings.type());
    this.entity = Source.of(settings.entity());
    this.tenant = Source.of(settings.tenant());
    this.id = Source.of(settings.id());
    this.timestamp = Source.of(settings.timestamp());
    this.version = Source.of(settings.version());
    this.metadata = Source.of(settings.metadata());
    this.payload = Source.path(settings.payloadField());
  }

  /** The event of a record; a record without a value has the payload {@code null}. */
  EventDraft map(SinkRecord record) {
    Located key = new Located(record.keySchema(), record.key());
    Located value = new Located(record.valueSchema(), record.value());
    Parts parts = new Parts(record, key.expanded(), value.expanded());
    return new EventDraft(record)
        .eventType(parts.text("event type", type))
        .entityId(
            settings.entity().isEmpty() ? scalar("key", key) : parts.text("entity id", entity))
        .tenantId(parts.text("tenant", tenant))
        .anyId(parts.text("id", id))
        .timestamp(time(parts))
        .version(parts.text("version", version))
        .metadataValue(parts.find(metadata))
        .payloadValue(payload == null ? value : parts.value().at(payload));
  }

  @SuppressWarnings("JavaUtilDate") // Connect's logical types are made of it
  private String time(Parts parts) {
    Located found = parts.find(timestamp);
    if (found.value() instanceof Date date) {
      return EventTimes.ofNumber(date.getTime(), TimeUnit.MILLISECONDS);
    }
    String text = scalar("time", found);
    if (text != null && text.matches("-?[0-9]{1,19}")) {
      try {
        return EventTimes.ofNumber(Long.parseLong(text), settings.timestampUnit());
      } catch (NumberFormatException e) {
        throw new DataException("its time is a number of more than 64 bits", e);
      }
    }
    return text;
  }

  private static String scalar(String part, Located value) {
    try {
      return value.text();
    } catch (DataException e) {
      throw new DataException("its " + part + ": " + e.getMessage(), e);
    }
  }

  /** What is looked up in; text that is a JSON object is taken apart once. */
  private record Parts(SinkRecord record, Located key, Located value) {
    String text(String part, Source source) {
      return scalar(part, find(source));
    }

    Located find(Source source) {
      if (source.header() != null) {
        Header header = record.headers().lastWithName(source.header());
        if (header != null && header.value() != null) {
          return new Located(header.schema(), header.value());
        }
      }
      if (source.field() != null) {
        Located found = value.at(source.field());
        if (!found.isNull()) {
          return found;
        }
      }
      if (source.keyField() != null) {
        Located found = key.at(source.keyField());
        if (!found.isNull()) {
          return found;
        }
      }
      return new Located(null, source.constant());
    }
  }
}
