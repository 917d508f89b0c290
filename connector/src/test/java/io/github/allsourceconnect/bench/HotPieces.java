package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.record.RecordMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What each event passes through, on one thread, each piece alone: {@code mvn -q -Pbench
 * -Donly=jmh}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HotPieces {
  private static final int ROWS = 10_000;
  private static final Map<String, ?> PARTITION = Map.of("leader", "bench");
  private static final Map<String, ?> OFFSET = Map.of("position", 1L);

  private final MessageCodec codec = new MessageCodec();
  private byte[] line;
  private WalEntry entry;
  private EntryMapper sink;
  private SinkRecord record;
  private SnapshotRow row;
  private RecordMapper json;
  private RecordMapper structs;
  private Path folder;
  private SnapshotFile file;

  /** An entry, its row, and a file of such rows. */
  @Setup
  public void prepare() throws IOException {
    PreparedLines lines = PreparedLines.generate(ROWS);
    line = Arrays.copyOfRange(lines.bytes(), lines.startAfter(99), lines.startAfter(100) - 1);
    entry = ((LeaderMessage.Entry) codec.decodeLeader(line, 0, line.length, 1)).data();
    json = mapper("event_json");
    structs = mapper("event");
    sink = new RecordEntryMapper(new SinkConfig(sinkSettings()).mapping());
    SourceRecord made = json.fromEntry(entry, PARTITION, OFFSET);
    record =
        new SinkRecord(
            "bench",
            0,
            made.keySchema(),
            made.key(),
            made.valueSchema(),
            made.value(),
            0,
            made.timestamp(),
            TimestampType.CREATE_TIME,
            made.headers());
    folder = Folders.temporary("allsource-jmh-");
    file = new SnapshotFile("events-20261101-000000000-0.parquet", folder.resolve("rows.parquet"));
    try (SnapshotWriter writer = new SnapshotWriter(file.path(), false)) {
      for (int n = 1; n <= ROWS; n++) {
        byte[] one =
            Arrays.copyOfRange(lines.bytes(), lines.startAfter(n - 1), lines.startAfter(n) - 1);
        Event event =
            ((LeaderMessage.Entry) codec.decodeLeader(one, 0, one.length, n)).data().event();
        writer.add(event, 0);
      }
      writer.commit();
    }
    try (TimeOrderedRows rows = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false)) {
      row = rows.next();
    }
  }

  private static Map<String, String> sinkSettings() {
    return Map.of("name", "bench", "topics", "bench", "log.bootstrap.servers", "127.0.0.1:1");
  }

  private static RecordMapper mapper(String format) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "bench");
    settings.put("value.format", format);
    settings.put(Stage.VALUES, Stage.STRINGS);
    return new RecordMapper(new SourceConfig(settings), "bench");
  }

  /** Deletes the file. */
  @TearDown
  public void delete() throws IOException {
    Files.deleteIfExists(file.path());
    Folders.delete(folder);
  }

  /** A line of the leader's to an entry, its JSON checked. */
  @Benchmark
  public LeaderMessage lineToEntry() throws IOException {
    return codec.decodeLeader(line, 0, line.length, 1);
  }

  /** The entry's checksum. */
  @Benchmark
  public boolean checksum() {
    return WalChecksum.matches(entry);
  }

  /** An entry to a record of {@code event_json} with all headers. */
  @Benchmark
  public SourceRecord entryToRecord() {
    return json.fromEntry(entry, PARTITION, OFFSET);
  }

  /** An entry to a record of {@code event}, a structure. */
  @Benchmark
  public SourceRecord entryToStruct() {
    return structs.fromEntry(entry, PARTITION, OFFSET);
  }

  /** A row to a record of {@code event_json} with all headers. */
  @Benchmark
  public SourceRecord rowToRecord() {
    return json.fromRow(row, "default", true, PARTITION, OFFSET);
  }

  /** A row out of a file of 10,000, in time order. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void fileToRows(Blackhole hole) throws IOException {
    try (TimeOrderedRows rows = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false)) {
      for (SnapshotRow next = rows.next(); next != null; next = rows.next()) {
        hole.consume(next);
      }
    }
  }

  /** The same, ids only, as a repair counts them. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public void fileToIds(Blackhole hole) throws IOException {
    try (TimeOrderedRows rows = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, true)) {
      for (SnapshotRow next = rows.next(); next != null; next = rows.next()) {
        hole.consume(next);
      }
    }
  }

  /** A record of the topic to the sink's line. */
  @Benchmark
  public byte[] recordToLine() {
    return codec.encode(new LeaderMessage.Entry(1, sink.map(record)));
  }
}
