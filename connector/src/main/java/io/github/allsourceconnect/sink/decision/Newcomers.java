package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Connections that have not subscribed (nor, with TLS, shown a certificate, perhaps). They have a
 * small share of their own, and never take a follower's place: when there are too many, the oldest
 * goes, and none stays longer than it may. What they came to is said once a minute, for a health
 * check that connects every second has nothing to say. Not thread-safe.
 */
final class Newcomers {
  private static final long SUMMARY_MS = 60_000;

  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final Map<Integer, ServedFollower> waiting = new LinkedHashMap<>();
  private long now;
  private long saidAt;
  private long passing;
  private long pushedOut;
  private long silent;

  Newcomers(PartitionSettings settings, LeaderOrders orders, long nowMs) {
    this.settings = settings;
    this.orders = orders;
    this.now = nowMs;
    this.saidAt = nowMs;
  }

  /**
   * Somebody connected.
   *
   * @return the one that has to go for it; null for none
   */
  ServedFollower add(ServedFollower newcomer) {
    waiting.put(newcomer.id(), newcomer);
    if (waiting.size() <= settings.newcomersMax()) {
      return null;
    }
    pushedOut++;
    return waiting.values().iterator().next();
  }

  ServedFollower get(int id) {
    return waiting.get(id);
  }

  int count() {
    return waiting.size();
  }

  List<ServedFollower> all() {
    return List.copyOf(waiting.values());
  }

  /** It is no newcomer any more; null when it was none. */
  ServedFollower remove(int id) {
    return waiting.remove(id);
  }

  /** It went without having subscribed. */
  void left(int id) {
    if (waiting.remove(id) != null) {
      passing++;
    }
  }

  /** Those whose time is over. */
  List<ServedFollower> tick(long nowMs) {
    now = nowMs;
    List<ServedFollower> late = new ArrayList<>();
    for (ServedFollower newcomer : waiting.values()) {
      if (now - newcomer.connectedAt() < settings.subscribeTimeoutMs()) {
        break; // those behind it came later
      }
      late.add(newcomer);
    }
    silent += late.size();
    if (now - saidAt >= SUMMARY_MS) {
      say();
    }
    return late;
  }

  private void say() {
    saidAt = now;
    if (passing > 0) {
      orders.say(
          Level.INFO,
          settings.name()
              + ": "
              + passing
              + " connections went in the last minute without having subscribed; health checks do");
    }
    if (pushedOut + silent > 0) {
      orders.say(
          Level.WARN,
          settings.name()
              + ": in the last minute connections were closed that had not subscribed: "
              + silent
              + " after "
              + settings.subscribeTimeoutMs()
              + " ms (subscribe.timeout.ms), "
              + pushedOut
              + " for there were more than "
              + settings.newcomersMax()
              + " (listener.newcomers.max)");
    }
    passing = 0;
    pushedOut = 0;
    silent = 0;
  }
}
