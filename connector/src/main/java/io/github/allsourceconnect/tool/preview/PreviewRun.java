package io.github.allsourceconnect.tool.preview;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.RefusalSettings.Policy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.files.TaskFolder;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFiles;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.fetch.FetchedSnapshot;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.LeaderCheck;
import io.github.allsourceconnect.source.record.EventRecords;
import io.github.allsourceconnect.tool.preview.Output.From;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * One preview: the history, then live entries if they are wanted. Nothing is written to Kafka and
 * nothing acknowledged to the leader. One thread; {@link #stop} is for any.
 */
final class PreviewRun implements LiveStream.Taker {
  private static final long ASK_MS = 2_500;

  private final PreviewOptions options;
  private final SourceConfig config;
  private final EventRecords records;
  private final Written written;
  private final Output output;
  private final Consumer<String> notes;
  private final Account account = new Account();
  private final long began = System.nanoTime();
  private volatile boolean stopped;
  private boolean untilCaughtUp;

  /**
   * @param notes gets what is to be known beside the records, a sentence at a time
   */
  PreviewRun(PreviewOptions options, Output output, Consumer<String> notes) {
    this.options = options;
    config = options.config();
    records = new EventRecords(config, System::currentTimeMillis);
    written = options.written();
    this.output = output;
    this.notes = notes;
  }

  /** Ends it soon, with its summary. */
  void stop() {
    stopped = true;
  }

  /**
   * Shows all, the summary too.
   *
   * @return the account
   * @throws IOException if no leader could be read, saying why
   */
  Account run() throws IOException {
    tellBefore();
    try (Dialer dialer = new Dialer(config.leader(), config.security());
        TaskFolder folder =
            TaskFolder.create(
                "java.io.tmpdir",
                Path.of(System.getProperty("java.io.tmpdir")),
                "preview-allsource-")) {
      SnapshotMode mode = config.follower().snapshotMode();
      boolean replays = false;
      if (mode == SnapshotMode.NO_DATA) {
        notes.accept("snapshot.mode=no_data: the source produces nothing of the history.");
      } else {
        replays = history(dialer, folder.path());
      }
      boolean live = options.live() && mode != SnapshotMode.INITIAL_ONLY;
      if (options.live() && !live) {
        notes.accept("snapshot.mode=initial_only: the source produces nothing that comes live.");
      }
      if ((replays || live) && wantedNanos() > 0) {
        untilCaughtUp = !live;
        live(dialer, replays ? 0 : 1);
      } else if (mode == SnapshotMode.NO_DATA && !live) {
        notes.accept("--live shows what comes from now on.");
      }
    } catch (KafkaException e) {
      throw new IOException("the ssl. settings can't be used: " + e.getMessage(), e);
    } catch (IOException e) {
      if (account.history + account.live + account.leftOut > 0) {
        output.summary(account);
      }
      throw e;
    }
    output.summary(account);
    return account;
  }

  private void tellBefore() {
    if (written.isValueUnknown()) {
      notes.accept(
          "value.converter is not set: the worker's own would be used. Values are shown as text.");
    }
    if (options.settings().containsKey("transforms")) {
      notes.accept("transforms are the worker's, and not applied here.");
    }
    if (options.live()) {
      notes.accept(
          "--live acknowledges nothing. While it runs, and at one write after it, a leader in sync"
              + " mode waits 5 s at each write; one in semi-sync mode does so if no other follower"
              + " acknowledges. In async mode, the store's default, nothing waits.");
    }
  }

  // ---- the history

  /** Whether the leader has no snapshot because it replays its log. */
  private boolean history(Dialer dialer, Path folder) throws IOException {
    try (FetchedSnapshot snapshot =
        fromAny(
            address ->
                FetchedSnapshot.fetch(
                    config.leader(), config.buffers(), dialer, address, folder))) {
      if (snapshot.answer() == FetchedSnapshot.Answer.REPLAYS) {
        return true;
      }
      if (snapshot.answer() == FetchedSnapshot.Answer.NONE) {
        account.historyHas = 0;
        notes.accept(
            "The leader has no history. (After a restart it shows none before the first write.)");
        return false;
      }
      rows(snapshot.files());
      return false;
    }
  }

  private void rows(List<SnapshotFile> files) throws IOException {
    ReadLimits limits =
        new ReadLimits(
            config.buffers().snapshotMemoryBytes(),
            config.leader().lineMaxBytes(),
            config.buffers().snapshotDiskBytes());
    try (TimeOrderedRows rows = new TimeOrderedRows(files, Long.MIN_VALUE, false, limits)) {
      account.historyHas = rows.expected();
      long most = options.events();
      while (account.history < most && wantedTimeNanos() > 0) {
        SnapshotRow row = rows.next();
        if (row == null) {
          return;
        }
        String tenant = SnapshotFiles.tenantOf(files.get(row.file()).name());
        show(From.HISTORY, row.event().id(), records.of(row, tenant, true));
      }
    }
  }

  // ---- live entries

  private void live(Dialer dialer, long lastOffset) throws IOException {
    fromAny(
        address -> {
          new LiveStream(address, config.leader(), this).read(dialer, lastOffset);
          return account;
        });
  }

  @Override
  public long wantedNanos() {
    return account.live >= options.events() ? 0 : wantedTimeNanos();
  }

  private long wantedTimeNanos() {
    if (stopped || output.isBroken()) {
      return 0;
    }
    return options.seconds() == 0
        ? Long.MAX_VALUE
        : TimeUnit.SECONDS.toNanos(options.seconds()) - (System.nanoTime() - began);
  }

  @Override
  public void caughtUp() {
    stopped |= untilCaughtUp;
  }

  @Override
  public void entry(WalEntry entry) {
    if (wantedNanos() > 0) {
      show(From.LIVE, entry.event().id(), records.of(entry));
    }
  }

  @Override
  public void bad(ProtocolException why) {
    CorruptPolicy policy = config.records().corrupt();
    account.refused++;
    account.live++;
    if (policy == CorruptPolicy.FAIL) {
      account.failing++;
    }
    output.refused(
        From.LIVE,
        null,
        why.getMessage(),
        RecordSettings.CORRUPT_POLICY
            + "="
            + name(policy)
            + switch (policy) {
              case FAIL -> ": the task fails here";
              case SKIP -> ": it is passed over, and counted";
              case DLQ -> ": it goes to " + config.records().deadLetterTopic();
            },
        null);
  }

  // ---- both

  private void show(From from, String eventId, EventRecords.Fate fate) {
    if (fate instanceof EventRecords.LeftOut) {
      account.leftOut++;
      return;
    }
    if (from == From.HISTORY) {
      account.history++;
    } else {
      account.live++;
    }
    if (fate instanceof EventRecords.Produced produced) {
      produced(from, eventId, produced.record());
    } else if (fate instanceof EventRecords.Refused refused) {
      account.refused++;
      if (refused.policy() == Policy.FAIL) {
        account.failing++;
      }
      output.refused(
          from,
          eventId,
          "its " + refused.why(),
          refused.key()
              + "="
              + name(refused.policy())
              + switch (refused.policy()) {
                case FAIL -> ": the task fails here, and its position stays before the event";
                case SKIP -> ": it is passed over, and counted";
                case DLQ -> ": a note goes to " + config.records().deadLetterTopic();
              },
          refused.note() == null ? null : written.shown(refused.note()));
    }
  }

  private void produced(From from, String eventId, SourceRecord record) {
    ShownRecord shown;
    try {
      shown = written.shown(record);
    } catch (DataException e) {
      account.refused++;
      account.failing++;
      output.refused(
          from,
          eventId,
          "a converter refuses it: " + e.getMessage(),
          "the task fails here unless errors.tolerance=all, which drops the event",
          null);
      return;
    }
    output.record(from, eventId, shown);
  }

  private static String name(Enum<?> policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  /** What is done with one address. */
  private interface Attempt<T> {
    T with(HostPort address) throws IOException;
  }

  /** The addresses are tried in turn, as the source does. */
  private <T> T fromAny(Attempt<T> attempt) throws IOException {
    IOException failure = null;
    for (HostPort address : config.leader().addresses()) {
      try {
        return attempt.with(address);
      } catch (ScratchException e) {
        throw e;
      } catch (IOException e) {
        if (account.history + account.live > 0) {
          throw e;
        }
        failure = e;
      }
    }
    List<String> found = LeaderCheck.ask(config.leader(), config.security(), ASK_MS);
    throw found.isEmpty()
        ? failure
        : new IOException(Printable.message(String.join("; ", found)), failure);
  }
}
