package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.phase.Phase;

/**
 * What the live connection is about.
 *
 * <pre>
 *   Waiting -> Connecting -> Live
 *    ^  |  ^______|__________|
 *    |  |         |          |
 *   Resting <_____|__________|
 * </pre>
 */
sealed interface LinkPhase extends Phase<LinkPhase> {
  /**
   * There is none.
   *
   * @param untilMs when the next one is made
   */
  record Waiting(long untilMs) implements LinkPhase {
    @Override
    public boolean mayFollow(LinkPhase before) {
      return !(before instanceof Waiting);
    }
  }

  /** There is none, and none is made before it is said. */
  record Resting() implements LinkPhase {
    @Override
    public boolean mayFollow(LinkPhase before) {
      return !(before instanceof Resting);
    }
  }

  /**
   * It is made, or its beginning has not said yet that the stream follows.
   *
   * @param pastSnapshot another one was answered with a snapshot, and this one asks around it
   */
  record Connecting(boolean pastSnapshot) implements LinkPhase {
    @Override
    public boolean mayFollow(LinkPhase before) {
      return before instanceof Waiting;
    }
  }

  /** It brings the stream. */
  record Live() implements LinkPhase {
    @Override
    public boolean mayFollow(LinkPhase before) {
      return before instanceof Connecting;
    }
  }
}
