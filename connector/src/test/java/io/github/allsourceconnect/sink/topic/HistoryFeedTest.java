package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the tail reader hands to the history's writer, and what happens when that is too much. */
class HistoryFeedTest {
  private static final LogIdentity LOG = new LogIdentity("cluster", "topic");
  private static final LogIdentity ANOTHER = new LogIdentity("cluster", "again");

  private final HistoryFeed feed = new HistoryFeed(() -> 100);

  private static MappedStretch stretch(long from, long to, long bytes) {
    return new MappedStretch(from, to, List.of(), 0, bytes);
  }

  @Test
  void whatWasAddedIsTakenInOrder() throws InterruptedException {
    assertTrue(feed.isPast(LOG, 0), "nothing is known before it starts");
    feed.start(LOG, 5);
    assertTrue(feed.isPast(LOG, 4));
    assertFalse(feed.isPast(LOG, 5));
    assertNull(feed.take(LOG, 5, 1), "nothing yet");
    feed.add(stretch(5, 7, 10));
    feed.add(stretch(7, 8, 10));
    assertEquals(7, feed.take(LOG, 5, 60_000).to());
    assertEquals(8, feed.take(LOG, 7, 60_000).to());
    assertFalse(feed.isPast(LOG, 8));
    assertFalse(feed.takeCut(LOG));
  }

  @Test
  void itBeginsWhereTheWriterStands() throws InterruptedException {
    feed.start(LOG, 0);
    feed.add(stretch(0, 4, 10));
    feed.add(stretch(4, 9, 10));
    assertEquals(9, feed.take(LOG, 6, 60_000).to(), "the writer is in the middle of it");
    assertNull(feed.take(LOG, 20, 1), "the writer is ahead: it read the topic itself");
    assertFalse(feed.isPast(LOG, 20));
  }

  @Test
  void whatDoesNotFitIsDroppedAndTheWriterKnows() throws InterruptedException {
    feed.start(LOG, 0);
    for (int i = 0; i < 10; i++) {
      feed.add(stretch(i, i + 1, 30));
    }
    assertTrue(feed.isPast(LOG, 0));
    assertNull(feed.take(LOG, 0, 60_000), "it must read by itself");
    assertTrue(feed.isPast(LOG, 6));
    assertFalse(feed.isPast(LOG, 7));
    assertEquals(8, feed.take(LOG, 7, 60_000).to());
    feed.add(stretch(10, 11, 1000));
    assertEquals(11, feed.take(LOG, 10, 60_000).to(), "the last one stays however large it is");
  }

  @Test
  void whatWasDeletedBeforeItWasReadIsPast() throws InterruptedException {
    feed.start(LOG, 0);
    feed.add(stretch(0, 4, 10));
    feed.gone(9);
    assertTrue(feed.isPast(LOG, 4));
    assertNull(feed.take(LOG, 4, 60_000));
    feed.add(stretch(9, 12, 10));
    assertEquals(12, feed.take(LOG, 9, 60_000).to());
  }

  @Test
  void aLogThatIsCutIsNoticed() throws InterruptedException {
    feed.start(LOG, 0);
    feed.add(stretch(0, 4, 10));
    feed.cut();
    assertFalse(feed.takeCut(ANOTHER));
    assertNull(feed.take(LOG, 0, 60_000));
    assertTrue(feed.takeCut(LOG));
    assertFalse(feed.takeCut(LOG), "once");
  }

  /** The writer may know of it before the tail does, or after. */
  @Test
  void ofAnotherLogItHasNothing() throws InterruptedException {
    feed.start(LOG, 0);
    feed.add(stretch(0, 4, 10));
    assertTrue(feed.isPast(ANOTHER, 2));
    assertNull(feed.take(ANOTHER, 2, 60_000));
    assertNull(feed.take(ANOTHER, 9, 60_000));
    assertEquals(4, feed.take(LOG, 2, 60_000).to(), "it still has what it had");
    feed.start(ANOTHER, 3);
    assertFalse(feed.takeCut(ANOTHER));
    assertTrue(feed.isPast(LOG, 4));
    assertFalse(feed.isPast(ANOTHER, 4));
  }

  @Test
  void aWakeUpIsNotLost() throws InterruptedException {
    feed.start(LOG, 0);
    feed.wakeUp();
    assertNull(feed.take(LOG, 0, 60_000));
  }
}
