package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.sink.topic.ReadQueue.Place;
import io.github.allsourceconnect.sink.topic.ReadQueue.Request;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose turn it is to be read for, and by whom. */
class ReadQueueTest {
  private final ReadQueue queue = new ReadQueue();
  private final QuietSink zero = new QuietSink(0);
  private final QuietSink one = new QuietSink(1);
  private final List<Request> taken = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /** Another thread that waits for one request. */
  private Thread waitingThread() {
    Thread thread =
        new Thread(
            () -> {
              try {
                taken.add(queue.take());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    threads.add(thread);
    thread.start();
    Await.until("it waits", Await.LIMIT, () -> thread.getState() == Thread.State.WAITING);
    return thread;
  }

  private static Request request(LogSink sink, int number, long position) {
    return new Request(sink, 1, number, position);
  }

  @AfterEach
  void end() {
    threads.forEach(Thread::interrupt);
  }

  @Test
  void whatOneThreadLeavesAnotherOneTakesAtOnce() throws Exception {
    queue.freeAt(new Place(1, 0, 10));
    Thread other = waitingThread();
    Request first = request(zero, 1, 10);
    Request second = request(zero, 2, 10);
    queue.add(first);
    queue.add(second);
    Await.until("both are left", Await.LIMIT, () -> other.getState() == Thread.State.WAITING);
    assertEquals(first, queue.take());
    Await.until("the other one", Await.LIMIT, () -> taken.equals(List.of(second)));
  }

  /** What waits for another thread keeps this one from nothing. */
  @Test
  void aRequestThatIsLeftToAnotherThreadDoesNotWaitForThisOne() throws Exception {
    Thread other = new Thread(() -> queue.freeAt(new Place(1, 0, 10)));
    other.start();
    other.join();
    queue.add(request(zero, 1, 10));
    assertFalse(queue.hasNext());
    queue.add(request(zero, 2, 50));
    assertTrue(queue.hasNext());
    assertEquals(2, queue.take().number());
  }

  @Test
  void aPartitionThatGivesNothingHasOneThreadOnly() throws Exception {
    Request silent = request(zero, 1, 0);
    queue.add(silent);
    assertEquals(silent, queue.take());
    queue.done(silent, false);
    queue.add(silent);
    queue.add(request(zero, 2, 50));
    Thread other = readingThread();
    Await.until("it is tried again", Await.LIMIT, () -> taken.equals(List.of(silent)));
    assertNull(queue.take(1), "there is a thread for it already");
    Request healthy = request(one, 3, 0);
    queue.add(healthy);
    assertEquals(healthy, queue.take(1));
    assertEquals(1, queue.size());
    release(other);
    assertEquals(2, queue.take().number());
    queue.done(request(zero, 2, 50), true);
    queue.add(silent);
    queue.add(request(zero, 4, 90));
    assertEquals(silent, queue.take(1));
    assertEquals(4, queue.take(1).number(), "it answers again");
  }

  /** Another thread that takes a request, and has not read it until it is told so. */
  private Thread readingThread() {
    Thread thread =
        new Thread(
            () -> {
              try {
                Request mine = queue.take();
                taken.add(mine);
                synchronized (taken) {
                  taken.wait();
                }
                queue.done(mine, false);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    threads.add(thread);
    thread.start();
    return thread;
  }

  private void release(Thread thread) throws InterruptedException {
    Await.until("it reads", Await.LIMIT, () -> thread.getState() == Thread.State.WAITING);
    synchronized (taken) {
      taken.notifyAll();
    }
    thread.join();
  }
}
