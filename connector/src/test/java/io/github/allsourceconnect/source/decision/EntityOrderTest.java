package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntityOrderTest {
  private final List<String> out = new ArrayList<>();

  private static Event event(String id, String entity, long micros, long version) {
    return new Event(
        id, 0, id.hashCode(), "t", entity, null, JsonText.NULL, "", micros, null, version);
  }

  private static WalEntry entry(String id, String entity, long micros, long offset) {
    return new WalEntry(offset, "", event(id, entity, micros, 1), 0, null, null);
  }

  private EntityOrder order(WalEntry... held) {
    return new EntityOrder(List.of(held), 1_000, false, item -> out.add(item.event().id()));
  }

  @Test
  void rowsAndEntriesComeByTime() {
    EntityOrder order = order(entry("b", "x", 20, 2), entry("d", "x", 40, 4));
    order.add(new SnapshotRow(event("a", "x", 10, 1), 0, 0));
    order.add(new SnapshotRow(event("c", "x", 30, 1), 0, 0));
    order.end();
    assertEquals(List.of("a", "b", "c", "d"), out);
  }

  @Test
  void entriesOfAnEntityKeepTheOrderOfTheLog() {
    EntityOrder order = order(entry("a", "x", 25, 1), entry("b", "x", 20, 2));
    order.end();
    assertEquals(List.of("a", "b"), out);
  }

  @Test
  void versionsSettleARaceWhereTheyCount() {
    EntityOrder order = order();
    order.add(new SnapshotRow(event("b", "x", 10, 3), 0, 0, 1));
    order.add(new SnapshotRow(event("a", "x", 11, 2), 0, 0, 2));
    order.end();
    assertEquals(List.of("a", "b"), out);
  }

  @Test
  void theFileSettlesARaceWhereVersionsDoNotCount() {
    EntityOrder order = order();
    order.add(new SnapshotRow(event("b", "x", 10, 1), 0, 0, 8));
    order.add(new SnapshotRow(event("a", "x", 500, 1), 0, 0, 7));
    order.add(new SnapshotRow(event("c", "x", 600, 1), 0, 1, 1));
    order.add(new SnapshotRow(event("d", "x", 5_000, 1), 0, 0, 2));
    order.end();
    assertEquals(List.of("a", "b", "c", "d"), out);
  }
}
