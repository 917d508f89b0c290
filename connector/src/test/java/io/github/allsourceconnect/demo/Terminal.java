package io.github.allsourceconnect.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The size of the terminal that the demo runs on, also after its window was changed. */
final class Terminal {
  private static final int ROWS = 24;
  private static final int COLUMNS = 80;
  private static final int MOST = 1000;

  private volatile boolean stale = true;
  private int rows = ROWS;
  private int columns = COLUMNS;

  Terminal() {
    Signals.on("WINCH", () -> stale = true);
  }

  /** Rows and columns now; 24 and 80 where nobody tells. Not for several threads. */
  int[] size() {
    if (stale) {
      stale = false;
      ask();
    }
    return new int[] {rows, columns};
  }

  private void ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String[] answer =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .trim()
              .split(" ", -1);
      if (stty.waitFor(1, TimeUnit.SECONDS) && answer.length == 2) {
        rows = within(Integer.parseInt(answer[0]), ROWS);
        columns = within(Integer.parseInt(answer[1]), COLUMNS);
      }
    } catch (IOException | NumberFormatException e) {
      // no terminal, or no such command: the size stays
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int within(int asked, int otherwise) {
    return asked > 0 ? Math.min(asked, MOST) : otherwise;
  }
}
