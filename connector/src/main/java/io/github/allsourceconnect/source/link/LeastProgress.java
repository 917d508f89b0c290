package io.github.allsourceconnect.source.link;

/**
 * Whether what is to come as a whole comes fast enough: in each window of time so many bytes at
 * least. A peer that sends a byte now and then is never silent and never done. Knows no clock;
 * times are milliseconds of one that only goes forward. Not thread-safe.
 */
public final class LeastProgress {
  private final long windowMs;
  private final long bytesAWindow;
  private long windowEnd;
  private long bytes;

  /**
   * @param bytesPerSecond 0: any speed will do, but for silence
   * @param windowMs how long a peer may pause, if it is fast enough before and after
   */
  public LeastProgress(long bytesPerSecond, long windowMs, long nowMs) {
    this.windowMs = windowMs;
    bytesAWindow = Math.max(1, bytesPerSecond * windowMs / 1000);
    windowEnd = nowMs + windowMs;
  }

  /** So many bytes came. */
  public void received(long more) {
    bytes += more;
  }

  /** Whether too little has come in the window that ends now; begins the next one if not. */
  public boolean isTooSlow(long nowMs) {
    if (nowMs < windowEnd) {
      return false;
    }
    if (bytes < bytesAWindow) {
      return true;
    }
    bytes = 0;
    windowEnd = nowMs + windowMs;
    return false;
  }

  /** How long a read may wait until {@link #isTooSlow} must be asked again; at least 1. */
  public int patienceMs(long nowMs) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, windowEnd - nowMs));
  }
}
