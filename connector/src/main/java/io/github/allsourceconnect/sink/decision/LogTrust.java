package io.github.allsourceconnect.sink.decision;

/**
 * Which log is served, and which followers may have what they have from another one. The protocol
 * has no word for it: a follower names an offset and nothing else. So whoever has something, but
 * nothing above what an earlier log had reached, can't be told from a follower of that one.
 *
 * <p>Invariant: the served log's number never falls, and what is doubtful never falls either. No
 * follower has been sent anything of the served log above what it is known to have reached.
 * Single-threaded.
 */
public final class LogTrust {
  /**
   * Followers may have got so much more than is known here: from a task that has not noticed yet
   * that it is no longer its turn, or between a commit and a sudden end.
   */
  public static final long MARGIN = 1_000;

  private Stored stored = Stored.NOTHING;

  /** What the tasks before have noted that followers of the served log may have. */
  private long noted;

  private SeenLog log;

  /** Whose history was found; null for none, or for the served log's. */
  private LogIdentity earlier;

  private long earlierMayHave;

  /** Whether it is known what was committed, and that tells nothing of a log before. */
  private boolean nothingNoted;

  /** How often Connect had to begin anew. */
  private int epoch;

  /** Where it had to; -1 for the log's beginning. */
  private long anewFrom = -1;

  /** Whether Connect has to be told from where to read, for it does not know. */
  private boolean connectLost;

  private boolean placed;
  private long doubtfulUpTo;

  /**
   * The highest WAL offset that the served log is known to have reached, also by what a follower
   * was sent of it.
   */
  private long reached;

  /**
   * What was committed before; to be told before it is known where the log ends.
   *
   * @return what is to be said when that was of another log; null otherwise
   */
  String stored(Stored found) {
    stored = found;
    nothingNoted = epoch == 0 && found.note() == null;
    return log == null ? null : compare();
  }

  /** Connect does not know from where it reads: it begins anew with what was committed. */
  void connectIsLost() {
    connectLost = true;
  }

  private void beginAnew(long from) {
    epoch++;
    anewFrom = from;
    connectLost = false;
  }

  SeenLog log() {
    return log;
  }

  int number() {
    return log == null ? 0 : log.number();
  }

  boolean serves(int number) {
    return log != null && log.number() == number;
  }

  boolean isNewer(SeenLog seen) {
    return log == null || seen.number() > log.number();
  }

  /**
   * A log is served from now on.
   *
   * @return what is to be said, for the log of before was another one; null when there was none, or
   *     when it is the same
   */
  String serve(SeenLog seen) {
    SeenLog before = log;
    log = seen;
    if (before == null) {
      return compare();
    }
    doubtfulUpTo = Math.max(Math.max(doubtfulUpTo, noted), reached + MARGIN);
    noted = 0;
    nothingNoted = false;
    beginAnew(-1);
    reached = 0;
    placed = false;
    stored = Stored.NOTHING;
    return "the topic was deleted and created again: it was "
        + before.identity()
        + " and is "
        + seen.identity()
        + " now";
  }

  /** The history that was found is that of this log, followers of which may have so much of it. */
  void historyOf(LogIdentity found, long mayHave) {
    earlier = found;
    earlierMayHave = mayHave;
  }

  /**
   * When nothing else tells of the log before (Kafka deletes what is committed of a topic with the
   * topic), its history does.
   *
   * @return what is to be said; null when it tells nothing new
   */
  String compareHistory() {
    if (log == null
        || !nothingNoted
        || earlier == null
        || earlier.equals(log.identity())
        || earlierMayHave <= doubtfulUpTo) {
      return null;
    }
    doubtfulUpTo = earlierMayHave;
    return "the history was that of " + earlier + " and the topic is " + log.identity() + " now";
  }

  private String compare() {
    CommitNote note = stored.note();
    if (note == null) {
      return null;
    }
    doubtfulUpTo = Math.max(doubtfulUpTo, note.doubtfulUpTo());
    if (note.log().equals(log.identity())) {
      noted = note.reached();
      return null;
    }
    doubtfulUpTo = Math.max(Math.max(note.reached(), stored.offset()), doubtfulUpTo);
    beginAnew(-1);
    stored = Stored.NOTHING;
    return "followers were last served "
        + note.log()
        + " and the topic is "
        + log.identity()
        + " now";
  }

  /** The log reaches so far. */
  void reached(long walOffset) {
    reached = Math.max(reached, walOffset);
  }

  /**
   * Where the log ends, as Kafka says.
   *
   * @return what is to be said when more was committed than it has; null otherwise
   */
  String ends(long walOffset) {
    reached(walOffset);
    placed = true;
    long committed = stored.offset();
    if (committed <= walOffset) {
      if (connectLost) {
        beginAnew(committed);
      }
      return null;
    }
    stored = Stored.NOTHING;
    doubtfulUpTo = Math.max(doubtfulUpTo, committed);
    beginAnew(-1);
    return "offset " + committed + " is committed but the log ends at " + walOffset;
  }

  /** Whether it is known where the served log begins and ends. */
  boolean isPlaced() {
    return placed;
  }

  /**
   * The log was cut back: what was read of it may not be what it holds now. Another task may have
   * read on.
   *
   * @return how far it had reached
   */
  long cut(long end) {
    long before = reached;
    doubtfulUpTo = Math.max(doubtfulUpTo, before + MARGIN);
    reached = end;
    epoch++; // and where Connect is lost, it is told what was committed all the same
    anewFrom = end;
    if (stored.offset() > end) {
      stored = Stored.NOTHING;
    }
    return before;
  }

  /** What was committed before of the served log; -1 for nothing. */
  long committedBefore() {
    return stored.offset();
  }

  long reached() {
    return reached;
  }

  long doubtfulUpTo() {
    return doubtfulUpTo;
  }

  /** How often Connect had to begin anew: its positions of before do not count. */
  int epoch() {
    return epoch;
  }

  /** Where it had to begin anew; -1 for the log's beginning. */
  long anewFrom() {
    return anewFrom;
  }

  boolean isDoubtful(long walOffset) {
    return walOffset > 0 && walOffset <= doubtfulUpTo;
  }
}
