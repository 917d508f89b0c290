package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is connected: those that have subscribed, and newcomers. Lets them in and closes them. Not
 * thread-safe.
 */
final class Followers {
  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final ServedLog log;
  private final BoundsRequests bounds;
  private final Newcomers newcomers;
  private final Map<Integer, ServedFollower> subscribed = new LinkedHashMap<>();
  private long refused;

  Followers(ServedLog log, BoundsRequests bounds, long nowMs) {
    this.settings = log.settings();
    this.orders = log.orders();
    this.log = log;
    this.bounds = bounds;
    this.newcomers = new Newcomers(settings, orders, nowMs);
  }

  /** Closes those that have not subscribed in time, or have had something to ack for too long. */
  void tick(long nowMs) {
    newcomers.tick(nowMs).forEach(this::turnAway);
    List.copyOf(subscribed.values()).forEach(follower -> follower.checkAlive(nowMs));
  }

  void connected(int id, String peer) {
    ServedFollower oldest =
        newcomers.add(new ServedFollower(id, peer, log.now(), log, this::refuse));
    if (oldest != null) {
      turnAway(oldest);
    }
  }

  void answered(int id) {
    newcomers.answered(id);
  }

  /** One that has not subscribed is closed; that it was is said once a minute, for all of them. */
  private void turnAway(ServedFollower newcomer) {
    refused++;
    newcomers.remove(newcomer.id());
    newcomer.close();
    orders.disconnect(newcomer.id());
  }

  /** Somebody connected who may not, and was closed at once. */
  void stranger(String peer) {
    refused++;
    orders.say(
        Level.WARN,
        settings.name() + ": " + peer + " is closed: its address is not in listener.allowed.cidrs");
  }

  void subscribes(int id, long lastOffset) {
    ServedFollower follower = newcomers.remove(id);
    if (follower == null) {
      if (subscribed.containsKey(id)) {
        refuse(subscribed.get(id), "it sent a second subscribe line");
      }
    } else if (subscribed.size() >= settings.followerMax()) {
      refuse(
          follower,
          "there are "
              + subscribed.size()
              + " followers already, the most that follower.max allows");
    } else {
      subscribed.put(id, follower);
      follower.subscribe(lastOffset);
      bounds.want(follower);
    }
  }

  /** The connection ended by itself. */
  void left(int id, String why) {
    newcomers.left(id);
    ServedFollower follower = subscribed.get(id);
    if (follower != null) {
      forget(follower);
      orders.say(
          Level.INFO,
          settings.name()
              + ": "
              + follower
              + " left ("
              + why
              + "); it has acked "
              + follower.acked());
    }
  }

  /** One that has subscribed; null when there is none of this number. */
  ServedFollower get(int id) {
    return subscribed.get(id);
  }

  /** One that is connected; null when there is none of this number. */
  ServedFollower orNewcomer(int id) {
    ServedFollower newcomer = newcomers.get(id);
    return newcomer == null ? subscribed.get(id) : newcomer;
  }

  boolean has(ServedFollower follower) {
    return subscribed.get(follower.id()) == follower;
  }

  Collection<ServedFollower> all() {
    return Collections.unmodifiableCollection(subscribed.values());
  }

  int newcomers() {
    return newcomers.count();
  }

  /** How many were closed for a reason since the start. */
  long refused() {
    return refused;
  }

  // closing

  void refuse(ServedFollower follower, String why) {
    refused++;
    close(follower, Level.WARN, why);
  }

  /** All that have subscribed are closed; nobody is given a turn that another one leaves free. */
  void closeAll(Level level, String why) {
    log.history().nobodyWaits();
    for (ServedFollower follower : List.copyOf(subscribed.values())) {
      close(follower, level, why);
    }
  }

  void closeNewcomers() {
    for (ServedFollower newcomer : newcomers.all()) {
      newcomers.remove(newcomer.id());
      orders.disconnect(newcomer.id());
    }
  }

  private void close(ServedFollower follower, Level level, String why) {
    forget(follower);
    orders.say(level, settings.name() + ": " + follower + " is closed: " + why);
    orders.disconnect(follower.id());
  }

  private void forget(ServedFollower follower) {
    follower.close();
    subscribed.remove(follower.id());
    newcomers.remove(follower.id());
    bounds.forget(follower);
    log.forget(follower);
  }
}
