package io.github.allsourceconnect.snapshot;

import static io.github.allsourceconnect.snapshot.ForgedParquet.dictionary;
import static io.github.allsourceconnect.snapshot.ForgedParquet.int32;
import static io.github.allsourceconnect.snapshot.ForgedParquet.join;
import static io.github.allsourceconnect.snapshot.ForgedParquet.number;
import static io.github.allsourceconnect.snapshot.ForgedParquet.page;
import static io.github.allsourceconnect.snapshot.ForgedParquet.page2;
import static io.github.allsourceconnect.snapshot.ForgedParquet.plain;
import static io.github.allsourceconnect.snapshot.ForgedParquet.run;
import static io.github.allsourceconnect.snapshot.ForgedParquet.schemaElement;
import static io.github.allsourceconnect.snapshot.ForgedParquet.text;
import static io.github.allsourceconnect.snapshot.ForgedParquet.varint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.snapshot.ForgedParquet.Struct;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xerial.snappy.Snappy;

/** Files whose numbers lie, and the answer that each must get, for how much memory. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileFilesTest {
  private static final int P = ForgedParquet.PAYLOAD;
  private static final int SNAPPY = 1;
  private static final int MAX = Integer.MAX_VALUE;
  private static final ReadLimits LIMITS = new ReadLimits(8 << 20, 4 << 20, 1 << 30);

  /** Of all objects made while a file is refused, whenever they were collected. */
  private static final long ALLOCATED_MAX = 24L << 20;

  @TempDir Path folder;

  private static Arguments file(String name, String answer, Consumer<ForgedParquet> lie) {
    ForgedParquet file = new ForgedParquet();
    lie.accept(file);
    return Arguments.of(name, answer, file.toBytes());
  }

  /** Places in the dictionary of a column of the payload. */
  private static Arguments places(String name, String answer, byte[] places) {
    return file(
        name,
        answer,
        f -> {
          byte[] entries = dictionary(text("{}"), 1);
          f.columns[P].dictionaryLength = entries.length;
          f.columns[P].pages = join(entries, page(places, 3, 8));
        });
  }

  private static byte[] delta(long block, long blocks, long total) {
    return join(varint(block), varint(blocks), varint(total), new byte[20]);
  }

  static Stream<Arguments> hostile() {
    List<Arguments> all = new ArrayList<>();
    // the end of the file
    all.add(file("footer longer", "footer would be longer", f -> f.footerLength = 1 << 20));
    all.add(file("footer of 2 GB", "footer would be longer", f -> f.footerLength = MAX));
    all.add(file("footer negative", "footer would be longer", f -> f.footerLength = -5));
    all.add(file("footer empty", "(EOFException)", f -> f.footerLength = 0));
    all.add(file("encrypted", "begin and end as a Parquet file", f -> f.magic = "PARE"));
    // the footer's structure
    all.add(file("schema of 2^31", "count beyond its own length", f -> f.schemaCount = (long) MAX));
    all.add(file("schema of 2^62", "count beyond its own length", f -> f.schemaCount = 1L << 62));
    all.add(
        file(
            "a name of 2 GB",
            "length beyond its own end",
            f -> f.schema = List.of(new Struct().bytes(4, new byte[3], MAX).i32(5, 7).end())));
    all.add(
        file(
            "unknown fields 5,000 deep",
            "structure is nested too deeply",
            f -> {
              byte[] deep = new byte[5_000];
              Arrays.fill(deep, (byte) 0xFC);
              f.footer = deep;
            }));
    all.add(
        file(
            "many empty structs",
            "more parts than snapshot.memory.bytes",
            f ->
                f.footer =
                    new Struct().list(4, 12, Collections.nCopies(300_000, new byte[1])).end()));
    all.add(
        file(
            "20,000 levels",
            "schema is nested",
            f -> {
              List<byte[]> schema = new ArrayList<>();
              schema.add(ForgedParquet.root(1));
              schema.addAll(
                  Collections.nCopies(
                      20_000, new Struct().i32(3, 1).bytes(4, new byte[] {'g'}).i32(5, 1).end()));
              schema.add(schemaElement(0));
              f.schema = schema;
            }));
    all.add(
        file(
            "20,000 columns",
            "more than 1000 columns",
            f -> {
              List<byte[]> schema = new ArrayList<>();
              schema.add(ForgedParquet.root(20_000));
              schema.addAll(Collections.nCopies(20_000, schemaElement(0)));
              f.schema = schema;
            }));
    all.add(
        file(
            "children negative",
            "schema is nested",
            f -> f.schema = List.of(ForgedParquet.root(-1), schemaElement(0))));
    // what the footer says of rows and columns
    all.add(file("rows negative", "does not fit together", f -> f.groupRows = -1));
    all.add(
        file(
            "20 million rows",
            "more rows than it has bytes",
            f -> {
              f.groupRows = 20_000_000;
              for (int i = 0; i < f.columns.length; i++) {
                byte[] one = i == 4 || i == 6 ? number(1) : text("{}");
                byte[] entries = dictionary(one, 1);
                f.columns[i].dictionaryLength = entries.length;
                f.columns[i].pages = join(entries, page(run(20_000_000), 20_000_000, 8));
              }
            }));
    all.add(file("a group 50 times", "two of its columns overlap", f -> f.groups = 50));
    all.add(
        file(
            "a group 100,000 times",
            "more than snapshot.memory.bytes allows; raise it",
            f -> f.groups = 100_000));
    all.add(file("columns overlap", "columns overlap", f -> f.columns[P].start = 4L));
    all.add(file("a column before the file", "outside the file", f -> f.columns[P].start = -9L));
    all.add(file("a column behind it", "outside the file", f -> f.columns[P].start = 1L << 40));
    all.add(file("a size of 2^62", "outside the file", f -> f.columns[P].size = 1L << 62));
    all.add(file("a size negative", "outside the file", f -> f.columns[P].size = -1L));
    all.add(
        file(
            "more values",
            "number of values than the file has rows",
            f -> f.columns[P].values = 4L));
    all.add(
        file("size unpacked negative", "impossible size", f -> f.columns[P].uncompressed = -1L));
    all.add(file("another type", "another type than the schema", f -> f.columns[P].metaType = 2));
    all.add(file("no such type", "(IOException)", f -> f.columns[P].metaType = 99));
    all.add(file("gzip", "compressed with GZIP; only Snappy", f -> f.columns[P].codec = 2));
    all.add(file("no such codec", "(IOException)", f -> f.columns[P].codec = 77));
    all.add(
        file(
            "times that are too late",
            "older than its footer says",
            f -> {
              f.columns[4].min = number(1_767_323_045_000_001L);
              f.columns[4].max = number(1_767_323_045_000_002L);
            }));
    // pages
    all.add(
        file(
            "a page of 2 GB",
            "goes beyond its column",
            f -> f.columns[P].pages = page(plain(P), 3, 0, MAX, MAX)));
    all.add(
        file(
            "a page negative",
            "truncated, altered",
            f -> f.columns[P].pages = page(plain(P), 3, 0, -1, -1)));
    all.add(
        file(
            "a page of 2 GB unpacked",
            "larger than its column",
            f -> {
              f.columns[P].codec = SNAPPY;
              f.columns[P].pages = page(new byte[30], 3, 0, MAX, 30);
            }));
    all.add(
        file(
            "the column as well",
            "not that of the bytes that are there",
            f -> {
              f.columns[P].codec = SNAPPY;
              f.columns[P].uncompressed = 1L << 40;
              f.columns[P].pages = page(new byte[30], 3, 0, MAX, 30);
            }));
    all.add(
        file(
            "Snappy's own size",
            "differs from what its header says",
            f -> {
              f.columns[P].codec = SNAPPY;
              f.columns[P].pages = page(join(varint(41), new byte[24]), 3, 0, 40, 25);
            }));
    all.add(
        file(
            "not as many bytes unpacked as packed",
            "not that of the bytes that are there",
            f -> f.columns[P].pages = page(plain(P), 3, 0, 5, plain(P).length)));
    all.add(
        file(
            "a page with more values",
            "more values than the file has rows",
            f -> f.columns[P].pages = page(plain(P), MAX, 0)));
    all.add(
        file(
            "a page with fewer",
            "fewer values than the file has rows",
            f -> f.columns[P].pages = page(plain(P), 2, 0)));
    all.add(
        file(
            "values negative",
            "more values than the file has rows",
            f -> f.columns[P].pages = page(plain(P), -3, 0)));
    all.add(
        file(
            "a text of 2 GB",
            "truncated, altered",
            f -> f.columns[P].pages = page(join(int32(MAX), new byte[40]), 3, 0)));
    all.add(
        file(
            "a text negative",
            "truncated, altered",
            f -> f.columns[P].pages = page(join(int32(-8), new byte[40]), 3, 0)));
    all.add(
        file(
            "a header with a text of 2 GB",
            "length beyond its own end",
            f ->
                f.columns[P].pages =
                    join(new Struct().i32(1, 0).bytes(9, new byte[9], MAX).end(), new byte[50])));
    all.add(
        file("a header cut short", "(EOFException)", f -> f.columns[P].pages = new byte[] {0x15}));
    all.add(
        file(
            "an unknown encoding",
            "not read: BYTE_STREAM_SPLIT",
            f -> f.columns[4].pages = page(plain(4), 3, 9)));
    all.add(
        file("no such encoding", "(IOException)", f -> f.columns[4].pages = page(plain(4), 3, 55)));
    all.add(
        file(
            "levels of a page of version 2",
            "levels go beyond their page",
            f -> f.columns[P].pages = page2(plain(P), 3, 0, MAX, 0)));
    all.add(
        file(
            "levels of repetition",
            "levels go beyond their page",
            f -> f.columns[P].pages = page2(plain(P), 3, 0, 0, -7)));
    all.add(
        file(
            "levels of 2 GB",
            "levels go beyond their page",
            f -> {
              Struct optional = new Struct().i32(1, 6).i32(3, 1).bytes(4, new byte[] {'p'});
              List<byte[]> schema = new ArrayList<>();
              schema.add(ForgedParquet.root(7));
              for (int i = 0; i < 7; i++) {
                schema.add(i == P ? optional.end() : schemaElement(i));
              }
              f.schema = schema;
              f.columns[P].pages = page(join(int32(MAX), new byte[40]), 3, 0);
            }));
    // dictionaries
    all.add(
        file(
            "2^31 entries",
            "more entries than it has room for",
            f -> {
              byte[] entries = dictionary(text("{}"), MAX);
              f.columns[P].dictionaryLength = entries.length;
              f.columns[P].pages = join(entries, page(run(3), 3, 8));
            }));
    all.add(
        file(
            "entries negative",
            "more entries than it has room for",
            f -> {
              byte[] entries = dictionary(text("{}"), -1);
              f.columns[P].dictionaryLength = entries.length;
              f.columns[P].pages = join(entries, page(run(3), 3, 8));
            }));
    all.add(
        file(
            "an entry of 2 GB",
            "dictionary ends too early",
            f -> {
              byte[] entries = dictionary(join(int32(MAX), new byte[9]), 1);
              f.columns[P].dictionaryLength = entries.length;
              f.columns[P].pages = join(entries, page(run(3), 3, 8));
            }));
    all.add(
        file(
            "two dictionaries",
            "dictionary in its midst",
            f -> {
              byte[] entries = dictionary(text("{}"), 1);
              f.columns[P].pages = join(entries, entries, page(run(3), 3, 8));
            }));
    all.add(
        file(
            "no dictionary",
            "dictionary is missing",
            f -> f.columns[P].pages = page(run(3), 3, 8)));
    all.add(
        places(
            "2^27 groups",
            "more values than its page",
            join(new byte[] {1}, varint((1L << 28) | 1), new byte[9])));
    all.add(
        places("a run without end", "impossible length", new byte[] {1, -1, -1, -1, -1, -1, 1}));
    all.add(
        places(
            "a width of 200",
            "impossible width",
            join(new byte[] {(byte) 200}, varint(6), new byte[40])));
    all.add(
        places(
            "a place that is none",
            "truncated, altered",
            join(new byte[] {8}, varint(6), new byte[] {77})));
    // differences
    for (int encoding : new int[] {6, 7}) {
      all.add(
          file(
              "2^31 differences, encoding " + encoding,
              "more values than its header says",
              f -> f.columns[P].pages = page(delta(128, 4, MAX), 3, encoding)));
      all.add(
          file(
              "blocks of 2^30, encoding " + encoding,
              "blocks of an impossible size",
              f -> f.columns[P].pages = page(delta(1 << 30, 1, 3), 3, encoding)));
    }
    for (byte[] cut : new byte[][] {{}, {(byte) 0x80}, {(byte) 0x80, 1, 4}, {8, 1, (byte) 0xff}}) {
      for (int encoding : new int[] {6, 7, 5}) {
        all.add(
            file(
                "differences that end after " + cut.length + " bytes, encoding " + encoding,
                "truncated, altered",
                f -> f.columns[encoding == 5 ? 4 : P].pages = page(cut, 3, encoding)));
      }
    }
    all.add(
        file(
            "2^31 differences of numbers",
            "more values than its header says",
            f -> f.columns[4].pages = page(delta(128, 4, MAX), 3, 5)));
    all.add(
        file(
            "2^31 differences behind others",
            "more values than its header says",
            f ->
                f.columns[P].pages =
                    page(
                        join(join(varint(8), varint(1), varint(1), varint(0)), delta(128, 4, MAX)),
                        3,
                        7)));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void isRefusedForALittleMemory(String name, String answer, byte[] bytes) throws Exception {
    SnapshotFile file = write(bytes);
    long before = allocated();
    SnapshotFileException e = assertThrows(SnapshotFileException.class, () -> read(file));
    long taken = allocated() - before;
    assertTrue(e.getMessage().contains(answer), e.getMessage());
    assertEquals("bad.parquet", e.file());
    assertTrue(
        e.getMessage().startsWith("snapshot file bad.parquet can't be read"), e.getMessage());
    assertTrue(taken < ALLOCATED_MAX, name + " took " + taken + " bytes");
  }

  @Test
  void aFileWithoutALieIsRead() throws Exception {
    assertEquals(3, read(write(new ForgedParquet().toBytes())));
    ForgedParquet nothing = new ForgedParquet();
    nothing.columns[P].pages =
        join(page(new byte[0], 0, 0), page(plain(P), 3, 0), page(new byte[9], 0, 0));
    assertEquals(3, read(write(nothing.toBytes())));
  }

  /** Of each row group that is not open yet something is kept: not of any number. */
  @Test
  void tooManyRowGroupsAreTheFaultOfTheFileThatHasMost() throws Exception {
    Path one = folder.resolve("one");
    Files.write(one, new ForgedParquet().toBytes());
    List<SnapshotFile> files =
        List.of(
            new SnapshotFile("a.parquet", one),
            new SnapshotFile("b.parquet", one),
            new SnapshotFile("c.parquet", one));
    new TimeOrderedRows(files, Long.MIN_VALUE, false, ReadLimits.DEFAULT, 3).close();
    SnapshotFileException refused =
        assertThrows(
            SnapshotFileException.class,
            () -> new TimeOrderedRows(files, Long.MIN_VALUE, false, ReadLimits.DEFAULT, 2));
    assertEquals("a.parquet", refused.file());
    assertTrue(refused.getMessage().contains("snapshot.memory.bytes"), refused.getMessage());
  }

  @Test
  void cutAnywhereItIsRefused() throws Exception {
    byte[] whole = new ForgedParquet().toBytes();
    for (int length = 0; length < whole.length; length++) {
      SnapshotFile file = write(Arrays.copyOf(whole, length));
      assertThrows(SnapshotFileException.class, () -> read(file), "cut at " + length);
    }
  }

  /** What unpacks to much passes if no value is above its limit, and takes no more than one. */
  @Test
  void aPageThatUnpacksToMuch() throws Exception {
    for (boolean dictionary : new boolean[] {false, true}) {
      assertEquals(3, read(write(unpacking(3 << 20, dictionary))));
      SnapshotFile file = write(unpacking(30 << 20, dictionary));
      long before = allocated();
      IOException e = assertThrows(IOException.class, () -> read(file));
      long taken = allocated() - before;
      assertTrue(e.getMessage().contains("is more than line.max.bytes allows"), e.getMessage());
      assertTrue(taken < ALLOCATED_MAX, "took " + taken + " bytes");
    }
  }

  private static byte[] unpacking(int size, boolean dictionary) throws IOException {
    byte[] value = text("\"" + "a".repeat(size) + "\"");
    byte[] plain = dictionary ? value : join(value, value, value);
    byte[] packed = Snappy.compress(plain);
    ForgedParquet file = new ForgedParquet();
    file.columns[P].codec = SNAPPY;
    file.columns[P].uncompressed = 1L << 40;
    if (dictionary) {
      byte[] entries =
          join(
              new Struct()
                  .i32(1, 2)
                  .i32(2, plain.length)
                  .i32(3, packed.length)
                  .struct(7, new Struct().i32(1, 1).i32(2, 0))
                  .end(),
              packed);
      byte[] places = Snappy.compress(run(3));
      file.columns[P].dictionaryLength = entries.length;
      file.columns[P].pages = join(entries, page(places, 3, 8, run(3).length, places.length));
    } else {
      file.columns[P].pages = page(packed, 3, 0, plain.length, packed.length);
    }
    return file.toBytes();
  }

  /** Snappy in which each kind of element is wrong somewhere, in a page that is not held. */
  @Test
  void streamedPagesAreCheckedAsWell() throws Exception {
    byte[] good = unpacking(2 << 20, false);
    for (int at = 300; at < good.length; at += 1 + at / 9) {
      for (int bit = at % 2; bit < 8; bit += 2) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) (1 << bit);
        SnapshotFile file = write(bad);
        try {
          read(file);
        } catch (SnapshotFileException e) {
          assertEquals("bad.parquet", e.file());
        }
      }
    }
  }

  private SnapshotFile write(byte[] bytes) throws IOException {
    Path path = folder.resolve("bad");
    Files.write(path, bytes);
    return new SnapshotFile("bad.parquet", path);
  }

  private static int read(SnapshotFile file) throws IOException {
    int rows = 0;
    try (TimeOrderedRows all = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false, LIMITS)) {
      while (all.next() != null) {
        rows++;
      }
    }
    return rows;
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
