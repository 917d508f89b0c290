package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that real leaders sent. */
class SnapshotCaptureTest {
  @TempDir Path folder;

  @Test
  void doubledRowsByTenant() throws Exception {
    try (SnapshotAssembler assembler = assemble("0.27.0-snapshot-doubled-by-tenant")) {
      List<SnapshotFile> files = assembler.files();
      assertEquals(9, files.size());
      long rows = 0;
      Map<String, Event> events = new HashMap<>();
      Map<Integer, Set<String>> idsOfFile = new HashMap<>();
      for (int i = 0; i < files.size(); i++) {
        assertTrue(SnapshotFiles.singleTenant(files.get(i).name()));
        try (SnapshotFileReader reader = SnapshotFileReader.open(files.get(i), i, false)) {
          assertEquals(1, reader.groups());
          assertTrue(reader.hasTimes(0));
          for (SnapshotRow row = reader.next(); row != null; row = reader.next()) {
            rows++;
            assertEquals(i, row.file());
            assertEquals(0, row.walOffset());
            assertNull(row.event().tenantId());
            assertTrue(row.event().micros() >= reader.minMicros(0));
            assertTrue(row.event().micros() <= reader.maxMicros(0));
            assertTrue(
                row.event().micros()
                    <= SnapshotFiles.flushMicros(files.get(i).name()).orElseThrow());
            // rows that stand twice are equal in every column
            Event other = events.put(row.event().id(), row.event());
            assertTrue(other == null || other.equals(row.event()));
            idsOfFile.computeIfAbsent(i, k -> new HashSet<>()).add(row.event().id());
          }
          assertEquals(reader.rows(), idsOfFile.get(i).size());
        }
      }
      assertEquals(1630, rows);
      assertEquals(830, events.size());
      try (TimeOrderedRows ordered = new TimeOrderedRows(files, Long.MIN_VALUE, false)) {
        long micros = Long.MIN_VALUE;
        int read = 0;
        for (SnapshotRow row = ordered.next(); row != null; row = ordered.next()) {
          read++;
          assertTrue(row.event().micros() >= micros);
          micros = row.event().micros();
          assertEquals(events.remove(row.event().id()), row.event());
        }
        assertEquals(830, read);
        assertEquals(800, ordered.repeated());
        assertEquals(Map.of(), events);
      }
      idsOnlyGivesTheSameRows(files);
    }
  }

  private static void idsOnlyGivesTheSameRows(List<SnapshotFile> files) throws IOException {
    try (TimeOrderedRows all = new TimeOrderedRows(files, Long.MIN_VALUE, false);
        TimeOrderedRows ids = new TimeOrderedRows(files, Long.MIN_VALUE, true)) {
      for (SnapshotRow row = all.next(); row != null; row = all.next()) {
        Event full = row.event();
        SnapshotRow bare = ids.next();
        assertEquals(full.id(), bare.event().id());
        assertEquals(full.micros(), bare.event().micros());
        assertEquals(full.version(), bare.event().version());
        assertEquals(row.file(), bare.file());
        assertEquals("", bare.event().eventType() + bare.event().entityId());
      }
      assertNull(ids.next());
    }
  }

  @Test
  void snapshotRowsAreTheLiveEntriesToTheMicrosecond() throws Exception {
    // the leader that sent these 800 entries live crashed afterwards and sent them as a snapshot
    Map<String, Event> live = new HashMap<>();
    for (LeaderMessage message : Captures.messages("0.27.0-live-concurrent-writers")) {
      if (message instanceof LeaderMessage.Entry entry) {
        live.put(entry.data().event().id(), entry.data().event());
      }
    }
    Map<Integer, Set<String>> tenantsOfFile = new HashMap<>();
    try (SnapshotAssembler assembler = assemble("0.27.0-snapshot-doubled-by-tenant");
        TimeOrderedRows rows = new TimeOrderedRows(assembler.files(), Long.MIN_VALUE, false)) {
      int same = 0;
      for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
        Event stored = row.event();
        Event sent = live.remove(stored.id());
        if (sent != null) {
          same++;
          assertEquals(sent.micros(), stored.micros());
          assertEquals(sent.eventType(), stored.eventType());
          assertEquals(sent.entityId(), stored.entityId());
          assertEquals(sent.payload(), stored.payload());
          assertEquals(sent.metadata(), stored.metadata());
          assertEquals(sent.version(), stored.version());
          tenantsOfFile.computeIfAbsent(row.file(), k -> new HashSet<>()).add(sent.tenantId());
        }
      }
      assertEquals(800, same);
      assertEquals(Map.of(), live);
      tenantsOfFile.forEach((file, tenants) -> assertEquals(1, tenants.size()));
    }
  }

  private SnapshotAssembler assemble(String capture) throws IOException {
    SnapshotAssembler assembler = CapturedSnapshot.assemble(capture, folder);
    assertTrue(assembler.ended());
    return assembler;
  }
}
