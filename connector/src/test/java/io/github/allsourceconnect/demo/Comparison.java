package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Compares what arrives with what was written: each event once, in its entity's order, with the
 * same bytes. Safe for several threads.
 */
final class Comparison {
  /** Where an event can arrive. */
  enum Station {
    KAFKA,
    FOLLOWER
  }

  /** What was found at a station. */
  static final class Tally {
    long arrived;
    long twice;
    long foreign;
    long outOfOrder;
    long altered;
    long tenantUnknown;

    /** Those of {@code arrived} that came from the leader's files. */
    long fromFiles;

    String firstFault;

    /** How many arrivals should not have been as they were. */
    long faults() {
      return twice + foreign + outOfOrder + altered;
    }

    private Tally copy() {
      Tally copy = new Tally();
      copy.arrived = arrived;
      copy.twice = twice;
      copy.foreign = foreign;
      copy.outOfOrder = outOfOrder;
      copy.altered = altered;
      copy.tenantUnknown = tenantUnknown;
      copy.fromFiles = fromFiles;
      copy.firstFault = firstFault;
      return copy;
    }

    private void fault(String text) {
      if (firstFault == null) {
        firstFault = text;
      }
    }
  }

  /**
   * Events that the leader lost on the way to its followers.
   *
   * @param lost how many altogether
   * @param fetched how many of them are in Kafka all the same
   */
  record Losses(long lost, long fetched) {
    long missing() {
      return lost - fetched;
    }
  }

  private static final class Written {
    final long number;
    final long entityNumber;
    Event event;
    final Set<Station> seen = EnumSet.noneOf(Station.class);

    Written(long number, long entityNumber, Event event) {
      this.number = number;
      this.entityNumber = entityNumber;
      this.event = event;
    }

    boolean isDone() {
      return seen.size() == Station.values().length;
    }
  }

  private static final int NEWEST = 100;

  private final boolean firstSeenIsTruth;
  private final int remembered;
  private final LinkedHashMap<String, Written> events = new LinkedHashMap<>();
  private final Map<String, Long> entityNumbers = new HashMap<>();
  private final Map<Station, Map<String, Long>> newest = new EnumMap<>(Station.class);
  private final Map<Station, Tally> tallies = new EnumMap<>(Station.class);
  private final Set<Long> lost = new HashSet<>();
  private final ArrayDeque<Event> newestArrived = new ArrayDeque<>();
  private long written;
  private long lostEver;

  /**
   * @param firstSeenIsTruth whether what was written is not known, so that the follower is compared
   *     with what Kafka has
   * @param remembered how many events are remembered at least; a repetition of one that is
   *     forgotten counts as foreign
   */
  Comparison(boolean firstSeenIsTruth, int remembered) {
    this.firstSeenIsTruth = firstSeenIsTruth;
    this.remembered = remembered;
    for (Station station : Station.values()) {
      newest.put(station, new HashMap<>());
      tallies.put(station, new Tally());
    }
  }

  /** The leader stored an event; called in the order of its log. */
  synchronized void written(Event event) {
    long number = entityNumbers.merge(event.entityId(), 1L, Long::sum);
    written++;
    events.put(event.id(), new Written(written, number, event));
    while (events.size() > remembered) {
      Map.Entry<String, Written> oldest = events.entrySet().iterator().next();
      if (!oldest.getValue().isDone()) {
        break;
      }
      events.remove(oldest.getKey());
    }
  }

  /** The leader lost the {@code number}th event that was written, on its way to followers. */
  synchronized void lost(long number) {
    lostEver++;
    lost.add(number);
  }

  /** What the leader lost on the way to its followers. */
  synchronized Losses losses() {
    return new Losses(lostEver, lostEver - lost.size());
  }

  /** An event arrived at a station. */
  synchronized void arrived(Station station, Event event) {
    arrived(station, event, false);
  }

  /**
   * An event arrived at a station.
   *
   * @param fromFiles whether the source had it from the leader's files, not from the live stream
   */
  synchronized void arrived(Station station, Event event, boolean fromFiles) {
    Tally tally = tallies.get(station);
    if (firstSeenIsTruth && !events.containsKey(event.id())) {
      written(event);
    }
    Written expected = events.get(event.id());
    if (expected == null) {
      tally.foreign++;
      tally.fault("event " + event.id() + " was never written, or came again much later");
      return;
    }
    if (!expected.seen.add(station)) {
      tally.twice++;
      tally.fault("event " + event.id() + " came twice");
      return;
    }
    tally.arrived++;
    if (fromFiles) {
      tally.fromFiles++;
    }
    if (station == Station.KAFKA) {
      lost.remove(expected.number);
    } else {
      newestArrived.addFirst(event);
      if (newestArrived.size() > NEWEST) {
        newestArrived.removeLast();
      }
    }
    Long before = newest.get(station).put(event.entityId(), expected.entityNumber);
    if (before != null && before > expected.entityNumber) {
      tally.outOfOrder++;
      tally.fault("event " + event.id() + " came after a later one of entity " + event.entityId());
      newest.get(station).put(event.entityId(), before);
    }
    compare(tally, expected.event, event);
    if (expected.isDone()) {
      // it is done with: only that it was there is remembered
      expected.event = null;
    }
  }

  private static void compare(Tally tally, Event expected, Event event) {
    String differs = null;
    if (!sameJson(expected.payload(), event.payload())) {
      differs = "payload";
    } else if (!sameJson(expected.metadata(), event.metadata())) {
      differs = "metadata";
    } else if (!expected.eventType().equals(event.eventType())) {
      differs = "type";
    } else if (!expected.entityId().equals(event.entityId())) {
      differs = "entity";
    } else if (expected.version() != event.version()) {
      differs = "version";
    } else if (expected.micros() != event.micros()) {
      differs = "timestamp";
    } else if (event.tenantId() == null) {
      tally.tenantUnknown++;
    } else if (!event.tenantId().equals(expected.tenantId())) {
      differs = "tenant";
    }
    if (differs != null) {
      tally.altered++;
      tally.fault("the " + differs + " of event " + event.id() + " was altered");
    }
  }

  private static boolean sameJson(JsonText one, JsonText other) {
    return Objects.equals(one == null ? JsonText.NULL : one, other == null ? JsonText.NULL : other);
  }

  /** How many events were written, or arrived anywhere where that is not known. */
  synchronized long written() {
    return written;
  }

  /** What arrived at the follower last, the newest first; a hundred at most. */
  synchronized List<Event> newest() {
    return List.copyOf(newestArrived);
  }

  /** A copy of what was found at a station so far. */
  synchronized Tally tally(Station station) {
    return tallies.get(station).copy();
  }

  /** Whether an event has arrived at a station, unless it is forgotten. */
  synchronized boolean has(Station station, String eventId) {
    Written event = events.get(eventId);
    return event != null && event.seen.contains(station);
  }
}
