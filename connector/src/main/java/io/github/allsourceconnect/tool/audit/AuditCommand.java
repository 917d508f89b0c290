package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.files.TaskFolder;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.input.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command: options in, a report and an exit status out. One thread. */
public final class AuditCommand {
  private static final Logger LOG = LoggerFactory.getLogger(AuditCommand.class);
  private static final int NOT_JUDGED = 2;

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private volatile TaskFolder open;

  /**
   * @param in answers what is asked
   * @param out gets the report
   * @param err gets progress and errors
   * @param terminal whether somebody looks at it
   */
  public AuditCommand(InputStream in, PrintStream out, PrintStream err, boolean terminal) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * Runs it.
   *
   * @return the exit status
   */
  public int run(String... args) {
    Progress progress = new Progress(err, terminal);
    boolean json = Options.isJson(args);
    try {
      Options options = Options.parse(args);
      if (options.is(Option.HELP)) {
        out.print(Options.help());
        out.flush();
        return 0;
      }
      return audit(options, progress);
    } catch (UsageException | Unjudgeable e) {
      LOG.debug("Not judged", e);
      return failed(progress, json, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(progress, json, "interrupted");
    } catch (OutOfMemoryError e) {
      return failed(progress, json, "the memory is used up: give the JVM more, or lower --memory");
    } catch (ScratchException e) {
      return failed(progress, json, Unjudgeable.full(e).getMessage());
    } catch (Exception | Error e) {
      if (e.getCause() instanceof ScratchException full) {
        return failed(progress, json, Unjudgeable.full(full).getMessage());
      }
      LOG.error("The audit failed", e);
      return failed(progress, json, e.toString());
    }
  }

  private int failed(Progress progress, boolean json, String why) {
    progress.interrupted();
    err.println("NOT JUDGED: " + Printable.message(why));
    err.flush();
    if (json) {
      out.println(Report.notJudged(Printable.message(why)));
      out.flush();
    }
    return NOT_JUDGED;
  }

  /**
   * The process ends before the command does: deletes what it has on disk. For any thread; what
   * goes on working fails then.
   */
  public void stop() {
    TaskFolder folder = open;
    if (folder != null) {
      try {
        folder.close();
      } catch (IOException e) {
        LOG.debug("Left behind for the next run to delete", e);
      }
    }
  }

  private int audit(Options options, Progress progress) throws Exception {
    checkModes(options);
    Target target = Target.of(options);
    if (options.get(Option.LEDGER) != null) {
      return ledger(options, target, progress);
    }
    if (options.get(Option.SINK) != null || options.get(Option.STORE) != null) {
      return otherSide(options, target, progress);
    }
    boolean repairs = options.is(Option.REPAIR);
    if (repairs) {
      Repair.check(target);
    }
    try (TaskFolder folder = folder(options);
        RepairWriter writer =
            repairs ? new RepairWriter(target.brokers(), Repair.writerName(target)) : null;
        LeaderAudit audit = new LeaderAudit(options, target, folder.path(), progress)) {
      Outcome outcome = audit.run();
      boolean json = options.is(Option.JSON);
      long missing = outcome.tally().of(Kind.MISSING).events();
      if (!repairs || missing == 0) {
        print(json ? Report.json(outcome, -1) : Report.text(outcome));
        return outcome.verdict().exitStatus;
      }
      if (!json) {
        print(Report.text(outcome));
      }
      if (!options.is(Option.YES) && !agreed(missing)) {
        print(json ? Report.json(outcome, 0) : "Nothing was produced.");
        return outcome.verdict().exitStatus;
      }
      Repair.Done done = new Repair(target, audit, writer, progress).run();
      print(json ? Report.json(outcome, done.produced()) : done.text(missing));
      return done.exitStatus(outcome.tally());
    }
  }

  private static void checkModes(Options options) throws UsageException {
    List<String> modes =
        Stream.of(Option.LEADER, Option.LEDGER, Option.SINK, Option.STORE)
            .filter(mode -> options.get(mode) != null)
            .map(Option::dashed)
            .toList();
    if (modes.size() > 1) {
      throw new UsageException("give one of these, not " + String.join(" and ", modes));
    }
    if (options.is(Option.REPAIR) && !modes.isEmpty() && options.get(Option.LEADER) == null) {
      throw new UsageException(
          "--repair produces what a leader has and the topic lacks; it does not go with "
              + modes.get(0));
    }
  }

  private int ledger(Options options, Target target, Progress progress) throws Exception {
    try (TaskFolder folder = folder(options)) {
      LedgerFound found = new LedgerAudit(options, target, folder.path(), progress).run();
      print(options.is(Option.JSON) ? found.json() : found.text());
      return found.status();
    }
  }

  private int otherSide(Options options, Target target, Progress progress) throws Exception {
    try (TaskFolder folder = folder(options)) {
      Outcome outcome =
          options.get(Option.SINK) != null
              ? new SinkAudit(options, target, folder.path(), progress).run()
              : new StoreAudit(options, target, folder.path(), progress).run();
      print(options.is(Option.JSON) ? Report.json(outcome, -1) : Report.text(outcome));
      return outcome.verdict().exitStatus;
    }
  }

  private boolean agreed(long missing) throws IOException {
    err.print(
        String.format(Locale.ROOT, "Produce the %,d events that are missing? [y/N] ", missing));
    err.flush();
    String answer = new BufferedReader(new InputStreamReader(in, UTF_8)).readLine();
    return answer != null && answer.trim().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  void print(String text) throws Unjudgeable {
    out.println(text);
    if (out.checkError()) {
      throw new Unjudgeable(
          "the report can't be written to standard output: see whether its disk is full, or nobody"
              + " reads it any more");
    }
  }

  private TaskFolder folder(Options options) throws Unjudgeable {
    String dir = options.get(Option.DIR);
    try {
      open =
          TaskFolder.create(
              "--dir",
              Path.of(dir == null ? System.getProperty("java.io.tmpdir") : dir),
              "allsource_audit_");
      return open;
    } catch (IOException | IllegalArgumentException e) {
      throw new Unjudgeable(Printable.message(e.getMessage()), e);
    }
  }
}
