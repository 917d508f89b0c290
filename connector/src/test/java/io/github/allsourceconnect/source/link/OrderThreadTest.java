package io.github.allsourceconnect.source.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class OrderThreadTest {
  private static final String NAME = "test-orders";

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final Semaphore mayGoOn = new Semaphore(0);
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final OrderThread<String> orders =
      new OrderThread<>(NAME, this, this::taken, this::carryOut, failure::complete);

  private void taken(String order) {
    taken.add(order + (Thread.holdsLock(this) ? "" : " without the lock"));
  }

  private void carryOut(String order) throws InterruptedException {
    if (order.equals("fail")) {
      throw new IllegalStateException("told to");
    }
    mayGoOn.acquire();
    done.add(order);
  }

  private static void await(String what, List<String> list, String... expected) throws Exception {
    Await.until(what, Await.LIMIT, () -> list.equals(List.of(expected)), () -> "it is " + list);
  }

  private static boolean running() {
    return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals(NAME));
  }

  @AfterEach
  void nothingIsLeftBehind() {
    orders.close();
    mayGoOn.release(100);
    orders.join();
    assertFalse(running());
  }

  @Test
  void onlyTheNewestWaits() throws Exception {
    orders.order("a");
    orders.order("b");
    orders.start();
    await("taken", taken, "b");
    orders.order("c");
    orders.order("d");
    mayGoOn.release(2);
    await("done", done, "b", "d");
    assertEquals(List.of("b", "d"), taken);
  }

  @Test
  void theWaitingOneCanBeTakenBack() throws Exception {
    orders.start();
    orders.order("a");
    await("taken", taken, "a");
    orders.order("b");
    orders.withdraw(order -> order.equals("c"));
    mayGoOn.release();
    await("taken", taken, "a", "b");
    orders.order("c");
    orders.withdraw(order -> order.equals("c"));
    orders.withdraw(order -> true);
    mayGoOn.release();
    await("done", done, "a", "b");
    orders.order("d");
    mayGoOn.release();
    await("done", done, "a", "b", "d");
    assertEquals(List.of("a", "b", "d"), taken);
  }

  @Test
  void theEndComesBeforeWhatWaits() throws Exception {
    orders.start();
    orders.order("a");
    await("taken", taken, "a");
    orders.order("b");
    assertFalse(orders.isClosed());
    orders.close();
    assertTrue(orders.isClosed());
    mayGoOn.release(2);
    orders.join();
    assertEquals(List.of("a"), done);
  }

  @Test
  void aFailureIsTold() throws Exception {
    orders.start();
    orders.order("fail");
    assertSame(IllegalStateException.class, failure.get(20, TimeUnit.SECONDS).getClass());
    orders.join();
  }

  @Test
  void oneThatNeverBeganEnds() {
    orders.order("a");
    orders.close();
    orders.join();
    assertEquals(List.of(), taken);
  }
}
