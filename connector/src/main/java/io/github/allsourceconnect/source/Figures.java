package io.github.allsourceconnect.source;

import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.fetch.RowFeed;
import io.github.allsourceconnect.source.fetch.SnapshotDownload;
import io.github.allsourceconnect.source.link.AckWriter;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import io.github.allsourceconnect.source.record.BatchBuilder;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source's figures, put together from all parts and published twice a second, and what the log
 * says of a snapshot on its way. The follower's thread.
 */
final class Figures {
  private static final Logger LOG = LoggerFactory.getLogger(Figures.class);
  private static final long EVERY_MS = 500;

  private final ReceiveBuffer buffer;
  private final long bufferDiskMaxBytes;
  private final LiveConnection live;
  private final AckWriter acks;
  private final SnapshotDownload snapshots;
  private final BatchQueue batches;
  private final Deliveries deliveries;
  private final SourceMetrics metrics;
  private final Standing standing = new Standing(System.currentTimeMillis());
  private final SnapshotProgress progress = new SnapshotProgress();

  private RowFeed told;
  private boolean finished;
  private long confirmed;
  private long dueMs;

  Figures(
      ReceiveBuffer buffer,
      long bufferDiskMaxBytes,
      LiveConnection live,
      AckWriter acks,
      SnapshotDownload snapshots,
      BatchQueue batches,
      Deliveries deliveries,
      SourceMetrics metrics) {
    this.buffer = buffer;
    this.bufferDiskMaxBytes = bufferDiskMaxBytes;
    this.live = live;
    this.acks = acks;
    this.snapshots = snapshots;
    this.batches = batches;
    this.deliveries = deliveries;
    this.metrics = metrics;
  }

  /** An event of this time was handed on. */
  void produced(long micros) {
    standing.produced(micros);
  }

  /** Kafka has every event up to this number. */
  void confirmed(long upTo) {
    confirmed = Math.max(confirmed, upTo);
  }

  void snapshotAsked(Request request, long nowMs) {
    progress.asked(request.number(), nowMs);
  }

  /** A row was taken from there. */
  void row(RowFeed feed, long nowMs) {
    if (told != feed) {
      told = feed;
      progress.reading(feed.files(), feed.expected(), nowMs);
    }
    progress.row();
  }

  /** The work is done, and nothing more comes. */
  void finished() {
    finished = true;
  }

  /** When {@link #publish} is due. */
  long dueMs() {
    return dueMs;
  }

  /** Whether a snapshot is being fetched or read. */
  boolean snapshotRunning() {
    return snapshots.isRunning();
  }

  /** How many of its rows were not read yet; 0 when that is not known. */
  long remainingRows() {
    return progress.remaining();
  }

  /**
   * Publishes.
   *
   * @param batch what makes records of events
   * @param lastMarkMs when the ledger topic got its last mark, milliseconds since 1970; 0 for none
   * @param unconfirmedMs how long Kafka has confirmed nothing of what waits for that
   * @param nowMs of the follower's clock
   */
  void publish(
      Follower follower, BatchBuilder batch, long lastMarkMs, long unconfirmedMs, long nowMs) {
    dueMs = nowMs + EVERY_MS;
    Map<String, Number> figures = new LinkedHashMap<>(SourceMetrics.of(follower.ledger()));
    figures.put("ackedOffset", acks.sent());
    figures.put("emitted", follower.emitted());
    figures.put("confirmed", deliveries.confirmedCount());
    figures.put("unconfirmedMs", unconfirmedMs);
    figures.put("filtered", deliveries.filteredCount());
    figures.put("dropped", deliveries.droppedCount());
    figures.put("protocolErrors", live.watch().protocolErrors());
    figures.put("recurringFailures", live.watch().recurringFailures());
    figures.put("sameFailureInARow", live.watch().sameFailureInARow());
    figures.put("bufferMemoryBytes", buffer.memoryBytes());
    figures.put("bufferDiskBytes", buffer.diskBytes());
    figures.put("bufferDiskMaxBytes", bufferDiskMaxBytes);
    figures.put("bufferStalls", buffer.stalls());
    figures.put("receivedBytes", live.receivedBytes());
    figures.put("snapshotBytes", snapshots.received());
    figures.put("snapshotFilesLeftOut", snapshots.leftOut());
    figures.put("lastMarkTime", lastMarkMs);
    figures.put("filterUndecided", batch.undecided());
    Shapes shapes = batch.shapes();
    figures.put("shapes", shapes.types());
    figures.put("shapeChanges", shapes.changes());
    figures.put("unshaped", shapes.unshaped());
    standing.addTo(figures, moment(follower, nowMs), System.currentTimeMillis());
    metrics.publish(
        figures,
        finished ? "FINISHED" : live.state().name(),
        live.address() == null ? "" : live.address().toString(),
        follower.ledger().losses().text());
  }

  private Standing.Moment moment(Follower follower, long nowMs) {
    boolean snapshot = snapshots.isRunning();
    String line = progress.due(snapshot, snapshots.received(), nowMs);
    if (line != null) {
      LOG.info("{}", line);
    }
    return new Standing.Moment(
        live.state() == LiveConnection.State.LIVE,
        live.silentMs(),
        follower.emitted() - confirmed + follower.ledger().held,
        buffer.memoryBytes() + buffer.diskBytes() + batches.unconfirmedBytes(),
        follower.ledger().open,
        snapshot,
        progress.remaining());
  }
}
