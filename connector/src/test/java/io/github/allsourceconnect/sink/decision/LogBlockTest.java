package io.github.allsourceconnect.sink.decision;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class LogBlockTest {
  private static LogBlock block(long from, long to, long... offsets) {
    LogBlock.Builder builder = new LogBlock.Builder(from);
    for (long offset : offsets) {
      builder.add(offset, (offset + "\n").getBytes(US_ASCII));
    }
    return builder.build(to);
  }

  private static String text(LogBlock block, int from) {
    int start = block.start(from);
    return new String(block.data(), start, block.dataEnd() - start, US_ASCII);
  }

  @Test
  void linesAreFoundByTheirOffsets() {
    LogBlock block = block(5, 20, 5, 7, 12);
    assertEquals(3, block.count());
    assertEquals(5, block.from());
    assertEquals(20, block.to());
    assertEquals(0, block.indexFrom(4));
    assertEquals(0, block.indexFrom(5));
    assertEquals(1, block.indexFrom(6));
    assertEquals(1, block.indexFrom(7));
    assertEquals(2, block.indexFrom(8));
    assertEquals(3, block.indexFrom(13));
    assertEquals("5\n7\n12\n", text(block, 0));
    assertEquals("7\n12\n", text(block, 1));
    assertEquals("12\n", text(block, 2));
    assertEquals(7 + 3 * 12 + 160, block.bytes());
  }

  @Test
  void aStretchWithoutEntriesHasNoLines() {
    LogBlock empty = block(5, 6);
    assertEquals(0, empty.count());
    assertEquals(0, empty.dataEnd());
    assertEquals("", text(empty, 0));
    assertEquals(160, empty.bytes());
  }

  @Test
  void whatLiesBeforeAnOffsetSharesTheBytes() {
    LogBlock block = block(5, 20, 5, 7, 12);
    assertSame(block, block.before(20));
    assertSame(block, block.before(21));
    LogBlock before = block.before(12);
    assertEquals(12, before.to());
    assertEquals(2, before.count());
    assertEquals("5\n7\n", text(before, 0));
    assertSame(block.data(), before.data());
    assertEquals(0, block(5, 20, 7).before(6).count());
  }

  @Test
  void manyLinesFit() {
    LogBlock.Builder builder = new LogBlock.Builder(0);
    int bytes = 0;
    for (int offset = 0; offset < 100; offset++) {
      builder.add(offset, new byte[offset]);
      bytes += offset;
      assertEquals(bytes, builder.bytes());
    }
    LogBlock block = builder.build(100);
    assertEquals(100, block.count());
    assertEquals(99, block.offset(99));
    assertEquals(bytes, block.dataEnd());
    assertEquals(bytes - 99, block.start(99));
  }

  @Test
  void whatIsExpectedDecidesWhatIsAllocatedAndNothingElse() {
    byte[] line = "0123456789".getBytes(US_ASCII);
    for (int expected : new int[] {0, 1, 9, 10, 11, 12, 1000}) {
      LogBlock.Builder builder = new LogBlock.Builder(0, expected);
      builder.add(3, line, 9);
      builder.add(5, line, 1);
      LogBlock block = builder.build(20);
      assertEquals("0123456780", text(block, 0));
      assertEquals("0", text(block, 1));
      // an eighth more is not worth a copy
      assertEquals(expected == 11 ? 11 : 10, block.data().length, "expected " + expected);
    }
  }

  @Test
  void offsetsRiseWithinTheBlock() {
    LogBlock.Builder builder = new LogBlock.Builder(5);
    assertThrows(IllegalArgumentException.class, () -> builder.add(4, new byte[1]));
    builder.add(5, new byte[1]);
    assertThrows(IllegalArgumentException.class, () -> builder.add(5, new byte[1]));
    assertThrows(IllegalArgumentException.class, () -> builder.build(5));
    assertEquals(6, builder.build(6).to());
    assertThrows(IllegalArgumentException.class, () -> new LogBlock.Builder(5).build(5));
  }
}
