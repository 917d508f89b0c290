package io.github.allsourceconnect.source.decision;

/**
 * What is taken when: the clock, what connections report, what Kafka has, what is due, entries,
 * rows, and when a batch is handed on. One round after the other, on the follower's thread; in
 * between, the thread waits if there was nothing to do.
 *
 * <p>Bounds, whatever comes in and however fast:
 *
 * <ul>
 *   <li>a round does at most {@link Limits#inputs} things and begins none after {@link
 *       Limits#millis}, so that acks, the clock, reports and figures come round;
 *   <li>nothing is produced before there is room for it ({@link Shell#makeRoom}), however much one
 *       input has released: what is due waits, and so does the next input.
 * </ul>
 */
public final class Round {
  /**
   * The bounds of one round.
   *
   * @param inputs how many entries, rows and events produced, 1 or more
   * @param reports how many reports of connections, 1 or more
   * @param millis after how long nothing else is begun
   */
  public record Limits(int inputs, int reports, long millis) {
    /** Those of a task. */
    public static final Limits OF_A_TASK = new Limits(4_000, 100, 20);
  }

  /** What a round takes from and gives to. Called on the follower's thread; nothing waits. */
  public interface Shell {
    /** Milliseconds of a clock that only goes forward. */
    long nowMs();

    /** Hands in the next report of a connection; false if there is none. */
    boolean report();

    /** The number of the event up to which Kafka has everything if it grew, otherwise -1. */
    long committed();

    /** Whether everything that the live connection has received was handed in. */
    boolean liveBufferEmpty();

    /**
     * About how many bytes the next line of the live stream takes in a batch at most; 0 if that is
     * not known yet and {@link #entry} goes on to find out; -1 if there is none.
     */
    long nextEntryBytes();

    /** Hands in the next line of the live stream. */
    void entry();

    /** The same of the next row; 0 for the end of the rows, -1 if none are open. */
    long nextRowBytes();

    /** Hands in the next row, or that they end. */
    void row();

    /**
     * Whether an event of so many bytes may be produced now. Hands the batch on for that if it has
     * no room for it; an empty one takes a single event of any size.
     */
    boolean makeRoom(long bytes);

    /**
     * The round ends.
     *
     * @param worked whether anything was done; if not, what has been collected need not wait
     */
    void roundEnds(boolean worked);
  }

  private static final int INPUTS_A_LOOK_AT_THE_CLOCK = 16;

  private final Follower follower;
  private final Shell shell;
  private final Limits limits;

  private int left;
  private long end;

  /** Nothing is called yet. */
  public Round(Follower follower, Shell shell, Limits limits) {
    this.follower = follower;
    this.shell = shell;
    this.limits = limits;
  }

  /** Goes round once; whether there was anything to do. */
  public boolean run() {
    long now = shell.nowMs();
    left = limits.inputs;
    end = now + limits.millis;
    follower.tick(now, shell.liveBufferEmpty());
    boolean worked = false;
    for (int i = 0; i < limits.reports && shell.report(); i++) {
      worked = true;
    }
    long committed = shell.committed();
    if (committed >= 0) {
      follower.onCommitted(committed);
      worked = true;
    }
    worked |= due();
    worked |= entries();
    worked |= rows();
    follower.tick(shell.nowMs(), shell.liveBufferEmpty());
    shell.roundEnds(worked);
    return worked;
  }

  /** Whether one more thing may be done in this round. */
  private boolean goesOn() {
    if (left % INPUTS_A_LOOK_AT_THE_CLOCK == 0 && shell.nowMs() >= end) {
      left = 0;
    }
    return left-- > 0;
  }

  private boolean due() {
    boolean any = false;
    for (long bytes = follower.dueBytes(); bytes >= 0; bytes = follower.dueBytes()) {
      if (!shell.makeRoom(bytes) || !goesOn()) {
        break;
      }
      follower.produceNext();
      any = true;
    }
    return any;
  }

  private boolean entries() {
    boolean any = false;
    while (follower.wantsEntries()) {
      long bytes = shell.nextEntryBytes();
      // a report that comes before the bytes of its connection may have changed what is wanted
      if (bytes < 0 || !follower.wantsEntries() || !shell.makeRoom(bytes) || !goesOn()) {
        break;
      }
      shell.entry();
      due();
      any = true;
    }
    return any;
  }

  private boolean rows() {
    boolean any = false;
    while (follower.wantsRows()) {
      long bytes = shell.nextRowBytes();
      if (bytes < 0 || !follower.wantsRows() || !shell.makeRoom(bytes) || !goesOn()) {
        break;
      }
      shell.row();
      due();
      any = true;
    }
    return any;
  }
}
