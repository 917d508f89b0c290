package io.github.allsourceconnect.sink.topic;

/**
 * Interrupts a thread until it begins to let go of what it has, and never after: an interrupted
 * Kafka consumer complains at length, and leaves its sessions to the brokers. Any thread.
 */
final class Ending {
  private boolean begun;

  /** Interrupts the thread, unless it is letting go already. */
  synchronized void interrupt(Thread thread) {
    if (!begun) {
      thread.interrupt();
    }
  }

  /** Lets go, called by the thread itself: what interrupted it before is forgotten. */
  void undisturbed(Runnable lettingGo) {
    synchronized (this) {
      begun = true;
      Thread.interrupted();
    }
    lettingGo.run();
  }
}
