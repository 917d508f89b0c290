package io.github.allsourceconnect.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Framing and JSON read in another way, to compare with. */
final class Lines {
  private static final int MAX = 1 << 10;

  /** Further lines are framed, but not read: they would be most of the time, and nothing new. */
  private static final int READ_MAX = 12;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  static {
    JSON.getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MessageCodec.MAX_DEPTH + 1)
                .maxNumberLength(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .build());
  }

  /** One line; the array lies around it. */
  interface Line {
    void accept(byte[] buf, int off, int len, long number) throws IOException;
  }

  private Lines() {}

  /**
   * Frames the input in blocks (the first byte says how long) and checks that the lines are those
   * between the newlines. The first few go to {@code each}.
   */
  static void frame(byte[] input, Line each) throws IOException {
    if (input.length == 0) {
      return;
    }
    int step = 1 + (input[0] & 0xFF);
    List<byte[]> expected = new ArrayList<>();
    int start = 1;
    for (int i = 1; i < input.length; i++) {
      if (input[i] == '\n') {
        expected.add(Arrays.copyOfRange(input, start, i));
        start = i + 1;
      }
    }
    LineFramer framer = new LineFramer(MAX);
    long[] seen = new long[1];
    try {
      for (int at = 1; at < input.length; at += step) {
        // a block of its own each time: its slices are kept
        byte[] block = Arrays.copyOfRange(input, at, Math.min(input.length, at + step));
        framer.feed(
            block,
            0,
            block.length,
            (buf, off, len, number) -> {
              assertEquals(++seen[0], number);
              assertArrayEquals(
                  expected.get((int) number - 1), Arrays.copyOfRange(buf, off, off + len));
              if (number <= READ_MAX) {
                each.accept(buf, off, len, number);
              }
            });
      }
      assertEquals(expected.size(), seen[0]);
      assertEquals(input.length - start, framer.pendingBytes());
    } catch (ProtocolException e) {
      if (e.kind() != ProtocolException.Kind.TOO_LONG || e.lineNumber() != seen[0] + 1) {
        throw e;
      }
      int length =
          seen[0] < expected.size() ? expected.get((int) seen[0]).length : input.length - start;
      assertTrue(length > MAX, "a line of " + length + " bytes is said to be too long");
    }
  }

  /** As a strict reader sees it. */
  static JsonNode json(byte[] buf, int off, int len) throws IOException {
    return JSON.readTree(buf, off, len);
  }

  /** The newline is at the end, and nowhere else. */
  static void checkOneLine(byte[] line) {
    int at = 0;
    while (at < line.length && line[at] != '\n') {
      at++;
    }
    assertEquals(line.length - 1, at);
  }

  static byte[] input(int blocks, String... lines) {
    return ((char) blocks + String.join("\n", lines) + "\n").getBytes(UTF_8);
  }
}
