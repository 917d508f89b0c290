package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.tool.audit.decision.Bearings;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Named;
import io.github.allsourceconnect.tool.audit.decision.Part;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import io.github.allsourceconnect.tool.input.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is expected of rows follows the connector's settings, and never more than is known. */
class ExpectedTest {
  private static final String HEX = "0123456789abcdef0123456789abcdef";
  private static final String MIXED = "events-20261126-120000000-" + HEX + ".parquet";
  private static final String OF_ONE =
      "events-20261126-120000000-" + HEX + "." + HEX + ".part-0.parquet";
  private static final String NAMED = "snapshot.globex.1-2.3." + HEX + ".part-0.parquet";

  @TempDir Path folder;

  private Target target(String... settings) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("leader.addresses", "localhost:1");
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    Path file = folder.resolve("source.properties");
    try (var out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    String[] args = {"--connector", file.toString(), "--bootstrap", "localhost:2"};
    return Target.of(Options.parse(args));
  }

  private static Expected expected(Target target, String... files) {
    List<SnapshotFile> list = new ArrayList<>();
    for (String file : files) {
      list.add(new SnapshotFile(file, Path.of(file)));
    }
    return new Expected(target, list, new Names());
  }

  private static SnapshotRow row(int file, String id, String payload) {
    String time = "2026-11-26T12:00:00Z";
    return new SnapshotRow(
        new Event(
            id,
            EventIds.high(id),
            EventIds.low(id),
            "order.placed",
            "order-1",
            null,
            JsonText.of(payload),
            time,
            Timestamps.micros(time),
            null,
            1),
        0,
        file,
        1);
  }

  private static SnapshotRow row(int file) {
    return row(file, "7cc186f5-1cd3-4b3c-adcb-56cd50709c76", "{}");
  }

  /** A file of 0.19.1 may hold any tenant's; of 0.27.0 one's, which only some names tell. */
  @Test
  void filesTellTheirTenantOrThatARecordMayOrNothing() throws Exception {
    Names names = new Names();
    Expected expected =
        new Expected(
            target(),
            List.of(
                new SnapshotFile(MIXED, Path.of("a")),
                new SnapshotFile(OF_ONE, Path.of("b")),
                new SnapshotFile(NAMED, Path.of("c"))),
            names);
    assertArrayEquals(
        new int[] {Bearings.SEVERAL, Named.NONE, names.number("globex")}, expected.tenants());
  }

  @Test
  void whereTheTenantDecidesTheFilesNameMayTell() throws Exception {
    Target target = target("include.tenants", "acme");
    Expected expected = expected(target, MIXED, OF_ONE, NAMED);
    assertEquals(Fingerprint.DEPENDS_ON_TENANT, expected.fate(row(0)));
    assertEquals(Fingerprint.DEPENDS_ON_TENANT, expected.fate(row(1)));
    assertEquals(Fingerprint.LEFT_OUT, expected.fate(row(2)));
  }

  /** A setting counts whether or not a connector is asked for the others. */
  @Test
  void whatIsSetLeavesEventsOut() throws Exception {
    String[] args = {
      "--leader=h:1", "--bootstrap=b:2", "--topic=t", "--set", "exclude.event.types=order.placed"
    };
    Target target = Target.of(Options.parse(args));
    assertEquals(Fingerprint.LEFT_OUT, expected(target, MIXED).fate(row(0)));
    assertEquals(
        Fingerprint.EXPECTED,
        expected(Target.of(Options.parse(Arrays.copyOf(args, 3))), MIXED).fate(row(0)));
  }

  /** A tenant whose name makes no topic's name has its events noted elsewhere. */
  @Test
  void aTenantMayHaveNoTopic() throws Exception {
    Target target =
        target(
            "topic", "orders.${tenant_id}",
            "topic.name.regex", "orders[.][a-z]+",
            "tenant.unknown", "nobody",
            "topic.invalid.policy", "dlq",
            "dlq.topic", "dead");
    Expected expected = expected(target, MIXED, OF_ONE, NAMED);
    assertEquals(Fingerprint.DEPENDS_ON_TENANT, expected.fate(row(0)));
    assertEquals(Fingerprint.EXPECTED, expected.fate(row(2)));
  }

