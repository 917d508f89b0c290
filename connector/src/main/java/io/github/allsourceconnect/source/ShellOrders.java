package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.FollowerOrders;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the follower's orders on to what carries them out. The follower's thread. */
final class ShellOrders implements FollowerOrders {
  private static final Logger LOG = LoggerFactory.getLogger(ShellOrders.class);

  private final String leader;
  private final LiveConnection connection;
  private final AckWriter acks;
  private final SnapshotDownload download;
  private final SnapshotRows rows;
  private final BatchBuilder output;
  private volatile boolean finished;
  private ConnectException failure;

  ShellOrders(
      String leader,
      LiveConnection connection,
      AckWriter acks,
      SnapshotDownload download,
      SnapshotRows rows,
      BatchBuilder output) {
    this.leader = leader;
    this.connection = connection;
    this.acks = acks;
    this.download = download;
    this.rows = rows;
    this.output = output;
  }

  @Override
  public void connectLive(int generation, int address, long lastOffset) {
    connection.connect(generation, address, lastOffset);
  }

  @Override
  public void closeLive(int generation, String why) {
    connection.disconnect(generation, why);
  }

  @Override
  public void ack(int generation, long offset) {
    acks.ack(generation, offset);
  }

  @Override
  public void requestSnapshot(int snapshot, int address) {
    rows.discard(snapshot - 1);
    download.request(snapshot, address);
  }

  @Override
  public void openRows(int snapshot, long fromMicros, boolean idsOnly) {
    rows.open(snapshot, fromMicros, idsOnly);
  }

  @Override
  public void discardSnapshot(int snapshot) {
    download.abandon(snapshot);
    rows.discard(snapshot);
  }

  @Override
  public void emitEntry(WalEntry entry) {
    output.entry(entry);
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    output.row(row, tenant);
  }

  @Override
  public void finished() {
    finished = true;
    LOG.info("The work is done; the task stays idle");
  }

  /** What was produced before is still handed over; then the task fails. */
  @Override
  public void fail(String message) {
    failure = new ConnectException("Leader " + leader + ": " + message);
  }

  @Override
  public void log(Level level, String message) {
    switch (level) {
      case INFO -> LOG.info("Leader {}: {}", leader, message);
      case WARN -> LOG.warn("Leader {}: {}", leader, message);
      default -> LOG.error("Leader {}: {}", leader, message);
    }
  }

  /** Why nothing can go on, or null. */
  ConnectException failure() {
    return failure;
  }

  /** Whether the work is done ({@code initial_only}). */
  boolean isFinished() {
    return finished;
  }
}
