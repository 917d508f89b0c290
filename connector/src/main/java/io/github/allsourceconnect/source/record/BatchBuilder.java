package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.BatchSettings;
import io.github.allsourceconnect.config.ShapeSettings.PayloadFormat;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Collects what is to be produced into a {@link Batch}. The newest event waits unmapped until the
 * position after it is known. One thread.
 */
public final class BatchBuilder {
  private static final int NOTE_BYTES = 600;

  /** What takes the place of a record. */
  public enum Refused {
    /** A note: Kafka must not have the record. */
    NOTED,
    /** Nothing: Kafka must not have the record. */
    SKIPPED,
    /** Nothing: the event is not among the chosen ones. */
    FILTERED
  }

  private final RecordMapper mapper;
  private final RecordGate gate;
  private final EventFilter filter;
  private final Refusals refusals;
  private final String deadLetterTopic;
  private final String leaderName;
  private final String ledgerTopic;
  private final KeptShapes kept;

  /** Whether schemas may be larger than what they are of. */
  private final boolean schemasGrow;

  private final List<Map<String, Object>> partitions;
  private SourcePosition position;
  private boolean waits;
  private boolean mustBeConfirmed;
  private Batch batch;
  private WalEntry lastEntry;
  private SnapshotRow lastRow;
  private String lastTenant;
  private boolean lastOfFirstSnapshot;
  private byte[] lastDead;
  private ProtocolException lastDeadCause;
  private Refusals.Note lastNote;
  private LedgerRecord lastOfLedger;

  /**
   * @param start the position before the first batch
   */
  public BatchBuilder(SourceConfig config, SourcePosition start) {
    this(config, start, List.of());
  }

  /**
   * @param start the position before the first batch
   * @param shapes the schemas of payloads that former tasks kept, in parts
   */
  public BatchBuilder(SourceConfig config, SourcePosition start, List<String> shapes) {
    mapper = new RecordMapper(config, config.leader().name());
    deadLetterTopic = config.records().deadLetterTopic();
    filter = new EventFilter(config.choose());
    gate = new RecordGate(mapper, config.refusals(), System::currentTimeMillis);
    refusals = new Refusals(config.refusals(), deadLetterTopic);
    leaderName = config.leader().name();
    ledgerTopic = config.ledger().topic();
    partitions = List.copyOf(SourceOffsets.partitions(leaderName));
    kept = new KeptShapes(mapper.shapes(), leaderName, System::nanoTime);
    kept.restore(shapes);
    schemasGrow = config.shape().format() == PayloadFormat.STRUCT;
    position = start;
  }

  /**
   * Adds a live entry.
   *
   * @return what takes the record's place if Kafka must not have the event; null if it has one
   * @throws RefusedEventException if the event can't be produced and the task is to fail because of
   *     it; the batch is to be dropped then
   */
  public Refused add(WalEntry entry) {
    Event event = entry.event();
    if (!filter.passes(event, mapper.tenantOf(event))) {
      begin();
      return Refused.FILTERED;
    }
    Refusal refusal = gate.refusal(entry);
    if (refusal != null) {
      return refuse(event, entry.sequence(), refusal);
    }
    next(OutputSize.of(entry));
    lastEntry = entry;
    return null;
  }

  /** As {@link #add(WalEntry)}. */
  public Refused add(SnapshotRow row, String tenant, boolean firstSnapshot) {
    if (!filter.passes(row.event(), tenant == null ? row.event().tenantId() : tenant)) {
      begin();
      return Refused.FILTERED;
    }
    Refusal refusal = gate.refusal(row, tenant, firstSnapshot);
    if (refusal != null) {
      return refuse(row.event(), row.walOffset(), refusal);
    }
    next(OutputSize.of(row.event()));
    lastRow = row;
    lastTenant = tenant;
    lastOfFirstSnapshot = firstSnapshot;
    return null;
  }

  /** The batch has the event even if nothing is produced for it: the position is past it. */
  private Refused refuse(Event event, long walOffset, Refusal refusal) {
    Refusals.Note note = refusals.refused(event, walOffset, refusal);
    begin();
    if (note != null) {
      next(NOTE_BYTES);
      lastNote = note;
    }
    return note == null ? Refused.SKIPPED : Refused.NOTED;
  }

  public void addDeadLetter(byte[] line, ProtocolException cause) {
    next(OutputSize.of(line));
    lastDead = line;
    lastDeadCause = cause;
  }

  /** Adds a record of the ledger topic. */
  public void add(LedgerRecord record) {
    next(OutputSize.of(record.json().toBytes()));
    lastOfLedger = record;
  }

  /** Records of events tell from now on by which mark of the ledger topic they will be covered. */
  public void mark(String name) {
    mapper.mark(name);
  }

