package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.protocol.Event;
import java.util.ArrayDeque;

/**
 * Compares two sequences of events that must be the same, whichever of the two comes first. Memory
 * depends on how far one is ahead. For any number of threads.
 */
final class SameSequence {
  private final ArrayDeque<Event> sentAhead = new ArrayDeque<>();
  private final ArrayDeque<Event> arrivedAhead = new ArrayDeque<>();
  private long sent;
  private long arrived;
  private long equal;
  private long different;

  /** What was counted. */
  record Counted(long sent, long arrived, long equal, long different) {}

  synchronized void sent(Event event) {
    sent++;
    sentAhead.add(event);
    compare();
  }

  synchronized void arrived(Event event) {
    arrived++;
    arrivedAhead.add(event);
    compare();
  }

  synchronized Counted counted() {
    return new Counted(sent, arrived, equal, different);
  }

  private void compare() {
    while (!sentAhead.isEmpty() && !arrivedAhead.isEmpty()) {
      Event a = sentAhead.poll();
      Event b = arrivedAhead.poll();
      if (a.id().equals(b.id()) && OrderCheck.equal(a, b)) {
        equal++;
      } else {
        different++;
      }
    }
  }
}
