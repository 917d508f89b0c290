package io.github.allsourceconnect.source.decision.repair;

/**
 * Whether the live stream is to blame for what a snapshot has and it has not brought. When that is
 * so again and again, another connection is tried; if it brings no more, there is no more to bring.
 *
 * <pre>
 *   behind, behind, behind ---- another connection ---- behind, behind, behind ---- it is whole
 * </pre>
 *
 * Not thread-safe.
 */
final class StreamDoubt {
  private static final int BEHIND_MAX = 3;

  private int behind;
  private boolean another;

  /** Whether it is not to blame, whatever a snapshot has. */
  boolean isSettled() {
    return another && behind >= BEHIND_MAX;
  }

  /**
   * A snapshot has more than the stream.
   *
   * @return whether another connection is to be tried
   */
  boolean raised() {
    behind++;
    if (another || behind < BEHIND_MAX) {
      return false;
    }
    behind = 0;
    another = true;
    return true;
  }

  /** Another repair is needed. */
  void forget() {
    behind = 0;
    another = false;
  }
}
