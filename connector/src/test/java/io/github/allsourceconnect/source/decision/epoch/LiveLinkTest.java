package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The life of the live connection. */
class LiveLinkTest {
  private static final List<String> LEADERS =
      List.of("leader-1:3910", "leader-2:3910", "leader-3:3910");
  private static final long BACKOFF = 1_000;
  private static final long BACKOFF_MAX = 30_000;
  private static final long OFFSET = 42;

  private final RecordedOrders orders = new RecordedOrders();

  private LiveLink link(int addresses) {
    return link(addresses, "");
  }

  private LiveLink link(int addresses, String leader) {
    return new LiveLink(
        new FollowerSettings(
            LEADERS.subList(0, addresses),
            30_000,
            SnapshotMode.INITIAL,
            GapPolicy.REPAIR,
            500,
            1_000,
            300_000,
            0,
            BACKOFF,
            BACKOFF_MAX,
            1 << 20),
        orders,
        leader,
        new SplittableRandom(1));
  }

  /** What may happen to a link. */
  private enum Input {
    TIME,
    LONG_TIME,
    CAUGHT_UP,
    CAUGHT_UP_LOW,
    SNAPSHOT,
    REPLAYS,
    CLOSED,
    ENTRY,
    GIVE_UP
  }

  /** Every sequence of six inputs. */
  @Test
  void oneConnectionAtATimeWhateverHappens() {
    Input[] inputs = Input.values();
    int sequences = (int) Math.pow(inputs.length, 6);
    for (int number = 0; number < sequences; number++) {
      Input[] sequence = new Input[6];
      int rest = number;
      for (int i = 0; i < sequence.length; i++) {
        sequence[i] = inputs[rest % inputs.length];
        rest /= inputs.length;
      }
      run(sequence);
    }
  }

  private void run(Input[] sequence) {
    orders.said.clear();
    LiveLink link = link(2);
    long now = 1;
    int open = 0;
    int generation = 0;
    List<Input> sofar = new ArrayList<>();
    link.tick(now, OFFSET, OFFSET, 0);
    for (int i = 0; i <= sequence.length; i++) {
      for (String order : orders.said) {
        String[] words = order.split(" ");
        int of = Integer.parseInt(words[1]);
        if (words[0].equals("connect")) {
          assertEquals(0, open, () -> "two connections after " + sofar);
          assertEquals(generation + 1, of, () -> sofar.toString());
          generation = of;
          open = of;
          long with = Long.parseLong(words[5]);
          assertTrue(with == OFFSET || with == 0 || with == 1, () -> sofar.toString());
        } else {
          assertEquals(open, of, () -> "closes another than the open one after " + sofar);
          open = 0;
        }
      }
      assertTrue(orders.said.size() <= 2, () -> "does not come to rest after " + sofar);
      orders.said.clear();
      assertEquals(open != 0, link.isOpen(), () -> sofar.toString());
      assertEquals(
          open == 0, link.wakeAt() < Long.MAX_VALUE, () -> "nobody connects after " + sofar);
      assertFalse(link.isLive() && open == 0, () -> sofar.toString());
      if (i == sequence.length) {
        return;
      }
      Input input = sequence[i];
      sofar.add(input);
      switch (input) {
        case TIME -> link.tick(now += 10, OFFSET, OFFSET, 0);
        case LONG_TIME -> link.tick(now += 2 * BACKOFF_MAX, OFFSET, OFFSET, 0);
        case CAUGHT_UP -> link.caughtUp(OFFSET, now);
        case CAUGHT_UP_LOW -> link.caughtUp(0, now);
        case SNAPSHOT -> link.snapshotStart();
        case REPLAYS -> link.replays(now);
        case CLOSED -> {
          if (open != 0) { // of one that is not, nothing is reported
            link.closed(now);
            open = 0;
          }
        }
        case ENTRY -> link.proven(link.epoch());
        default -> link.giveUp("the test", now);
      }
    }
  }

  @Test
  void aLowCaughtUpIsNoReasonToGoLiveButToSubscribeWithZero() {
    LiveLink link = link(1);
    link.tick(1, OFFSET, OFFSET, 0);
    link.caughtUp(OFFSET - 1, 2);
    assertEquals(
        List.of("connect 1 to 0 with 42", "close 1", "connect 2 to 0 with 0"), orders.said);
    assertTrue(link.numbersDoubtful());
    assertFalse(link.isLive());
    link.caughtUp(0, 4);
    assertTrue(link.isLive());
    link.numbersEstablished(link.epoch());
    assertFalse(link.numbersDoubtful());
  }

