package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.ConverterType;
import org.apache.kafka.connect.storage.HeaderConverter;

/**
 * Turns what the sink's own consumers read into what Connect would have handed over. One thread.
 *
 * <p>A connector can't see which converters the worker has by default. Where the connector names
 * none, {@link #guess} finds those that give what Connect gave for the same record.
 */
public final class Converters {
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
  private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
  private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

  /**
   * Read as texts instead, named or not: it writes texts as they are, but makes null, numbers,
   * dates and structures of those that look like some, and so loses what they were.
   */
  private static final String SIMPLE = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

  static final String SCHEMAS = "schemas.enable";

  private final Converter key;
  private final Converter value;
  private final HeaderConverter header;
  private final boolean keepTexts;

  /**
   * Which converters to use.
   *
   * @param key its class is null when it is to be guessed
   * @param value likewise
   * @param header its class is null for texts as they are
   */
  public record Choice(ConverterSettings key, ConverterSettings value, ConverterSettings header) {
    /** What the settings say. */
    public static Choice of(LogSettings settings) {
      return new Choice(
          settings.keyConverter(), settings.valueConverter(), settings.headerConverter());
    }

    /** Whether nothing is left to be guessed. */
    public boolean complete() {
      return key.className() != null && value.className() != null;
    }
  }

  /**
   * Makes the converters.
   *
   * @throws ConnectException naming a class that can't be used
   */
  public Converters(Choice choice) {
    this.key = converter(choice.key(), true);
    this.value = converter(choice.value(), false);
    this.header =
        instance(
            readsHeadersAsTexts(choice.header()) ? STRING : choice.header().className(),
            HeaderConverter.class);
    Map<String, Object> config = new HashMap<>(choice.header().config());
    config.put(ConverterConfig.TYPE_CONFIG, ConverterType.HEADER.getName());
    header.configure(config);
    keepTexts =
        keepsTexts(choice.key())
            && keepsTexts(choice.value())
            && (readsHeadersAsTexts(choice.header()) || isText(choice.header()));
  }

  private static boolean keepsTexts(ConverterSettings settings) {
    return settings.className().equals(BYTES) || isText(settings);
  }

  private static boolean isText(ConverterSettings settings) {
    return settings.className().equals(STRING)
        && settings.config().keySet().stream().noneMatch(name -> name.endsWith("encoding"));
  }

  /**
   * Whether keys and values are texts in UTF-8 or bytes, and headers texts: what Connect makes of
   * them tells nothing that the record's own bytes don't.
   */
  public boolean keepTexts() {
    return keepTexts;
  }

  /** Whether headers are read as the texts that they are, whatever Connect makes of them. */
  public static boolean readsHeadersAsTexts(ConverterSettings header) {
    return header.className() == null || header.className().equals(SIMPLE);
  }

  private static Converter converter(ConverterSettings settings, boolean isKey) {
    Converter converter = instance(settings.className(), Converter.class);
    // as from Connect: some put defaults into it
    converter.configure(new HashMap<>(settings.config()), isKey);
    return converter;
  }

  /** A JSON converter of the worker's, not configured yet. */
  static Converter json() {
    return instance(JSON, Converter.class);
  }

  private static <T> T instance(String name, Class<T> type) {
    try {
      return Utils.newInstance(name, type);
    } catch (ClassNotFoundException e) {
      throw new ConnectException("The converter " + name + " is not on this worker", e);
    }
  }

  /**
   * The record as Connect would hand it over, before transformations.
   *
   * @throws DataException when it can't be read; the message names topic, partition and offset
   */
  public SinkRecord convert(ConsumerRecord<byte[], byte[]> record) {
    try {
      SchemaAndValue k = key.toConnectData(record.topic(), record.headers(), record.key());
      SchemaAndValue v = value.toConnectData(record.topic(), record.headers(), record.value());
      ConnectHeaders headers = new ConnectHeaders();
      for (Header h : record.headers()) {
        headers.add(h.key(), header.toConnectHeader(record.topic(), h.key(), h.value()));
      }
      Long timestamp =
          record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE ? null : record.timestamp();
      return new SinkRecord(
          record.topic(),
          record.partition(),
          k.schema(),
          k.value(),
          v.schema(),
          v.value(),
          record.offset(),
          timestamp,
          record.timestampType(),
          headers);
    } catch (ConnectException | SerializationException e) {
      throw new DataException(
          "The record at "
              + record.topic()
              + "-"
              + record.partition()
              + ", offset "
              + record.offset()
              + " can't be read with the connector's converters ("
              + innermost(e).getClass().getSimpleName()
              + ")");
    }
  }

  /** What a converter says often shows a part of the value: its class must do. */
  private static Throwable innermost(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * Finds the worker's converters by what they made of a record.
   *
   * @param raw the record as it is in the topic
   * @param seen the same record as Connect handed it over; its value is not null
   * @throws ConnectException when none of those tried gives the same
   */
  public static Choice guess(Choice choice, ConsumerRecord<byte[], byte[]> raw, SinkRecord seen) {
    return new Choice(
        guess(choice.key(), true, raw, seen),
        guess(choice.value(), false, raw, seen),
        choice.header());
  }

  private static ConverterSettings guess(
      ConverterSettings known, boolean isKey, ConsumerRecord<byte[], byte[]> raw, SinkRecord seen) {
    if (known.className() != null) {
      return known;
    }
    byte[] bytes = isKey ? raw.key() : raw.value();
    for (ConverterSettings candidate : candidates(bytes == null)) {
      try {
        SchemaAndValue made =
            converter(candidate, isKey).toConnectData(raw.topic(), raw.headers(), bytes);
        if (Objects.deepEquals(made.value(), isKey ? seen.key() : seen.value())
            && Objects.equals(made.schema(), isKey ? seen.keySchema() : seen.valueSchema())) {
          return candidate;
        }
      } catch (ConnectException | SerializationException e) {
        // not this one
      }
    }
    String what = isKey ? "key.converter" : "value.converter";
    throw new ConnectException(
        "Followers that are behind are fed from the topic itself, and how its "
            + (isKey ? "keys" : "values")
            + " are read is not known: the connector names no "
            + what
            + ", and none of the usual ones gives what Connect handed over. Set "
            + what
            + " (with its settings) on the connector, or log."
            + what);
  }

  /**
   * @param none whether there are no bytes, which tell nothing of schemas
   */
  private static List<ConverterSettings> candidates(boolean none) {
    List<ConverterSettings> candidates = new ArrayList<>();
    candidates.add(new ConverterSettings(STRING, Map.of()));
    if (none) {
      candidates.add(new ConverterSettings(EitherJson.class.getName(), Map.of()));
    } else {
      candidates.add(new ConverterSettings(JSON, Map.of(SCHEMAS, "true")));
      candidates.add(new ConverterSettings(JSON, Map.of(SCHEMAS, "false")));
    }
    candidates.add(new ConverterSettings(BYTES, Map.of()));
    return candidates;
  }
}
