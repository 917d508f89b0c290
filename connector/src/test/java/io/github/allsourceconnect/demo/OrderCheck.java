package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Compares what was sent with what arrived: each event once, equal, and in order for its entity.
 * Memory depends on what is under way, not on what has passed. For any number of threads.
 */
final class OrderCheck {
  private static final int EXAMPLES_MAX = 5;

  private final String name;
  private final Map<String, ArrayDeque<Event>> underWay = new HashMap<>();
  private final List<String> examples = new ArrayList<>();
  private long expected;
  private long arrived;
  private long right;
  private long outOfOrder;
  private long altered;
  private long doubledOrUnknown;
  private long tenantAbsent;

  /**
   * @param name of the way from here to there, for examples of what went wrong
   */
  OrderCheck(String name) {
    this.name = name;
  }

  /** What was counted. */
  record Counted(
      long expected,
      long arrived,
      long right,
      long outOfOrder,
      long altered,
      long doubledOrUnknown,
      long tenantAbsent) {
    long missing() {
      return expected - right - outOfOrder - altered;
    }

    boolean faultless() {
      return missing() == 0 && outOfOrder == 0 && altered == 0 && doubledOrUnknown == 0;
    }
  }

  /** An event that must arrive after all earlier ones of its entity. */
  synchronized void expect(Event event) {
    expected++;
    underWay.computeIfAbsent(event.entityId(), entity -> new ArrayDeque<>()).add(event);
  }

  /** An event that arrived. */
  synchronized void arrive(Event event) {
    arrived++;
    ArrayDeque<Event> queue = underWay.getOrDefault(event.entityId(), new ArrayDeque<>());
    Event wanted = null;
    boolean first = true;
    for (Iterator<Event> events = queue.iterator(); events.hasNext(); first = false) {
      Event candidate = events.next();
      if (candidate.idHigh() == event.idHigh() && candidate.idLow() == event.idLow()) {
        wanted = candidate;
        events.remove();
        break;
      }
    }
    if (queue.isEmpty()) {
      underWay.remove(event.entityId());
    }
    if (wanted == null) {
      doubledOrUnknown++;
      example("doubled or unknown", event);
    } else if (!equal(wanted, event)) {
      altered++;
      example("altered", event);
    } else if (!first) {
      outOfOrder++;
      example("out of order", event);
    } else {
      right++;
      tenantAbsent += event.tenantId() == null ? 1 : 0;
    }
  }

  String name() {
    return name;
  }

  synchronized Counted counted() {
    return new Counted(
        expected, arrived, right, outOfOrder, altered, doubledOrUnknown, tenantAbsent);
  }

  /** A few of those that went wrong, and of those that are still missing. */
  synchronized List<String> examples() {
    List<String> all = new ArrayList<>(examples);
    underWay.values().stream()
        .limit(EXAMPLES_MAX)
        .forEach(queue -> all.add(describe("missing", queue.getFirst())));
    return all;
  }

  private void example(String what, Event event) {
    if (examples.size() < EXAMPLES_MAX) {
      examples.add(describe(what, event));
    }
  }

  private String describe(String what, Event event) {
    return name + ": " + what + ": event " + event.id() + " of entity " + event.entityId();
  }

  /** A tenant that could not be known (a repaired row) may be absent, never another one. */
  static boolean equal(Event a, Event b) {
    return a.eventType().equals(b.eventType())
        && (b.tenantId() == null || b.tenantId().equals(a.tenantId()))
        && a.payload().equals(b.payload())
        && metadata(a).equals(metadata(b))
        && a.micros() == b.micros()
        && a.version() == b.version();
  }

  private static JsonText metadata(Event event) {
    return event.metadata() == null ? JsonText.NULL : event.metadata();
  }
}
