package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Phase;

/**
 * How far the snapshot of a leader is that replays its log. Every phase may end in {@link Idle}.
 *
 * <pre>
 *   Idle -> Wanted -> Fetching -> Reading
 * </pre>
 */
sealed interface LogPhase extends Phase<LogPhase> {
  /** None is wanted. */
  record Idle() implements LogPhase {
    @Override
    public boolean mayFollow(LogPhase before) {
      return true;
    }
  }

  /** The live connection rests; what it has brought is taken first. */
  record Wanted() implements LogPhase {
    @Override
    public boolean mayFollow(LogPhase before) {
      return before instanceof Idle;
    }
  }

  /** It comes. */
  record Fetching(Request request) implements LogPhase {
    @Override
    public boolean mayFollow(LogPhase before) {
      return before instanceof Wanted;
    }
  }

  /** Its rows are produced. */
  final class Reading implements LogPhase {
    private final Request request;
    private final long end;
    private long last;
    private long produced;

    /**
     * @param end WAL offset up to which it reaches
     */
    Reading(Request request, long end) {
      this.request = request;
      this.end = end;
    }

    @Override
    public boolean mayFollow(LogPhase before) {
      return before instanceof Fetching;
    }

    @Override
    public Request request() {
      return request;
    }

    long end() {
      return end;
    }

    /** Of the last row; they only go up. */
    long last() {
      return last;
    }

    /** How many of its rows were produced. */
    long produced() {
      return produced;
    }

    /** Whether a row of that offset may come next. */
    boolean follows(long offset) {
      return offset > last && offset <= end;
    }

    void took(long offset, boolean isProduced) {
      last = offset;
      produced += isProduced ? 1 : 0;
    }

    @Override
    public String toString() {
      return "Reading[request=" + request + ", end=" + end + ", last=" + last + "]";
    }
  }

  /** The snapshot that is fetched or read; null for none. */
  default Request request() {
    return null;
  }
}
