package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.source.record.RecordMapper;
import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What comes back of payloads that were maps or structures: every number as it was, every member
 * but, of structures, those that are null; names in another order.
 */
class ShapedRoundTripTest {
  private static final EntryMapper SINK =
      new RecordEntryMapper(
          new SinkConfig(Map.of("topics", "t", "log.bootstrap.servers", "k:9092")).mapping());
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  private static Stream<WalEntry> entries() {
    Stream<WalEntry> captured =
        Captures.messages("live-from-empty").stream()
            .filter(LeaderMessage.Entry.class::isInstance)
            .map(message -> ((LeaderMessage.Entry) message).data());
    Stream<WalEntry> odd =
        Stream.of(
                "{\"a\":1,\"b\":[1,2.50,null],\"c\":{\"d\":\"x\"},\"e\":[{\"f\":1},{\"g\":true}]}",
                "{\"a\":1.5,\"b\":[\"x\"],\"c\":5,\"e\":[{\"f\":\"no\"},{\"g\":false}]}",
                "{\"a\":18446744073709551615,\"n\":18446744073709551615,\"z\":0.1000000000000000055}",
                "{\"n\":1,\"u\":1e300,\"deep\":[[[[{\"x\":[1.50]}]]]]}",
                "{\"a\":9007199254740993,\"l\":9007199254740993,\"\":7,\"m~/n\":[],\"o\":{}}",
                "{\"l\":1.5,\"text\":\"5\",\"null\":\"null\",\"é😀\\u2028\":\"é😀\\u2028\\\"\"}",
                "{\"allsource_rest\":\"x\",\"k\":{\"allsource_rest\":{\"/\":1}}}",
                "{\"mixed\":[1,\"x\",null,{\"y\":[]}],\"p\":[{\"q\":18446744073709551615}]}",
                "{\"wal_offset\":null,\"event_type\":\"x\",\"entity_id\":\"y\",\"payload\":\"{}\"}",
                "[1,2.0,\"3\",18446744073709551615]",
                "[]",
                "{}",
                "\"text\"",
                "\"5\"",
                "\"\"",
                "5",
                "18446744073709551615",
                "true",
                "null")
            .map(ShapedRoundTripTest::entry);
    return Stream.concat(captured, odd);
  }

  private static WalEntry entry(String payload) {
    String time = "2026-01-02T03:04:05.000000001Z";
    Event event = Events.event(4, payload);
    boolean object = payload.startsWith("{\"");
    JsonText metadata = object ? event.payload() : JsonText.of("{\"by\":[1e200,2]}");
    Event with = Events.with(event, event.timestamp(), metadata);
    return new WalEntry(7, time, with, WalChecksum.compute(7, time, with.id()), null, null);
  }

  @ParameterizedTest
  @CsvSource({
    "event, map, false",
    "event, map, true",
    "event, struct, false",
    "event, struct, true",
    "payload, map, false",
    "payload, map, true",
    "payload, struct, false",
    "payload, struct, true",
    "cloudevents, map, false",
    "cloudevents, struct, true"
  })
  void entriesComeBack(String format, String payload, boolean schemas) throws Exception {
    RecordMapper source =
        new RecordMapper(
            new SourceConfig(
                Map.of(
                    "name", "n",
                    "leader.addresses", "l:3910",
                    "value.format", format,
                    "payload.format", payload,
                    "payload.depth.max", "4")),
            "n");
    try (JsonConverter converter = new JsonConverter()) {
      converter.configure(Map.of("schemas.enable", Boolean.toString(schemas)), false);
      boolean struct = payload.equals("struct");
      int count = 0;
      for (WalEntry entry : entries().toList()) {
        SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
        Event back =
            SINK.map(RoundTripTest.through(sent, converter, new StringConverter())).event();
        Event event = entry.event();
        String where = format + ", " + payload + ", " + event.payload();
        boolean digitsAreTexts = struct && !schemas;
        assertSame(event.payload(), back.payload(), struct, digitsAreTexts, where);
        assertSame(
            event.metadata(),
            back.metadata(),
            struct && format.equals("event"),
            digitsAreTexts && format.equals("event"),
            where);
        assertEquals(event.id(), back.id(), where);
        assertEquals(event.entityId(), back.entityId(), where);
        assertEquals(event.timestamp(), back.timestamp(), where);
        assertEquals(event.version(), back.version(), where);
        count++;
      }
      assertTrue(count > 60, "only " + count);
    }
  }

  private static void assertSame(
      JsonText sent, JsonText back, boolean noNulls, boolean digitsAreTexts, String where)
      throws JsonProcessingException {
    boolean none = sent == null || (sent.isNull() && back == null);
    JsonNode expected =
        none ? null : comparable(JSON.readTree(sent.toString()), noNulls, digitsAreTexts);
    JsonNode actual =
        back == null ? null : comparable(JSON.readTree(back.toString()), noNulls, digitsAreTexts);
    assertEquals(expected, actual, where);
  }

  /** Numbers by their value. */
  private static JsonNode comparable(JsonNode node, boolean noNulls, boolean digitsAreTexts) {
    if (node instanceof ObjectNode object) {
      ObjectNode made = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(
              one -> {
                if (!(noNulls && one.getValue().isNull())) {
                  made.set(one.getKey(), comparable(one.getValue(), noNulls, digitsAreTexts));
                }
              });
      return made;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode made = JsonNodeFactory.instance.arrayNode();
      array.forEach(one -> made.add(comparable(one, noNulls, digitsAreTexts)));
      return made;
    }
    boolean isNumber = node.isNumber();
    if (digitsAreTexts && node.isTextual()) {
      isNumber = node.asText().matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    }
    return isNumber
        ? JsonNodeFactory.instance.textNode(
            "number " + new BigDecimal(node.asText()).stripTrailingZeros())
        : node;
  }
}
