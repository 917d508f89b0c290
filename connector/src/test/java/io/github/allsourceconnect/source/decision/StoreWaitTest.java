package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long nothing is produced for want of word of what was handed on. */
class StoreWaitTest {
  private static final long NEVER = Long.MAX_VALUE;

  /** Waits until word has come, or has not. */
  private static final class Produced extends ProducedEvents {
    private boolean waits;
    private int inVain;

    Produced() {
      super(4096);
    }

    @Override
    public boolean shouldWait() {
      return waits;
    }

    @Override
    public void waitedInVain() {
      inVain++;
    }
  }

  private final RecordedOrders orders = new RecordedOrders();
  private final Produced produced = new Produced();
  private final LiveStream stream =
      new LiveStream(orders, SourcePosition.START, produced, new Lateness(0, 0), 1 << 20);
  private final FollowerSettings settings =
      Scene.settings(Scene.LEADERS, 20_000, SnapshotMode.INITIAL, GapPolicy.REPAIR, 1 << 20);
  private final Acks acks =
      new Acks(orders, stream, new LiveLink(settings, orders, "", new SplittableRandom(1)));
  private final StoreWait wait = new StoreWait(produced, acks);

  @Test
  void nothingIsWaitedForWithoutNeed() {
    assertFalse(wait.lasts(5));
    assertEquals(NEVER, wait.endsAt());
  }

  @Test
  void itEndsSoonAfterKafkaHasAllOfIt() {
    produced.waits = true;
    stream.handover.entry(Events.entry(1, "{}"));
    assertTrue(wait.lasts(5));
    assertTrue(wait.lasts(100_000), "Kafka has not got it");
    assertEquals(NEVER, wait.endsAt());
    acks.stored(1);
    assertTrue(wait.lasts(100_000));
    assertEquals(100_000 + StoreWait.WAIT_MS, wait.endsAt());
    assertTrue(wait.lasts(100_001));
    assertEquals(100_000 + StoreWait.WAIT_MS, wait.endsAt(), "from the first moment on");
    assertTrue(wait.lasts(100_000 + StoreWait.WAIT_MS - 1));
    assertEquals(0, produced.inVain);
    assertFalse(wait.lasts(100_000 + StoreWait.WAIT_MS));
    assertEquals(1, produced.inVain);
    assertEquals(NEVER, wait.endsAt());
  }

  @Test
  void wordOrMoreThatIsHandedOnEndsTheTime() {
    produced.waits = true;
    assertTrue(wait.lasts(5));
    produced.waits = false;
    assertFalse(wait.lasts(6));
    assertEquals(NEVER, wait.endsAt());
    produced.waits = true;
    assertTrue(wait.lasts(900));
    assertEquals(900 + StoreWait.WAIT_MS, wait.endsAt(), "it begins anew");
    stream.handover.entry(Events.entry(1, "{}"));
    assertTrue(wait.lasts(901));
    assertEquals(NEVER, wait.endsAt());
    acks.stored(1);
    assertTrue(wait.lasts(902));
    assertEquals(902 + StoreWait.WAIT_MS, wait.endsAt());
  }

  // ---- acks

  @Test
  void allIsStoredWhenTheLastOneIs() {
    assertTrue(acks.allStored());
    stream.handover.entry(Events.entry(1, "{}"));
    stream.handover.entry(Events.entry(2, "{}"));
    acks.stored(1);
    assertFalse(acks.allStored());
    acks.stored(2);
    assertTrue(acks.allStored());
    acks.stored(1);
    assertTrue(acks.allStored(), "word that comes late takes nothing back");
    assertEquals(List.of(), orders.said);
  }
}
