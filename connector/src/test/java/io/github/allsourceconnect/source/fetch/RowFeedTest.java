package io.github.allsourceconnect.source.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows from the thread that reads files to the one that decides. */
@Timeout(300)
class RowFeedTest {
  private static final String PAYLOAD = "\"" + "x".repeat(1_000) + "\"";

  private final Object rowsCame = new Object();
  private final RowFeed feed =
      new RowFeed(
          () -> {
            synchronized (rowsCame) {
              rowsCame.notifyAll();
            }
          });
  private Thread reader;

  /** Rows by number, made as they are read. */
  private static final class Numbered implements SnapshotRows {
    private final long last;
    private final IOException then;
    private final AtomicLong read = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    Numbered(long last, IOException then) {
      this.last = last;
      this.then = then;
    }

    @Override
    public SnapshotRow next() throws IOException {
      if (read.get() == last) {
        if (then != null) {
          throw then;
        }
        return null;
      }
      return new SnapshotRow(Events.event(read.incrementAndGet(), PAYLOAD), 0, 0);
    }

    @Override
    public long expected() {
      return last;
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }

  private void read(RowFeed.Opener opener) {
    reader =
        new Thread(
            () -> {
              try {
                feed.fill(opener, List.of());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    reader.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    feed.close();
    if (reader != null) {
      reader.join();
    }
  }

  private SnapshotRow await() throws InterruptedException {
    synchronized (rowsCame) {
      while (true) {
        SnapshotRow row = feed.peek();
        if (row != null || feed.isEnded()) {
          return row;
        }
        rowsCame.wait();
      }
    }
  }

  private long take(long from) throws InterruptedException {
    long number = from;
    while (await() != null) {
      assertEquals(++number, feed.take().event().version());
    }
    return number;
  }

  @Test
  void rowsComeInOrderAndThenTheEnd() throws InterruptedException {
    Numbered rows = new Numbered(10_000, null);
    read(files -> rows);
    assertEquals(10_000, take(0));
    assertNull(feed.failure());
    assertEquals(10_000, feed.expected());
    reader.join();
    assertTrue(rows.closed.get());
  }

  @Test
  void whatComesBeforeADamageIsGood() throws InterruptedException {
    IOException damage = new IOException("a bad page");
    Numbered rows = new Numbered(1_001, damage);
    read(files -> rows);
    assertEquals(1_001, take(0));
    assertSame(damage, feed.failure());
  }

  @Test
  void filesThatCanNotBeOpenedAreAFailure() throws InterruptedException {
    IOException damage = new IOException("no footer");
    read(
        files -> {
          throw damage;
        });
    assertNull(await());
    assertSame(damage, feed.failure());
    assertFalse(feed.isOpened());
  }

  /** The one who decides goes on with all else, and gives up without waiting. */
  @Test
  void aDiskThatHangsKeepsNobodyElse() throws InterruptedException {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch disk = new CountDownLatch(1);
    Numbered rows = new Numbered(10, null);
    read(
        files -> {
          opening.countDown();
          awaitQuietly(disk);
          return rows;
        });
    opening.await();
    assertNull(feed.peek());
    assertFalse(feed.isEnded());
    feed.close();
    disk.countDown();
    reader.join();
    assertTrue(rows.closed.get());
    assertEquals(0, rows.read.get(), "nobody wants them any more");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void noMoreIsReadAheadThanTheBound() throws InterruptedException {
    Numbered rows = new Numbered(100_000, null);
    read(files -> rows);
    while (reader.getState() != Thread.State.WAITING) {
      assertTrue(reader.isAlive());
      Thread.onSpinWait();
    }
    long ahead = rows.read.get();
    assertTrue(ahead < 1_200, ahead + " rows of a thousand bytes");
    assertTrue(ahead > 500, ahead + " rows of a thousand bytes");
    assertEquals(100_000, take(0));
  }
}
