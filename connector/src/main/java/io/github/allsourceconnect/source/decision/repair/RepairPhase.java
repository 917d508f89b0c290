package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Phase;
import java.util.function.LongConsumer;

/**
 * How far a repair is. Every phase may end in {@link Idle}.
 *
 * <pre>
 *   Idle -> Cutting -> Ripening -> Fetching -> Answered -> Counting (again) -> Producing
 *    |                                            |                              ^
 *    |                                            |__________ no rows ___________|
 *    |__________ nobody can be asked, or what was fetched can't be read _________|
 * </pre>
 */
sealed interface RepairPhase extends Phase<RepairPhase> {
  /** How what is produced stands to the offsets. */
  enum Account {
    /** There are as many events as are missing. */
    COUNTED,
    /** There are, with what may stay missing or may belong elsewhere set off. */
    CREDITED,
    /** There are fewer. */
    SHORT,
    /** Nobody could be asked. */
    UNASKED,
    /** What is not newer than some time is produced, so that what is held has room again. */
    PART,
    /** A numbering begins, so there is nothing to count against. */
    ANEW
  }

  /** Nothing, or it waits for its time and for its leader. */
  record Idle() implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return true;
    }
  }

  /** The offset is chosen up to which it reaches. */
  record Cutting() implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Idle;
    }
  }

  /**
   * All up to the cut gets into the next snapshot.
   *
   * @param untilMs then it is requested
   */
  record Ripening(long untilMs) implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Cutting;
    }
  }

  /** The snapshot comes. */
  record Fetching(Request request) implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Ripening;
    }
  }

  /**
   * The answer is there, and is acted upon when all entries that are in order are produced.
   *
   * @param input acts; takes the time
   */
  record Answered(Request request, LongConsumer input) implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Fetching;
    }

    @Override
    public String toString() {
      return "Answered[request=" + request + "]";
    }
  }

  /** Rows are counted; nothing is produced. */
  record Counting(Request request, int files) implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Answered || before instanceof Counting;
    }
  }

  /**
   * Rows and held entries are produced.
   *
   * @param request the snapshot; null if it is dropped or there was none
   * @param files of it
   * @param found how many events there are for what is missing
   */
  record Producing(Request request, int files, Account account, long found) implements RepairPhase {
    @Override
    public boolean mayFollow(RepairPhase before) {
      return before instanceof Idle || before instanceof Answered || before instanceof Counting;
    }
  }

  /** The snapshot that is fetched or read; null for none. */
  default Request request() {
    return null;
  }
}
