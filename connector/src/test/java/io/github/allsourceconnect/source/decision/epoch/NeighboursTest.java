package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The newest of entries, but for single ones whose clock is ahead. */
class NeighboursTest {
  private static long newest(long... micros) {
    return Neighbours.newest(micros, micros.length, 100);
  }

  @Test
  void aClockIsAheadIfMostOfTheNextAreOlderThanEntriesAreLate() {
    assertEquals(Long.MIN_VALUE, newest());
    assertEquals(7, newest(7), "nothing follows that would tell");
    assertEquals(30, newest(10, 20, 30));
    assertEquals(30, newest(10, 30, 20), "late by less than is allowed");
    assertEquals(14, newest(10, 11, 990, 12, 13, 14), "all three behind it are older");
    assertEquals(12, newest(990, 11, 991, 12), "of the last but one the last tells");
    assertEquals(12, newest(990, 11, 12), "both of two");
    assertEquals(991, newest(990, 11, 991), "one of two is not most");
    assertEquals(993, newest(10, 990, 11, 991, 992, 993), "two of three have its clock");
    assertEquals(14, newest(10, 990, 11, 991, 12, 13, 14), "one of three has");
    assertEquals(11, newest(990, 11), "the only one");
  }

  @Test
  void exactlyAsLateAsIsAllowedIsNotAhead() {
    assertEquals(200, newest(200, 100, 100, 100));
    assertEquals(100, newest(201, 100, 100, 100));
  }

  @Test
  void thoseBehindTheEndAreThereForComparisonOnly() {
    long[] micros = {10, 990, 11, 12, 13};
    assertEquals(10, Neighbours.newest(micros, 2, 100));
    assertEquals(11, Neighbours.newest(micros, 3, 100));
    assertEquals(Long.MIN_VALUE, Neighbours.newest(micros, 0, 100));
  }

  @Test
  void ofEntriesThatCameTheLastSixteenCount() {
    Delivered delivered = new Delivered();
    assertEquals(Long.MIN_VALUE, delivered.newest(100));
    delivered.came(500);
    assertEquals(500, delivered.newest(100));
    for (int i = 1; i < Delivered.ENTRIES; i++) {
      delivered.came(450 + i);
    }
    assertEquals(500, delivered.newest(100));
    delivered.came(5_000);
    delivered.came(460);
    delivered.came(461);
    assertEquals(465, delivered.newest(100), "the first has gone, and 5,000 is ahead");
    assertEquals(5_000, delivered.newest(10_000));
  }
}
