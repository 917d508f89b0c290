package io.github.allsourceconnect.tool.preview;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.tool.input.Arguments;
import io.github.allsourceconnect.tool.input.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The command itself, apart from the process that it runs in. */
public final class Command {
  /** All that was shown would be produced or passed over. */
  public static final int FINE = 0;

  /** The task would fail for something that was shown. */
  public static final int WOULD_FAIL = 1;

  /** Nothing could be looked at. */
  public static final int NOT_LOOKED = 2;

  private static final long END_MS = 2_000;
  private static final int LINES_MOST = 100;

  private final PrintStream out;
  private final PrintStream err;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile PreviewRun run;

  /**
   * @param out gets records and summary
   * @param err gets notes and errors
   */
  public Command(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs it; its exit status. */
  public int run(String[] args) {
    try {
      Arguments parsed = PreviewOptions.parse(args);
      if (parsed.has(PreviewOptions.HELP)) {
        out.print(help());
        out.flush();
        return FINE;
      }
      PreviewOptions options = PreviewOptions.of(parsed, System.getenv("COLUMNS"));
      Output output = options.json() ? new JsonLines(out) : new Table(out, options.width());
      run = new PreviewRun(options, output, note -> say("Note: " + note));
      return run.run().failing > 0 ? WOULD_FAIL : FINE;
    } catch (ScratchException e) {
      return failed(e.message("-Djava.io.tmpdir"));
    } catch (UsageException | IOException e) {
      return failed(e.getMessage() == null ? e.toString() : e.getMessage());
    } catch (RuntimeException | Error e) {
      return failed(e.toString());
    } finally {
      done.countDown();
    }
  }

  private int failed(String why) {
    say("preview: " + why.lines().limit(LINES_MOST).map(Printable::message).collect(joining("\n")));
    return NOT_LOOKED;
  }

  private void say(String line) {
    err.print(line + "\n");
    err.flush();
  }

  private static String help() throws IOException {
    try (InputStream text = Command.class.getResourceAsStream("preview-help.txt")) {
      return new String(text.readAllBytes(), UTF_8);
    }
  }

  /** Ends it soon, with its summary; waits a little for that. For any thread. */
  public void stop() {
    PreviewRun current = run;
    if (current != null) {
      current.stop();
    }
    try {
      if (!done.await(END_MS, TimeUnit.MILLISECONDS)) {
        say("preview: it was ended before it was done");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
