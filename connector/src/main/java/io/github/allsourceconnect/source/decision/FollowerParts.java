package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.LogHistory;
import io.github.allsourceconnect.source.decision.repair.Repair;
import java.util.random.RandomGenerator;

/** What a follower is made of; the simulator puts parts with planted faults in its place. */
class FollowerParts {
  InFlight inFlight(FollowerOrders orders) {
    return new InFlight(orders);
  }

  Lateness lateness(SourcePosition position) {
    return new Lateness(position.latenessMicros(), position.displacement());
  }

  ProducedEvents produced() {
    return new ProducedEvents(ProducedEvents.KNOWN_MAX);
  }

  LiveLink live(
      FollowerSettings settings, FollowerOrders orders, String leader, RandomGenerator jitter) {
    return new LiveLink(settings, orders, leader, jitter);
  }

  LiveStream stream(
      FollowerSettings settings,
      FollowerOrders orders,
      SourcePosition position,
      ProducedEvents produced,
      Lateness lateness) {
    return new LiveStream(orders, position, produced, lateness, settings.heldBytesMax());
  }

  Sequencer sequencer(LiveStream stream) {
    return new Sequencer(stream);
  }

  Repair repair(
      FollowerSettings settings, FollowerOrders orders, LiveStream stream, LiveLink live) {
    return new Repair(settings, orders, stream, live);
  }

  Positions positions(
      FollowerSettings settings,
      long number,
      LiveStream stream,
      LiveLink live,
      Repair repair,
      Placement placement) {
    return new Positions(settings, number, stream, live, repair, placement);
  }

  LogHistory logHistory(
      FollowerSettings settings,
      FollowerOrders orders,
      LiveStream stream,
      Sequencer entries,
      LiveLink live) {
    return new LogHistory(settings, orders, stream, entries, live);
  }
}
