package io.github.allsourceconnect.tool;

import io.github.allsourceconnect.tool.audit.AuditCommand;
import java.io.Console;

/**
 * The command {@code Audit}: whether a topic has every event of a leader, once, unaltered and in
 * order. See connector/docs/audit.md.
 */
public final class Audit {
  private Audit() {}

  /** Exit status 0: all is well, 1: something is wrong, 2: it could not be judged. */
  public static void main(String[] args) {
    AuditCommand command = new AuditCommand(System.in, System.out, System.err, isTerminal());
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
