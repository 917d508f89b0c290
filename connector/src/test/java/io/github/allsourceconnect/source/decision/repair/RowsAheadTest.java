package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where nothing can be counted: rows that are newer than all that the live stream has brought. */
class RowsAheadTest {
  private static final long STEP_MS = 10;
  private static final long LIMIT_MS = 10_000;
  private static final int HELD_BYTES_MAX = 1 << 20;
  private static final long HOUR_MICROS = 3_600_000_000L;

  private final Recorder orders = new Recorder();
  private final Follower follower =
      new Follower(
          new FollowerSettings(
              List.of("leader-1:3910"),
              3_600_000,
              SnapshotMode.INITIAL,
              GapPolicy.REPAIR,
              500,
              0,
              300_000,
              0,
              100,
              100,
              HELD_BYTES_MAX),
          SourcePosition.START,
          orders,
          new SplittableRandom(1));

  /** All that was written. */
  private final List<Event> written = new ArrayList<>();

  private long now = 1;
  private int looks;
  private int onTheirWay;
  private int entryBytes;

  @Test
  void anEventWithAClockAheadThatNoEntryBringsIsFound() {
    connected();
    write(HOUR_MICROS, false);
    goesOnUntilSettled(true);
    assertTrue(orders.events.contains(1L), "event 1 of " + orders.events);
    assertEquals(0, follower.ledger().unaccounted);
    assertTrue(looks <= 2, looks + " snapshots");
  }

