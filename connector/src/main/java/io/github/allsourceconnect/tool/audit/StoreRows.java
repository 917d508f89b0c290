package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.snapshot.ListedRows;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.fetch.FetchedSnapshot;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.LeaderCheck;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;

/** The rows of the leader's snapshot, which is kept until this is closed. One thread. */
final class StoreRows implements AutoCloseable {
  /** Takes rows. */
  interface Each {
    void row(SnapshotRow row) throws Exception;
  }

  private static final long ASK_MS = 2_500;

  private final HostPort leader;
  private final FetchedSnapshot snapshot;
  private final ReadLimits limits;

  private StoreRows(HostPort leader, FetchedSnapshot snapshot, ReadLimits limits) {
    this.leader = leader;
    this.snapshot = snapshot;
    this.limits = limits;
  }

  /**
   * Fetches it from the first address that answers.
   *
   * @throws Unjudgeable if none does, or has no snapshot
   */
  static StoreRows fetch(SourceConfig config, Path folder) throws Unjudgeable {
    List<String> troubles = new ArrayList<>();
    for (HostPort address : config.leader().addresses()) {
      try (Dialer dialer = new Dialer(config.leader(), config.security())) {
        FetchedSnapshot snapshot =
            FetchedSnapshot.fetch(config.leader(), config.buffers(), dialer, address, folder);
        if (snapshot.answer() != FetchedSnapshot.Answer.FILES) {
          snapshot.close();
          throw new Unjudgeable(withoutSnapshot(address, snapshot.answer()));
        }
        return new StoreRows(
            address,
            snapshot,
            new ReadLimits(
                config.buffers().snapshotMemoryBytes(),
                config.leader().lineMaxBytes(),
                config.buffers().snapshotDiskBytes()));
      } catch (ScratchException e) {
        throw Unjudgeable.full(e);
      } catch (IOException | KafkaException e) {
        troubles.add(Printable.message(e.getMessage() == null ? e.toString() : e.getMessage()));
      }
    }
    List<String> found = LeaderCheck.ask(config.leader(), config.security(), ASK_MS);
    throw new Unjudgeable(
        "no snapshot from the leader: "
            + String.join("; ", found.isEmpty() ? troubles : found)
            + "; --leader names another address");
  }

  private static String withoutSnapshot(HostPort address, FetchedSnapshot.Answer answer) {
    return answer == FetchedSnapshot.Answer.NONE
        ? address
            + " has no snapshot: it is empty, or a promoted follower, or it was restarted and"
            + " nothing was written since (then write an event and try again)"
        : address
            + " replays its log instead of giving a snapshot: it is no store (the sink of this"
            + " connector does so)";
  }

  /** Whose it is. */
  HostPort leader() {
    return leader;
  }

  List<SnapshotFile> files() {
    return snapshot.files();
  }

  long bytes() {
    return snapshot.bytes();
  }

  /**
   * Reads all rows as they stand in the files.
   *
   * @throws Unjudgeable if a file can't be read
   */
  void read(Progress progress, Each each) throws Exception {
    progress.begin("rows", -1);
    try (SnapshotRows rows = new ListedRows(snapshot.files(), limits)) {
      progress.end(each(rows, progress, each));
    } catch (ScratchException e) {
      throw e;
    } catch (IOException e) {
      throw new Unjudgeable("the snapshot can't be read: " + Printable.message(e.getMessage()), e);
    }
  }

  /** Reads the rows from a time on, in order of time, without repetitions. */
  void readInTimeOrder(long fromMicros, Progress progress, Each each) throws Exception {
    progress.begin("rows", -1);
    try (SnapshotRows rows = new TimeOrderedRows(snapshot.files(), fromMicros, false, limits)) {
      progress.end(each(rows, progress, each));
    }
  }

  private static long each(SnapshotRows rows, Progress progress, Each each) throws Exception {
    long read = 0;
    for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
      each.row(row);
      progress.at(++read);
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    snapshot.close();
  }
}
