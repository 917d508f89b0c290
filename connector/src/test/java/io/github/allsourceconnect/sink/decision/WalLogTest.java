package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What of the log is in memory, and what it takes. */
class WalLogTest {
  private static LogBlock block(long from, long to) {
    LogBlock.Builder builder = new LogBlock.Builder(from);
    for (long offset = from; offset < to; offset++) {
      builder.add(offset, new byte[100]);
    }
    return builder.build(to);
  }

  @Test
  void theTailCoversItsLastBlocksAsFarAsThereIsRoom() {
    LogBlock one = block(5, 7);
    LogBlock two = block(7, 9);
    WalLog log = new WalLog(one.bytes() + two.bytes(), 1);
    assertFalse(log.started());
    log.start(5);
    assertTrue(log.append(one));
    assertTrue(log.append(two));
    assertFalse(log.append(two), "it was there already");
    assertEquals(5, log.tailFrom());
    assertEquals(9, log.tailTo());
    assertEquals(one.bytes() + two.bytes(), log.bytes());
    assertSame(one, log.find(6));
    assertSame(two, log.find(7));
    assertNull(log.find(9));
    assertNull(log.find(4));
    LogBlock three = block(9, 10);
    assertTrue(log.append(three));
    assertEquals(7, log.tailFrom());
    assertEquals(two.bytes() + three.bytes(), log.bytes());
    assertNull(log.find(6));
    assertFalse(log.tailHas(6));
    assertTrue(log.tailHas(9));
    assertFalse(log.tailHas(10));
  }

  @Test
  void whatIsBehindAJumpIsAllThatIsKept() {
    WalLog log = new WalLog(1, 1);
    log.start(5);
    log.append(block(5, 7));
    log.jump(6);
    assertEquals(7, log.tailTo(), "it is further already");
    log.jump(20);
    assertEquals(20, log.tailFrom());
    assertEquals(0, log.bytes());
    LogBlock behind = block(20, 21);
    log.append(behind);
    assertEquals(behind.bytes(), log.bytes());
    LogBlock farther = block(30, 31);
    log.append(farther);
    assertEquals(30, log.tailFrom(), "what lies between is not known");
    assertEquals(farther.bytes(), log.bytes());
    assertNull(log.find(20));
    log.stop();
    assertFalse(log.started());
    assertEquals(0, log.bytes());
  }

  @Test
  void olderBlocksStayUntilThereIsNoRoomAndTheLastOneAlways() {
    LogBlock one = block(0, 2);
    LogBlock two = block(2, 4);
    WalLog log = new WalLog(1, one.bytes());
    log.start(50);
    log.keep(one);
    log.keep(one);
    assertEquals(one.bytes(), log.bytes());
    assertSame(one, log.find(1));
    log.keep(two);
    assertNull(log.find(1));
    assertSame(two, log.find(3));
    assertEquals(two.bytes(), log.bytes());
  }

  /** Other partitions came: what does not fit any more goes at once, the oldest first. */
  @Test
  void lessRoomIsKeptToAtOnce() {
    LogBlock one = block(0, 2);
    LogBlock two = block(2, 4);
    LogBlock three = block(4, 6);
    LogBlock four = block(6, 8);
    WalLog log = new WalLog(1_000_000, 1_000_000);
    log.start(4);
    log.append(three);
    log.append(four);
    log.keep(one);
    log.keep(two);
    log.limit(four.bytes(), two.bytes());
    assertEquals(four.bytes() + two.bytes(), log.bytes());
    assertEquals(6, log.tailFrom());
    assertSame(four, log.find(6));
    assertSame(two, log.find(2));
    assertNull(log.find(0));
    assertNull(log.find(4));
  }

  @Test
  void whereTheTailBeginsAnewNoOlderBlockTakesRoom() {
    LogBlock one = block(0, 2);
    LogBlock two = block(2, 4);
    LogBlock three = block(4, 6);
    WalLog log = new WalLog(1, one.bytes());
    log.start(50);
    log.keep(one);
    log.start(60);
    assertEquals(0, log.bytes());
    log.keep(two);
    log.keep(three);
    assertNull(log.find(3));
    assertSame(three, log.find(5));
    assertEquals(three.bytes(), log.bytes());
  }
}
