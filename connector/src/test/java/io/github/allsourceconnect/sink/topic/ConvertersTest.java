package io.github.allsourceconnect.sink.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertersTest {
  @Test
  void whatCantBeReadIsNotShown() {
    ConverterSettings json = new ConverterSettings(JsonConverter.class.getName(), Map.of());
    Converters converters =
        new Converters(new Converters.Choice(json, json, new ConverterSettings(null, Map.of())));
    DataException refused =
        assertThrows(
            DataException.class,
            () ->
                converters.convert(
                    new ConsumerRecord<>("t", 2, 41, null, "secret\u009B".getBytes(UTF_8))));
    StringWriter trace = new StringWriter();
    refused.printStackTrace(new PrintWriter(trace, true));
    assertFalse(trace.toString().contains("secret"), trace.toString());
    assertTrue(refused.getMessage().contains("t-2, offset 41"), refused.getMessage());
    assertTrue(refused.getMessage().contains("JsonParseException"), refused.getMessage());
  }

  private static final String STRINGS = StringConverter.class.getName();
  private static final String JSON = JsonConverter.class.getName();
  private static final String BYTES = ByteArrayConverter.class.getName();
  private static final ConverterSettings UNKNOWN = new ConverterSettings(null, Map.of());

  private static SinkRecord handedOver(SchemaAndValue key, SchemaAndValue value) {
    return new SinkRecord("t", 0, key.schema(), key.value(), value.schema(), value.value(), 7);
  }

  private static SchemaAndValue made(ConverterSettings by, boolean isKey, byte[] bytes)
      throws Exception {
    Converter converter = Utils.newInstance(by.className(), Converter.class);
    converter.configure(by.config(), isKey);
    return converter.toConnectData("t", bytes);
  }

  /** Whatever the worker has of the usual ones is found by what it made of a record. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "string, plain, text",
        "string, {\"a\":1}, {\"a\":1}",
        "json, {\"k\":1}, {\"a\":1}",
        "schemas, `{\"schema\":{\"type\":\"string\"},\"payload\":\"k\"}`, `{\"schema\":{\"type\":\"int32\"},\"payload\":7}`",
        "bytes, plain, text"
      })
  void theWorkersConvertersAreFoundByWhatTheyMade(String which, String key, String value)
      throws Exception {
    ConverterSettings worker =
        switch (which) {
          case "string" -> new ConverterSettings(STRINGS, Map.of());
          case "json" -> new ConverterSettings(JSON, Map.of("schemas.enable", "false"));
          case "schemas" -> new ConverterSettings(JSON, Map.of("schemas.enable", "true"));
          default -> new ConverterSettings(BYTES, Map.of());
        };
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>("t", 0, 7, key.getBytes(UTF_8), value.getBytes(UTF_8));
    SinkRecord seen = handedOver(made(worker, true, raw.key()), made(worker, false, raw.value()));
    Converters.Choice found =
        Converters.guess(new Converters.Choice(UNKNOWN, UNKNOWN, UNKNOWN), raw, seen);
    assertEquals(new Converters.Choice(worker, worker, UNKNOWN), found);
    SinkRecord read = new Converters(found).convert(raw);
    assertTrue(Objects.deepEquals(seen.key(), read.key()));
    assertTrue(Objects.deepEquals(seen.value(), read.value()));
    assertEquals(seen.valueSchema(), read.valueSchema());
  }

  /** A key that is null tells nothing of the schemas that others may bring. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "false, {\"k\":1}",
        "false, `{\"k\":1,\"schema\":null}`",
        "false, 7",
        "true, `{\"schema\":{\"type\":\"string\"},\"payload\":\"k\"}`"
      })
  void whatANullKeyLeavesOpenLaterKeysDecide(String schemas, String key) throws Exception {
    ConverterSettings worker = new ConverterSettings(JSON, Map.of("schemas.enable", schemas));
    byte[] value = "text".getBytes(UTF_8);
    ConsumerRecord<byte[], byte[]> raw = new ConsumerRecord<>("t", 0, 7, null, value);
    ConverterSettings text = new ConverterSettings(STRINGS, Map.of());
    SinkRecord seen = handedOver(made(worker, true, null), made(text, false, value));
    Converters found =
        new Converters(
            Converters.guess(new Converters.Choice(UNKNOWN, UNKNOWN, UNKNOWN), raw, seen));
    SchemaAndValue expected = made(worker, true, key.getBytes(UTF_8));
    SinkRecord read = found.convert(new ConsumerRecord<>("t", 0, 8, key.getBytes(UTF_8), value));
    assertEquals(expected.value(), read.key());
    assertEquals(expected.schema(), read.keySchema());
    assertEquals(null, found.convert(raw).key());
  }

  @Test
  void whatIsNamedIsNotGuessed() throws Exception {
    ConverterSettings named = new ConverterSettings(BYTES, Map.of());
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>("t", 0, 7, "k".getBytes(UTF_8), "v".getBytes(UTF_8));
    SinkRecord seen =
        handedOver(
            new SchemaAndValue(Schema.OPTIONAL_STRING_SCHEMA, "k"),
            new SchemaAndValue(Schema.OPTIONAL_STRING_SCHEMA, "v"));
    Converters.Choice found =
        Converters.guess(new Converters.Choice(UNKNOWN, named, UNKNOWN), raw, seen);
    assertEquals(STRINGS, found.key().className());
    assertEquals(named, found.value());
  }

  @Test
  void aConverterOfTheirOwnIsAskedForByItsSetting() {
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>("t", 0, 7, "k".getBytes(UTF_8), "secret".getBytes(UTF_8));
    SinkRecord seen =
        handedOver(
            new SchemaAndValue(Schema.OPTIONAL_STRING_SCHEMA, "k"),
            new SchemaAndValue(Schema.INT64_SCHEMA, 5L));
    ConnectException refused =
        assertThrows(
            ConnectException.class,
            () -> Converters.guess(new Converters.Choice(UNKNOWN, UNKNOWN, UNKNOWN), raw, seen));
    assertTrue(refused.getMessage().contains("log.value.converter"), refused.getMessage());
    assertFalse(refused.getMessage().contains("secret"), refused.getMessage());
  }
}
