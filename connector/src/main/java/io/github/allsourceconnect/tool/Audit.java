package io.github.allsourceconnect.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.tool.audit.AuditCommand;
import java.io.Console;
import java.io.PrintStream;

/**
 * The command {@code Audit}: whether a topic has every event of a leader, once, unaltered and in
 * order. See connector/docs/audit.md.
 */
public final class Audit {
  private Audit() {}

  /** Exit status 0: all is well, 1: something is wrong, 2: it could not be judged; 130: Ctrl-C. */
  public static void main(String[] args) {
    AuditCommand command =
        new AuditCommand(
            System.in,
            new PrintStream(System.out, false, UTF_8),
            new PrintStream(System.err, false, UTF_8),
            isTerminal());
    Runtime.getRuntime().addShutdownHook(new Thread(command::stop, "allsource-audit-end"));
    System.exit(command.run(args));
  }

  @SuppressWarnings("SystemConsoleNull") // from JDK 22 on a console that is none has an answer
  private static boolean isTerminal() {
    Console console = System.console();
    try {
      return console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true; // before JDK 22 there is no console where there is no terminal
    }
  }
}
