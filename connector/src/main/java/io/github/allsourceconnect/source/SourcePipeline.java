package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.FollowerOrders;
import io.github.allsourceconnect.source.decision.FollowerSettings;
import io.github.allsourceconnect.source.decision.SourcePosition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a source task runs, built whole or not at all: socket → {@link LiveConnection} →
 * {@link ReceiveBuffer} → {@link EntryReader} → {@link Follower} → {@link BatchBuilder} → {@link
 * HandOver} → Connect → {@link Acknowledger} → follower → {@link AckWriter} → socket; and beside it
 * {@link SnapshotDownload} → {@link SnapshotRows} → follower.
 *
 * <p>Threads: receive, ack, snapshot, follow. {@link #poll} and {@link #committed} are Connect's.
 */
public final class SourcePipeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourcePipeline.class);
  private static final int BATCHES_AHEAD = 3;
  private static final long POLL_MS = 500;

  private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
  private final SourceConfig config;
  private final MessageCodec codec = new MessageCodec();
  private final Figures figures = new Figures();
  private HandOver handOver;
  private Acknowledger acknowledger;
  private FollowLoop loop;

  /** Makes the deciding part; tests put others in its place. */
  @FunctionalInterface
  interface Followers {
    Follower create(
        FollowerSettings settings,
        SourcePosition position,
        FollowerOrders orders,
        RandomGenerator jitter);
  }

  private SourcePipeline(SourceConfig config) {
    this.config = config;
  }

  /**
   * Builds and starts it all.
   *
   * @param offset what Connect has stored, null for nothing
   * @throws ConnectException if a part can't be made; nothing of the others is left then
   */
  public static SourcePipeline start(SourceConfig config, Map<String, Object> offset) {
    return start(config, offset, Follower::new);
  }

  static SourcePipeline start(
      SourceConfig config, Map<String, Object> offset, Followers followers) {
    SourcePipeline pipeline = new SourcePipeline(config);
    try {
      pipeline.build(SourceOffsets.decode(offset), followers);
      return pipeline;
    } catch (IOException | RuntimeException e) {
      try {
        pipeline.close();
      } catch (RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e instanceof ConnectException known
          ? known
          : new ConnectException("The source can't start: " + e.getMessage(), e);
    }
  }

  private void build(SourcePosition position, Followers followers) throws IOException {
    String name = config.connectorName();
    String leader = config.leader().name();
    WorkFolder folder = closing(WorkFolder.create(config.buffers().dir(), name));
    Dialer dialer = closing(new Dialer(config.leader(), config.security()));
    acknowledger = new Acknowledger(() -> loop.wake());
    handOver =
        new HandOver(
            BATCHES_AHEAD,
            (long) BATCHES_AHEAD * config.records().batchBytes(),
            acknowledger,
            () -> loop.wake());
    loop = new FollowLoop(name, handOver);
    SnapshotRows rows = new SnapshotRows(config.records().corrupt());
    ReceiveBuffer buffer =
        new ReceiveBuffer(
            config.buffers().memoryBytes(),
            new SpillFiles(folder.path(), config.buffers().diskBytes()),
            loop::wake);
    closing(buffer);
    LiveConnection connection =
        new LiveConnection(
            name, config.leader(), dialer, codec, buffer, loop::post, this::threadFailed);
    AckWriter acks =
        new AckWriter(
            name,
            connection,
            codec,
            config.leader().deadTimeout().toMillis(),
            this::threadFailed);
    SnapshotDownload download =
        new SnapshotDownload(
            name,
            config.leader(),
            config.buffers(),
            folder.path(),
            dialer,
            codec,
            new Results(rows),
            this::threadFailed);
    RecordMapper mapper = new RecordMapper(config.records(), leader, codec);
    BatchBuilder output =
        new BatchBuilder(config.records(), mapper, SourceOffsets.partition(leader), handOver);
    EntryReader entries =
        new EntryReader(
            config.records(),
            config.leader().lineMaxBytes(),
            codec,
            buffer,
            connection,
            output,
            leader);
    ShellOrders orders = new ShellOrders(leader, connection, acks, download, rows, output);
    Follower follower =
        followers.create(config.follower(), position, orders, RandomGenerator.getDefault());
    addFigures(connection, buffer, acks, download, orders);
    closing(new SourceMetrics(name, figures::all));
    // closed in the opposite order: first the one who orders, then those who obey
    closing(handOver);
    closing(acks);
    closing(connection);
    closing(download);
    closing(loop);
    connection.start();
    acks.start();
    download.start();
    loop.start(
        new FollowLoop.Parts(
            follower,
            orders,
            entries,
            rows,
            output,
            acknowledger,
            () -> figures.publish(follower.ledger())));
    LOG.info(
        "Following leader {} at {} from WAL offset {}",
        leader,
        config.leader().addresses(),
        position.walOffset());
  }

  private void addFigures(
      LiveConnection connection,
      ReceiveBuffer buffer,
      AckWriter acks,
      SnapshotDownload download,
      ShellOrders orders) {
    figures.add("connection-state", () -> connection.state().name());
    figures.add("leader-address", () -> String.valueOf(connection.address()));
    figures.add("received-bytes", connection::receivedBytes);
    figures.add("buffer-memory-bytes", buffer::memoryBytes);
    figures.add("buffer-disk-bytes", buffer::diskBytes);
    figures.add("buffer-stalls", buffer::stalls);
    figures.add("acked-offset", acks::sent);
    figures.add(
        "lag",
        () -> Math.max(0, figures.ofLedger("highest-offset") - figures.ofLedger("wal-offset")));
    figures.add("batches-under-way", () -> (long) acknowledger.underWay());
    figures.add("produced-emissions", acknowledger::produced);
    figures.add("snapshot-bytes", download::bytes);
    figures.add("snapshot-files-stored", () -> (long) download.filesStored());
    figures.add("snapshot-files-announced", () -> (long) download.filesAnnounced());
    figures.add("finished", () -> orders.isFinished() ? 1L : 0L);
  }

  /** Passes on to the follower's thread what the downloading one brings. */
  private final class Results implements SnapshotDownload.Results {
    private final SnapshotRows rows;

    Results(SnapshotRows rows) {
      this.rows = rows;
    }

    @Override
    public void complete(int snapshot, SnapshotAssembler files) {
      loop.post(follower -> rows.complete(snapshot, files, follower));
    }

    @Override
    public void none(int snapshot, long currentOffset) {
      loop.post(follower -> follower.onSnapshotNone(snapshot, currentOffset));
    }

    @Override
    public void replays(int snapshot) {
      loop.post(follower -> follower.onSnapshotReplays(snapshot));
    }

    @Override
    public void failed(int snapshot, String why) {
      loop.post(follower -> follower.onSnapshotFailed(snapshot, why));
    }
  }

  private void threadFailed(Throwable cause) {
    handOver.fail(cause);
    loop.wake();
  }

  private <T extends AutoCloseable> T closing(T part) {
    closeables.push(part);
    return part;
  }

  /**
   * The next batch, or null when none came within half a second.
   *
   * @throws ConnectException when nothing can go on, with the cause
   */
  public List<SourceRecord> poll() throws InterruptedException {
    return handOver.take(POLL_MS);
  }

  /** Kafka has the record, or it was filtered. Any thread. */
  public void committed(SourceRecord record) {
    acknowledger.committed(record);
  }

  /** All figures now, by name; any thread. */
  public Map<String, ?> figures() {
    return figures.all();
  }

  /** Ends all threads and connections and deletes the files; waits a bounded time. */
  @Override
  public void close() {
    while (!closeables.isEmpty()) {
      try {
        closeables.pop().close();
      } catch (Exception e) {
        LOG.warn("While closing the source: {}", e.toString());
      }
    }
  }
}
