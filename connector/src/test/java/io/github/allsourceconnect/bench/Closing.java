package io.github.allsourceconnect.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/** What is closed at the end, the newest first. */
final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> all = new ArrayDeque<>();

  /** Closes it later. */
  <T extends AutoCloseable> T later(T one) {
    all.push(one);
    return one;
  }

  @Override
  public void close() throws Exception {
    while (!all.isEmpty()) {
      all.pop().close();
    }
  }
}
