package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Connections that have not subscribed (nor, with TLS, shown a certificate, perhaps). They have a
 * small share of their own, and never take a follower's place: when there are too many, the oldest
 * goes of the address that has most of them, and first of those who have not answered in the TLS
 * handshake, for a hello costs nothing; none stays longer than it may. (Of IPv6 addresses the first
 * half counts: the other is anybody's to choose.) What they came to is said once a minute, for a
 * health check that connects every second has nothing to say. Not thread-safe.
 */
final class Newcomers {
  private static final long SUMMARY_MS = 60_000;
  private static final int IPV6_NETWORK_GROUPS = 4;

  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final Map<Integer, ServedFollower> silentSoFar = new LinkedHashMap<>();
  private final Map<Integer, ServedFollower> answering = new LinkedHashMap<>();
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
    silentSoFar.put(newcomer.id(), newcomer);
    if (count() <= settings.newcomersMax()) {
      return null;
    }
    pushedOut++;
    // all of one class but the one that has just come
    return silentSoFar.size() > 1 ? oldestOfMost(silentSoFar) : oldestOfMost(answering);
  }

  private static ServedFollower oldestOfMost(Map<Integer, ServedFollower> some) {
    Map<String, Integer> counts = new HashMap<>();
    int most = 0;
    for (ServedFollower each : some.values()) {
      most = Math.max(most, counts.merge(origin(each.peer()), 1, Integer::sum));
    }
    for (ServedFollower each : some.values()) {
      if (counts.get(origin(each.peer())) == most) {
        return each;
      }
    }
    throw new IllegalStateException("nobody is there");
  }

  private static String origin(String peer) {
    int port = peer.lastIndexOf(':');
    String address = port < 0 ? peer : peer.substring(0, port);
    int end = -1;
    for (int group = 0; group < IPV6_NETWORK_GROUPS; group++) {
      end = address.indexOf(':', end + 1);
      if (end < 0) {
        return address;
      }
    }
    return address.substring(0, end);
  }

  /** It has answered in the TLS handshake. */
  void answered(int id) {
    ServedFollower newcomer = silentSoFar.remove(id);
    if (newcomer != null) {
      answering.put(id, newcomer);
    }
  }

  ServedFollower get(int id) {
    ServedFollower newcomer = silentSoFar.get(id);
    return newcomer == null ? answering.get(id) : newcomer;
  }

  int count() {
    return silentSoFar.size() + answering.size();
  }

  List<ServedFollower> all() {
    List<ServedFollower> all = new ArrayList<>(silentSoFar.values());
    all.addAll(answering.values());
    return all;
  }

  /** It is no newcomer any more; null when it was none. */
  ServedFollower remove(int id) {
    ServedFollower newcomer = silentSoFar.remove(id);
    return newcomer == null ? answering.remove(id) : newcomer;
  }

  /** It went without having subscribed. */
  void left(int id) {
    if (remove(id) != null) {
      passing++;
    }
  }

  /** Those whose time is over. */
  List<ServedFollower> tick(long nowMs) {
    now = nowMs;
    List<ServedFollower> late = new ArrayList<>();
    for (ServedFollower newcomer : silentSoFar.values()) {
      if (!isLate(newcomer)) {
        break; // those behind it came later
      }
      late.add(newcomer);
    }
    answering.values().stream().filter(this::isLate).forEach(late::add);
    silent += late.size();
    if (now - saidAt >= SUMMARY_MS) {
      say();
    }
    return late;
  }

  private boolean isLate(ServedFollower newcomer) {
    return now - newcomer.connectedAt() >= settings.subscribeTimeoutMs();
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
              + " because there were more than "
              + settings.newcomersMax()
              + " (listener.newcomers.max)");
    }
    passing = 0;
    pushedOut = 0;
    silent = 0;
  }
}
