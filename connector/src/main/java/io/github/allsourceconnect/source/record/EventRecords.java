package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.RefusalSettings.Policy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceRecord;

/** What the source makes of events, asked one by one, without batches or positions. One thread. */
public final class EventRecords {
  /** What becomes of an event. */
  public sealed interface Fate {}

  /**
   * It gets a record.
   *
   * @param maker makes it
   */
  public record Produced(Supplier<SourceRecord> maker) implements Fate {
    /** The record, made anew with each call. */
    public SourceRecord record() {
      return maker.get();
    }
  }

  /** It is not among the chosen ones. */
  public record LeftOut() implements Fate {}

  /**
   * Kafka must not have it.
   *
   * @param why its field and what is wrong with that, printable
   * @param key the setting that says what becomes of it
   * @param policy what that says
   * @param note the dead letter about it, if it says so; otherwise null
   */
  public record Refused(String why, String key, Policy policy, SourceRecord note) implements Fate {}

  private static final LeftOut LEFT_OUT = new LeftOut();

  private final RecordMapper mapper;
  private final EventFilter filter;
  private final RecordGate gate;
  private final Refusals refusals;

  /**
   * @param clockMs milliseconds since 1970
   */
  public EventRecords(SourceConfig config, LongSupplier clockMs) {
    mapper = new RecordMapper(config, config.leader().name());
    filter = new EventFilter(config.choose());
    gate = new RecordGate(mapper, config.refusals(), clockMs);
    refusals = new Refusals(config.refusals(), config.records().deadLetterTopic());
  }

  /** What becomes of a live entry. */
  public Fate of(WalEntry entry) {
    Event event = entry.event();
    if (!filter.passes(event, mapper.tenantOf(event))) {
      return LEFT_OUT;
    }
    Refusal refusal = gate.refusal(entry);
    return refusal == null
        ? new Produced(() -> mapper.fromEntry(entry, Map.of(), Map.of()))
        : refused(event, entry.sequence(), refusal);
  }

  /**
   * What becomes of a snapshot's row.
   *
   * @param tenantOrNull its tenant if that is known exactly; null: the row's own, if it has one
   * @param firstSnapshot whether it comes with the first snapshot, not with a repair
   */
  public Fate of(SnapshotRow row, String tenantOrNull, boolean firstSnapshot) {
    Event event = row.event();
    if (!filter.passes(event, tenantOrNull == null ? event.tenantId() : tenantOrNull)) {
      return LEFT_OUT;
    }
    Refusal refusal = gate.refusal(row, tenantOrNull, firstSnapshot);
    return refusal == null
        ? new Produced(() -> mapper.fromRow(row, tenantOrNull, firstSnapshot, Map.of(), Map.of()))
        : refused(event, row.walOffset(), refusal);
  }

  private Refused refused(Event event, long walOffset, Refusal refusal) {
    Policy policy = refusals.policy(refusal);
    SourceRecord note =
        policy == Policy.DLQ
            ? refusals.record(
                new Refusals.Note(event, walOffset, refusal), mapper, Map.of(), Map.of())
            : null;
    return new Refused(refusal.field() + " " + refusal.why(), Refusals.key(refusal), policy, note);
  }
}
