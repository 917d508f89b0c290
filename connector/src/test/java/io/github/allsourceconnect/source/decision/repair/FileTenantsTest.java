package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.Surroundings.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose rows a file holds: a wrong tenant would be another customer's event. */
class FileTenantsTest {
  private static final String HEX = "0123456789abcdef0123456789abcdef";
  private static final String ONE_TENANT =
      "events-20261126-120000000-" + HEX + "." + HEX + ".part-0.parquet";
  private static final String NAMED = "snapshot.globex.1-2.3." + HEX + ".part-0.parquet";
  private static final String ANY = "events-20261126-120000000-" + HEX + ".parquet";

  private final Surroundings around = new Surroundings().connected();
  private final FileTenants tenants = new FileTenants(around.stream.held, around.stream.produced);

  private void learn(int file, long number) {
    tenants.learn(new SnapshotRow(event(number), 0, file));
  }

  @Test
  void aNameTellsOrAnEventThatWasSeenLiveDoes() {
    around.came(4);
    around.stream.handover.entry(Surroundings.entry(5));
    tenants.begin(List.of(NAMED, ONE_TENANT, ONE_TENANT, ONE_TENANT, ANY));
    assertEquals("globex", tenants.of(0));
    assertNull(tenants.of(1));
    learn(0, 4);
    learn(1, 4);
    learn(2, 5);
    learn(3, 6);
    learn(4, 4);
    assertEquals("globex", tenants.of(0), "the name is exact");
    assertEquals(event(4).tenantId(), tenants.of(1), "4 is held");
    assertEquals(event(5).tenantId(), tenants.of(2), "5 is produced");
    assertNull(tenants.of(3), "6 has not been seen");
    assertNull(tenants.of(4), "a file of any tenants' rows tells nothing");
  }

  @Test
  void theFirstThatTellsIsEnough() {
    around.came(4, 5);
    tenants.begin(List.of(ONE_TENANT));
    learn(0, 6);
    learn(0, 4);
    learn(0, 5);
    assertEquals(event(4).tenantId(), tenants.of(0));
  }

  @Test
  void theFilesOfAnotherSnapshotAreOthers() {
    around.came(4);
    tenants.begin(List.of(ONE_TENANT));
    learn(0, 4);
    around.came(7);
    tenants.begin(List.of(ONE_TENANT, ONE_TENANT));
    assertNull(tenants.of(0));
    learn(1, 7);
    assertEquals(event(7).tenantId(), tenants.of(1), "what has come since is known, too");
  }
}
