package io.github.allsourceconnect.tool;

import io.github.allsourceconnect.tool.audit.AuditCommand;

/**
 * The command {@code Audit}: whether a topic has every event of a leader, once, unaltered and in
 * order. See connector/docs/audit.md.
 */
public final class Audit {
  private Audit() {}

  /** Exit status 0: all is well, 1: something is wrong, 2: it could not be judged. */
  public static void main(String[] args) {
    AuditCommand command =
        new AuditCommand(System.in, System.out, System.err, System.console() != null);
    System.exit(command.run(args));
  }
}
