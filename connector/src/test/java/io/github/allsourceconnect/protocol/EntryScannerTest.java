package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The quick way takes nothing that the general way would not take, and reads it the same. */
class EntryScannerTest {
  private static final String[] PAYLOADS = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "-0",
    "1e308",
    "5e-324",
    "18446744073709551615",
    "\"\"",
    "\"a\\u00e9\\\"\\\\ \u2028 é\"",
    "{\"a\":[1,{\"b\":null},[[]],\"x\"],\"c\":-1.5E+3}",
    "{ \"a\" : [ 1 , 2 ] , \"b\" : { } }",
    "[[[[[[[[[[1]]]]]]]]]]",
    "[false,true,null,{\"\":{}}]"
  };

  private static final byte[] ODD = "\"\\{}[],:-+.eE0129 \t\r\u0001tfnu/".getBytes(UTF_8);

  private final MessageCodec codec = new MessageCodec();

  @Test
  void realLeadersLinesAreOfTheUsualForm() throws Exception {
    int entries = 0;
    int quick = 0;
    for (String capture : Captures.ALL) {
      for (byte[] line : Captures.lines(capture)) {
        if (codec.parseLeader(line, 0, line.length, 1) instanceof LeaderMessage.Entry right) {
          entries++;
          LeaderMessage.Entry scanned = EntryScanner.scan(line, 0, line.length);
          if (scanned != null) {
            quick++;
            assertEquals(right, scanned);
          }
        } else {
          assertNull(EntryScanner.scan(line, 0, line.length));
        }
      }
    }
    assertTrue(quick > entries * 9 / 10, quick + " of " + entries);
  }

  @Test
  void oddPayloadsAndMetadata() throws Exception {
    for (String payload : PAYLOADS) {
      byte[] line = line(payload, payload);
      LeaderMessage.Entry scanned = EntryScanner.scan(line, 0, line.length);
      assertNotNull(scanned, payload);
      assertEquals(codec.parseLeader(line, 0, line.length, 1), scanned, payload);
      assertEquals(payload, scanned.data().event().payload().toString());
    }
  }

  @Test
  void whatIsNoJsonIsLeftToTheParser() {
    for (String wrong :
        List.of(
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{,}",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "tru",
            "nul1",
            "fals",
            "\"\\x\"",
            "\"\\u12g4\"",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "NaN",
            "+1",
            "{\"\\ud800b\":1}",
            "{\"\\uDC00\":1}",
            "[\"\\uDbFFx\"]")) {
      byte[] line = line(wrong, "null");
      assertNull(EntryScanner.scan(line, 0, line.length), wrong);
    }
  }

  @Test
  void damagedLinesAreReadTheSameOrLeftToTheParser() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("EntryScannerTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> lines = new ArrayList<>();
    for (String payload : PAYLOADS) {
      lines.add(line(payload, PAYLOADS[random.nextInt(PAYLOADS.length)]));
    }
    int taken = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] line = lines.get(random.nextInt(lines.size())).clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(line.length);
        switch (random.nextInt(3)) {
          case 0 -> line[at] = (byte) random.nextInt();
          case 1 -> line[at] = ODD[random.nextInt(ODD.length)];
          default -> line[at] = line[random.nextInt(line.length)];
        }
      }
      LeaderMessage.Entry scanned = EntryScanner.scan(line, 0, line.length);
      if (scanned != null) {
        taken++;
        try {
          assertEquals(codec.parseLeader(line, 0, line.length, 1), scanned);
        } catch (ProtocolException e) {
          fail("seed " + seed + ", step " + i + ": " + new String(line, UTF_8), e);
        }
      }
    }
    assertTrue(taken > 1000, "taken " + taken);
  }

  @Test
  void everyByteInEveryPlaceOfTheId() throws Exception {
    byte[] usual = line("{}", "null");
    int from = new String(usual, UTF_8).indexOf("0f8fad5b");
    for (int at = from; at < from + 36; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] line = usual.clone();
        line[at] = (byte) value;
        LeaderMessage.Entry scanned = EntryScanner.scan(line, 0, line.length);
        boolean isHyphen = usual[at] == '-';
        assertEquals(
            isHyphen ? value == '-' : "0123456789abcdef".indexOf(value) >= 0, scanned != null);
        if (scanned != null) {
          assertEquals(codec.parseLeader(line, 0, line.length, 1), scanned);
        }
      }
    }
  }

  private static byte[] line(String payload, String metadata) {
    return ("{\"type\":\"wal_entry\",\"offset\":7,\"data\":{\"sequence\":7,\"wal_timestamp\":"
            + "\"2026-11-01T00:00:07.12Z\",\"event\":{\"id\":"
            + "\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"event_type\":\"order.placed\","
            + "\"entity_id\":\"order-é7\",\"tenant_id\":\"default\",\"payload\":"
            + payload
            + ",\"timestamp\":\"2026-11-01T00:00:07.000000123Z\",\"metadata\":"
            + metadata
            + ",\"version\":1},\"checksum\":4294967295}}")
        .getBytes(UTF_8);
  }
}
