package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Timestamps;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SnapshotFilesTest {
  private static final String HEX = "94271abef9a842008af38a47670e1dec";
  private static final String OLD = "events-20261124-033124319-" + HEX + ".parquet";
  private static final String NEW =
      "events-20261124-033124319-" + HEX + "." + HEX + ".part-0.parquet";

  @Test
  void flushTimeOfBothVersions() {
    long micros = Timestamps.micros("2026-11-24T03:31:24.319999Z");
    assertEquals(OptionalLong.of(micros), SnapshotFiles.flushMicros(OLD));
    assertEquals(OptionalLong.of(micros), SnapshotFiles.flushMicros(NEW));
    for (String name :
        new String[] {
          "events-001.parquet",
          "events-20261324-033124319-" + HEX + ".parquet",
          OLD + ".tmp",
          compacted("acme"),
          ""
        }) {
      assertEquals(OptionalLong.empty(), SnapshotFiles.flushMicros(name), name);
    }
  }

  @Test
  void tenants() {
    assertFalse(SnapshotFiles.singleTenant(OLD));
    assertTrue(SnapshotFiles.singleTenant(NEW));
    assertTrue(SnapshotFiles.singleTenant(compacted("acme")));
    assertNull(SnapshotFiles.tenantOf(OLD));
    assertNull(SnapshotFiles.tenantOf(NEW));
    assertEquals("acme", SnapshotFiles.tenantOf(compacted("acme")));
    assertEquals("a.b-c_1", SnapshotFiles.tenantOf(compacted("a.b-c_1")));
  }

  private static String compacted(String tenant) {
    return "snapshot." + tenant + ".20261124-20261125.17." + HEX + ".part-12.parquet";
  }
}
