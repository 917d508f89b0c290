package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the schemas of payloads where Connect keeps offsets, so that the next task goes on with
 * them: in source partitions of their own, each a part of the event types, written when it has
 * changed. A source partition's offset is that of a record, so one of the batch's records is filed
 * there, with its position and the part beside it; the position counts there, too.
 *
 * <p>Where Connect stores each source partition by itself (at-least-once), nothing else may be
 * unconfirmed then: the record goes alone, after all before it and before all behind it. One
 * thread, but for {@link #lost}.
 */
final class KeptShapes {
  private static final Logger LOG = LoggerFactory.getLogger(KeptShapes.class);
  private static final long EVERY_NANOS = 1_000_000_000;

  /** How Connect stores offsets. */
  enum Mode {
    UNKNOWN,
    /** All of a batch together with its records, or none. */
    TOGETHER,
    /** Each source partition by itself. */
    APART
  }

  private final Shapes shapes;
  private final String leaderName;
  private final LongSupplier nanos;
  private final Queue<Integer> lost = new ConcurrentLinkedQueue<>();
  private Mode mode = Mode.UNKNOWN;
  private long notBefore;

  KeptShapes(Shapes shapes, String leaderName, LongSupplier nanos) {
    this.shapes = shapes;
    this.leaderName = leaderName;
    this.nanos = nanos;
    notBefore = nanos.getAsLong();
  }

  /** What former tasks kept is known again; what can't be read begins anew. */
  void restore(List<String> parts) {
    for (String part : parts) {
      try {
        shapes.restore(part);
      } catch (IllegalArgumentException e) {
        LOG.warn(
            "Schemas of payloads that are stored with the offsets of {} can't be read ({}); they"
                + " are derived anew from events",
            Printable.of(leaderName),
            e.getMessage());
      }
    }
  }

  /** The record that was filed with this part is not in Kafka, nor is the part. Any thread. */
  void lost(int part) {
    lost.add(part);
  }

  void stores(Mode how) {
    mode = how;
  }

  /** Whether the next batch is to have one record, and nothing before it unconfirmed. */
  boolean wantsToBeAlone() {
    return mode == Mode.APART && isDue();
  }

  private boolean isDue() {
    for (Integer part = lost.poll(); part != null; part = lost.poll()) {
      shapes.changed(part);
    }
    return shapes.changedPart() >= 0
        && (mode == Mode.TOGETHER || nanos.getAsLong() - notBefore >= 0);
  }

  /**
   * Files records of the batch with what has changed.
   *
   * @param drained whether all before it is confirmed
   * @return whether nothing may follow before this is confirmed
   */
  boolean fileWith(Batch batch, boolean drained) {
    List<SourceRecord> records = batch.records();
    boolean alone = drained && records.size() == 1;
    if (!isDue() || mode == Mode.UNKNOWN || (mode == Mode.APART && !alone)) {
      return false;
    }
    boolean filed = false;
    int part = shapes.changedPart();
    // the newest record last, so that its position stands where one looks for it
    for (int i = 0; i < records.size() && part >= 0; i++) {
      int index = (2 * records.size() - 2 - i) % records.size();
      SourceRecord record = records.get(index);
      SourcePosition position = ((Batch.Offset) record.sourceOffset()).position();
      if (position.produced().slot() == SourcePosition.FIRST_SLOT) {
        batch.replace(index, filed(record, part, position, batch));
        part = shapes.changedPart();
        filed = true;
      }
    }
    notBefore = nanos.getAsLong() + EVERY_NANOS;
    return filed && mode == Mode.APART;
  }

  private SourceRecord filed(SourceRecord record, int part, SourcePosition position, Batch batch) {
    return new SourceRecord(
        SourceOffsets.shapePartition(leaderName, part),
        new Batch.Offset(position, batch, Map.of(SourceOffsets.SHAPES_OF_TYPES, shapes.take(part))),
        record.topic(),
        record.kafkaPartition(),
        record.keySchema(),
        record.key(),
        record.valueSchema(),
        record.value(),
        record.timestamp(),
        record.headers());
  }
}
