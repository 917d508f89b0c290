package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.source.SourceRecord;

/** What the source makes of a snapshot's rows, asked one by one. One thread. */
public final class RowRecords {
  /** What becomes of a row. */
  public enum Fate {
    /** It gets a record. */
    PRODUCED,
    /** It is not among the chosen ones. */
    LEFT_OUT,
    /** Kafka must not have it: its topic's name, its size or its time. */
    REFUSED
  }

  private final RecordMapper mapper;
  private final EventFilter filter;
  private final RecordGate gate;

  /**
   * @param clockMs milliseconds since 1970
   */
  public RowRecords(SourceConfig config, LongSupplier clockMs) {
    mapper = new RecordMapper(config, config.leader().name());
    filter = new EventFilter(config.choose());
    gate = new RecordGate(mapper, config.refusals(), clockMs);
  }

  /**
   * What becomes of a row.
   *
   * @param tenantOrNull its tenant if that is known exactly; null: the row's own, if it has one
   */
  public Fate fate(SnapshotRow row, String tenantOrNull) {
    if (!filter.passes(row.event(), tenantOrNull == null ? row.event().tenantId() : tenantOrNull)) {
      return Fate.LEFT_OUT;
    }
    String tenant = mapper.tenantOf(row, tenantOrNull);
    Refusal refusal =
        gate.refusal(
            row.event(),
            tenant,
            0,
            () -> mapper.keyLength(row.event(), tenant),
            () -> mapper.around(row.event()),
            () -> record(row, tenantOrNull));
    return refusal == null ? Fate.PRODUCED : Fate.REFUSED;
  }

  /** The record that a repair makes of a row. */
  public SourceRecord record(SnapshotRow row, String tenantOrNull) {
    return mapper.fromRow(row, tenantOrNull, false, Map.of(), Map.of());
  }
}
