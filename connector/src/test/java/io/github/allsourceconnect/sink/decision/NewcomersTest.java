package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class NewcomersTest {
  private static final PartitionSettings SETTINGS =
      new PartitionSettings(
          "t-0",
          10,
          4,
          1000,
          0,
          PartitionSettings.SnapshotMode.WHEN_NEEDED,
          false,
          PartitionSettings.GapPolicy.REFUSE,
          1,
          1,
          1,
          1);

  private final Newcomers newcomers = new Newcomers(SETTINGS, null, 0);
  private final ServedLog log = new ServedLog(SETTINGS, null, 0);

  /** The one that has to go for it is taken out, as the leader does. */
  private Integer goesFor(int id, String peer) {
    ServedFollower gone = newcomers.add(new ServedFollower(id, peer, id, log, null));
    return gone == null ? null : newcomers.remove(gone.id()).id();
  }

  @Test
  void theAddressThatHasMostPushesOutItsOwn() {
    assertNull(goesFor(1, "10.0.0.1:5"));
    assertNull(goesFor(2, "2001:db8:0:1:0:0:0:1:5"));
    assertNull(goesFor(3, "10.0.0.2:5"));
    assertNull(goesFor(4, "10.0.0.2:6"));
    assertEquals(3, goesFor(5, "10.0.0.2:7"), "the oldest of two, not of all");
    assertEquals(4, goesFor(6, "10.0.0.2:8"));
    assertEquals(2, goesFor(7, "2001:db8:0:1:0:0:0:2:5"), "both have two: the oldest of all");
    assertEquals(5, goesFor(8, "2001:db8:0:1:ffff:0:0:1:9"), "two in one network of IPv6");
    assertEquals(List.of(1, 6, 7, 8), newcomers.all().stream().map(ServedFollower::id).toList());
  }

  @Test
  void whoHasAnsweredStaysLonger() {
    goesFor(1, "10.0.0.1:1");
    newcomers.answered(1);
    goesFor(2, "10.0.0.1:2");
    goesFor(3, "10.0.0.1:3");
    goesFor(4, "10.0.0.2:4");
    assertEquals(2, goesFor(5, "10.0.0.3:5"));
    newcomers.answered(3);
    newcomers.answered(4);
    newcomers.answered(5);
    assertEquals(1, goesFor(6, "10.0.0.4:6"), "not itself: all others have answered");
    assertEquals(List.of(3, 4, 5), newcomers.tick(1005).stream().map(ServedFollower::id).toList());
  }
}
