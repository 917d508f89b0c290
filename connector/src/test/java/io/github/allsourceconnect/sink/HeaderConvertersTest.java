package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.sink.topic.RecordPipeline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Connect hands to the task and what the sink reads itself are one event. */
class HeaderConvertersTest {
  private static final String ID = "00000000-0000-4000-8000-000000000001";

  private static SinkConfig config(String named) {
    Map<String, String> settings = MemoryParts.settings(3910);
    if (named != null) {
      settings.put("header.converter", named);
      settings.put("header.converter.schemas.enable", "false");
    }
    return new SinkConfig(settings);
  }

  private static String className(String converter) {
    return switch (converter) {
      case "Simple" -> SimpleHeaderConverter.class.getName();
      case "String" -> StringConverter.class.getName();
      case "Json" -> JsonConverter.class.getName();
      default -> ByteArrayConverter.class.getName();
    };
  }

  private static ConsumerRecord<byte[], byte[]> raw(String converter, String eventType) {
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>(
            "orders", 0, 7, "order-1".getBytes(UTF_8), "{\"n\":1}".getBytes(UTF_8));
    String quote = converter.equals("Json") ? "\"" : "";
    raw.headers().add("allsource.event_id", (quote + ID + quote).getBytes(UTF_8));
    raw.headers().add("allsource.event_type", eventType.getBytes(UTF_8));
    return raw;
  }

  /** As a worker with that converter does it. */
  private static SinkRecord handedOver(String converter, ConsumerRecord<byte[], byte[]> raw)
      throws Exception {
    HeaderConverter header = Utils.newInstance(className(converter), HeaderConverter.class);
    Map<String, Object> settings = new HashMap<>();
    settings.put("converter.type", "header");
    settings.put("schemas.enable", "false");
    header.configure(settings);
    ConnectHeaders headers = new ConnectHeaders();
    for (Header each : raw.headers()) {
      headers.add(each.key(), header.toConnectHeader("orders", each.key(), each.value()));
    }
    header.close();
    return new SinkRecord(
        raw.topic(),
        raw.partition(),
        Schema.OPTIONAL_STRING_SCHEMA,
        new String(raw.key(), UTF_8),
        Schema.OPTIONAL_STRING_SCHEMA,
        new String(raw.value(), UTF_8),
        raw.offset(),
        null,
        TimestampType.NO_TIMESTAMP_TYPE,
        headers);
  }

  private static WalEntry orNull(Supplier<WalEntry> mapped) {
    try {
      return mapped.get();
    } catch (DataException e) {
      return null;
    }
  }

  private static WalEntry ofTask(SinkConfig config, SinkRecord record) {
    EntryMapper mapper = new RecordEntryMapper(config.mapping());
    RecordCheck check = new RecordCheck(mapper, config.log(), false, null);
    return orNull(() -> mapper.map(check.asRead(record)));
  }

  private static WalEntry ofReader(SinkConfig config, ConsumerRecord<byte[], byte[]> raw) {
    LogSettings log = config.log();
    ConverterSettings strings = new ConverterSettings(StringConverter.class.getName(), Map.of());
    RecordPipeline pipeline =
        new RecordPipeline(
            new Converters(new Converters.Choice(strings, strings, log.headerConverter())),
            new RecordEntryMapper(config.mapping()),
            new MessageCodec(),
            false);
    return orNull(() -> pipeline.entry(raw));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "Simple,null,null",
        "Simple,true,true",
        "Simple,order.placed,order.placed",
        "String,null,null",
        "String,true,true",
        "String,1.0,1.0",
        "String,order.placed,order.placed",
        "Json,'\"null\"',null",
        "Json,true,true",
        "Json,1.0,1.0",
        "Json,'\"order.placed\"',order.placed",
        "Bytes,null,null",
        "Bytes,true,true",
        "Bytes,1.0,1.0",
        "Bytes,order.placed,order.placed"
      })
  void anEventTypeIsTheSameForTaskAndReader(String converter, String header, String type)
      throws Exception {
    SinkConfig config = config(className(converter));
    ConsumerRecord<byte[], byte[]> raw = raw(converter, header);
    WalEntry read = ofReader(config, raw);
    assertNotNull(read);
    assertEquals(type, read.event().eventType());
    assertEquals(read, ofTask(config, handedOver(converter, raw)));
  }

  /**
   * Connect's default makes an integer of 1.0, and more such; what the text was only the reader
   * knows, and followers get that. The task, which maps to see whether it is an event, agrees.
   */
  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.10", "007", "2026-01-02", "{\"a\":1}", "[1, 2]", "\"quoted\""})
  void textsThatConnectChangesAreEventsForBoth(String type) throws Exception {
    SinkConfig config = config(null);
    ConsumerRecord<byte[], byte[]> raw = raw("Simple", type);
    assertEquals(type, ofReader(config, raw).event().eventType());
    assertNotNull(ofTask(config, handedOver("Simple", raw)));
  }

  /** A JSON null is no event type, for both. */
  @Test
  void whatIsNoEventIsNoneForBoth() throws Exception {
    SinkConfig config = config(className("Json"));
    ConsumerRecord<byte[], byte[]> raw = raw("Json", "null");
    assertNull(ofReader(config, raw));
    assertNull(ofTask(config, handedOver("Json", raw)));
  }

  /** The connector names none and the worker has one of its own: texts are texts all the same. */
  @ParameterizedTest
  @CsvSource({
    "Simple,null",
    "Simple,true",
    "String,null",
    "String,1.0",
    "Bytes,null",
    "Bytes,true"
  })
  void theWorkersOwnIsNotNamed(String converter, String header) throws Exception {
    SinkConfig config = config(null);
    ConsumerRecord<byte[], byte[]> raw = raw("String", header);
    WalEntry read = ofReader(config, raw);
    WalEntry task = ofTask(config, handedOver(converter, raw));
    assertEquals(header, task.event().eventType());
    assertEquals(header, read.event().eventType());
  }

  @ParameterizedTest
  @CsvSource({
    "Simple,binary",
    "Simple,structured",
    "String,binary",
    "String,structured",
    "Bytes,binary",
    "Bytes,structured"
  })
  void aCloudEventIsOneForBoth(String converter, String mode) throws Exception {
    SinkConfig config = config(className(converter));
    boolean binary = mode.equals("binary");
    String event =
        "{\"specversion\":\"1.0\",\"id\":\"17\",\"source\":\"/s\",\"type\":\"1.0\","
            + "\"subject\":\"true\",\"data\":{\"n\":1}}";
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>(
            "orders", 0, 7, "k".getBytes(UTF_8), (binary ? "{\"n\":1}" : event).getBytes(UTF_8));
    if (binary) {
      for (String attribute :
          List.of("specversion 1.0", "id 17", "source /s", "type 1.0", "subject true")) {
        String[] parts = attribute.split(" ", -1);
        raw.headers().add("ce_" + parts[0], parts[1].getBytes(UTF_8));
      }
    }
    String type = binary ? "application/json" : "application/cloudevents+json; charset=UTF-8";
    raw.headers().add("content-type", type.getBytes(UTF_8));
    WalEntry read = ofReader(config, raw);
    assertEquals("1.0", read.event().eventType());
    assertEquals("true", read.event().entityId());
    assertEquals("{\"n\":1}", read.event().payload().toString());
    assertNotNull(ofTask(config, handedOver(converter, raw)));
  }
}
