package io.github.allsourceconnect.source.decision;

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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A follower, its clock, and what it has ordered. Offset n brings event n. */
final class Scene extends RecordedOrders {
  static final List<String> LEADERS = List.of("leader-1:3910", "leader-2:3910");
  static final long GAP_TIMEOUT_MS = 500;
  static final long DEAD_TIMEOUT_MS = 20_000;

  /** All up to offset 10 is produced. */
  static final SourcePosition AT_10 =
      StoredPositions.at(10, Events.BASE_MICROS + 10, LEADERS.get(0));

  final Follower follower;
  final List<Long> events = new ArrayList<>();
  Epoch epoch = Epoch.NONE;
  Request snapshot;
  Request probe;
  long now = 1;
  boolean bufferEmpty = true;

  Scene(SnapshotMode mode, GapPolicy policy, SourcePosition position) {
    follower =
        new Follower(
            settings(LEADERS, DEAD_TIMEOUT_MS, mode, policy, 1 << 20),
            position,
            this,
            new SplittableRandom(1));
    follower.start(now);
  }

  static FollowerSettings settings(
      List<String> leaders, long deadMs, SnapshotMode mode, GapPolicy policy, long heldBytesMax) {
    return new FollowerSettings(
        leaders, deadMs, mode, policy, GAP_TIMEOUT_MS, 0, 300_000, 0, 100, 100, heldBytesMax);
  }

  /** In order behind 10, over a connection that has said that it stands there. */
  static Scene inOrder(SnapshotMode mode, GapPolicy policy) {
    Scene scene = new Scene(mode, policy, AT_10);
    scene.follower.onLiveCaughtUp(scene.epoch, 10);
    scene.tick(10);
    scene.came(11);
    scene.asked();
    scene.rows();
    return scene;
  }

  /** So many milliseconds pass. */
  Scene tick(long millis) {
    now += millis;
    follower.tick(now, bufferEmpty);
    return produce();
  }

  /** Entries come live, and all that is in order is produced. */
  Scene came(long... offsets) {
    for (long offset : offsets) {
      follower.onEntry(epoch, new WalEntry(offset, "", Events.event(offset, "{}"), 0, null, null));
      produce();
    }
    return this;
  }

  /** Time passes until a snapshot has been asked for. */
  Scene asked() {
    Request before = snapshot;
    for (int i = 0; snapshot == before; i++) {
      if (i > 100_000) {
        throw new AssertionError("no snapshot is asked for: " + follower);
      }
      tick(10);
    }
    return this;
  }

  /** Time passes until another connection is made. */
  Scene connectedAgain() {
    Epoch before = epoch;
    for (int i = 0; epoch.equals(before); i++) {
      if (i > 100_000) {
        throw new AssertionError("no connection is made: " + follower);
      }
      tick(10);
    }
    return this;
  }

  /** The snapshot has these events, in the order of their times. */
  Scene rows(long... numbers) {
    Request of = snapshot;
    follower.onSnapshotComplete(of, List.of("events.parquet"), 1, 0);
    while (follower.wantsRows()) {
      for (long number : numbers) {
        row(number);
      }
      follower.onRowsEnd(of);
      produce();
    }
    return this;
  }

  Scene row(long number) {
    follower.onRow(snapshot, new SnapshotRow(Events.event(number, "{}"), 0, 0));
    return produce();
  }

  Scene produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
    }
    return this;
  }

  /** Kafka has all. */
  Scene stored() {
    follower.onCommitted(follower.emitted());
    return this;
  }

  String failure() {
    return said.stream().filter(order -> order.startsWith("fail ")).findFirst().orElse("");
  }

  /** All that can be seen of it. */
  String state() {
    return follower
        + " "
        + follower.position()
        + " wakes at "
        + follower.wakeAtMs()
        + ", wants entries "
        + follower.wantsEntries()
        + ", rows "
        + follower.wantsRows()
        + ", "
        + said
        + logged
        + events;
  }

  private void add(Event event) {
    events.add(event.version()); // which is its number here
  }

  @Override
  public void connectLive(Epoch of, long lastOffset) {
    super.connectLive(of, lastOffset);
    epoch = of;
  }

  @Override
  public void requestSnapshot(Request requested, long lastOffset) {
    super.requestSnapshot(requested, lastOffset);
    snapshot = requested;
  }

  @Override
  public void probe(Request request, long lastOffset) {
    said.add("probe with " + lastOffset);
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
}
