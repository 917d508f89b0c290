package io.github.allsourceconnect.sink.topic;

import java.util.ArrayDeque;

/**
 * What the tail reader has fetched and mapped, on its way to the history's writer, so that a record
 * is fetched and mapped once for both. Bounded in bytes, and never makes the tail reader wait: what
 * does not fit is dropped, the oldest first, and the writer reads it from the topic itself. Any
 * thread; one adds, one takes.
 */
public final class HistoryFeed {
  /** The last stretch alone may take more. */
  static final long BYTES_MAX = 4 << 20;

  private final ArrayDeque<MappedStretch> stretches = new ArrayDeque<>();
  private final long bytesMax;
  private long bytes;
  private long from = -1;
  private boolean cut;
  private boolean woken;

  public HistoryFeed() {
    this(BYTES_MAX);
  }

  HistoryFeed(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** From this Kafka offset on it has what the log has. A second time it is that of another log. */
  public synchronized void start(long position) {
    cut |= from >= 0;
    clear();
    from = position;
    notifyAll();
  }

  /** The log went on. */
  public synchronized void add(MappedStretch stretch) {
    stretches.add(stretch);
    bytes += stretch.bytes();
    while (bytes > bytesMax && stretches.size() > 1) {
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

  /** The log is not the one that was read: it was cut back, or is another one. */
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

  /** Whether what comes at this Kafka offset is not, and will not be, in here. */
  public synchronized boolean isPast(long position) {
    return from < 0 || position < from;
  }

  /** Whether the log was cut since this was last asked. */
  synchronized boolean takeCut() {
    boolean was = cut;
    cut = false;
    return was;
  }

  /**
   * The next stretch that goes beyond a Kafka offset; it may begin before that. Waits for a while.
   *
   * @return null when there is none yet, when there will be none ({@link #isPast}), or when woken
   */
  MappedStretch take(long position, long timeoutMs) throws InterruptedException {
    long deadline = System.nanoTime() + timeoutMs * 1_000_000;
    synchronized (this) {
      while (true) {
        while (!stretches.isEmpty() && stretches.element().to() <= position) {
          from = stretches.element().to();
          drop();
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (isPast(position) || cut || woken || left <= 0) {
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
