package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.files.TaskFolder;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.tool.audit.Options.Option;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command: options in, a report and an exit status out. One thread. */
public final class AuditCommand {
  private static final Logger LOG = LoggerFactory.getLogger(AuditCommand.class);
  private static final int NOT_JUDGED = 2;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;

  /**
   * @param out gets the report
   * @param err gets progress and errors
   * @param terminal whether somebody looks at it
   */
  public AuditCommand(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * Runs it.
   *
   * @param properties system properties by their names
   * @return the exit status
   */
  public int run(List<String> args, Function<String, String> properties) {
    Progress progress = new Progress(err, terminal);
    try {
      Options options = Options.parse(args, properties);
      if (options.is(Option.HELP)) {
        out.print(Options.help());
        out.flush();
        return 0;
      }
      return audit(options, progress);
    } catch (Unjudgeable e) {
      LOG.debug("Not judged", e);
      return failed(progress, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(progress, "interrupted");
    } catch (Exception e) {
      LOG.error("The audit failed", e);
      return failed(progress, e.toString());
    }
  }

  private int failed(Progress progress, String why) {
    progress.interrupted();
    err.println("NOT JUDGED: " + Printable.message(why));
    err.flush();
    return NOT_JUDGED;
  }

  private int audit(Options options, Progress progress) throws Exception {
    Target target = Target.of(options);
    try (TaskFolder folder = folder(options);
        LeaderAudit audit = new LeaderAudit(options, target, folder.path(), progress)) {
      Outcome outcome = audit.run();
      out.print(options.is(Option.JSON) ? Report.json(outcome) + "\n" : Report.text(outcome));
      out.flush();
      return outcome.verdict().ordinal();
    }
  }

  private static TaskFolder folder(Options options) throws Unjudgeable {
    String dir = options.get(Option.DIR);
    try {
      return TaskFolder.create(
          "--dir",
          Path.of(dir == null ? System.getProperty("java.io.tmpdir") : dir),
          "allsource-audit-");
    } catch (IOException | IllegalArgumentException e) {
      throw new Unjudgeable(Printable.message(e.getMessage()), e);
    }
  }
}
