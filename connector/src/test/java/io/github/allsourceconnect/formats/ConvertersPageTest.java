package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.apicurio.registry.utils.converter.AvroConverter;
import io.apicurio.registry.utils.converter.ExtJsonConverter;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the page about converters is tried. */
class ConvertersPageTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final Path PAGE = Path.of("docs", "converters.md");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final List<String> ODD =
      List.of("null", "true", "1.0", "[]", "{}", "2020-01-01", "\"q\"", "a,b", " x ", "007", "é😀");

  private static SchemaRegistry registry;

  @BeforeAll
  static void startRegistry() throws IOException {
    registry = SchemaRegistry.start();
  }

  @AfterAll
  static void stopRegistry() {
    registry.close();
  }

  /** Rows of the table under a heading, the first being its head. */
  private static List<List<String>> table(String heading) throws IOException {
    String page = Files.readString(PAGE);
    String section = page.substring(page.indexOf("## " + heading));
    return section
        .lines()
        .dropWhile(line -> !line.startsWith("|"))
        .takeWhile(line -> line.startsWith("|"))
        .filter(line -> !line.startsWith("|---"))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::trim).toList())
        .map(cells -> cells.subList(1, cells.size() - 1))
        .toList();
  }

  private static List<String> codes(String cell) {
    Matcher code = CODE.matcher(cell);
    List<String> codes = new ArrayList<>();
    while (code.find()) {
      codes.add(code.group(1));
    }
    return codes;
  }

  /** {@code format} or {@code format, key=value, …} as settings. */
  private static Map<String, String> format(String cell) {
    List<String> codes = codes(cell);
    Map<String, String> settings = new HashMap<>(Map.of("value.format", codes.get(0)));
    codes.stream().skip(1).forEach(each -> put(settings, "", each));
    return settings;
  }

  private static void put(Map<String, String> settings, String prefix, String assignment) {
    int at = assignment.indexOf('=');
    settings.put(prefix + assignment.substring(0, at), assignment.substring(at + 1));
  }

  /** A converter's settings under a key such as {@code value.converter}. */
  private static Map<String, String> converter(String key, String cell) {
    List<String> codes = codes(cell);
    Map<String, String> settings = new HashMap<>();
    settings.put(
        key,
        switch (codes.isEmpty() ? cell : codes.get(0)) {
          case "StringConverter" -> StringConverter.class.getName();
          case "JsonConverter" -> JsonConverter.class.getName();
          case "ByteArrayConverter" -> ByteArrayConverter.class.getName();
          case "SimpleHeaderConverter" -> SimpleHeaderConverter.class.getName();
          case "Avro" -> AvroConverter.class.getName();
          case "JSON, schema in a registry" -> ExtJsonConverter.class.getName();
          default -> throw new IllegalArgumentException(cell);
        });
    codes.stream().skip(1).forEach(each -> put(settings, key + ".", each));
    if (settings.get(key).contains("apicurio")) {
      registry.settings().forEach((name, value) -> settings.put(key + "." + name, value));
    }
    return settings;
  }

  private static <T> T made(Map<String, String> settings, String key, Class<T> type) {
    try {
      return Utils.newInstance(settings.get(key), type);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> under(Map<String, String> settings, String prefix) {
    Map<String, Object> found = new HashMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            found.put(key.substring(prefix.length()), value);
          }
        });
    return found;
  }

  private static Converter valueConverter(Map<String, String> settings) {
    Converter converter = made(settings, "value.converter", Converter.class);
    converter.configure(under(settings, "value.converter."), false);
    return converter;
  }

  private static HeaderConverter headerConverter(Map<String, String> settings) {
    HeaderConverter converter = made(settings, "header.converter", HeaderConverter.class);
    Map<String, Object> config = under(settings, "header.converter.");
    config.put("converter.type", "header");
    converter.configure(config);
    return converter;
  }

  /** Messages of {@code validate}, by key. */
  private static Map<String, String> errors(List<Map<String, String>> all) {
    Map<String, String> settings = new HashMap<>();
    settings.put("connector.class", "io.github.allsourceconnect.AllSourceSourceConnector");
    settings.put("name", "main");
    settings.put("validate.live", "false");
    all.forEach(settings::putAll);
    Map<String, String> errors = new TreeMap<>();
    SourceConfig.validate(settings)
        .forEach(
            value -> {
              if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), value.errorMessages().toString());
              }
            });
    return errors;
  }

  private static SourceRecord sourced(Map<String, String> format, WalEntry entry) {
    return Wire.source(
            format.entrySet().stream()
                .flatMap(each -> Stream.of(each.getKey(), each.getValue()))
                .toArray(String[]::new))
        .fromEntry(entry, Map.of(), Map.of());
  }

  private static List<WalEntry> entries() {
    List<WalEntry> entries = new ArrayList<>();
    for (String text : ODD) {
      entries.add(Wire.entry(Events.event(4, "\"{}\"", text, text).withTenant(text)));
    }
    for (String payload :
        List.of("18446744073709551615", "1.50", "1e-7", "null", "[ ]", "{\"b\":1,\"a\":\"é\"}")) {
      entries.add(Wire.entry(Events.event(5, payload)));
    }
    Captures.messages("live-from-empty").stream()
        .filter(LeaderMessage.Entry.class::isInstance)
        .map(message -> ((LeaderMessage.Entry) message).data())
        .forEach(entries::add);
    return entries;
  }

  private static StringConverter texts() {
    StringConverter texts = new StringConverter();
    texts.configure(Map.of(), true);
    return texts;
  }

  static Stream<Arguments> values() throws IOException {
    return cells("Values");
  }

  static Stream<Arguments> headers() throws IOException {
    return cells("Headers");
  }

  private static Stream<Arguments> cells(String heading) throws IOException {
    List<List<String>> table = table(heading);
    List<Arguments> cells = new ArrayList<>();
    for (List<String> row : table.subList(1, table.size())) {
      for (int i = 1; i < row.size(); i++) {
        cells.add(Arguments.of(row.get(0), table.get(0).get(i), row.get(i)));
      }
    }
    assertTrue(cells.size() > 10);
    return cells.stream();
  }

  @ParameterizedTest
  @MethodSource("values")
  void value(String format, String converter, String cell) {
    Map<String, String> settings = converter("value.converter", converter);
    Map<String, String> errors = errors(List.of(format(format), settings));
    Converter wrote = valueConverter(settings);
    if (cell.equals("no")) {
      assertEquals(Set.of("value.converter"), errors.keySet());
      assertTrue(errors.get("value.converter").contains("value.converter"));
      WalEntry entry = Wire.entry(Events.event(4, "{\"b\":1,\"a\":\"é\"}"));
      assertIsNothing(sourced(format(format), entry), wrote);
      return;
    }
    assertEquals(Map.of(), errors);
    Map<String, String> source = format(format);
    source.put("value.converter", settings.get("value.converter"));
    for (WalEntry entry : entries()) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(sourced(source, entry), texts(), wrote, new SimpleHeaderConverter());
      Event back = Wire.pipeline(settings).entry(record).event();
      if (cell.startsWith("JSON")) {
        assertSameJson(entry.event(), back, cell.endsWith("digits as text"));
      } else {
        assertEquals("yes", cell);
        Wire.assertSame(entry.event(), back);
      }
    }
  }

  /** The same values; what is null counts as absent, and the order of names for nothing. */
  private static void assertSameJson(Event sent, Event back, boolean digits) {
    assertEquals(values(sent.payload(), digits), values(back.payload(), digits));
    assertEquals(
        values(sent.metadata(), digits),
        back.metadata() == null ? "null" : values(back.metadata(), digits));
    assertEquals(sent.id(), back.id());
    assertEquals(sent.eventType(), back.eventType());
    assertEquals(sent.entityId(), back.entityId());
    assertEquals(sent.tenantId(), back.tenantId());
    assertEquals(sent.timestamp(), back.timestamp());
    assertEquals(sent.version(), back.version());
  }

  private static String values(JsonText json, boolean digits) {
    try {
      return values(JSON.readTree(json.toString()), digits);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String values(JsonNode node, boolean digits) {
    if (node.isObject()) {
      Map<String, String> members = new TreeMap<>();
      node.properties().stream()
          .filter(member -> !member.getValue().isNull())
          .forEach(member -> members.put(member.getKey(), values(member.getValue(), digits)));
      return members.toString();
    }
    if (node.isArray()) {
      List<String> elements = new ArrayList<>();
      node.forEach(element -> elements.add(values(element, digits)));
      return elements.toString();
    }
    String text = node.asText();
    return node.isNumber() || (digits && text.matches("-?[0-9][0-9.]*([eE][-+]?[0-9]+)?"))
        ? new BigDecimal(text).stripTrailingZeros().toString()
        : node.toString();
  }

  /** It can't be converted at all, or its text is another one, or no JSON, or not what is said. */
  private static void assertIsNothing(SourceRecord record, Converter converter) {
    byte[] bytes;
    try {
      bytes = converter.fromConnectData("t", record.valueSchema(), record.value());
    } catch (RuntimeException e) {
      return;
    }
    String written = new String(bytes, UTF_8);
    boolean event = record.headers().lastWithName("ce_specversion") != null;
    assertTrue(
        record.value() instanceof String text
            ? !written.equals(text)
            : !isJson(written) || (event && isJson(written, "payload")),
        written);
  }

  private static boolean isJson(String text, String... names) {
    try {
      JsonNode node =
          JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text);
      return Arrays.stream(names).allMatch(node::has);
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("headers")
  void header(String converter, String format, String cell) {
    Map<String, String> settings = converter("header.converter", converter);
    boolean struct = format.equals("`event`");
    settings.put(
        "value.converter", (struct ? JsonConverter.class : StringConverter.class).getName());
    Map<String, String> errors = errors(List.of(format(format), settings));
    HeaderConverter wrote = headerConverter(settings);
    if (cell.equals("no")) {
      assertEquals(Set.of("header.converter"), errors.keySet());
      assertTrue(errors.get("header.converter").contains("header.converter"));
      return;
    }
    assertEquals("yes", cell);
    assertEquals(Map.of(), errors);
    for (WalEntry entry : entries()) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(sourced(format(format), entry), texts(), valueConverter(settings), wrote);
      Wire.assertSame(entry.event(), Wire.pipeline(settings).entry(record).event());
    }
  }

  static Stream<Arguments> transformations() throws IOException {
    List<List<String>> table = table("Kafka's transformations");
    return table.stream()
        .skip(1)
        .flatMap(
            row ->
                Stream.of(
                        "`event`",
                        "`event_json`",
                        "`wal_entry`",
                        "`payload`",
                        "`cloudevents`",
                        "`cloudevents`, `cloudevents.mode=structured`")
                    .map(
                        format ->
                            Arguments.of(
                                codes(row.get(0)).get(0),
                                codes(row.get(1)),
                                format,
                                row.get(format.equals("`event`") ? 2 : 3),
                                row.get(4))));
  }

  @ParameterizedTest
  @MethodSource("transformations")
  void transformation(String name, List<String> settings, String format, String cell, String sink) {
    Map<String, String> config = new HashMap<>();
    config.put("transforms", "x");
    config.put("transforms.x.type", "org.apache.kafka.connect.transforms." + name);
    for (String each : settings) {
      put(config, each.startsWith("predicates.") ? "" : "transforms.x.", each);
    }
    Map<String, String> errors = errors(List.of(format(format), config));
    WalEntry entry = Wire.entry(Events.event(4, "{\"n\":1.50}"));
    SourceRecord before = sourced(format(format), entry);
    if (cell.equals("no")) {
      assertEquals(Set.of("transforms.x.type"), errors.keySet());
      assertTrue(errors.get("transforms.x.type").contains("transforms.x.type"));
      assertThrows(DataException.class, () -> applied(config, before));
      return;
    }
    assertEquals("yes", cell);
    assertEquals(Map.of(), errors);
    SourceRecord after = applied(config, before);
    if (sink.equals("nothing")) {
      assertNull(after);
      return;
    }
    if (!name.equals("Filter")) {
      assertNotSame(before, after);
    }
    Map<String, String> reader = new HashMap<>();
    boolean texts = !(after.value() instanceof Struct);
    reader.put("value.converter", (texts ? StringConverter.class : JsonConverter.class).getName());
    boolean plainKey = after.key() instanceof String;
    reader.put("key.converter", (plainKey ? StringConverter.class : JsonConverter.class).getName());
    Converter key = made(reader, "key.converter", Converter.class);
    key.configure(Map.of(), true);
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(after, key, valueConverter(reader), new SimpleHeaderConverter());
    List<String> only = codes(sink);
    if (sink.startsWith("no event")
        || (sink.startsWith("the same event of") && !only.contains(codes(format).get(0)))) {
      assertFalse(isSame(entry.event(), record, reader));
    } else if (sink.startsWith("the same event, but")) {
      assertTrue(isSame(entry.event(), record, reader));
    } else {
      assertTrue(sink.startsWith("the same event"), sink);
      Wire.assertSame(entry.event(), Wire.pipeline(reader).entry(record).event());
    }
  }

  static Stream<Arguments> payloads() throws IOException {
    return table("Fields of payloads").stream()
        .skip(1)
        .flatMap(
            row ->
                Stream.of("map", "struct")
                    .map(
                        payload ->
                            Arguments.of(
                                codes(row.get(0)).get(0),
                                codes(row.get(1)),
                                payload,
                                codes(row.get(payload.equals("map") ? 2 : 3)).get(0))));
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void fieldsOfPayloads(String name, List<String> settings, String payload, String cell)
      throws IOException {
    Map<String, String> format = Map.of("value.format", "payload", "payload.format", payload);
    Map<String, String> config = new HashMap<>();
    config.put("transforms", "x");
    config.put("transforms.x.type", "org.apache.kafka.connect.transforms." + name);
    settings.forEach(each -> put(config, "transforms.x.", each));
    assertEquals(Map.of(), errors(List.of(format, config)));
    WalEntry entry = Wire.entry(Events.event(4, "{\"n\":1,\"s\":\"x\",\"o\":{\"a\":true}}"));
    SourceRecord after = applied(config, sourced(format, entry));
    try (JsonConverter json = new JsonConverter()) {
      json.configure(Map.of("schemas.enable", "false"), false);
      assertEquals(
          JSON.readTree(cell),
          JSON.readTree(json.fromConnectData("t", after.valueSchema(), after.value())));
    }
  }

  private static boolean isSame(
      Event sent, ConsumerRecord<byte[], byte[]> record, Map<String, String> reader) {
    try {
      Event read = Wire.pipeline(reader).entry(record).event();
      return sent.payload().equals(read.payload())
          && sent.entityId().equals(read.entityId())
          && sent.eventType().equals(read.eventType())
          && sent.id().equals(read.id());
    } catch (DataException e) {
      return false;
    }
  }

  @SuppressWarnings("unchecked")
  private static SourceRecord applied(Map<String, String> config, SourceRecord record) {
    try (Transformation<SourceRecord> transformation =
        made(config, "transforms.x.type", Transformation.class)) {
      Map<String, Object> own = under(config, "transforms.x.");
      own.remove("type");
      if (own.remove("predicate") != null) {
        String type =
            "org.apache.kafka.connect.transforms.predicates." + config.get("predicates.p.type");
        Predicate<SourceRecord> predicate = made(Map.of("p", type), "p", Predicate.class);
        Map<String, Object> settings = under(config, "predicates.p.");
        settings.remove("type");
        predicate.configure(settings);
        if (!predicate.test(record)) {
          return record;
        }
      }
      transformation.configure(own);
      return transformation.apply(record);
    }
  }

  /** What Avro, Protobuf and JSON Schema demand of names. */
  @Test
  void namesAreLegalEverywhere() {
    Schema schema = sourced(Map.of("value.format", "event"), entries().get(0)).valueSchema();
    assertTrue(schema.name().matches("([A-Za-z_]\\w*\\.)*[A-Za-z_]\\w*"), schema.name());
    for (Field field : schema.fields()) {
      assertTrue(field.name().matches("[A-Za-z_]\\w*"), field.name());
    }
  }

  /** Whoever writes events chooses the names of payloads' members, and Avro does not take all. */
  @Test
  void namesThatAvroDoesNotTakeGetNoField() {
    Map<String, String> settings = converter("value.converter", "Avro");
    Converter avro = valueConverter(settings);
    Map<String, String> source =
        new HashMap<>(Map.of("value.format", "event", "payload.format", "struct"));
    WalEntry entry =
        Events.entry(2, "{\"a\":[{\"b\":1,\"first-name\":\"x\"}],\"1\":2,\"größe\":{\"c\":3}}");
    SourceRecord all = sourced(source, entry);
    assertThrows(
        RuntimeException.class, () -> avro.fromConnectData("t", all.valueSchema(), all.value()));
    source.put("struct.names", "legal");
    SourceRecord legal = sourced(source, entry);
    assertEquals(
        "{\"/a/0/first-name\":\"x\",\"/1\":2,\"/größe\":{\"c\":3}}",
        ((Struct) legal.value()).getStruct("payload").getString("allsource_rest"));
    assertEquals(
        "{\"1\":2,\"a\":[{\"b\":1,\"first-name\":\"x\"}],\"größe\":{\"c\":3}}",
        Wire.pipeline(settings)
            .entry(Wire.written(legal, texts(), avro, new SimpleHeaderConverter()))
            .event()
            .payload()
            .toString());
  }

  /** Some converters keep the schema's number in a header. */
  @Test
  void schemasToldByHeaders() {
    Map<String, String> settings = converter("value.converter", "Avro");
    settings.put("value.converter.apicurio.registry.headers.enabled", "true");
    Converter avro = valueConverter(settings);
    for (WalEntry entry : entries()) {
      SourceRecord record = sourced(Map.of("value.format", "event"), entry);
      Wire.assertSame(
          entry.event(),
          Wire.pipeline(settings)
              .entry(Wire.written(record, texts(), avro, new SimpleHeaderConverter()))
              .event());
    }
  }

  /** One schema for all events, however many there are. */
  @Test
  void theRegistryIsAskedForFewSchemas() {
    Map<String, String> settings = converter("value.converter", "Avro");
    Converter avro = valueConverter(settings);
    int before = registry.schemas().size();
    for (WalEntry entry : entries()) {
      SourceRecord record = sourced(Map.of("value.format", "event"), entry);
      avro.fromConnectData("t", record.valueSchema(), record.value());
    }
    assertTrue(registry.schemas().size() <= before + 1, registry.schemas().toString());
  }
}