  @Test
  void anotherLeadersNumbersAreDoubtfulUntilTheyAreEstablished() {
    LiveLink link = link(2);
    link.tick(1, OFFSET, OFFSET, 0);
    link.caughtUp(OFFSET, 2);
    link.numbersEstablished(link.epoch());
    assertEquals("leader-1:3910", link.established());
    long now = lost(link, 3); // once more the same
    link.closed(now);
    assertFalse(link.numbersDoubtful());
    now += BACKOFF_MAX;
    link.tick(now, OFFSET, OFFSET, 0);
    assertEquals("connect 3 to 1 with 42", orders.said.get(orders.said.size() - 1));
    link.caughtUp(OFFSET, now);
    assertTrue(link.numbersDoubtful());
    Epoch third = link.epoch();
    now = lost(link, now);
    link.numbersEstablished(third); // by what had come over it
    assertEquals("leader-2:3910", link.established());
    link.caughtUp(OFFSET, now);
    assertFalse(link.numbersDoubtful(), "the same leader again");
  }

  /** The connection is lost, and the next one ordered. */
  private static long lost(LiveLink link, long now) {
    link.proven(link.epoch());
    link.closed(now);
    link.tick(now + BACKOFF_MAX, OFFSET, OFFSET, 0);
    return now + BACKOFF_MAX;
  }

  @Test
  void theLeaderWhoseNumbersAreKnownIsTriedFirst() {
    LiveLink link = link(3, "leader-3:3910");
    link.tick(1, OFFSET, OFFSET, 0);
    assertEquals(List.of("connect 1 to 2 with 42"), orders.said);
    assertFalse(link.numbersDoubtful());
  }

  @Test
  void aLeaderThatIsNotAmongTheAddressesIsAnother() {
    LiveLink link = link(1, "elsewhere:3910");
    link.tick(1, OFFSET, OFFSET, 0);
    assertEquals(List.of("connect 1 to 0 with 42"), orders.said);
    assertTrue(link.numbersDoubtful());
  }

  @Test
  void aSnapshotIsAvoidedOnceAndThenDrained() {
    LiveLink link = link(1);
    link.tick(1, 0, 0, 0);
    link.snapshotStart();
    assertEquals(List.of("connect 1 to 0 with 0", "close 1", "connect 2 to 0 with 1"), orders.said);
    link.snapshotStart();
    assertEquals(3, orders.said.size(), "it may insist");
    link.caughtUp(0, 5);
    assertTrue(link.isLive(), "after a snapshot caught_up below the subscription means nothing");
  }

  /** It is told of less than the stream has brought, and yet it must have come as far. */
  @Test
  void aNumberingBehindTheStreamIsDoubted() {
    LiveLink link = link(1);
    link.tick(1, 30, OFFSET, 0);
    link.caughtUp(OFFSET - 1, 2);
    assertEquals(
        List.of("connect 1 to 0 with 30", "close 1", "connect 2 to 0 with 0"), orders.said);
    assertTrue(link.numbersDoubtful());
  }

  @Test
  void aLeaderThatReplaysIsLiveAtOnce() {
    LiveLink link = link(1);
    link.tick(1, OFFSET, OFFSET, 0);
    link.replays(2);
    assertTrue(link.isLive() && link.replays());
    link.caughtUp(3, 4);
    assertEquals(List.of("connect 1 to 0 with 42"), orders.said);
  }

  /** The pause doubles with each round of all addresses, within a quarter, up to its limit. */
  @Test
  void pausesGrowAndBeginAnewAfterASuccess() {
    for (int addresses = 1; addresses <= 3; addresses++) {
      LiveLink link = link(addresses);
      long now = 1;
      for (int attempt = 0; attempt < 40; attempt++) {
        orders.said.clear();
        link.tick(now, OFFSET, OFFSET, 0);
        assertTrue(
            orders.said.get(0).contains(" to " + attempt % addresses + " "),
            orders.said.toString());
        link.closed(now);
        double pause =
            Math.min(
                (double) BACKOFF_MAX, BACKOFF * Math.pow(2, Math.min(20, attempt / addresses)));
        long waits = link.wakeAt() - now;
        assertTrue(waits >= 0.75 * pause - 1 && waits <= 1.25 * pause, waits + " of " + pause);
        now = link.wakeAt();
        assertFalse(link.isOpen());
      }
      // an entry proves the connection; closed then, it is tried again soon, at the same address
      link.tick(now, OFFSET, OFFSET, 0);
      link.caughtUp(OFFSET, now);
      link.proven(link.epoch());
      int next = link.epoch().leader();
      link.closed(now);
      assertTrue(link.wakeAt() - now <= 1.25 * BACKOFF);
      link.tick(link.wakeAt(), OFFSET, OFFSET, 0);
      assertEquals(next, link.epoch().leader());
    }
  }

  @Test
  void stoppedItNeverWakes() {
    LiveLink link = link(1);
    link.tick(1, OFFSET, OFFSET, 0);
    link.rest("the test");
    assertEquals(Arrays.asList("connect 1 to 0 with 42", "close 1"), orders.said);
    assertEquals(Long.MAX_VALUE, link.wakeAt());
  }
}