  /** The schemas of payloads, for their figures. */
  public Shapes shapes() {
    return mapper.shapes();
  }

  /** How many events were produced because whether they are to be left out took too long. */
  public long undecided() {
    return filter.undecided();
  }

  private void next(long bytes) {
    begin();
    mapLast();
    batch.addBytes(bytes);
    waits = true;
  }

  private void begin() {
    if (batch == null) {
      batch = new Batch();
    }
  }

  /**
   * Nothing else is produced before this is asked: the position after what was added last.
   *
   * @param after asked only if it is not known yet
   */
  public void settle(Supplier<SourcePosition> after) {
    if (waits) {
      waits = false;
      position = after.get();
    }
  }

  private void mapLast() {
    Batch.Offset offset = new Batch.Offset(position, batch);
    Map<String, Object> partition = partitions.get(position.produced().slot());
    if (lastEntry != null) {
      add(mapper.fromEntry(lastEntry, partition, offset));
      lastEntry = null;
    } else if (lastRow != null) {
      add(mapper.fromRow(lastRow, lastTenant, lastOfFirstSnapshot, partition, offset));
      lastRow = null;
    } else if (lastNote != null) {
      batch.add(refusals.record(lastNote, mapper, partition, offset));
      lastNote = null;
    } else if (lastOfLedger != null) {
      batch.add(mapper.fromLedger(lastOfLedger, ledgerTopic, partition, offset));
      lastOfLedger = null;
    } else if (lastDead != null) {
      SourceRecord whole = deadLetter(lastDead, lastDeadCause.getMessage(), partition, offset);
      batch.add(
          gate.fits(whole)
              ? whole
              : deadLetter(
                  new byte[0],
                  lastDeadCause.getMessage()
                      + "; its "
                      + lastDead.length
                      + " bytes are more than record.max.bytes lets through, and left out here",
                  partition,
                  offset));
      lastDead = null;
    }
  }

  private void add(SourceRecord record) {
    batch.add(record);
    if (schemasGrow) {
      batch.addBytes(gate.schemaBytes(record));
    }
  }

  private SourceRecord deadLetter(
      byte[] line, String why, Map<String, Object> partition, Batch.Offset offset) {
    ConnectHeaders headers = new ConnectHeaders();
    headers.addString("allsource.error", why);
    headers.addString("allsource.error_kind", lastDeadCause.kind().name());
    headers.addLong("allsource.error_line", lastDeadCause.lineNumber());
    if (lastDeadCause.walOffset() > 0) {
      headers.addLong("allsource.wal_offset", lastDeadCause.walOffset());
    }
    String text = utf8(line);
    headers.addString("allsource.error_encoding", text == null ? "base64" : "utf-8");
    return mapper.deadLetter(
        text == null ? Base64.getEncoder().encodeToString(line) : text,
        leaderName,
        System.currentTimeMillis(),
        headers,
        deadLetterTopic,
        partition,
        offset);
  }

  /** The line's text: what every converter that the other records need can write. */
  private static String utf8(byte[] line) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Connect has been seen to store a batch and its offsets together, or apart. */
  public void stores(boolean together) {
    kept.stores(together ? KeptShapes.Mode.TOGETHER : KeptShapes.Mode.APART);
  }

  /**
   * A record with these schemas did not come to Kafka; a part of the source partition. Any thread.
   */
  public void lostShapes(int part) {
    kept.lost(part);
  }

  /** Whether it is to be closed with one record, and when all before is confirmed. */
  public boolean wantsToBeAlone() {
    return kept.wantsToBeAlone();
  }

  /** Whether what was closed last must be confirmed before anything else is handed over. */
  public boolean mustBeConfirmed() {
    return mustBeConfirmed;
  }

  /** Whether nothing was added since the last batch. */
  public boolean isEmpty() {
    return batch == null;
  }

  /**
   * Whether another record of so many bytes keeps the batch within its settings. An empty batch
   * takes a single one of any size.
   */
  public boolean fits(BatchSettings settings, long bytes) {
    return batch == null
        || (!wantsToBeAlone()
            && batch.records().size() + 2 <= settings.maxRecords()
            && batch.bytes() + bytes <= settings.maxBytes());
  }

  public boolean isFull(BatchSettings settings) {
    return batch != null
        && (wantsToBeAlone()
            || batch.records().size() + 1 >= settings.maxRecords()
            || batch.bytes() >= settings.maxBytes());
  }

  /**
   * The batch, or null if nothing was added; what was added last is settled.
   *
   * @param drained whether all batches before are confirmed
   */
  public Batch close(long emitted, boolean drained) {
    if (batch == null) {
      return null;
    }
    mapLast();
    mustBeConfirmed = kept.fileWith(batch, drained);
    batch.close(emitted);
    Batch full = batch;
    batch = null;
    return full;
  }
}
