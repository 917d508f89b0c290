package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LineFramerTest {
  @Test
  void onlyANewlineEndsALine() throws Exception {
    String text = "a\u2028b\u0085c\rd\u000be\u000cf\u2029g\n\n\r\nlast";
    List<String> lines = new ArrayList<>();
    LineFramer framer = new LineFramer(100);
    byte[] bytes = text.getBytes(UTF_8);
    framer.feed(
        bytes, 0, bytes.length, (buf, off, len, number) -> lines.add(number + text(buf, off, len)));
    assertEquals(List.of("1a\u2028b\u0085c\rd\u000be\u000cf\u2029g", "2", "3\r"), lines);
    assertEquals(3, framer.lines());
    assertEquals(4, framer.pendingBytes());
  }

  @Test
  void capturedStreamsCutAnywhereGiveTheSameLines() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("LineFramerTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (String capture : List.of("live-from-empty", "0.27.0-snapshot-doubled-by-tenant")) {
      byte[] stream = Captures.bytes(capture);
      List<byte[]> expected = Captures.lines(capture);
      for (int most : new int[] {1, 7, 300, 70_000, -300, -70_000}) {
        List<byte[]> lines = new ArrayList<>();
        LineFramer framer =
            most > 0 ? new LineFramer(stream.length) : LineFramer.reusing(stream.length);
        for (int at = 0; at < stream.length; ) {
          int n = Math.min(stream.length - at, 1 + random.nextInt(Math.abs(most)));
          framer.feed(
              stream,
              at,
              n,
              (b, off, len, number) -> lines.add(Arrays.copyOfRange(b, off, off + len)));
          at += n;
        }
        assertEquals(expected.size(), lines.size());
        for (int i = 0; i < lines.size(); i++) {
          assertTrue(Arrays.equals(expected.get(i), lines.get(i)), "line " + i + ", seed " + seed);
        }
        assertEquals(0, framer.pendingBytes());
      }
    }
  }

  @Test
  void oneArrayForAllLinesAcrossBlocks() throws Exception {
    byte[] blocks = "a long line to begin with\nshort\nlonger".getBytes(UTF_8);
    List<byte[]> arrays = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    LineFramer framer = LineFramer.reusing(100);
    for (byte b : blocks) {
      framer.feed(
          new byte[] {b},
          0,
          1,
          (buf, off, len, number) -> {
            arrays.add(buf);
            lines.add(text(buf, off, len));
          });
    }
    assertEquals(List.of("a long line to begin with", "short"), lines);
    assertSame(arrays.get(0), arrays.get(1));
    assertEquals("longer", new String(framer.pending(), UTF_8));
  }

  @Test
  void aLineInsideABlockIsNotCopiedAndOneAcrossBlocksHasItsOwnArray() throws Exception {
    byte[] first = "one\ntw".getBytes(UTF_8);
    byte[] second = "o\nthree\nfo".getBytes(UTF_8);
    byte[] third = "ur\n".getBytes(UTF_8);
    List<byte[]> arrays = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    LineFramer framer = new LineFramer(10);
    LineFramer.Lines collect =
        (buf, off, len, number) -> {
          arrays.add(buf);
          lines.add(text(buf, off, len));
        };
    for (byte[] block : List.of(first, second, third)) {
      framer.feed(block, 0, block.length, collect);
    }
    assertEquals(List.of("one", "two", "three", "four"), lines);
    assertSame(first, arrays.get(0));
    assertNotSame(second, arrays.get(1));
    assertSame(second, arrays.get(2));
    assertNotSame(arrays.get(1), arrays.get(3));
    assertEquals("two", new String(arrays.get(1), 0, 3, UTF_8));
  }

  @Test
  void theLimitHoldsForWholeAndForUnfinishedLines() throws Exception {
    byte[] ten = "0123456789\n".getBytes(UTF_8);
    List<String> lines = new ArrayList<>();
    LineFramer.Lines collect = (buf, off, len, number) -> lines.add(text(buf, off, len));
    new LineFramer(10).feed(ten, 0, 11, collect);
    assertEquals(List.of("0123456789"), lines);
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> new LineFramer(9).feed(ten, 0, 11, collect));
    assertEquals(ProtocolException.Kind.TOO_LONG, e.kind());
    assertEquals(1, e.lineNumber());
    LineFramer framer = new LineFramer(9);
    framer.feed(ten, 0, 9, collect);
    assertThrows(ProtocolException.class, () -> framer.feed(ten, 9, 1, collect));
    assertEquals(1, lines.size());
  }

  @Test
  void whatTheReceiverThrowsPassesThrough() {
    IOException full = new IOException("full");
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                new LineFramer(9)
                    .feed(
                        new byte[] {'\n'},
                        0,
                        1,
                        (buf, off, len, number) -> {
                          throw full;
                        }));
    assertSame(full, thrown);
  }

  @Test
  void searchFindsTheFirstNewlineAtEveryPlace() {
    for (int length = 0; length < 40; length++) {
      for (int at = 0; at < length; at++) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0x8a);
        bytes[at] = '\n';
        if (at > 0) {
          bytes[at - 1] = 0x0b;
        }
        assertEquals(at, LineFramer.indexOfNewline(bytes, 0, length));
        assertEquals(-1, LineFramer.indexOfNewline(bytes, at + 1, length));
        assertEquals(-1, LineFramer.indexOfNewline(bytes, 0, at));
      }
    }
  }

  private static String text(byte[] buf, int off, int len) {
    return new String(buf, off, len, UTF_8);
  }

  /** Whatever the blocks are; nothing of the line is kept. */
  @Test
  void aLineAboveTheLimitIsPassedOver() throws Exception {
    byte[] stream = ("ab\n" + "x".repeat(70) + "\ncd\n" + "y".repeat(11) + "\n\nef\n").getBytes();
    for (int step = 1; step < 1100; step++) {
      List<String> seen = new ArrayList<>();
      LineFramer framer = new LineFramer(10);
      for (int at = 0; at < stream.length; at += step) {
        byte[] block = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + step));
        framer.feed(
            block,
            0,
            block.length,
            new LineFramer.Lines() {
              @Override
              public void line(byte[] buf, int off, int len, long number) {
                seen.add(number + new String(buf, off, len));
              }

              @Override
              public boolean tooLong(ProtocolException why, byte[] beginning) {
                seen.add(why.lineNumber() + "!");
                return true;
              }
            });
        assertTrue(framer.pendingBytes() <= 10);
      }
      assertEquals(List.of("1ab", "2!", "3cd", "4!", "5", "6ef"), seen, "blocks of " + step);
    }
  }

  /** One that goes on is not passed over for ever, and what came of it is said. */
  @Test
  void aLineWithoutAnEnd() throws Exception {
    LineFramer.Lines goesOn =
        new LineFramer.Lines() {
          @Override
          public void line(byte[] buf, int off, int len, long number) {
            throw new AssertionError("line " + number);
          }

          @Override
          public boolean tooLong(ProtocolException why, byte[] beginning) {
            return true;
          }
        };
    for (int step = 1; step < 200; step++) {
      LineFramer framer = new LineFramer(10);
      byte[] block = new byte[step];
      long fed = 0;
      for (; fed + step <= 80; fed += step) {
        framer.feed(block, 0, step, goesOn);
      }
      ProtocolException e =
          assertThrows(ProtocolException.class, () -> framer.feed(block, 0, block.length, goesOn));
      assertEquals(ProtocolException.Kind.TOO_LONG, e.kind());
      assertTrue(e.getMessage().contains((fed + step) + " bytes of it came"), e.getMessage());
    }
  }
}
