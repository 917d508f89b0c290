package io.github.allsourceconnect.source.link;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the source's threads are awaited at the end. */
public final class Threads {
  private static final Logger LOG = LoggerFactory.getLogger(Threads.class);
  private static final long PATIENCE_MS = 5_000;

  private Threads() {}

  /**
   * Waits a bounded time for a thread that was told to end; interrupts it then, for it may hang in
   * a name look-up or on a disk.
   */
  public static void join(Thread thread) {
    if (thread == Thread.currentThread() || thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(PATIENCE_MS);
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(PATIENCE_MS / 5);
      }
      if (thread.isAlive()) {
        LOG.warn("Thread {} does not end; it is left behind", thread.getName());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
