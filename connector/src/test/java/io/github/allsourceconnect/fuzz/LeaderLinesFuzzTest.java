package io.github.allsourceconnect.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the source reads of the live stream: whatever comes is a message, told the same by Jackson,
 * or refused. What was taken encodes to one line that says the same.
 */
class LeaderLinesFuzzTest {
  private final MessageCodec codec = new MessageCodec();

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    MessageCodec codec = new MessageCodec();
    int number = 0;
    for (String payload :
        List.of(
            "{}",
            "{\"a\":[1,{\"b\":null},[[]],\"x\\u00e9\\\"\"],\"c\":-1.5E+3}",
            "[false,true,null,{\"\":{}}]",
            "18446744073709551615",
            "\"\\ud83d\\ude00 \u2028\"")) {
      WalEntry entry = Events.entry(++number, payload);
      String line =
          new String(codec.encode(new LeaderMessage.Entry(number, entry)), StandardCharsets.UTF_8);
      seeds.add(Lines.input(40 * number, line.trim(), line.trim()));
      seeds.add(Lines.input(255, line.trim().replace(":", ": ").replace(",", " ,\t")));
    }
    seeds.add(
        Lines.input(
            20,
            "{\"type\":\"caught_up\",\"current_offset\":7}",
            "{\"replays\":true,\"current_offset\":7,\"type\":\"caught_up\"}",
            "{\"type\":\"snapshot_end\",\"wal_offset_after_snapshot\":0}"));
    seeds.add(
        Lines.input(
            200,
            "{\"type\":\"snapshot_start\",\"parquet_files\":[\"a.parquet\",\"b\"]}",
            "{\"type\":\"snapshot_chunk\",\"filename\":\"a.parquet\",\"data\":\"UEFSMQ==\","
                + "\"chunk_offset\":0,\"is_last\":true}"));
    return seeds;
  }

  @MethodSource("seeds")
  @FuzzTest
  void lines(byte[] input) throws IOException {
    Lines.frame(input, this::line);
  }

  @Test
  void damaged() {
    Damage.run("leader lines", seeds(), this::lines);
  }

  private void line(byte[] buf, int off, int len, long number) throws IOException {
    LeaderMessage message;
    try {
      message = codec.decodeLeader(buf, off, len, number);
    } catch (ProtocolException e) {
      assertEquals(ProtocolException.Kind.MALFORMED, e.kind());
      assertEquals(number, e.lineNumber());
      return;
    }
    JsonNode json = Lines.json(buf, off, len);
    if (message instanceof LeaderMessage.Entry entry) {
      same(json, entry);
      try {
        WalChecksum.verify(entry.data(), number);
      } catch (ProtocolException e) {
        assertEquals(ProtocolException.Kind.CHECKSUM, e.kind());
      }
    }
    byte[] encoded = codec.encode(message);
    Lines.checkOneLine(encoded);
    LeaderMessage again = codec.decodeLeader(encoded, 0, encoded.length - 1, 1);
    assertEquals(
        new String(encoded, StandardCharsets.UTF_8),
        new String(codec.encode(again), StandardCharsets.UTF_8));
  }

  private void same(JsonNode json, LeaderMessage.Entry entry) throws IOException {
    assertEquals("wal_entry", json.get("type").textValue());
    assertEquals(entry.offset(), json.get("offset").longValue());
    JsonNode data = json.get("data");
    WalEntry wal = entry.data();
    assertEquals(wal.sequence(), data.get("sequence").longValue());
    assertEquals(wal.checksum(), data.get("checksum").longValue());
    assertEquals(wal.walTimestamp(), data.get("wal_timestamp").textValue());
    same(data, wal.entryText());
    JsonNode eventJson = data.get("event");
    Event event = wal.event();
    same(eventJson, wal.eventText());
    assertEquals(event.id(), eventJson.get("id").textValue().toLowerCase(Locale.ROOT));
    assertEquals(event.eventType(), eventJson.get("event_type").textValue());
    assertEquals(event.entityId(), eventJson.get("entity_id").textValue());
    JsonNode tenant = eventJson.get("tenant_id");
    assertEquals(event.tenantId(), tenant == null ? null : tenant.textValue());
    assertEquals(event.timestamp(), eventJson.get("timestamp").textValue());
    assertEquals(event.version(), eventJson.get("version").bigIntegerValue().longValue());
    same(eventJson.get("payload"), event.payload());
    if (event.metadata() == null) {
      assertNull(eventJson.get("metadata"));
    } else {
      same(eventJson.get("metadata"), event.metadata());
    }
    assertTrue(wal.sequence() > 0);
  }

  private static void same(JsonNode expected, JsonText slice) throws IOException {
    if (slice != null) {
      assertEquals(expected, Lines.json(slice.array(), slice.offset(), slice.length()));
    }
  }
}
