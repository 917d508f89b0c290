package io.github.allsourceconnect.tool.audit;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows how far it is: on a terminal a bar in one line, otherwise a line now and then. What is
 * shown goes where errors go. One thread.
 */
final class Progress {
  private static final int WIDTH = 30;
  private static final long BAR_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private String what;
  private long of;
  private long shownAt;
  private long begunAt;
  private boolean barShown;

  /**
   * @param terminal whether somebody looks at it
   */
  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Another part begins.
   *
   * @param whole how many there are; -1 if that is not known
   */
  void begin(String part, long whole) {
    what = part;
    of = whole;
    begunAt = System.nanoTime();
    shownAt = begunAt;
    if (terminal) {
      show(0);
    }
  }

  /** So many are done. */
  void at(long done) {
    long now = System.nanoTime();
    if (now - shownAt >= (terminal ? BAR_NANOS : LINE_NANOS)) {
      shownAt = now;
      show(done);
    }
  }

  /** The part is done. */
  void end(long done) {
    if (terminal) {
      out.print("\r\033[K");
      out.flush();
      barShown = false;
    }
    out.println(
        String.format(
            Locale.ROOT, "%s: %,d in %.1f s", what, done, (System.nanoTime() - begunAt) / 1e9));
  }

  private void show(long done) {
    String text = String.format(Locale.ROOT, "%,d", done);
    if (of > 0) {
      long parts = Math.min(WIDTH, done * WIDTH / of);
      String bar = "#".repeat((int) parts) + ".".repeat((int) (WIDTH - parts));
      text =
          String.format(Locale.ROOT, "[%s] %3d %%  %s", bar, Math.min(100, done * 100 / of), text);
    }
    if (terminal) {
      out.print("\r\033[K" + what + " " + text);
      out.flush();
      barShown = true;
    } else {
      out.println(what + " " + text);
    }
  }

  /** What was shown does not stand in the way of what is printed next. */
  void interrupted() {
    if (barShown) {
      out.println();
      barShown = false;
    }
  }
}
