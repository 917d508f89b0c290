package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quick way gives what the way for all records gives, or nothing. */
class UsualValuesTest {
  private static final String ID = "0f8fad5b-d9cb-469f-a165-70867728950e";
  private static final List<String> PAYLOADS =
      List.of(
          "{\"a\":[1,2]}",
          "null",
          "\"text\"",
          "[]",
          "1.5e3",
          "{\"schema\":{\"type\":\"x\"},\"payload\":\"é\\u00e9\"}",
          "{\"event_type\":\"a\",\"entity_id\":\"b\",\"payload\":1}");
  private static final byte[] ODD = "\n\r\t \"\\{}[]:,0-+.eEtfnuZzTxX\u0000".getBytes(UTF_8);

  private final RecordEntryMapper mapper = (RecordEntryMapper) MappingTestSupport.mapper();

  private static String event(String payload, String metadata, String timestamp) {
    return "{\"id\":\""
        + ID
        + "\",\"event_type\":\"order.placed\",\"entity_id\":\"order-é7\",\"tenant_id\":\"default\","
        + "\"payload\":"
        + payload
        + ",\"timestamp\":\""
        + timestamp
        + "\",\"metadata\":"
        + metadata
        + ",\"version\":1}";
  }

  private static String event(String payload) {
    return event(payload, "null", "2026-11-01T00:00:07.000000123Z");
  }

  private static String entry(String event, String walTimestamp) {
    return "{\"sequence\":7,\"wal_timestamp\":\""
        + walTimestamp
        + "\",\"event\":"
        + event
        + ",\"checksum\":4294967295}";
  }

  private static SinkRecord converted(ConsumerRecord<byte[], byte[]> record) {
    ConnectHeaders headers = new ConnectHeaders();
    record
        .headers()
        .forEach(
            each ->
                headers.addString(
                    each.key(), each.value() == null ? null : new String(each.value(), UTF_8)));
    return new SinkRecord(
        record.topic(),
        record.partition(),
        null,
        null,
        null,
        record.value(),
        record.offset(),
        record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE ? null : record.timestamp(),
        record.timestampType(),
        headers);
  }

  private static ConsumerRecord<byte[], byte[]> record(byte[] value, String... headers) {
    return record(value, 1_767_323_045_120L, TimestampType.CREATE_TIME, headers);
  }

