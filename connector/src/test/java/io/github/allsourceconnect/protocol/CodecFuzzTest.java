package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Generated damage: whatever bytes come, decoding throws a ProtocolException or nothing. */
class CodecFuzzTest {
  private static final String[] TOKENS = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "1e999",
    "-",
    "\\ud800",
    "\\u0000",
    "9223372036854775808",
    "-0",
    "\"type\":",
    "\"data\":{",
    "\"sequence\":",
    "\u0000",
    "\u2028",
    "é"
  };

  private final MessageCodec codec = new MessageCodec();

  @Test
  void damagedLines() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("CodecFuzzTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> lines = new ArrayList<>();
    for (String capture : List.of("live-from-empty", "0.27.0-live-concurrent-writers")) {
      for (byte[] line : Captures.lines(capture)) {
        if (line.length < 2000) {
          lines.add(line);
        }
      }
    }
    lines.add(codec.encode(new LeaderMessage.SnapshotStart(List.of("a.parquet", "b.parquet"))));
    lines.add(codec.encode(new LeaderMessage.SnapshotChunk("a", new byte[20], 5, true)));
    lines.add(codec.encode(new LeaderMessage.SnapshotEnd(5)));
    lines.add(codec.encode(new FollowerMessage.Subscribe(5)));
    int good = 0;
    int bad = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] line = damaged(lines.get(random.nextInt(lines.size())), random);
      int off = random.nextInt(3);
      byte[] block = new byte[line.length + 5];
      System.arraycopy(line, 0, block, off, line.length);
      try {
        LeaderMessage message = codec.decodeLeader(block, off, line.length, 1);
        good++;
        checkRoundTrip(message);
      } catch (ProtocolException e) {
        bad++;
        assertEquals(ProtocolException.Kind.MALFORMED, e.kind());
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ", case " + i + ": " + new String(line, UTF_8), e);
      }
      try {
        codec.decodeFollower(block, off, line.length, 1);
      } catch (ProtocolException e) {
        assertTrue(e.getMessage().startsWith("line 1"));
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ", case " + i + ": " + new String(line, UTF_8), e);
      }
    }
    assertTrue(good > 1000 && bad > 1000, "good " + good + ", bad " + bad);
  }

  /** What was taken encodes to one line, which is taken again and encodes to itself. */
  private void checkRoundTrip(LeaderMessage message) throws ProtocolException {
    byte[] encoded = codec.encode(message);
    assertEquals(encoded.length - 1, LineFramer.indexOfNewline(encoded, 0, encoded.length));
    LeaderMessage again = codec.decodeLeader(encoded, 0, encoded.length - 1, 1);
    assertEquals(new String(encoded, UTF_8), new String(codec.encode(again), UTF_8));
    if (message instanceof LeaderMessage.Entry a && again instanceof LeaderMessage.Entry b) {
      assertEquals(a.data().sequence(), b.data().sequence());
      assertEquals(a.data().event().id(), b.data().event().id());
    }
  }

  private static byte[] damaged(byte[] line, SplittableRandom random) {
    byte[] out = line.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(out.length + 1);
      int until = Math.min(out.length, at + random.nextInt(12));
      out =
          switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(out, at);
            case 1 -> splice(out, at, until, new byte[0]);
            case 2 -> splice(out, at, at, Arrays.copyOfRange(out, at, until));
            case 3 -> splice(out, at, at, TOKENS[random.nextInt(TOKENS.length)].getBytes(UTF_8));
            case 4 -> splice(out, at, until, TOKENS[random.nextInt(TOKENS.length)].getBytes(UTF_8));
            default -> flipped(out, at, random);
          };
    }
    return out;
  }

  private static byte[] flipped(byte[] bytes, int at, SplittableRandom random) {
    byte[] out = bytes.clone();
    if (at < out.length) {
      out[at] = (byte) (out[at] ^ (1 << random.nextInt(8)));
    }
    return out;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] by) {
    byte[] out = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(by, 0, out, from, by.length);
    System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
    return out;
  }
}
