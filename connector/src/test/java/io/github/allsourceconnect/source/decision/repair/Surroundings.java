package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What the parts of a repair stand in: a connection, a stream, orders that are written down. Event
 * {@code n} has a time two seconds after event {@code n - 1}, and offset {@code n} brings it.
 */
final class Surroundings {
  static final long GAP_TIMEOUT_MS = 500;
  static final long SECOND = 1_000_000;

  /** So many entries may be held. */
  static final int HELD_MAX = 200;

  static final int HELD_BYTES_MAX = 400 * HELD_MAX;

  final RecordedOrders orders = new RecordedOrders();
  final FollowerSettings settings;
  final LiveLink live;
  final LiveStream stream;
  final Sequencer entries;
  final RepairCut cut;
  final Repair repair;
  long now = 1_000_000;

  Surroundings() {
    this(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START);
  }

  Surroundings(SnapshotMode mode, GapPolicy policy, SourcePosition position) {
    this(mode, policy, position, 0);
  }

  /**
   * @param repairMinIntervalMs so long lies between two repairs at least
   */
  Surroundings(
      SnapshotMode mode, GapPolicy policy, SourcePosition position, long repairMinIntervalMs) {
    this(mode, policy, position, repairMinIntervalMs, new Lateness(0, 0));
  }

  /**
   * @param lateness as entries have been late before
   */
  Surroundings(SourcePosition position, Lateness lateness) {
    this(SnapshotMode.INITIAL, GapPolicy.REPAIR, position, 0, lateness);
  }

  private Surroundings(
      SnapshotMode mode,
      GapPolicy policy,
      SourcePosition position,
      long repairMinIntervalMs,
      Lateness lateness) {
    settings =
        new FollowerSettings(
            List.of("leader-1:3910", "leader-2:3910"),
            30_000,
            mode,
            policy,
            GAP_TIMEOUT_MS,
            repairMinIntervalMs,
            300_000,
            0,
            100,
            100,
            HELD_BYTES_MAX);
    live = new LiveLink(settings, orders, position.leader(), new SplittableRandom(1));
    ProducedEvents produced = new ProducedEvents(4096);
    produced.load(position, lateness.allowedMicros());
    stream = new LiveStream(orders, position, produced, lateness, HELD_BYTES_MAX);
    entries = new Sequencer(stream);
    cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    repair = new Repair(settings, orders, stream, live);
  }

  /** A connection is made and followed; where its entries belong is not known. */
  Surroundings connected() {
    return connectedAt(0);
  }

  /** The same, and the leader says that it stands there. */
  Surroundings connectedAt(long offset) {
    now = Math.max(now, live.wakeAt());
    live.tick(now, 0, 0, stream.numbering());
    live.caughtUp(offset, now);
    stream.switchTo(live.epoch(), false, false);
    return this;
  }

  /** The connection is lost, and so are those that are tried until it is the other leader's. */
  Surroundings lostAndConnectedToTheOther() {
    lostAndTheOtherIsLive();
    stream.switchTo(live.epoch(), false, false);
    return this;
  }

  /** The same, and the stream has not come to it. */
  void lostAndTheOtherIsLive() {
    int leader = live.epoch().leader();
    while (live.epoch().leader() == leader || !live.isLive()) {
      live.closed(now);
      now = live.wakeAt();
      live.tick(now, 0, 0, stream.numbering());
      if (live.epoch().leader() != leader) {
        live.caughtUp(0, now);
      }
    }
  }

  /** All up to an offset has been produced, and the connection at hand goes on from there. */
  Surroundings establishedAt(long offset) {
    stream.establish(offset, offset != stream.walOffset(), now);
    return this;
  }

  /** Entries come live. */
  Surroundings came(long... offsets) {
    for (long offset : offsets) {
      entries.entry(entry(offset), now);
    }
    return this;
  }

  /** So many more that follow one another. */
  Surroundings cameInARow(long from, long to) {
    for (long offset = from; offset <= to; offset++) {
      came(offset);
    }
    return this;
  }

  /** An entry of another time than its offset's. */
  Surroundings cameAt(long offset, long micros) {
    Event event = Events.event(offset, micros, "{}", "type", "entity-" + offset);
    entries.entry(new WalEntry(offset, "", event, 0, null, null), now);
    return this;
  }

  /** Nothing comes for a while: the cut is at the last entry held. */
  Surroundings cutAtTheEnd() {
    now += RepairCut.QUIET_MS;
    cut.begin(now);
    cut.choose(now);
    return this;
  }

  // ---- the repair, which has a cut of its own

  /** A repair is wanted, and its snapshot has been asked for. */
  Surroundings asked(Repair.Reason why) {
    repair.want(why, now);
    return askedAgain();
  }

  /** The snapshot after the one before has been asked for. */
  Surroundings askedAgain() {
    long before = stream.ledger.snapshotRequests;
    for (int i = 0; stream.ledger.snapshotRequests == before; i++) {
      if (i == 10_000) {
        throw new AssertionError("no snapshot is asked for: " + repair + orders.said);
      }
      now += 10;
      repair.tick(now);
    }
    return this;
  }

  /** The snapshot has these rows, in the order of their times. */
  Surroundings answered(SnapshotRow... rows) {
    repair.onComplete(List.of("events.parquet"), 0, now);
    while (repair.reading()) {
      for (SnapshotRow row : rows) {
        repair.onRow(row, now);
        produced();
      }
      repair.onRowsEnd(now);
      produced();
    }
    return this;
  }

  /** There is none; the leader says that it has come so far. */
  Surroundings answeredWithNone(long currentOffset) {
    repair.onNone(currentOffset, now);
    return produced();
  }

  /** What came can't be read, until that is enough. */
  Surroundings unreadable(String whatToDo) {
    for (int i = 0; i < 5; i++) {
      if (i > 0) {
        askedAgain();
      }
      repair.onFailed("a footer is damaged", whatToDo, false, now);
    }
    return produced();
  }

  /** All that is due is produced. */
  Surroundings produced() {
    while (repair.dueBytes() >= 0) {
      repair.produceNext(now);
    }
    return this;
  }

  /** The numbers of the events produced so far. */
  List<Long> numbers() {
    return orders.produced.stream().map(NUMBERS::get).toList();
  }

  /** The message with which the task has failed; empty if it has not. */
  String failure() {
    return orders.said.stream()
        .filter(order -> order.startsWith("fail "))
        .findFirst()
        .map(order -> order.substring(5))
        .orElse("");
  }

  // ---- events

  private static final Map<String, Long> NUMBERS = new HashMap<>();

  static {
    for (long number = 0; number < 1_000; number++) {
      NUMBERS.put(event(number).id(), number);
    }
  }

  static Event event(long number) {
    return Events.event(number, micros(number), "{}", "type", "entity-" + number);
  }

  static long micros(long number) {
    return Events.BASE_MICROS + number * 2 * SECOND;
  }

  static WalEntry entry(long number) {
    return new WalEntry(number, "", event(number), 0, null, null);
  }

  static SnapshotRow row(long number) {
    return new SnapshotRow(event(number), 0, 0);
  }
}
