package io.github.allsourceconnect.source.decision.epoch;

/**
 * How far the live stream has been taken in: whether anything that was received still waits in the
 * buffer, and when the last entry came. Milliseconds of the follower's clock. Not thread-safe.
 */
public final class Intake {
  private static final long NEVER = Long.MIN_VALUE / 2;

  private boolean bufferEmpty = true;
  private long firstEntryAt = NEVER;
  private long lastEntryAt = NEVER;
  private long tickedAt;
  private boolean tookSome;

  /**
   * Time passes.
   *
   * @param empty whether everything that the live connection has received has been handed in
   * @return how long nothing of what has been received was taken in, since time passed last
   */
  long tick(long now, boolean empty) {
    boolean wentOn = bufferEmpty || empty || tookSome;
    long stoodStill = wentOn ? 0 : now - tickedAt;
    bufferEmpty = empty;
    tookSome = false;
    tickedAt = now;
    return stoodStill;
  }

  /** Entries of another connection follow. */
  void connectionBegins() {
    firstEntryAt = NEVER;
  }

  /** A line that is no entry. */
  void lineCame() {
    tookSome = true;
  }

  void entryCame(long now) {
    firstEntryAt = firstEntryAt == NEVER ? now : firstEntryAt;
    lastEntryAt = now;
    tookSome = true;
  }

  /** Whether everything had been handed in when time passed last. */
  public boolean bufferEmpty() {
    return bufferEmpty;
  }

  /** Whether the connection at hand has brought an entry. */
  public boolean hasBegun() {
    return firstEntryAt != NEVER;
  }

  /** When the first entry of the connection at hand came; long ago before it does. */
  public long firstEntryAt() {
    return firstEntryAt;
  }

  /** When the last entry of the stream came; long ago before the first. */
  public long lastEntryAt() {
    return lastEntryAt;
  }
}