  /** An event at which the connector stops is not there, and nothing says that it need not be. */
  @Test
  void whatTheConnectorFailsAtIsExpected() throws Exception {
    String big = "{\"x\":\"" + "x".repeat(2_000) + "\"}";
    String id = "00000000-0000-4000-8000-000000000001";
    Expected fails = expected(target("record.max.bytes", "1100"), MIXED);
    assertEquals(Fingerprint.EXPECTED, fails.fate(row(0)));
    assertNull(fails.failing());
    assertEquals(Fingerprint.EXPECTED, fails.fate(row(0, id, big)));
    String failing = fails.failing();
    assertTrue(failing.contains(id) && failing.contains("record.refused.policy=fail"), failing);
    Expected skips =
        expected(
            target(
                "record.max.bytes", "1100",
                "record.refused.policy", "skip",
                "value.format", "event_json",
                "key.converter", "org.apache.kafka.connect.storage.StringConverter",
                "value.converter", "org.apache.kafka.connect.storage.StringConverter"),
            MIXED);
    assertEquals(Fingerprint.REFUSED, skips.fate(row(0, id, big)));
    assertNull(skips.failing());
  }

  @Test
  void theNotesNameWhatLetsEventsGoBy() throws Exception {
    Tally missing = new Tally(1, file -> 0);
    missing.add(Kind.MISSING, 1);
    missing.add(Kind.TWICE, 1);
    Target target = target("gap.policy", "continue", "corrupt.entry.policy", "skip");
    String notes = String.join("\n", LeaderNotes.of(target, missing, "E: its payload"));
    assertTrue(notes.contains("(corrupt.entry.policy=skip, gap.policy=continue)"), notes);
    assertTrue(notes.contains("fails at the event E: its payload"), notes);
    assertTrue(notes.contains("exactly.once.support=required"), notes);
    assertEquals(List.of(), LeaderNotes.of(target, new Tally(1, file -> 0), null));
    assertEquals(
        List.of(), LeaderNotes.of(target("exactly.once.support", "required"), twice(), null));
  }

  private static Tally twice() {
    Tally tally = new Tally(1, file -> 0);
    tally.add(Kind.TWICE, 1);
    return tally;
  }

  @Test
  void onlyWhatRecordsTellIsCompared() throws Exception {
    assertEquals(EnumSet.allOf(Part.class), target("record.headers", "none").told());
    Target few =
        target("value.format", "payload", "record.headers", "event_id,event_type,timestamp");
    assertEquals(EnumSet.complementOf(EnumSet.of(Part.VERSION, Part.METADATA)), few.told());
    String notes = String.join("\n", LeaderNotes.of(few, new Tally(1, file -> 0), null));
    assertTrue(notes.contains("metadata, version"), notes);
    Target keyed =
        target(
            "value.format", "payload",
            "record.headers", "event_id,event_type,timestamp,version,metadata",
            "record.key", "${event_type}",
            "partition.by", "${entity_id}",
            "partition.count", "1");
    assertEquals(Set.of(Part.ENTITY), EnumSet.complementOf(keyed.told()));
  }

  @Test
  void theOtherConnectorsSettingsAreRefused() throws IOException {
    Path sink =
        Files.writeString(
            folder.resolve("sink.json"),
            "{\"connector.class\":\"io.github.allsourceconnect.AllSourceSinkConnector\"}");
    AuditRun run = AuditRun.of("--connector", sink.toString(), "--bootstrap", "localhost:2");
    assertEquals(2, run.status());
    assertTrue(
        run.err().contains("AllSourceSinkConnector") && run.err().contains("--sink"), run.err());
  }

  @Test
  void whatOnlyTheWorkerLooksUpIsAskedFor() {
    UsageException refused =
        assertThrows(
            UsageException.class,
            () -> target("ssl.truststore.password", "${file:/etc/secrets:trust}"));
    assertTrue(
        refused.getMessage().contains("--set ssl.truststore.password="), refused.getMessage());
    UsageException elsewhere =
        assertThrows(
            UsageException.class, () -> target("ssl.truststore.location", "/nowhere/t.p12"));
    assertTrue(
        elsewhere.getMessage().contains("--set ssl.truststore.location="), elsewhere.getMessage());
  }
}
