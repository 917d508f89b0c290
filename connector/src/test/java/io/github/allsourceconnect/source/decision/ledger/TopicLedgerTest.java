package io.github.allsourceconnect.source.decision.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the ledger topic says, and when. */
class TopicLedgerTest {
  private static final long WALL = 1_790_000_000_000L;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
  private static final SourcePosition AT = StoredPositions.at(5, 1_700_000_000_000_000L, "a:3910");

  private final Ledger counts = new Ledger();
  private boolean snapshotDone = true;
  private boolean snapshotRunning;

  private LedgerView view(long now) {
    return new LedgerView(
        now, WALL + now, counts, snapshotDone, snapshotRunning, 3, new LedgerView.Left(9, 2, 1));
  }

  private static TopicLedger ledger(SourcePosition start) {
    return new TopicLedger("main", 10_000, "c0", start, 0, WALL);
  }

  private static Event event(int n) {
    UUID id = new UUID(n, n);
    return new Event(id.toString(), n, n, "t", "e", "d", JsonText.NULL, "", n, JsonText.NULL, 1);
  }

  private static List<JsonNode> read(List<LedgerRecord> records) throws Exception {
    List<JsonNode> all = new ArrayList<>();
    for (LedgerRecord record : records) {
      JsonNode json = JSON.readTree(record.json().toString());
      assertEquals(record.type(), json.get("type").asText());
      all.add(json);
    }
    return all;
  }

  private static List<String> types(List<LedgerRecord> records) {
    return records.stream().map(LedgerRecord::type).toList();
  }

  @Test
  void aMarkTellsOfTheEventsSinceTheLast() throws Exception {
    TopicLedger ledger = ledger(AT);
    assertTrue(ledger.isDue(0), "that it has begun");
    assertEquals(List.of("started", "mark"), types(ledger.close(view(1), AT)));
    String name = ledger.markName();
    ledger.produced(event(1));
    ledger.produced(event(2));
    assertFalse(ledger.isDue(10_000));
    assertEquals(List.of(), ledger.close(view(10_000), AT));
    ledger.produced(event(3));
    assertEquals(name, ledger.markName());
    assertTrue(ledger.isDue(10_001));
    JsonNode mark = read(ledger.close(view(10_001), AT)).get(0);
    assertEquals(name, mark.get("series").asText() + "/" + mark.get("mark").asText());
    assertEquals(3, mark.get("events").asInt());
    assertEquals(
        LedgerProof.digest(List.of(event(1).id(), event(2).id(), event(3).id())),
        mark.get("digest").asText());
    assertEquals(mark.get("digest"), mark.get("total_digest"));
    assertEquals("a:3910", mark.get("leader").asText());
    assertEquals(5, mark.get("wal_offset").asInt());
    assertEquals("2023-11-14T22:13:20Z", mark.get("whole_up_to").asText());
    assertEquals(9, mark.get("confirmed").asInt());
    assertEquals(2, mark.get("filtered").asInt());
    assertEquals(1, mark.get("dropped").asInt());
    assertEquals(WALL + 10_001, ledger.lastMarkMs());
    assertFalse(ledger.markName().equals(name));
  }

  @Test
  void anIdleSourceMarks() {
    TopicLedger ledger = ledger(AT);
    ledger.close(view(0), AT);
    assertTrue(ledger.isDue(10_000));
    assertEquals(List.of("mark"), types(ledger.close(view(10_000), AT)));
    assertFalse(ledger.isDue(19_999));
    assertTrue(ledger.isDue(20_000));
  }

  @Test
  void theNextTaskGoesOnWhereTheStoredPositionEnds() throws Exception {
    TopicLedger first = ledger(AT);
    first.close(view(0), AT);
    first.produced(event(1));
    first.close(view(1), AT);
    SourcePosition stored = first.stamp(AT);
    first.produced(event(2)); // is not stored any more
    TopicLedger next = ledger(stored);
    assertEquals(first.markName(), next.markName());
    next.produced(event(2));
    JsonNode mark = read(next.close(view(2), AT)).get(1);
    assertEquals(2, mark.get("events").asInt());
    assertEquals(2, mark.get("total_events").asInt());
  }