  private static ConsumerRecord<byte[], byte[]> record(
      byte[] value, long time, TimestampType type, String... headers) {
    RecordHeaders all = new RecordHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1] == null ? null : headers[i + 1].getBytes(UTF_8));
    }
    return new ConsumerRecord<>("t", 2, 41, time, type, 0, 0, null, value, all, Optional.empty());
  }

  /** Whether it was usual; fails when the quick way gave anything else than the other one. */
  private boolean agree(ConsumerRecord<byte[], byte[]> record) {
    SinkRecord converted = converted(record);
    WalEntry quick = UsualValues.read(record);
    WalEntry quickOfConverted = UsualValues.read(converted);
    assertEquals(quick, quickOfConverted);
    if (quick == null) {
      return false;
    }
    WalEntry plain = mapper.mapPlainly(converted);
    assertEquals(plain.event(), quick.event());
    assertEquals(MappingTestSupport.line(plain), MappingTestSupport.line(quick));
    return true;
  }

  private boolean agree(String value, String... headers) {
    return agree(record(value.getBytes(UTF_8), headers));
  }

  @Test
  void whatTheSourceWritesIsUsual() {
    for (String payload : PAYLOADS) {
      for (String metadata : PAYLOADS) {
        String event = event(payload, metadata, "2026-11-01T00:00:07Z");
        assertTrue(agree(event), event);
        assertTrue(agree(event, "allsource.event_id", ID, "allsource.other", "x"), event);
        assertTrue(agree(entry(event, "2026-11-01T00:00:07.120Z")), event);
      }
    }
    String withoutTenant = event("1").replace("\"tenant_id\":\"default\",", "");
    assertTrue(agree(withoutTenant));
    byte[] value = event("1").getBytes(UTF_8);
    assertTrue(agree(record(value, -1, TimestampType.CREATE_TIME)));
    assertTrue(agree(record(value, 5, TimestampType.NO_TIMESTAMP_TYPE)));
    assertTrue(agree(record(value, 0, TimestampType.LOG_APPEND_TIME)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "{}",
        "{\"id\":\"",
        "{\"sequence\":",
        "{\"sequence\":7}",
        " {\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\"}",
      })
  void otherTextsAreNot(String value) {
    assertNull(UsualValues.read(record(value.getBytes(UTF_8))));
  }

  @Test
  void whatWouldBeWrittenInAnotherWayIsLeftToTheOtherWay() {
    for (String value :
        List.of(
            event("{\"a\":\n1}"),
            event("1e999"),
            event("[".repeat(100) + "]".repeat(100)),
            event("1", "null", "2026-11-01 00:00:07Z"),
            event("1", "null", "2026-11-01T00:00:07z"),
            event("1", "null", "2026-11-01T00:00:07+01:00"),
            event("1").replace("order.placed", "order\\u002eplaced"),
            event("1").replace("0f8fad5b", "0F8FAD5B"),
            event("1").replace("\"version\":1", "\"version\":-1"),
            event("1").replace("\"version\":1", "\"version\":1,\"more\":2"),
            event("1") + " ",
            entry(event("1"), "2026-11-01T00:00:07.12Z"),
            entry(event("1"), "2026-11-01T00:00:07.1200Z"))) {
      assertNull(UsualValues.read(record(value.getBytes(UTF_8))), value);
    }
    assertNull(UsualValues.read(record(null)));
    assertNull(UsualValues.read(record(new byte[] {'{', (byte) 0xC3})));
  }

  @Test
  void aRecordThatMayBeSomethingElseIsLeftToTheOtherWay() {
    byte[] value = event("1").getBytes(UTF_8);
    String other = ID.replace('0', '1');
    for (String[] headers :
        List.of(
            new String[] {"ce_specversion", "1.0"},
            new String[] {"Content-Type", "application/cloudevents+json"},
            new String[] {"allsource.event_id", other},
            new String[] {"allsource.event_id", ID, "allsource.event_id", other},
            new String[] {"allsource.event_id", null})) {
      assertNull(UsualValues.read(record(value, headers)), headers[0]);
      assertNull(UsualValues.read(converted(record(value, headers))), headers[0]);
    }
  }

  @Test
  void aRecordsTimeThatNoLineCanHaveIsRefusedByTheOtherWay() {
    long last = 253_402_300_799_999L;
    for (String value : List.of(event("1"), entry(event("1"), "2026-11-01T00:00:07.120Z"))) {
      assertTrue(agree(record(value.getBytes(UTF_8), last, TimestampType.CREATE_TIME)));
      for (long late : new long[] {last + 1, Long.MAX_VALUE}) {
        ConsumerRecord<byte[], byte[]> record =
            record(value.getBytes(UTF_8), late, TimestampType.CREATE_TIME);
        assertNull(mapper.mapUsual(record));
        String why =
            assertThrows(DataException.class, () -> mapper.map(converted(record))).getMessage();
        assertTrue(why.contains("t-2@41") && why.contains("year 9999"), why);
      }
    }
  }

  @Test
  void recordsThatAreMappedByTheSettingsAreNotUsual() {
    EntryMapper bySettings =
        MappingTestSupport.mapper("event.mapping", "fields", "event.type", "made");
    ConsumerRecord<byte[], byte[]> record = record(event("1").getBytes(UTF_8));
    assertNull(bySettings.mapUsual(record));
    assertNotNull(mapper.mapUsual(record));
  }

  @Test
  void damagedValuesAreReadTheSameOrLeftToTheOtherWay() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("UsualValuesTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> values = new ArrayList<>();
    for (String payload : PAYLOADS) {
      String metadata = PAYLOADS.get(random.nextInt(PAYLOADS.size()));
      String event = event(payload, metadata, "2026-11-01T00:00:07.000000123Z");
      values.add(event.getBytes(UTF_8));
      values.add(entry(event, "2026-11-01T00:00:07.120Z").getBytes(UTF_8));
    }
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] value = values.get(random.nextInt(values.size())).clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(value.length);
        switch (random.nextInt(3)) {
          case 0 -> value[at] = (byte) random.nextInt();
          case 1 -> value[at] = ODD[random.nextInt(ODD.length)];
          default -> value[at] = value[random.nextInt(value.length)];
        }
      }
      try {
        taken += agree(record(value)) ? 1 : 0;
      } catch (DataException | AssertionError e) {
        fail("seed " + seed + ", step " + i + ": " + new String(value, UTF_8), e);
      }
    }
    assertTrue(taken > 1000, "taken " + taken);
  }
}
