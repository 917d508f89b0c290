package io.github.allsourceconnect.sink.decision;

/** Why followers are not served, in words for whoever reads the log, and what to do. Stateless. */
final class Refusals {
  private Refusals() {}

  static String silent(long sent, long acked, long forMs) {
    return "it has entries to ack (up to "
        + sent
        + ", acked "
        + acked
        + ") and said nothing for "
        + forMs
        + " ms (follower.idle.timeout.ms)";
  }

  static String ahead(long has, long logEnd) {
    return "it has everything up to "
        + has
        + " but the log ends at "
        + logEnd
        + ": it followed another log, or the topic was created again. Reset the follower, or"
        + " point it to the right port";
  }

  static String doubtful(long has, long doubtfulUpTo) {
    return "it has everything up to "
        + has
        + ", but perhaps of the log as it was before it was cut or created again (up to "
        + doubtfulUpTo
        + "). Reset the follower, so that it begins with nothing. When none is left that followed"
        + " the log of before: stop the connector, delete its offsets (DELETE"
        + " /connectors/NAME/offsets), and resume it; then every follower is believed again";
  }

  /**
   * The topic no longer has what it needs next.
   *
   * @param next a Kafka offset, and so is {@code begin}
   */
  static String lost(long next, long begin) {
    return "it needs offset "
        + (next + 1)
        + " but the topic begins at "
        + (begin + 1)
        + ": "
        + (begin - next)
        + " offsets are gone from it";
  }

  /** And it can't have it from a history. */
  static String lostForGood(long next, long begin, boolean historyKept) {
    return lost(next, begin)
        + (historyKept
            ? " and snapshot.mode is never"
            : ", and no history is kept: set snapshot.dir or snapshot.topic before the topic's"
                + " retention takes entries away")
        + "; a longer retention also helps";
  }
}
