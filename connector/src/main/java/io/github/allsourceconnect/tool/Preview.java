package io.github.allsourceconnect.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.tool.preview.Command;
import java.io.PrintStream;

/**
 * Shows what the source would produce: {@code kafka-run-class.sh
 * io.github.allsourceconnect.tool.Preview --leader HOST:3910}. Writes nothing to Kafka,
 * acknowledges nothing to the leader. {@code --help} and docs/preview.md tell the rest.
 */
public final class Preview {
  private Preview() {}

  /**
   * Exit status 0 when all can be produced, 1 when the task would fail, 2 when nothing was seen.
   */
  public static void main(String[] args) {
    Command command =
        new Command(
            new PrintStream(System.out, false, UTF_8), new PrintStream(System.err, false, UTF_8));
    Runtime.getRuntime().addShutdownHook(new Thread(command::stop, "allsource-preview-end"));
    int status = command.run(args);
    if (status != Command.FINE) {
      System.exit(status);
    }
  }
}
