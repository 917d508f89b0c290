package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Collects what the follower orders to be produced into batches, on the follower's thread. A batch
 * ends where the position is taken, once for each batch: it may be larger than its limits (what was
 * held behind a gap comes at once), but it is never split.
 */
final class BatchBuilder {
  private final RecordSettings settings;
  private final RecordMapper mapper;
  private final Map<String, ?> partition;
  private final HandOver handOver;

  private Map<String, ?> before;
  private Batch batch = new Batch();
  private List<SourceRecord> records = new ArrayList<>();
  private long bytes;
  private long produced;

  /**
   * @param partition Connect's source partition
   */
  BatchBuilder(
      RecordSettings settings, RecordMapper mapper, Map<String, ?> partition, HandOver handOver) {
    this.settings = settings;
    this.mapper = mapper;
    this.partition = partition;
    this.handOver = handOver;
  }

  /** Takes the position that the first batch begins at. */
  void start(Follower follower) {
    before = SourceOffsets.encode(follower.position());
  }

  void entry(WalEntry entry) {
    mapper.entry(entry, this::add);
  }

  void row(SnapshotRow row, String tenant) {
    mapper.row(row, tenant, this::add);
  }

  /** A record that is no event: a dead letter. */
  void add(
      String topic,
      String key,
      Schema valueSchema,
      Object value,
      Long timestamp,
      ConnectHeaders headers,
      int size) {
    records.add(
        new Batch.Member(
            batch,
            partition,
            before,
            topic,
            key == null ? null : Schema.STRING_SCHEMA,
            key,
            valueSchema,
            value,
            timestamp,
            headers));
    bytes += size;
    produced++;
  }

  /** Whether more may be added; a full batch is handed over first, if there is room for it. */
  boolean hasRoom(Follower follower) {
    if (!isFull()) {
      return true;
    }
    if (!handOver.hasRoom()) {
      return false;
    }
    end(follower);
    return true;
  }

  /** Nothing more is there now: what was collected need not wait, unless Connect is busy anyway. */
  void idle(Follower follower) {
    if (!records.isEmpty() && (handOver.isEmpty() || isFull() && handOver.hasRoom())) {
      end(follower);
    }
  }

  /** Hands over what was collected, room or not: nothing comes after it. */
  void flush(Follower follower) {
    if (!records.isEmpty()) {
      end(follower);
    }
  }

  private boolean isFull() {
    return records.size() >= settings.batchRecords() || bytes >= settings.batchBytes();
  }

  private void end(Follower follower) {
    Map<String, ?> after = SourceOffsets.encode(follower.position());
    int last = records.size() - 1;
    records.set(last, ((Batch.Member) records.get(last)).at(after));
    batch.complete(records, follower.emitted(), bytes);
    handOver.offer(batch);
    before = after;
    batch = new Batch();
    records = new ArrayList<>(Math.min(settings.batchRecords(), 2 * records.size() + 10));
    bytes = 0;
  }

  /** Records made since the start. */
  long records() {
    return produced;
  }
}
