package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries.Held;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What entries next to a cut tell of rows of their entities. The cut is at 1,000 ms. */
class EntitiesAtCutTest {
  private static final long RACE_MS = 50;

  private final EntitiesAtCut entities = new EntitiesAtCut();

  private static Event event(String entity, long version, long millis) {
    Event event = Events.event(version, millis * 1_000, "{}", "type", entity);
    return Events.with(event, event.metadata(), version);
  }

  private static Held held(String entity, long version, long millis) {
    Event event = event(entity, version, millis);
    return new Held(version, event.micros(), new WalEntry(version, "", event, 0, null, null));
  }

  private void begin(List<Held> upTo, List<Held> behind) {
    entities.begin(upTo, 1_000_000, behind, RACE_MS * 1_000);
  }

  private boolean isBefore(String entity, long version, long millis) {
    return entities.tellThatIsBefore(event(entity, version, millis));
  }

  private boolean isBehind(String entity, long version, long millis) {
    return entities.tellThatIsBehind(event(entity, version, millis));
  }

  @Test
  void aLowerVersionThanOneUpToTheCutLiesBefore() {
    begin(List.of(held("a", 7, 980), held("a", 9, 990), held("b", 1, 1_000)), List.of());
    assertTrue(isBefore("a", 8, 1_010));
    assertTrue(isBefore("a", 8, 1_040), "as far as versions count");
    assertFalse(isBefore("a", 8, 1_041));
    assertFalse(isBefore("a", 9, 1_010));
    assertFalse(isBefore("a", 10, 1_010));
    assertFalse(isBefore("b", 1, 1_010));
    assertFalse(isBefore("c", 1, 1_010), "nothing of it is held");
  }

  @Test
  void whatIsFarBeforeTheCutTellsNothing() {
    begin(List.of(held("a", 9, 949), held("b", 9, 950)), List.of());
    assertFalse(isBefore("a", 8, 960));
    assertTrue(isBefore("b", 8, 960));
  }

  @Test
  void whatIsNewerThanOneBehindTheCutLiesBehind() {
    begin(List.of(held("a", 1, 960)), List.of(held("a", 3, 990), held("a", 4, 1_020)));
    assertTrue(isBehind("a", 5, 991));
    assertFalse(isBehind("a", 2, 1_010), "its version is lower");
    assertTrue(isBehind("a", 4, 980), "its version is higher");
    assertTrue(isBehind("a", 2, 1_041), "beyond the time in which versions count");
    assertFalse(isBehind("b", 5, 991), "nothing of it is held");
  }

  @Test
  void withoutVersionsTimeTells() {
    begin(List.of(held("a", 1, 960)), List.of(held("a", 1, 990)));
    assertTrue(isBehind("a", 1, 991));
    assertFalse(isBehind("a", 1, 990));
  }

  @Test
  void aClockThatIsFarBehindTellsNothing() {
    begin(List.of(held("a", 1, 1_000)), List.of(held("a", 8, 5)));
    assertFalse(isBehind("a", 9, 1_010));
    begin(List.of(held("a", 1, 1_000)), List.of(held("a", 8, 950)));
    assertTrue(isBehind("a", 9, 1_000));
    assertFalse(isBehind("a", 9, 949), "it is far before the cut itself");
  }

  /** Behind a crash versions begin lower. */
  @Test
  void aVersionOfBeforeAllEntriesTellsNothing() {
    begin(List.of(held("b", 1, 980)), List.of(held("a", 2, 990)));
    assertFalse(isBehind("a", 50, 979));
    assertTrue(isBehind("a", 50, 980));
  }

  @Test
  void anOffsetWhoseEventIsThereTellsNothing() {
    Held mark = new Held(1, 1_000_000, null);
    begin(List.of(mark), List.of(mark));
    assertFalse(isBefore("a", 1, 1_000));
    assertFalse(isBehind("a", 1, 1_000));
  }

  @Test
  void whatIsCountedIsToldByNone() {
    begin(List.of(held("a", 9, 990)), List.of(held("b", 3, 990)));
    entities.none();
    assertFalse(isBefore("a", 8, 1_000));
    assertFalse(isBehind("b", 4, 1_000));
  }
}
