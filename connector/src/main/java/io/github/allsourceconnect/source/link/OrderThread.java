package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.metrics.LogContext;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A thread that carries out orders, one at a time. One order waits at most: a newer one takes its
 * place.
 *
 * <p>The owner gives the lock, its own. Under it an order is taken and the owner told so in one
 * step, so that what the owner notes about the order at hand is never out of step with it.
 */
public final class OrderThread<O> {
  /** What an order is carried out by. */
  public interface Work<O> {
    void carryOut(O order) throws InterruptedException;
  }

  private final Object lock;
  private final Consumer<O> onTaken;
  private final Work<O> work;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;
  private O next;
  private boolean closed;

  /**
   * @param lock held while {@code onTaken} is called; notified of new orders and of the end
   * @param onFailure told what ends the thread unexpectedly
   */
  public OrderThread(
      String name, Object lock, Consumer<O> onTaken, Work<O> work, Consumer<Throwable> onFailure) {
    this.lock = lock;
    this.onTaken = onTaken;
    this.work = work;
    this.onFailure = onFailure;
    thread = new Thread(LogContext.here().around(this::run), name);
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Orders; returns at once. */
  public void order(O order) {
    synchronized (lock) {
      next = order;
      lock.notifyAll();
    }
  }

  /** Takes the waiting order back, if there is one and it is such a one. */
  public void withdraw(Predicate<O> which) {
    synchronized (lock) {
      if (next != null && which.test(next)) {
        next = null;
      }
    }
  }

  /** Whether the thread is to end. */
  public boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  private void run() {
    try {
      for (O order = await(); order != null; order = await()) {
        work.carryOut(order);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  private O await() throws InterruptedException {
    synchronized (lock) {
      while (next == null && !closed) {
        lock.wait();
      }
      if (closed) {
        return null;
      }
      O order = next;
      next = null;
      onTaken.accept(order);
      return order;
    }
  }

  /** No order is carried out any more; the one at hand is the owner's to end. */
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
  }

  /** Waits a bounded time for the thread to end; not with the lock held. */
  public void join() {
    Threads.join(thread);
  }
}
