package io.github.allsourceconnect.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Feeds a target with damaged seeds: the short run without coverage that every build has. */
final class Damage {
  private static final int INPUTS = 5_000;
  static final String[] TOKENS = {
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
    "\"type\":\"ack\"",
    "\"type\":\"subscribe\"",
    "\"type\":\"wal_entry\"",
    "\"type\":\"caught_up\"",
    "\"type\":\"snapshot_start\"",
    "\"type\":\"snapshot_chunk\"",
    "\"type\":\"snapshot_end\"",
    "\"offset\":",
    "\"event\":{",
    "\"payload\":",
    "\"version\":",
    "\"checksum\":",
    "\"timestamp\":\"",
    "\"data\":{",
    "\"sequence\":",
    "\u0000",
    "\u2028",
    "\n",
    "é"
  };

  /** What takes the inputs. */
  interface Target {
    void accept(byte[] input) throws Exception;
  }

  private Damage() {}

  /** Prints the seed; {@code -Dfuzz.seed} replays. */
  static void run(String name, List<byte[]> seeds, Target target) {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println(name + ": replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = damaged(seeds.get(random.nextInt(seeds.size())), random);
      try {
        target.accept(input);
      } catch (Exception | Error e) {
        throw new AssertionError(
            name + ", -Dfuzz.seed=" + seed + ", input " + i + ": " + new String(input, UTF_8), e);
      }
    }
  }

  private static byte[] damaged(byte[] input, SplittableRandom random) {
    byte[] out = input.clone();
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
