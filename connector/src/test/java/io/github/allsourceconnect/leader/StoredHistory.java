package io.github.allsourceconnect.leader;

import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What the scripted leader stored: Parquet files, and the events that are in none yet. Safe for
 * several threads.
 */
final class StoredHistory {
  private static final int FILE_ROWS = 10_000;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Path folder = Folders.temporary("scripted-leader-");
  private final boolean byTenant;
  private final RandomGenerator random;
  private List<Event> unflushed = new ArrayList<>();
  private long lastFileMs;

  StoredHistory(boolean byTenant, RandomGenerator random) {
    this.byTenant = byTenant;
    this.random = random;
  }

  synchronized void add(Event event) throws IOException {
    unflushed.add(event);
    if (unflushed.size() >= FILE_ROWS) {
      flush();
    }
  }

  synchronized boolean hasUnflushed() {
    return !unflushed.isEmpty();
  }

  /** Writes what is in no file to new ones; all files then, in name order. */
  synchronized List<Path> flush() throws IOException {
    if (byTenant) {
      Map<String, List<Event>> tenants = new LinkedHashMap<>();
      for (Event event : unflushed) {
        tenants.computeIfAbsent(event.tenantId(), tenant -> new ArrayList<>()).add(event);
      }
      for (List<Event> events : tenants.values()) {
        write(events);
      }
    } else if (!unflushed.isEmpty()) {
      write(unflushed);
    }
    unflushed = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Loses all files, as a promoted follower has none. */
  synchronized void forget() throws IOException {
    for (Path file : flush()) {
      Files.delete(file);
    }
  }

  synchronized void delete() {
    Folders.delete(folder);
  }

  private void write(List<Event> events) throws IOException {
    lastFileMs = Math.max(System.currentTimeMillis(), lastFileMs + 1);
    String name =
        String.format(
            Locale.ROOT,
            "events-%s-%016x%016x%s.parquet",
            TIME.format(Instant.ofEpochMilli(lastFileMs)),
            random.nextLong(),
            random.nextLong(),
            byTenant
                ? String.format(
                    Locale.ROOT, ".%016x%016x.part-0", random.nextLong(), random.nextLong())
                : "");
    try (SnapshotWriter writer = new SnapshotWriter(folder.resolve(name), false)) {
      for (Event event : events) {
        writer.add(event, 0);
      }
      writer.commit();
    }
  }
}
