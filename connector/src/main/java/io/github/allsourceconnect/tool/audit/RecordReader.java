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
import org.apache.kafka.common.header.Header;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Events of records: read as the sink reads them, whatever the source's format was. The converters
 * are the connector's own; where it names none, the first record that is an event shows which of
 * Connect's usual ones wrote it. One thread.
 */
final class RecordReader {
  private static final String STORAGE = "org.apache.kafka.connect.storage.";
  private static final String STRING = STORAGE + "StringConverter";
  private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
  private static final String EVENT_ID = "allsource.event_id";

  private final Map<String, String> settings;
  private final RecordEntryMapper mapper;
  private final boolean idsAreMade;
  private final boolean structures;

  /** Those that were tried; few, for there are few usual ones. */
  private final Map<Converters.Choice, Converters> tried = new HashMap<>();

  private Converters.Choice choice;
  private Converters converters;

  /** Whether a record has shown that the converters are the right ones. */
  private boolean proven;

  private String firstTrouble;

  private RecordReader(
      Map<String, String> settings,
      RecordEntryMapper mapper,
      boolean idsAreMade,
      boolean structures) {
    this.structures = structures;
    this.settings = settings;
    this.mapper = mapper;
    this.idsAreMade = idsAreMade;
  }

  /**
   * Of what the source writes.
   *
   * @param settings the connector's, as far as they are known
   * @param structures whether values are known to be structures, and not texts
   */
  static RecordReader ofSource(Map<String, String> settings, boolean structures) {
    Map<String, String> any = Map.of("topics", "any", "log.bootstrap.servers", "any:9092");
    RecordEntryMapper mapper = new RecordEntryMapper(new SinkConfig(any).mapping());
    return new RecordReader(settings, mapper, false, structures);
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
          settings, new RecordEntryMapper(new SinkConfig(whole).mapping()), true, false);
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
    if (!proven) {
      converters = converters(record);
    }
    String trouble;
    try {
      SinkRecord converted = converters.convert(record);
      WalEntry entry = mapper.map(converted);
      if (entry != null && (idsAreMade || !RecordEntryMapper.hasMadeId(converted, entry))) {
        proven = true;
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

  /** The converters to write with: named, or those of a record that was an event. */
  Converters.Choice choice() {
    return proven
        ? choice
        : new Converters.Choice(
            named("key.converter"), named("value.converter"), named("header.converter"));
  }

  private static ConverterSettings json(boolean schemas) {
    return new ConverterSettings(JSON, Map.of("schemas.enable", Boolean.toString(schemas)));
  }

  /** What is wrong with the first record that is no event; null if there was none. */
  String firstTrouble() {
    return firstTrouble;
  }

  private Converters converters(ConsumerRecord<byte[], byte[]> of) throws Unjudgeable {
    choice =
        new Converters.Choice(
            converter("key.converter", of.key(), false),
            converter("value.converter", of.value(), true),
            headerConverter(of));
    Converters known = tried.get(choice);
    if (known != null) {
      return known;
    }
    try {
      Converters made = new Converters(choice);
      tried.put(choice, made);
      return made;
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
    boolean structure = value && structures;
    if (text.startsWith(structure ? "{\"schema\":" : "{\"schema\":{")
        && text.contains("\"payload\":")) {
      return json(true);
    }
    if (structure && text.startsWith("{")) {
      return json(false);
    }
    // the JSON text of a text: of a key, or of a value that is JSON text itself
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    if (quoted && (!value || "{[".indexOf(text.charAt(1)) >= 0)) {
      return json(false);
    }
    return new ConverterSettings(STRING, Map.of());
  }

  /** Where none is named, the header of an id shows whether it was JSON's. */
  private ConverterSettings headerConverter(ConsumerRecord<byte[], byte[]> of) {
    ConverterSettings named = named("header.converter");
    Header id = of.headers().lastHeader(EVENT_ID);
    if (named.className() != null || id == null || id.value() == null) {
      return named;
    }
    String text = new String(id.value(), UTF_8);
    return text.startsWith("{\"schema\":{")
        ? json(true)
        : text.startsWith("\"") ? json(false) : named;
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
