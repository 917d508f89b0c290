package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * What the tail reader has fetched and mapped, on its way to the history's writer, so that a record
 * is fetched and mapped once for both. Bounded in bytes, and never makes the tail reader wait: what
 * does not fit is dropped, the oldest first, and the writer reads it from the topic itself. Any
 * thread; one adds, one takes.
 */
public final class HistoryFeed {
  private final ArrayDeque<MappedStretch> stretches = new ArrayDeque<>();
  private final LongSupplier bytesMax;

  /** Of which log it is what it has; null before it is of any. */
  private LogIdentity log;

  private long bytes;
  private long from = -1;
  private boolean cut;
  private boolean woken;

  /**
   * @param bytesMax what it may take now; the last stretch alone may take more
   */
  public HistoryFeed(LongSupplier bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** From this Kafka offset on it has what this log has. */
  public synchronized void start(LogIdentity of, long position) {
    log = of;
    cut = false;
    clear();
    from = position;
    notifyAll();
  }

  /** The log went on. */
  public synchronized void add(MappedStretch stretch) {
    stretches.add(stretch);
    bytes += stretch.bytes();
    while (bytes > bytesMax.getAsLong() && stretches.size() > 1) {
      drop();
    }
    from = stretches.element().from();
    notifyAll();
  }

  /** What was to come next was deleted; it goes on there. */
  public synchronized void gone(long begin) {
    clear();
    from = begin;
    notifyAll();
  }

  /** The log is not the one that was read: it was cut back. */
  public synchronized void cut() {
    clear();
    from = -1;
    cut = true;
    notifyAll();
  }

  private void clear() {
    stretches.clear();
    bytes = 0;
  }

  private void drop() {
    bytes -= stretches.remove().bytes();
  }

  /** Whether what a log has at this Kafka offset is not in here, or is not going to be. */
  public synchronized boolean isPast(LogIdentity of, long position) {
    return !of.equals(log) || from < 0 || position < from;
  }

  /** Whether this log was cut since this was last asked. */
  synchronized boolean takeCut(LogIdentity of) {
    boolean was = cut && of.equals(log);
    cut &= !was;
    return was;
  }

  /**
   * The next stretch of a log that goes beyond a Kafka offset; it may begin before that. Waits for
   * a while.
   *
   * @return null when there is none yet, when there will be none ({@link #isPast}), or when woken
   */
  MappedStretch take(LogIdentity of, long position, long timeoutMs) throws InterruptedException {
    long deadline = System.nanoTime() + timeoutMs * 1_000_000;
    synchronized (this) {
      while (true) {
        while (of.equals(log) && !stretches.isEmpty() && stretches.element().to() <= position) {
          from = stretches.element().to();
          drop();
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (isPast(of, position) || cut || woken || left <= 0) {
          woken = false;
          return null;
        }
        if (!stretches.isEmpty()) {
          MappedStretch next = stretches.remove();
          bytes -= next.bytes();
          from = next.to();
          return next;
        }
        wait(left);
      }
    }
  }

  /** Ends a {@link #take} that waits, or the next one. */
  public synchronized void wakeUp() {
    woken = true;
    notifyAll();
  }
}
