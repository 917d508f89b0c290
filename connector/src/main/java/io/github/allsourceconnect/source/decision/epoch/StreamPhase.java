package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.phase.Phase;

/**
 * How the entries of the current connection stand to what has been produced.
 *
 * <pre>
 *   Placing -> InOrder -> Hole (after another) -> InOrder
 *      ^___________|_________|   another connection
 * </pre>
 */
sealed interface StreamPhase extends Phase<StreamPhase> {
  /** Whether its offsets continue the known ones is not known: everything is held. */
  record Placing() implements StreamPhase {
    @Override
    public boolean mayFollow(StreamPhase before) {
      return true;
    }
  }

  /** What comes next is the next offset, or has not come yet. */
  record InOrder() implements StreamPhase {
    @Override
    public boolean mayFollow(StreamPhase before) {
      return true;
    }
  }

  /**
   * Entries are held because one before them has not come.
   *
   * @param sinceMs when this hole was the first for the first time, or so much later as nothing was
   *     taken in that had been received: what is missing may be among that
   * @param after the offset behind which it is
   */
  record Hole(long sinceMs, long after) implements StreamPhase {
    @Override
    public boolean mayFollow(StreamPhase before) {
      return before instanceof InOrder
          || (before instanceof Hole hole
              && (hole.after < after || (hole.after == after && hole.sinceMs < sinceMs)));
    }
  }
}