  /** What the settings leave out is in no digest, and all the same a mark tells of it. */
  @Test
  void whatIsLeftOutIsCountedByItself() throws Exception {
    TopicLedger first = ledger(AT);
    first.close(view(0), AT);
    first.leftOut();
    first.produced(event(1));
    first.leftOut();
    JsonNode mark = read(first.close(view(10_000), AT)).get(0);
    assertEquals(1, mark.get("events").asInt());
    assertEquals(2, mark.get("left_out").asInt());
    assertEquals(LedgerProof.digest(List.of(event(1).id())), mark.get("digest").asText());
    first.leftOut();
    SourcePosition stored = first.stamp(AT);
    first.leftOut(); // is not stored any more
    TopicLedger next = ledger(stored);
    mark = read(next.close(view(2), AT)).get(1);
    assertEquals(0, mark.get("events").asInt());
    assertEquals(1, mark.get("left_out").asInt());
    assertEquals(3, mark.get("total_left_out").asInt());
  }

  @Test
  void anotherConfigurationIsNoticed() throws Exception {
    TopicLedger first = ledger(AT);
    first.close(view(0), AT);
    TopicLedger next = new TopicLedger("main", 10_000, "c1", first.stamp(AT), 0, WALL);
    List<JsonNode> said = read(next.close(view(0), AT));
    assertEquals("configuration_changed", said.get(1).get("type").asText());
    assertEquals("c0", said.get(1).get("before").asText());
    assertEquals("c1", said.get(1).get("now").asText());
  }

  @Test
  void aPositionThatWasSetBeginsASeries() throws Exception {
    TopicLedger first = ledger(AT);
    first.produced(event(1));
    first.close(view(0), AT);
    SourcePosition stored = first.stamp(AT);
    SourcePosition altered =
        new SourcePosition(
            stored.walOffset(),
            stored.beyond(),
            stored.uncertain(),
            stored.missing(),
            stored.produced(),
            stored.latenessMicros(),
            stored.displacement(),
            stored.snapshotDone(),
            stored.leader(),
            0,
            stored.losses(),
            true,
            stored.marks());
    TopicLedger next = new TopicLedger("main", 10_000, "c0", altered, 0, WALL + 77);
    List<JsonNode> said = read(next.close(view(0), AT));
    assertTrue(said.get(0).get("series_begins").asBoolean());
    assertEquals(1, said.get(1).get("mark").asInt());
    assertEquals(0, said.get(1).get("total_events").asInt());
    assertFalse(said.get(1).get("series").asText().equals(stored.marks().series()));
  }

  @Test
  void whatChangesIsNoticedWithAMarkBehindIt() throws Exception {
    snapshotDone = false;
    TopicLedger ledger = ledger(SourcePosition.START);
    assertEquals(List.of("started", "mark"), types(ledger.close(view(0), SourcePosition.START)));
    snapshotRunning = true;
    counts.snapshotRequests = 1;
    ledger.look(view(100));
    assertTrue(ledger.isDue(100));
    assertEquals(List.of("snapshot_begun", "mark"), types(ledger.close(view(100), AT)));
    counts.snapshotRows = 40;
    assertEquals(List.of("snapshot_progress", "mark"), types(ledger.close(view(10_101), AT)));
    snapshotRunning = false;
    snapshotDone = true;
    assertEquals(List.of("snapshot_done", "mark"), types(ledger.close(view(10_200), AT)));
    counts.gaps = 1;
    counts.open = 6;
    List<JsonNode> gap = read(ledger.close(view(10_300), AT));
    assertEquals(6, gap.get(0).get("missing").asInt());
    assertEquals(6, gap.get(1).get("missing").asInt());
    counts.repairs = 1;
    counts.repaired = 6;
    counts.open = 0;
    assertEquals(6, read(ledger.close(view(10_400), AT)).get(0).get("events").asInt());
    counts.lost(new Losses.Loss("a:3910", 7, 9, 3, 0, Long.MAX_VALUE, Losses.Reason.NOT_FOUND));
    JsonNode lost = read(ledger.close(view(10_500), AT)).get(0);
    assertEquals("lost", lost.get("type").asText());
    assertEquals(3, lost.get("events").asInt());
    assertTrue(lost.get("ranges").asText().contains("3 of 7-9"), lost.toString());
    counts.found("a:3910", 8);
    assertEquals(List.of("found", "mark"), types(ledger.close(view(10_600), AT)));
    counts.regressions = 1;
    assertEquals(List.of("numbered_anew", "mark"), types(ledger.close(view(10_700), AT)));
    SourcePosition other = StoredPositions.at(1, 1_700_000_000_000_000L, "b:3910");
    assertEquals(List.of("leader_changed", "mark"), types(ledger.close(view(10_800), other)));
    assertEquals(List.of(), ledger.close(view(10_900), other));
  }

