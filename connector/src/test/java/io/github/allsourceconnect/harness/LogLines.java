package io.github.allsourceconnect.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/**
 * Keeps what this process logs while it is open, and lets it through to standard error as before.
 * One at a time. Safe for several threads.
 */
public final class LogLines implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private LogLines() {}

  /** Begins to keep lines. */
  public static LogLines keep() {
    LogLines lines = new LogLines();
    System.setErr(new PrintStream(lines.new Tee(), true, UTF_8));
    return lines;
  }

  private final class Tee extends OutputStream {
    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int off, int len) {
      synchronized (kept) {
        kept.write(bytes, off, len);
      }
      before.write(bytes, off, len);
    }
  }

  /** The lines so far that contain all of these words. */
  public List<String> with(String... words) {
    String all;
    synchronized (kept) {
      all = kept.toString(UTF_8);
    }
    return all.lines()
        .filter(
            line -> {
              for (String word : words) {
                if (!line.contains(word)) {
                  return false;
                }
              }
              return true;
            })
        .toList();
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
