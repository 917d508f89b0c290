package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.phase.Phase;

/**
 * Whether the work goes on.
 *
 * <pre>
 *   Following -> Finished
 *      |  |____> Failing -> Failed
 *      |_______________________^
 * </pre>
 */
sealed interface TaskPhase extends Phase<TaskPhase> {
  /** It does. */
  record Following() implements TaskPhase {
    @Override
    public boolean mayFollow(TaskPhase before) {
      return false;
    }
  }

  /**
   * A failure is certain; Kafka shall have first what is not to be had again.
   *
   * @param message the failure's
   */
  record Failing(String message) implements TaskPhase {
    @Override
    public boolean mayFollow(TaskPhase before) {
      return before instanceof Following;
    }

    @Override
    public String toString() {
      return "Failing";
    }
  }

  /** Nothing is left to do ({@code initial_only}). */
  record Finished() implements TaskPhase {
    @Override
    public boolean mayFollow(TaskPhase before) {
      return before instanceof Following;
    }
  }

  /** The failure is ordered, and nothing more is. */
  record Failed() implements TaskPhase {
    @Override
    public boolean mayFollow(TaskPhase before) {
      return before instanceof Following || before instanceof Failing;
    }
  }
}
