package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryPlace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tasks of the sink and its followers, and what happens to them. */
public final class SinkSide {
  private final SinkWorld world;
  private final SinkSimulation.LeaderFactory leaders;
  private final List<SinkTask> tasks = new ArrayList<>();
  private final List<FollowerModel> followers = new ArrayList<>();
  private final Map<FollowerModel, Connection> connections = new LinkedHashMap<>();
  private SinkTask owner;
  private int taskNumber;
  private boolean healed;

  /**
   * @param leaders makes the decisions of each task
   */
  public SinkSide(SinkWorld world, SinkSimulation.LeaderFactory leaders) {
    this.world = world;
    this.leaders = leaders;
  }

  /** A task takes the partition; it is up to the caller what becomes of the one before. */
  public void newTask() {
    newTask(false);
  }

  private void newTask(boolean notOpened) {
    String name = "task " + ++taskNumber;
    owner =
        new SinkTask(
            world, name, notOpened, orders -> leaders.make(world.settings, orders, world.now()));
    tasks.add(owner);
  }

  /** The task that has the partition. */
  public SinkTask owner() {
    return owner;
  }

  /** All tasks that run, zombies too. */
  List<SinkTask> running() {
    return tasks.stream().filter(SinkTask::isAlive).toList();
  }

  /** All followers. */
  public List<FollowerModel> followers() {
    return followers;
  }

  /** Whether all tails are at the log's end. */
  boolean isAtTheEnd() {
    return running().stream().allMatch(SinkTask::isAtTheEnd);
  }

  /** A task that accepts connections now; null for none. */
  public SinkTask listening() {
    List<SinkTask> listening = tasks.stream().filter(SinkTask::listens).toList();
    return listening.isEmpty() ? null : listening.get(world.random(listening.size()));
  }

  /** The history is kept from now on, with pauses. */
  public void keepHistory() {
    if (world.topic.historyKept()) {
      TopicModel topic = world.topic;
      boolean isOpen = topic.history().isOf(topic.seen().identity());
      if (isOpen && (healed || world.random(4) > 0)) {
        int offsets = 1 + world.random(60);
        HistoryPlace place = leaders.place(topic.history().coverage(), topic.begin(), topic.end());
        if (place instanceof HistoryPlace.Lost lost) {
          world.count("hole in the history");
          long next = topic.nextEntry(topic.begin());
          if (next >= 0 && next <= lost.hole().upTo()) {
            world.violation("entry %d counts as lost although the topic has it", next);
          }
        }
        topic.keepHistory(offsets, place);
        long vanished = topic.history().vanished();
        if (vanished >= 0) {
          world.violation("the history had entry %d and has it no longer", vanished);
        }
      }
      world.after(100 + world.random(600), this::keepHistory);
    }
  }

  /** A follower that connects whenever it is not connected. */
  public void add(FollowerModel follower, boolean lies) {
    followers.add(follower);
    world.after(world.random(1_500), () -> stayConnected(follower, lies));
  }

  private void stayConnected(FollowerModel follower, boolean lies) {
    Connection connection = connections.get(follower);
    if (lies && healed) {
      if (connection != null && connection.isOpen()) {
        connection.leave();
      }
      return;
    }
    if (connection == null || !connection.isOpen()) {
      SinkTask task = listening();
      if (task != null) {
        Connection fresh = task.connect(follower, lies);
        connections.put(follower, fresh);
        if (!world.trouble(20)) {
          world.after(
              world.random(50),
              () -> {
                if (fresh.isOpen()) {
                  fresh.subscribe(follower.has());
                }
              });
        }
      }
    }
    world.after(100 + world.random(1_000), () -> stayConnected(follower, lies));
  }

  // trouble

  /** Nothing runs for a while, and somebody does something meanwhile. */
  void away(Runnable meanwhile) {
    running().forEach(SinkTask::kill);
    meanwhile.run();
    newTask();
  }

  /** The worker's process is gone. */
  public void killTask() {
    world.count("task killed");
    owner.kill();
    newTask();
  }

  /** The partition goes to another task in good order. */
  public void rebalance() {
    world.count("rebalance");
    owner.close("rebalance");
    boolean woken = world.now() % 4 == 0;
    if (woken) {
      world.count("not opened by Connect");
    }
    newTask(woken);
  }

  /** The old task lives on beside the new one; it is fenced late, and only then learns of it. */
  public void leaveZombie() {
    world.count("zombie");
    SinkTask zombie = owner;
    if (world.random(2) == 0) {
      zombie.stopListening();
    }
    zombie.supersede();
    newTask();
    world.after(3_000 + world.random(10_000), () -> zombie.close("fenced"));
  }

  /** One leaves; it comes back with what it has. */
  public void followerLeaves() {
    FollowerModel follower = some();
    if (isConnected(follower)) {
      world.count("follower left");
      connections.get(follower).leave();
    }
  }

  /** One comes back with nothing. */
  public void followerRestarts() {
    FollowerModel follower = some();
    if (isConnected(follower)) {
      world.count("follower restarted with nothing");
      connections.get(follower).leave();
      follower.forgetAll();
    }
  }

  /**
   * One reads nothing for a while.
   *
   * @return whether it was connected
   */
  public boolean followerStalls(long ms) {
    FollowerModel follower = some();
    if (!isConnected(follower)) {
      return false;
    }
    world.count("follower stalled");
    connections.get(follower).stall(ms);
    return true;
  }

  private FollowerModel some() {
    return followers.get(world.random(followers.size()));
  }

  /** What it lacks may be under way, although neither topic nor history has it any more. */
  boolean isFed(FollowerModel follower) {
    return isConnected(follower) && connections.get(follower).wasSentSomething();
  }

  private boolean isConnected(FollowerModel follower) {
    Connection connection = connections.get(follower);
    return connection != null && connection.isOpen();
  }

  /** All leave, and come back with nothing. */
  void resetFollowers() {
    connections.values().stream().filter(Connection::isOpen).forEach(Connection::leave);
    followers.forEach(FollowerModel::forgetAll);
  }

  /** No more trouble; zombies are gone. */
  public void heal() {
    world.heal();
    world.pause(false);
    healed = true;
    running().stream().filter(task -> task != owner).forEach(SinkTask::kill);
  }
}
