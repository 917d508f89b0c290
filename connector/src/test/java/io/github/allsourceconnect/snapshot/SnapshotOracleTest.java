package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read page by page is what Parquet's own reader, which holds row groups, reads. */
class SnapshotOracleTest {
  private static final Pattern ENOUGH = Pattern.compile("raise it to (\\d+)");
  private static final long MUCH = 8 << 20;
  private static final ReadLimits LITTLE =
      new ReadLimits(ReadLimits.LEAST_MEMORY, 1 << 20, 1L << 30);
  private static final List<ReadLimits> ALL =
      List.of(ReadLimits.DEFAULT, new ReadLimits(MUCH, 1 << 20, 1L << 30), LITTLE);
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"0.27.0-snapshot-doubled-by-tenant", "snapshot-then-live"})
  void capturedSnapshots(String capture) throws Exception {
    try (SnapshotAssembler assembler = CapturedSnapshot.assemble(capture, folder)) {
      assertTrue(assembler.files().size() > 0);
      for (SnapshotFile file : assembler.files()) {
        List<GenericRecord> expected = parquets(file);
        for (ReadLimits limits : ALL) {
          same(expected, file, limits, capture + ", " + file.name());
        }
      }
    }
  }

  @Test
  void generatedFiles() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("SnapshotOracleTest: replay with -Dfuzz.seed=" + seed);
    for (int i = 0; i < Integer.getInteger("fuzz.cases", 60); i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      List<Event> events = events(random);
      TestFiles.Layout layout = layout(random);
      String what = "seed " + seed + ", case " + i + ", " + layout;
      SnapshotFile file = TestFiles.write(folder.resolve("f.parquet"), layout, events);
      List<GenericRecord> expected = parquets(file);
      assertEquals(events.size(), expected.size(), what);
      for (ReadLimits limits : ALL) {
        List<Event> read = withEnough(expected, file, limits, what);
        for (int row = 0; row < events.size(); row++) {
          assertEquals(events.get(row), read.get(row), what + ", row " + row);
        }
      }
      Files.delete(file.path());
    }
  }

  private static TestFiles.Layout layout(SplittableRandom random) {
    TestFiles.Layout layout =
        TestFiles.Layout.real()
            .withGroups(1 + random.nextInt(2000))
            .withPages(random.nextBoolean() ? 100_000 : 1 + random.nextInt(300));
    if (random.nextInt(3) == 0) {
      layout = layout.withoutDictionary();
    }
    if (random.nextInt(3) == 0) {
      // its pages are of an encoding that can't be cut into pieces
      layout = layout.withV2Pages().withPages(1 + random.nextInt(100));
    }
    if (random.nextInt(3) == 0) {
      layout = layout.withoutChecksums();
    }
    if (random.nextInt(4) == 0) {
      layout = layout.withCodec(CompressionCodecName.UNCOMPRESSED);
    }
    if (random.nextInt(3) == 0) {
      layout = layout.withSchema(TestFiles.REAL_SCHEMA.replace("required", "optional"));
    }
    return layout;
  }

  private static List<Event> events(SplittableRandom random) {
    List<Event> events = new ArrayList<>();
    int texts = 1 + random.nextInt(random.nextBoolean() ? 3 : 5000);
    int size = 1 << random.nextInt(11);
    int count = 1 + random.nextInt(1500);
    for (int i = 0; i < count; i++) {
      int text = random.nextInt(texts);
      Event e =
          Events.event(
                  random.nextInt(count),
                  Events.BASE_MICROS + random.nextInt(100_000),
                  "{\"n\":" + text + ",\"pad\":\"" + "é".repeat(text % size) + "\"}",
                  "type-" + text % 7,
                  "entity-" + random.nextInt(texts))
              .withTenant(null);
      events.add(
          Events.with(
              e,
              random.nextInt(3) == 0 ? JsonText.of("{\"m\":" + text + "}") : JsonText.NULL,
              random.nextInt(9) == 0 ? Long.MIN_VALUE + text : text));
    }
    return events;
  }

  private static List<GenericRecord> parquets(SnapshotFile file) throws IOException {
    List<GenericRecord> records = new ArrayList<>();
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file.path()), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .withCodecFactory(new SnappyCodecs())
            .build()) {
      for (GenericRecord r = reader.read(); r != null; r = reader.read()) {
        records.add(r);
      }
    }
    return records;
  }

  /** Pages that can't be cut may need more than there is: as much as the message names, then. */
  private static List<Event> withEnough(
      List<GenericRecord> expected, SnapshotFile file, ReadLimits limits, String what)
      throws IOException {
    try {
      return same(expected, file, limits, what);
    } catch (SnapshotFileException e) {
      Matcher enough = ENOUGH.matcher(e.getMessage());
      assertTrue(limits != ReadLimits.DEFAULT && enough.find(), what + ": " + e.getMessage());
      long memory = Long.parseLong(enough.group(1));
      assertTrue(memory > limits.memoryBytes(), what + ": " + e.getMessage());
      return withEnough(
          expected,
          file,
          new ReadLimits(memory, limits.valueBytes(), limits.diskBytes()),
          what + ", with " + memory);
    }
  }

  private static List<Event> same(
      List<GenericRecord> expected, SnapshotFile file, ReadLimits limits, String what)
      throws IOException {
    List<Event> events = new ArrayList<>();
    try (SnapshotFileReader reader = SnapshotFileReader.open(file, 3, false, limits);
        SnapshotFileReader ids = SnapshotFileReader.open(file, 3, true, limits)) {
      assertEquals(expected.size(), reader.rows(), what);
      for (int i = 0; i < expected.size(); i++) {
        GenericRecord record = expected.get(i);
        SnapshotRow row = reader.next();
        Event event = row.event();
        assertEquals(i + 1, row.row(), what);
        assertEquals(3, row.file(), what);
        assertEquals(record.get(0).toString(), event.id(), what);
        assertEquals(record.get(1).toString(), event.eventType(), what);
        assertEquals(record.get(2).toString(), event.entityId(), what);
        assertEquals(record.get(3).toString(), event.payload().toString(), what);
        assertEquals(record.get(4), event.micros(), what);
        assertEquals(String.valueOf(record.get(5)), event.metadata().toString(), what);
        assertEquals(record.get(6), event.version(), what);
        SnapshotRow bare = ids.next();
        assertEquals(event.id(), bare.event().id(), what);
        assertEquals(event.micros(), bare.event().micros(), what);
        assertEquals(event.version(), bare.event().version(), what);
        assertEquals(row.row(), bare.row(), what);
        events.add(event);
      }
      assertNull(reader.next(), what);
      assertNull(ids.next(), what);
      if (limits.memoryBytes() >= MUCH) { // less does not hold the buffers of seven columns
        assertTrue(reader.memory() <= limits.openBytes(), what + ": " + reader.memory());
      }
    }
    return events;
  }
}
