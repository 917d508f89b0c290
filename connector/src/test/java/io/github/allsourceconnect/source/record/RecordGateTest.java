package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;

/** Generated payloads, one after another: none makes a record that is larger than was reckoned. */
class RecordGateTest {
  private static final int RUNS = 60;
  private static final int EVENTS = 15;
  private static final int AROUND_BYTES = 82;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private String name() {
    int number = random.nextInt(12);
    return switch (random.nextInt(8)) {
      case 0 -> "😀".repeat(random.nextInt(1, 100)) + number;
      case 1 -> "\\u0001".repeat(random.nextInt(1, 30)) + number;
      case 2 -> "\\\"".repeat(random.nextInt(1, 90)) + number;
      case 3 -> "x".repeat(random.nextInt(1, 199)) + number;
      case 4 -> "漢".repeat(random.nextInt(1, 199)) + number;
      default -> String.valueOf((char) ('a' + number));
    };
  }

  private String value(int depth) {
    return switch (random.nextInt(depth > 0 ? 12 : 7)) {
      case 0 -> "1e9";
      case 1 -> "null";
      case 2 -> "\"" + "\\u0001é😀\\\"".repeat(random.nextInt(5)) + "\"";
      case 3 -> "18446744073709551615";
      case 4 -> "7";
      case 5 -> "1.5";
      case 6 -> "true";
      case 7, 8 -> array(depth - 1);
      default -> object(depth - 1, random.nextInt(6));
    };
  }

  private String array(int depth) {
    boolean objects = random.nextInt(3) > 0;
    StringBuilder text = new StringBuilder("[");
    for (int left = random.nextInt(depth > 2 ? 3 : 20); left > 0; left--) {
      text.append(objects ? object(depth, random.nextInt(3)) : value(depth));
      text.append(left > 1 ? "," : "");
    }
    return text + "]";
  }

  private String object(int depth, int members) {
    StringBuilder text = new StringBuilder("{");
    for (int left = members; left > 0; left--) {
      text.append('"').append(name()).append("\":").append(value(depth));
      text.append(left > 1 ? "," : "");
    }
    return text + "}";
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "c");
    settings.put("value.format", random.nextBoolean() ? "event" : "payload");
    settings.put("payload.format", random.nextInt(3) > 0 ? "struct" : "map");
    settings.put("value.converter", JsonConverter.class.getName());
    settings.put("value.converter.schemas.enable", String.valueOf(random.nextBoolean()));
    settings.put("key.converter", StringConverter.class.getName());
    settings.put("struct.fields.max", String.valueOf(random.nextInt(1, 600)));
    settings.put("payload.depth.max", String.valueOf(random.nextInt(1, 30)));
    return settings;
  }

  private static SourceRecord record(RecordMapper mapper, Event event) {
    return mapper.fromRow(new SnapshotRow(event, 0, 0), null, true, Map.of(), Map.of());
  }

  private static long size(JsonConverter json, SourceRecord record) {
    long size = json.fromConnectData("t", record.valueSchema(), record.value()).length;
    size += AROUND_BYTES + record.key().toString().length();
    for (Header header : record.headers()) {
      size += header.key().length() + header.value().toString().getBytes(UTF_8).length;
    }
    return size;
  }

  @Test
  void aRecordIsNeverLargerThanWasReckoned() {
    for (int run = 0; run < RUNS; run++) {
      Map<String, String> settings = settings();
      RecordMapper mapper = new RecordMapper(new SourceConfig(settings), "main");
      RecordMapper reckoning = new RecordMapper(new SourceConfig(settings), "main");
      int sparse = random.nextInt(1, 12);
      try (JsonConverter json = new JsonConverter()) {
        json.configure(
            Map.of(
                "schemas.enable",
                settings.get("value.converter.schemas.enable"),
                "converter.type",
                "value"));
        for (int i = 0; i < EVENTS; i++) {
          boolean empty = random.nextInt(sparse) == 0;
          Event event =
              Events.event(2L * i, empty ? "{}" : object(random.nextInt(1, 6), random.nextInt(10)));
          long size = size(json, record(mapper, event));
          settings.put("record.max.bytes", String.valueOf(size - 1));
          Refusal refusal =
              new RecordGate(
                      reckoning, new SourceConfig(settings).refusals(), System::currentTimeMillis)
                  .refusal(event, "t", 0, () -> record(reckoning, event));
          assertNotNull(refusal, "seed " + seed + ", run " + run + ", " + settings);
          record(reckoning, event);
        }
      }
    }
  }
}
