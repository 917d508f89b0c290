package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 20,000 events of 100 KB in two files whose times overlap, 10,000 rows a row group each as a store
 * writes them (2 GB when decoded), read in a JVM of 96 MB.
 */
class LargeSnapshotTest {
  private static final int ROWS = 10_000;
  private static final int FILES = 2;
  private static final int PAYLOAD = 100_000;
  private static final String HEAP = "-Xmx96m";
  private static final long MEMORY = 32L << 20;

  @TempDir Path folder;

  @Test
  void twentyThousandEventsOf100KbIn96Mb() throws Exception {
    long bytes = 0;
    for (int f = 0; f < FILES; f++) {
      Path path = folder.resolve(f + ".parquet");
      write(path, f);
      bytes += Files.size(path);
    }
    Process reading =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LargeSnapshotTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(reading.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, reading.waitFor(), said);
    System.out.print("LargeSnapshotTest: files of " + bytes + " bytes; " + said);
    Matcher told = Pattern.compile("(\\d+) rows, (\\d+) bytes of payload, .*").matcher(said.trim());
    assertTrue(told.matches(), said);
    assertEquals(ROWS * FILES, Integer.parseInt(told.group(1)));
    assertTrue(Long.parseLong(told.group(2)) > 2_000_000_000L, said);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(FILES, left.count());
    }
  }

  /** Payloads that differ, and that Snappy makes small so that the test is not about the disk. */
  private static void write(Path path, int file) throws Exception {
    SplittableRandom random = new SplittableRandom(file);
    byte[] pattern =
        ("{\"n\":\"" + "0123456789abcdef".repeat(PAYLOAD / 16) + "\"}").getBytes(UTF_8);
    try (SnapshotWriter writer = new SnapshotWriter(path, false, Long.MAX_VALUE)) {
      for (int i = 0; i < ROWS; i++) {
        byte[] payload = pattern.clone();
        for (int change = 0; change < 20; change++) {
          payload[10 + random.nextInt(PAYLOAD - 100)] = (byte) ('a' + random.nextInt(26));
        }
        long micros = Events.BASE_MICROS + 2L * i + file + (i % 10 == 0 ? 15 : 0);
        Event named = Events.event((long) file * ROWS + i, micros, "0", "t", "e-" + i % 50);
        writer.add(
            Events.with(named, new JsonText(payload, 0, payload.length), named.timestamp(), null),
            0);
      }
      writer.commit();
    }
  }

  /** What the forked JVM does. */
  public static void main(String[] args) throws Exception {
    List<SnapshotFile> files = new ArrayList<>();
    for (int f = 0; f < FILES; f++) {
      files.add(new SnapshotFile(f + ".parquet", Path.of(args[0]).resolve(f + ".parquet")));
    }
    long rows = 0;
    long bytes = 0;
    long micros = 0;
    int open;
    try (TimeOrderedRows all =
        new TimeOrderedRows(
            files, Long.MIN_VALUE, false, new ReadLimits(MEMORY, 1 << 20, 1L << 30))) {
      for (SnapshotRow row = all.next(); row != null; row = all.next()) {
        if (row.event().micros() < micros) {
          throw new IllegalStateException("row " + rows + " is older than the one before");
        }
        micros = row.event().micros();
        rows++;
        bytes += row.event().payload().length();
      }
      open = all.mostOpen();
    }
    long peak = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        peak += pool.getPeakUsage().getUsed();
      }
    }
    System.out.println(
        rows
            + " rows, "
            + bytes
            + " bytes of payload, "
            + open
            + " files open at a time, peak heap (garbage included) "
            + (peak >> 20)
            + " MiB of "
            + (Runtime.getRuntime().maxMemory() >> 20));
  }
}
