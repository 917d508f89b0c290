package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.Converters;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Events of records: read as the sink reads them, whatever the source's format was. The converters
 * are the connector's own; where it names none, the first record shows which of Connect's usual
 * ones wrote it. One thread.
 */
final class RecordReader {
  private static final String STORAGE = "org.apache.kafka.connect.storage.";
  private static final String STRING = STORAGE + "StringConverter";
  private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

  private final Map<String, String> settings;
  private final RecordEntryMapper mapper;
  private Converters.Choice choice;
  private Converters converters;
  private String firstTrouble;

  private final boolean idsAreMade;

  private RecordReader(Map<String, String> settings, RecordEntryMapper mapper, boolean idsAreMade) {
    this.settings = settings;
    this.mapper = mapper;
    this.idsAreMade = idsAreMade;
  }

  /**
   * Of what the source writes.
   *
   * @param settings the connector's, as far as they are known
   */
  static RecordReader ofSource(Map<String, String> settings) {
    Map<String, String> any = Map.of("topics", "any", "log.bootstrap.servers", "any:9092");
    RecordEntryMapper mapper = new RecordEntryMapper(new SinkConfig(any).mapping());
    return new RecordReader(settings, mapper, false);
  }

  /**
   * Of what a sink reads, by its own mapping.
   *
   * @param settings the connector's, as far as they are known
   * @throws Unjudgeable if they are no sink's
   */
  static RecordReader ofSink(Map<String, String> settings) throws Unjudgeable {
    Map<String, String> whole = new HashMap<>(settings);
    whole.putIfAbsent("topics", "any");
    whole.putIfAbsent("log.bootstrap.servers", "any:9092");
    try {
      return new RecordReader(
          settings, new RecordEntryMapper(new SinkConfig(whole).mapping()), true);
    } catch (ConfigException e) {
      throw new Unjudgeable(
          "the sink's settings are refused: " + Printable.message(e.getMessage()), e);
    }
  }

  /**
   * The event of a record, as an entry; null if it is none, or tells no id.
   *
   * @throws Unjudgeable if a converter can't be used
   */
  WalEntry entry(ConsumerRecord<byte[], byte[]> record) throws Unjudgeable {
    if (converters == null) {
      converters = converters(record);
    }
    String trouble;
    try {
      SinkRecord converted = converters.convert(record);
      WalEntry entry = mapper.map(converted);
      if (entry != null && (idsAreMade || !RecordEntryMapper.hasMadeId(converted, entry))) {
        return entry;
      }
      trouble =
          "The record at "
              + record.topic()
              + "-"
              + record.partition()
              + "@"
              + record.offset()
              + (entry == null ? " has no value" : " tells no event id");
    } catch (DataException e) {
      trouble = Printable.message(e.getMessage());
    }
    if (firstTrouble == null) {
      firstTrouble = trouble;
    }
    return null;
  }

  /** The converters: named, or those of the first record. */
  Converters.Choice choice() {
    return choice != null
        ? choice
        : new Converters.Choice(
            named("key.converter"), named("value.converter"), named("header.converter"));
  }

  /** What is wrong with the first record that is no event; null if there was none. */
  String firstTrouble() {
    return firstTrouble;
  }

  private Converters converters(ConsumerRecord<byte[], byte[]> first) throws Unjudgeable {
    choice =
        new Converters.Choice(
            converter("key.converter", first.key(), false),
            converter("value.converter", first.value(), true),
            named("header.converter"));
    try {
      return new Converters(choice);
    } catch (ConnectException e) {
      throw new Unjudgeable(
          Printable.message(e.getMessage())
              + ": put its jars on the class path, or say with --set how the topic is to be read",
          e);
    }
  }

  private ConverterSettings converter(String key, byte[] bytes, boolean value) {
    ConverterSettings named = named(key);
    if (named.className() != null) {
      return named;
    }
    String text = bytes == null ? "" : new String(bytes, UTF_8);
    if (text.startsWith("{\"schema\":{") && text.contains("\"payload\":")) {
      return new ConverterSettings(JSON, Map.of("schemas.enable", "true"));
    }
    // the JSON text of a text: of a key, or of a value that is JSON text itself
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    if (quoted && (!value || "{[".indexOf(text.charAt(1)) >= 0)) {
      return new ConverterSettings(JSON, Map.of("schemas.enable", "false"));
    }
    return new ConverterSettings(STRING, Map.of());
  }

  /** A sink's may be named for the log alone. */
  private ConverterSettings named(String key) {
    return settings.get("log." + key) != null ? prefixed("log." + key) : prefixed(key);
  }

  private ConverterSettings prefixed(String key) {
    Map<String, String> own = new HashMap<>();
    settings.forEach(
        (name, value) -> {
          if (name.startsWith(key + ".")) {
            own.put(name.substring(key.length() + 1), value);
          }
        });
    return new ConverterSettings(fullName(settings.get(key)), Map.copyOf(own));
  }

  /** A worker knows them by short names, too. */
  private static String fullName(String name) {
    if (name == null) {
      return null;
    }
    return switch (name.trim()) {
      case "String", "StringConverter" -> STRING;
      case "Json", "JsonConverter" -> JSON;
      default -> name.trim();
    };
  }
}