  @Test
  void noticesAreBounded() {
    TopicLedger ledger = ledger(AT);
    for (int i = 0; i < 1_000_000; i++) {
      ledger.say("resumed", new io.github.allsourceconnect.protocol.JsonFields());
    }
    assertEquals(101, ledger.close(view(0), AT).size());
  }

  @Test
  void itIsLookedNoMoreOftenThanItIsWorth() {
    TopicLedger ledger = ledger(AT);
    assertEquals(0, ledger.dueAtMs(), "that it has begun is to be said");
    ledger.close(view(50), AT);
    assertEquals(150, ledger.dueAtMs());
    assertFalse(ledger.wantsLook(149));
    assertTrue(ledger.wantsLook(150));
    for (long now = 150; now < 10_000; now += 100) {
      ledger.look(view(now));
    }
    assertEquals(10_050, ledger.dueAtMs(), "the mark is due before the next look");
  }

  @Test
  void aRecordSaysWhenAndWhereItIsOf() throws Exception {
    TopicLedger ledger = ledger(AT);
    assertEquals(0, ledger.lastMarkMs());
    SourcePosition after = AT.with(77L);
    List<LedgerRecord> records = ledger.close(view(1), after);
    List<JsonNode> said = read(records);
    for (int i = 0; i < said.size(); i++) {
      JsonNode one = said.get(i);
      assertEquals("main", one.get("leader_name").asText());
      assertEquals(77, one.get("position").asInt());
      assertEquals(Losses.Micros.text((WALL + 1) * 1_000), one.get("at").asText());
      assertEquals(1, one.get("mark").asInt(), "a notice is covered by the mark behind it");
      assertEquals(WALL + 1, records.get(i).atMs());
    }
    assertFalse(records.get(0).id().equals(records.get(1).id()));
    List<LedgerRecord> again = ledger(AT).close(view(1), after);
    assertEquals(records.get(0).id(), again.get(0).id(), "whoever says the same again is told");
    assertEquals(AT.summary(), said.get(0).get("goes_on_from").asText());
    assertTrue(said.get(0).get("series_begins").asBoolean());
  }

  @Test
  void whatIsNotKnownIsNull() throws Exception {
    JsonNode mark = read(ledger(AT).close(view(1), SourcePosition.START)).get(1);
    assertTrue(mark.get("leader").isNull());
    assertTrue(mark.get("whole_up_to").isNull());
    SourcePosition all = StoredPositions.at(5, Long.MIN_VALUE + 1, "a:3910");
    assertTrue(read(ledger(AT).close(view(1), all)).get(1).get("whole_up_to").isNull());
    SourcePosition early = StoredPositions.at(5, -1, "a:3910");
    assertEquals(
        "1969-12-31T23:59:59.999999Z",
        read(ledger(AT).close(view(1), early)).get(1).get("whole_up_to").asText());
  }

  @Test
  void aMarkTellsOfTheWholeSeries() throws Exception {
    TopicLedger ledger = ledger(AT);
    ledger.produced(event(1));
    ledger.leftOut();
    ledger.close(view(0), AT);
    ledger.produced(event(2));
    ledger.leftOut();
    counts.open = 4;
    SourcePosition after =
        new SourcePosition(
            9,
            0,
            0,
            SourcePosition.Missing.NONE,
            AT.produced(),
            0,
            0,
            true,
            "a:3910",
            3,
            new Losses(List.of(), 5, 6, 7),
            false);
    JsonNode mark = read(ledger.close(view(10_000), after)).get(0);
    assertEquals(2, mark.get("mark").asInt());
    assertEquals(1, mark.get("events").asInt());
    assertEquals(2, mark.get("total_events").asInt());
    assertEquals(
        LedgerProof.digest(List.of(event(1).id(), event(2).id())),
        mark.get("total_digest").asText());
    assertEquals(1, mark.get("left_out").asInt());
    assertEquals(2, mark.get("total_left_out").asInt());
    assertEquals(4, mark.get("missing").asInt());
    assertEquals(5, mark.get("unaccounted").asInt());
    assertEquals(13, mark.get("refused").asInt());
    assertTrue(mark.get("snapshot_done").asBoolean());
  }

  @Test
  void whatWasToldBeforeARestartIsNotToldAgain() throws Exception {
    SourcePosition start =
        new SourcePosition(
            9,
            0,
            0,
            SourcePosition.Missing.NONE,
            AT.produced(),
            0,
            0,
            true,
            "a:3910",
            3,
            new Losses(List.of(), 5, 0, 0),
            false);
    counts.load(start.losses());
    counts.snapshotRequests = 1;
    TopicLedger ledger = ledger(start);
    assertEquals(List.of("started", "mark"), types(ledger.close(view(0), start)));
  }

