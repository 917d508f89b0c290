package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;

/**
 * What the command {@code Audit} has said, asked by nobody at a terminal.
 *
 * @param status its exit status
 * @param out its report
 * @param err its progress and errors
 */
public record AuditRun(int status, String out, String err) {
  /** Runs it. */
  public static AuditRun of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        new AuditCommand(
                InputStream.nullInputStream(),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                false)
            .run(args);
    return new AuditRun(status, out.toString(UTF_8), err.toString(UTF_8));
  }
}
