package io.github.allsourceconnect.bench;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * The most that is alive in this JVM, above what was alive before: heap and direct memory, right
 * after a collection each time. Netty's buffers are among the direct memory where the JVM was
 * started with {@code -Dio.netty.maxDirectMemory=0}. A thread of its own looks.
 */
final class MemoryWatch implements AutoCloseable {
  private static final long PAUSE_MS = 150;

  private final double before = alive();
  private final Thread thread = new Thread(this::watch, "bench-memory");
  private volatile double peak;
  private volatile boolean closed;

  MemoryWatch() {
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    while (!closed) {
      peak = Math.max(peak, alive() - before);
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static double alive() {
    System.gc();
    double bytes = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals("direct")) {
        bytes += pool.getMemoryUsed();
      }
    }
    return bytes;
  }

  /** In MiB. */
  double peak() {
    return peak / (1 << 20);
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
