package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The quick way takes nothing that the general way would not take, and reads it the same. */
class ChunkScannerTest {
  private static final byte[] ODD = "\"\\{}=,:-+/Aa0129 \t\r\u0001tfnu".getBytes(UTF_8);

  private final MessageCodec codec = new MessageCodec();

  @Test
  void realLeadersChunksAreOfTheUsualForm() throws Exception {
    int chunks = 0;
    for (String capture : Captures.ALL) {
      for (byte[] line : Captures.lines(capture)) {
        LeaderMessage right = codec.parseLeader(line, 0, line.length, 1);
        LeaderMessage.SnapshotChunk scanned = ChunkScanner.scan(line, 0, line.length);
        if (right instanceof LeaderMessage.SnapshotChunk) {
          chunks++;
          assertNotNull(scanned);
          same(right, scanned);
        } else {
          assertNull(scanned);
        }
      }
    }
    assertTrue(chunks > 0);
  }

  @Test
  void whatThisProjectWrites() throws Exception {
    for (int size = 0; size < 100; size++) {
      for (long offset : new long[] {0, 9, 10, 512 << 10, 999_999_999_999_999_999L}) {
        byte[] data = new byte[size];
        Arrays.fill(data, (byte) (size - 50));
        LeaderMessage.SnapshotChunk chunk =
            new LeaderMessage.SnapshotChunk("events-1.parquet", data, offset, size % 2 == 0);
        byte[] line = codec.encode(chunk);
        byte[] moved = new byte[line.length + 7];
        System.arraycopy(line, 0, moved, 7, line.length);
        same(chunk, ChunkScanner.scan(moved, 7, line.length - 1));
      }
    }
  }

  @Test
  void whatIsNotOfTheUsualFormIsLeftToTheParser() {
    String usual =
        "{\"type\":\"snapshot_chunk\",\"filename\":\"a\",\"data\":\"AQID\",\"chunk_offset\":7,"
            + "\"is_last\":true}";
    assertNotNull(scan(usual));
    for (String other :
        List.of(
            usual.replace("\"a\"", "\"\""),
            usual.replace("\"a\"", "\"..\""),
            usual.replace("\"a\"", "\"a/b\""),
            usual.replace("\"a\"", "\"é\""),
            usual.replace("\"a\"", "\"\\u0061\""),
            usual.replace("\"a\"", "\"" + "a".repeat(256) + "\""),
            usual.replace("AQID", "AQI"),
            usual.replace("AQID", "AQI=" + "AQID"),
            usual.replace("AQID", "AQ-_"),
            usual.replace("AQID", "AQ\\/D"),
            usual.replace("AQID", "A\",\"data\":\"QID"),
            usual.replace(":7", ":"),
            usual.replace(":7", ":07"),
            usual.replace(":7", ":-7"),
            usual.replace(":7", ":7.0"),
            usual.replace(":7", ":1234567890123456789"),
            usual.replace(":7", ":\"7\""),
            usual.replace("true", "null"),
            usual.replace("true}", "true }"),
            usual + " ",
            usual.replace("\"chunk_offset\":7,", ""),
            "{\"type\":\"snapshot_chunk\",\"filename\":\"a\",\"data\":\",\"chunk_offset\":7,"
                + "\"is_last\":true}")) {
      assertNull(scan(other), other);
    }
    byte[] whole = usual.getBytes(UTF_8);
    for (int at = 1; at < whole.length; at++) {
      assertNull(ChunkScanner.scan(whole, 0, at));
      assertNull(ChunkScanner.scan(whole, at, whole.length - at));
    }
  }

  @Test
  void damagedLinesAreReadTheSameOrLeftToTheParser() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("ChunkScannerTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int taken = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] data = new byte[random.nextInt(8)];
      random.nextBytes(data);
      byte[] line =
          codec.encode(
              new LeaderMessage.SnapshotChunk(
                  "events-" + random.nextInt(99) + ".parquet",
                  data,
                  random.nextInt(2000),
                  random.nextBoolean()));
      int length = line.length - 1;
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(length);
        switch (random.nextInt(3)) {
          case 0 -> line[at] = (byte) random.nextInt();
          case 1 -> line[at] = ODD[random.nextInt(ODD.length)];
          default -> line[at] = line[random.nextInt(length)];
        }
      }
      LeaderMessage.SnapshotChunk scanned = ChunkScanner.scan(line, 0, length);
      if (scanned != null) {
        taken++;
        try {
          same(codec.parseLeader(line, 0, length, 1), scanned);
        } catch (ProtocolException e) {
          fail("seed " + seed + ", step " + i + ": " + new String(line, ISO_8859_1), e);
        }
      }
    }
    assertTrue(taken > 1000, "taken " + taken);
  }

  private static LeaderMessage.SnapshotChunk scan(String line) {
    byte[] bytes = line.getBytes(UTF_8);
    return ChunkScanner.scan(bytes, 0, bytes.length);
  }

  private static void same(LeaderMessage right, LeaderMessage.SnapshotChunk scanned) {
    LeaderMessage.SnapshotChunk chunk = assertInstanceOf(LeaderMessage.SnapshotChunk.class, right);
    assertEquals(chunk.filename(), scanned.filename());
    assertArrayEquals(chunk.data(), scanned.data());
    assertEquals(chunk.chunkOffset(), scanned.chunkOffset());
    assertEquals(chunk.last(), scanned.last());
  }
}
