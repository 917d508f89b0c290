package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** A follower of two leaders that a test drives step by step; an event's version is its number. */
abstract class DrivenFollower {
  static final List<String> LEADERS = Scene.LEADERS;
  static final SourcePosition AT_10 = StoredPositions.at(10, Events.BASE_MICROS, LEADERS.get(0));

  final Recorder orders = new Recorder();
  final Map<Integer, SourcePosition> stored = new HashMap<>();
  Follower follower;
  long now = 1;
  Request answered;
  boolean bufferEmpty = true;

  void start(GapPolicy policy, SourcePosition position) {
    start(policy, position, 1 << 20, LEADERS);
  }

  void start(GapPolicy policy, SourcePosition position, long heldBytesMax, List<String> leaders) {
    start(SnapshotMode.INITIAL, policy, position, heldBytesMax, leaders);
  }

  void start(
      SnapshotMode mode,
      GapPolicy policy,
      SourcePosition position,
      long heldBytesMax,
      List<String> leaders) {
    start(Scene.settings(leaders, 3_600_000, mode, policy, heldBytesMax), position);
  }

  void start(FollowerSettings settings, SourcePosition position) {
    orders.failure = null;
    orders.epoch = Epoch.NONE;
    orders.seen = 0;
    orders.snapshot = null;
    answered = null;
    follower = new Follower(settings, position, orders, new SplittableRandom(1));
    follower.start(now);
  }

  /** The position is stored, and read with those before it. */
  SourcePosition kept() {
    SourcePosition position = follower.takePosition(true);
    stored.put(position.produced().slot(), position);
    return SourcePosition.of(stored);
  }

  static SnapshotRow spread(int number) {
    return row(number, number * 20_000L);
  }

  static SnapshotRow row(long number, long afterMicros) {
    long micros = Events.BASE_MICROS + afterMicros;
    return new SnapshotRow(Events.event(number, micros, "{}", "type", "entity"), 0, 0);
  }

  void awaitConnection() {
    int before = orders.seen;
    long limit = now + 600_000;
    while (orders.epoch.connection() == before) {
      assertTrue(now < limit, follower.toString());
      step();
    }
    orders.seen = orders.epoch.connection();
  }

  void caughtUp(long currentOffset) {
    awaitConnection();
    follower.onLiveCaughtUp(orders.epoch, currentOffset);
    step();
  }

  void live(long number, long offset) {
    live(Events.event(number, "{}"), offset);
  }

  void live(Event event, long offset) {
    follower.onEntry(orders.epoch, new WalEntry(offset, "", event, 0, null, null));
    step();
  }

  void awaitSnapshot() {
    long limit = now + 600_000;
    while (Objects.equals(orders.snapshot, answered)) {
      assertTrue(now < limit, follower.toString());
      step();
    }
  }

  void answer(List<SnapshotRow> rows) {
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    while (follower.wantsRows()) {
      rows.forEach(
          row -> {
            follower.onRow(answered, row);
            produce();
          });
      follower.onRowsEnd(answered);
      produce();
    }
    step();
  }

  void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
    }
  }

  void leaderIsLost() {
    follower.onLiveClosed(orders.epoch, "the leader is lost");
    awaitConnection();
    follower.onLiveClosed(orders.epoch, "refused");
  }

  /**
   * 11 and this one came from leader 1, nothing between; leader 2 is followed, which numbers anew.
   */
  void aHoleIsLost(int next) {
    aHoleIsLost(SnapshotMode.INITIAL, next);
  }

  void aHoleIsLost(SnapshotMode mode, int next) {
    start(mode, GapPolicy.REPAIR, AT_10, 1 << 20, LEADERS);
    caughtUp(10);
    live(spread(11).event(), 11);
    awaitSnapshot();
    answer(List.of());
    live(spread(next).event(), next);
    leaderIsLost();
    caughtUp(0);
    caughtUp(0);
  }

  void step() {
    produce();
    now += 10;
    follower.tick(now, bufferEmpty);
    produce();
  }

  static final class Recorder extends RecordedOrders {
    Epoch epoch = Epoch.NONE;
    int seen;
    Request snapshot;
    Request probe;
    String failure;

    void add(Event event) {
      produced.add(String.valueOf(event.version())); // which is its number here
    }

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      epoch = of;
      seen = Math.min(seen, of.connection() - 1);
    }

    @Override
    public void requestSnapshot(Request requested, long lastOffset) {
      snapshot = requested;
    }

    @Override
    public void probe(Request request, long lastOffset) {
      probe = request;
    }

    @Override
    public void emitEntry(WalEntry entry) {
      add(entry.event());
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      add(row.event());
    }

    @Override
    public void fail(String message) {
      failure = message;
    }
  }
}