  @Test
  void eachNoticeSaysHowMuchAndWhetherItWasCounted() throws Exception {
    TopicLedger ledger = ledger(AT);
    ledger.close(view(0), AT);
    counts.walOffset = 12;
    counts.gaps = 2;
    JsonNode gap = read(ledger.close(view(1), AT)).get(0);
    assertEquals(
        List.of("gap", "2", "12"),
        List.of(text(gap, "type"), text(gap, "gaps_since_start"), text(gap, "wal_offset")));
    counts.repairs = 1;
    counts.repaired = 6;
    JsonNode counted = read(ledger.close(view(2), AT)).get(0);
    assertEquals(
        List.of("repaired", "6", "true"),
        List.of(text(counted, "type"), text(counted, "events"), text(counted, "counted")));
    counts.unverifiedRepairs = 1;
    counts.repaired = 10;
    JsonNode uncounted = read(ledger.close(view(3), AT)).get(0);
    assertEquals(
        List.of("4", "false"), List.of(text(uncounted, "events"), text(uncounted, "counted")));
    counts.repairs = 2;
    counts.repaired = 11;
    JsonNode again = read(ledger.close(view(4), AT)).get(0);
    assertEquals(List.of("1", "true"), List.of(text(again, "events"), text(again, "counted")));
    assertEquals(List.of(), ledger.close(view(5), AT));
    counts.lost(new Losses.Loss("a:3910", 7, 9, 3, 0, Long.MAX_VALUE, Losses.Reason.NOT_FOUND));
    ledger.close(view(6), AT);
    counts.found("a:3910", 8);
    JsonNode found = read(ledger.close(view(7), AT)).get(0);
    assertEquals(
        List.of("found", "1", "2"),
        List.of(text(found, "type"), text(found, "events"), text(found, "unaccounted")));
  }

  private static String text(JsonNode record, String field) {
    return record.get(field).asText();
  }

  @Test
  void howFarASnapshotIsIsSaidFromTimeToTime() throws Exception {
    snapshotDone = false;
    TopicLedger ledger = ledger(SourcePosition.START);
    ledger.close(view(0), SourcePosition.START);
    ledger.look(view(100));
    assertFalse(ledger.isDue(100), "none is asked for");
    counts.snapshotRequests = 1;
    snapshotRunning = true;
    assertEquals(List.of("snapshot_begun", "mark"), types(ledger.close(view(200), AT)));
    counts.snapshotRequests = 2;
    counts.snapshotRows = 40;
    assertEquals(List.of(), ledger.close(view(10_199), AT), "it is begun once");
    JsonNode progress = read(ledger.close(view(10_200), AT)).get(0);
    assertEquals(
        List.of("snapshot_progress", "40", "3"),
        List.of(text(progress, "type"), text(progress, "rows"), text(progress, "remaining_rows")));
    assertEquals(List.of(), ledger.close(view(20_199), AT));
    snapshotRunning = false;
    ledger.look(view(20_199));
    snapshotRunning = true;
    ledger.look(view(20_250));
    assertEquals(List.of("mark"), types(ledger.close(view(20_250), AT)), "it has paused");
    snapshotRunning = false;
    snapshotDone = true;
    JsonNode done = read(ledger.close(view(20_300), AT)).get(0);
    assertEquals(List.of("snapshot_done", "40"), List.of(text(done, "type"), text(done, "rows")));
    assertEquals(List.of(), ledger.close(view(20_400), AT));
  }

  @Test
  void aLeaderThatIsNotKnownForAMomentIsNoOther() throws Exception {
    TopicLedger ledger = ledger(AT);
    ledger.close(view(0), AT);
    assertEquals(List.of(), ledger.close(view(1), SourcePosition.START));
    assertEquals(List.of(), ledger.close(view(2), AT));
    SourcePosition other = StoredPositions.at(1, 1_700_000_000_000_000L, "b:3910");
    JsonNode changed = read(ledger.close(view(3), other)).get(0);
    assertEquals(
        List.of("leader_changed", "a:3910", "b:3910"),
        List.of(text(changed, "type"), text(changed, "before"), text(changed, "now")));
    TopicLedger first = ledger(SourcePosition.START);
    first.close(view(0), SourcePosition.START);
    assertEquals(List.of(), first.close(view(1), other), "the first one is no change");
  }
}
