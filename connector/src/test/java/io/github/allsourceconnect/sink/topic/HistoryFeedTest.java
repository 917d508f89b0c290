package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the tail reader hands to the history's writer, and what happens when that is too much. */
class HistoryFeedTest {
  private final HistoryFeed feed = new HistoryFeed(100);

  private static MappedStretch stretch(long from, long to, long bytes) {
    return new MappedStretch(from, to, List.of(), 0, bytes);
  }

  @Test
  void whatWasAddedIsTakenInOrder() throws InterruptedException {
    assertTrue(feed.isPast(0), "nothing is known before it starts");
    feed.start(5);
    assertTrue(feed.isPast(4));
    assertFalse(feed.isPast(5));
    assertNull(feed.take(5, 1), "nothing yet");
    feed.add(stretch(5, 7, 10));
    feed.add(stretch(7, 8, 10));
    assertEquals(7, feed.take(5, 60_000).to());
    assertEquals(8, feed.take(7, 60_000).to());
    assertFalse(feed.isPast(8));
    assertFalse(feed.takeCut());
  }

  @Test
  void itBeginsWhereTheWriterStands() throws InterruptedException {
    feed.start(0);
    feed.add(stretch(0, 4, 10));
    feed.add(stretch(4, 9, 10));
    assertEquals(9, feed.take(6, 60_000).to(), "the writer is in the middle of it");
    assertNull(feed.take(20, 1), "the writer is ahead: it read the topic itself");
    assertFalse(feed.isPast(20));
  }

  @Test
  void whatDoesNotFitIsDroppedAndTheWriterKnows() throws InterruptedException {
    feed.start(0);
    for (int i = 0; i < 10; i++) {
      feed.add(stretch(i, i + 1, 30));
    }
    assertTrue(feed.isPast(0));
    assertNull(feed.take(0, 60_000), "it must read by itself");
    assertTrue(feed.isPast(6));
    assertFalse(feed.isPast(7));
    assertEquals(8, feed.take(7, 60_000).to());
    feed.add(stretch(10, 11, 1000));
    assertEquals(11, feed.take(10, 60_000).to(), "the last one stays however large it is");
  }

  @Test
  void whatWasDeletedBeforeItWasReadIsPast() throws InterruptedException {
    feed.start(0);
    feed.add(stretch(0, 4, 10));
    feed.gone(9);
    assertTrue(feed.isPast(4));
    assertNull(feed.take(4, 60_000));
    feed.add(stretch(9, 12, 10));
    assertEquals(12, feed.take(9, 60_000).to());
  }

  @Test
  void anotherLogIsNoticed() throws InterruptedException {
    feed.start(0);
    feed.add(stretch(0, 4, 10));
    feed.cut();
    assertNull(feed.take(0, 60_000));
    assertTrue(feed.takeCut());
    assertFalse(feed.takeCut(), "once");
    feed.start(3);
    feed.start(0);
    assertTrue(feed.takeCut(), "the tail began anew");
  }

  @Test
  void aWakeUpIsNotLost() throws InterruptedException {
    feed.start(0);
    feed.wakeUp();
    assertNull(feed.take(0, 60_000));
  }
}