  @Test
  void allFromBeforeTheClockWentBackIsFound() {
    connected();
    List<Long> before = manyWrittenAhead();
    goesOnUntilSettled(true);
    assertTrue(orders.events.containsAll(before), orders.events.toString());
    assertEquals(orders.events.stream().distinct().count(), orders.events.size());
    assertTrue(looks <= 2, looks + " snapshots");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2 * RowsAhead.FEW})
  void whatIsOnItsWayIsNotProducedBeforeTheStreamBringsIt(int rows) {
    onTheirWay = rows;
    connected();
    write(0, true);
    goesOnUntilSettled(false);
    List<Long> inOrder = new ArrayList<>(orders.events);
    inOrder.sort(Comparator.naturalOrder());
    assertEquals(inOrder, orders.events);
    assertTrue(looks <= RowsAhead.LOOKS_MAX + 1, looks + " snapshots");
  }

  @Test
  void anEventLittleAheadIsFoundWhenTheStreamIsPastIt() {
    connected();
    write(RowsAhead.LEAST_MICROS - 100_000, false);
    goesOnUntilSettled(true);
    assertFalse(orders.events.contains(1L), "it is left for the stream");
    assertEquals(1, follower.ledger().awaited);
    assertEquals(0, follower.position().walOffset(), "another task has to look again");
    storedUpToNow();
    assertEquals(0, orders.acked, "it is before what would be acked");
    goesOnUntil(() -> orders.events.contains(1L));
    goesOnUntil(() -> follower.ledger().awaited == 0 && follower.position().walOffset() > 0);
    assertEquals(1, follower.ledger().late);
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, follower.ledger().balance());
    assertEquals(orders.events.stream().distinct().count(), orders.events.size());
    storedUpToNow();
    goesOnUntil(() -> orders.acked > 0);
  }

  @Test
  void whatIsLeftAndInNoSnapshotIsMissing() {
    connected();
    write(RowsAhead.LEAST_MICROS - 100_000, false);
    goesOnUntilSettled(true);
    written.set(0, null);
    goesOnUntil(() -> orders.failure != null);
    assertTrue(orders.failure.contains("1 events"), orders.failure);
  }

  @Test
  void moreThanThereIsRoomToWaitForAreFound() {
    connected();
    List<Long> before = manyWrittenAhead();
    entryBytes = HELD_BYTES_MAX / 60;
    goesOnUntilSettled(true);
    goesOnUntil(() -> orders.events.containsAll(before));
    goesOnUntil(() -> follower.ledger().awaited == 0);
    assertEquals(before.size(), follower.ledger().late);
    assertEquals(orders.events.stream().distinct().count(), orders.events.size());
  }

  @Test
  void atRestAStreamThatLacksOthersTooIsNotPastThoseAhead() {
    connected();
    write(0, true);
    write(RowsAhead.LEAST_MICROS / 2, false);
    write(HOUR_MICROS, false);
    while (follower.ledger().walOffset == 0) {
      assertTrue(now < LIMIT_MS, follower.toString());
      atRest();
    }
    assertEquals(List.of(1L, 4L), orders.events, "the connection may have swallowed the others");
    assertEquals(2, follower.ledger().awaited);
  }

  @Test
  void atRestTheStreamIsPastThoseAheadIfItLacksNoOthers() {
    connected();
    write(0, true);
    write(HOUR_MICROS, false);
    while (follower.ledger().walOffset == 0) {
      assertTrue(now < LIMIT_MS, follower.toString());
      atRest();
    }
    assertEquals(List.of(1L, 3L, 2L), orders.events);
    assertEquals(0, follower.ledger().awaited);
  }

  /** Nothing is written but one event. */
  private void atRest() {
    if (orders.isNew) {
      orders.isNew = false;
      follower.onLiveCaughtUp(orders.epoch, 1);
      write(0, true); // the first that comes over the second connection
    }
    now += STEP_MS;
    follower.tick(now, true);
    produce();
    if (orders.snapshot != null) {
      Request request = orders.snapshot;
      orders.snapshot = null;
      answer(request, true);
    }
  }

  @Test
  void withoutRowsAheadOneSnapshotIsEnough() {
    connected();
    write(0, true);
    goesOnUntilSettled(true);
    assertEquals(1, looks);
  }

  private void connected() {
    follower.start(now);
    follower.onLiveCaughtUp(orders.epoch, 0);
    orders.isNew = false;
  }

  /** An event every 10 ms, which an entry brings or not. */
  private void write(long offMicros, boolean brought) {
    long number = written.size() + 1;
    long micros = Events.BASE_MICROS + number * STEP_MS * 1000 + offMicros;
    Event event = Events.event(number, micros, "{}", "type", "entity");
    written.add(event);
    if (brought && follower.wantsEntries()) {
      JsonText text = entryBytes == 0 ? null : JsonText.of("\"" + "x".repeat(entryBytes) + "\"");
      follower.onEntry(orders.epoch, new WalEntry(number, "", event, 0, null, text));
    }
  }

  /**
   * @param isFast whether a row is never more than a moment ahead of the stream; if not, the first
   *     snapshot has some of the next seconds
   */
  private void goesOnUntilSettled(boolean isFast) {
    while (follower.ledger().walOffset == 0) {
      assertTrue(now < LIMIT_MS, follower.toString());
      write(0, true);
      now += STEP_MS;
      follower.tick(now, true);
      produce();
      if (orders.snapshot != null) {
        Request request = orders.snapshot;
        orders.snapshot = null;
        answer(request, isFast);
      }
    }
    assertFalse(follower.wantsRows());
  }

  private void goesOnUntil(BooleanSupplier done) {
    long limit = now + LIMIT_MS;
    while (!done.getAsBoolean()) {
      assertTrue(now < limit, follower.toString());
      if (orders.isNew) {
        orders.isNew = false;
        follower.onLiveCaughtUp(orders.epoch, written.size());
      }
      write(0, true);
      now += STEP_MS;
      follower.tick(now, true);
      produce();
      storedUpToNow();
      if (orders.snapshot != null) {
        Request request = orders.snapshot;
        orders.snapshot = null;
        answer(request, true);
      }
    }
  }

  private void storedUpToNow() {
    follower.onCommitted(follower.emitted());
  }

  private void answer(Request request, boolean isFast) {
    looks++;
    List<Event> rows = new ArrayList<>(written);
    rows.removeIf(Objects::isNull);
    if (!isFast && looks == 1) {
      for (int i = 0; i < onTheirWay; i++) {
        long number = written.size() + 150 + i;
        long micros = Events.BASE_MICROS + number * STEP_MS * 1000;
        rows.add(Events.event(number, micros, "{}", "type", "entity"));
      }
    }
    rows.sort(Comparator.comparingLong(Event::micros));
    follower.onSnapshotComplete(request, List.of("events.parquet"), 1, 0);
    while (follower.wantsRows()) {
      for (Event row : rows) {
        follower.onRow(request, new SnapshotRow(row, 0, 0));
        produce();
      }
      follower.onRowsEnd(request);
      produce();
    }
  }

  /** More than are told one by one; their numbers. */
  private List<Long> manyWrittenAhead() {
    List<Long> numbers = new ArrayList<>();
    for (long number = 1; number <= 2 * RowsAhead.FEW; number++) {
      numbers.add(number);
      write(HOUR_MICROS, false);
    }
    return numbers;
  }

  private void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
    }
  }

  private static final class Recorder extends RecordedOrders {
    private final List<Long> events = new ArrayList<>();
    private Epoch epoch = Epoch.NONE;
    private Request snapshot;
    private boolean isNew;
    private long acked;
    private String failure;

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      epoch = of;
      isNew = true;
    }

    @Override
    public void ack(Epoch of, long offset) {
      acked = Math.max(acked, offset);
    }

    @Override
    public void fail(String message) {
      failure = message;
    }

    @Override
    public void requestSnapshot(Request requested, long lastOffset) {
      snapshot = requested;
    }

    @Override
    public void emitEntry(WalEntry entry) {
      events.add(entry.event().version());
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      events.add(row.event().version());
    }
  }
}
