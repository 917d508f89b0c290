package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.history.SnapshotStore.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One task with the real decisions, its readers of the topic and its connections modelled. Answers
 * come late, and tell what was true when they were given. It may be killed, or live on as a zombie.
 */
final class SinkTask implements LeaderOrders {
  private final SinkWorld world;
  private final String name;
  private final LeaderLog log;
  private final Map<Integer, Connection> connections = new TreeMap<>();
  private boolean alive = true;
  private boolean listens = true;
  private long tailPosition = -1;
  private long lastTailAt;
  private long lastHistoryAt;
  private Coverage toldHistory;
  private int lastId;
  private long committable = -1;

  SinkTask(SinkWorld world, String name, Function<LeaderOrders, LeaderLog> decisions) {
    this.world = world;
    this.name = name;
    this.log = decisions.apply(this);
    tick();
    world.after(world.random(300), this::startTail);
    if (world.topic.historyKept()) {
      world.after(world.random(600), this::tellHistory);
    }
  }

  boolean isAlive() {
    return alive;
  }

  boolean listens() {
    return alive && listens;
  }

  long committable() {
    return committable;
  }

  /** It keeps those that it has, and gets nobody new. */
  void stopListening() {
    listens = false;
  }

  /** The process is gone, without a word. */
  void kill() {
    alive = false;
    List.copyOf(connections.values()).forEach(connection -> connection.cut("the task was killed"));
    connections.clear();
  }

  /** The partition is taken from it in good order. */
  void close() {
    input(() -> log.closeAll("rebalance"));
    kill();
  }

  private void input(Runnable step) {
    if (!alive) {
      return;
    }
    step.run();
    long now = log.committable();
    if (now > committable) {
      check(now);
    } else if (now < committable) {
      world.violation("%s: what may be committed fell from %d to %d", name, committable, now);
    }
    committable = now;
    long memory = log.figures().memoryBytes();
    if (memory > world.settings.tailBytes() + world.settings.olderBytes() + 4_000) {
      world.violation("%s: %d bytes in memory", name, memory);
    }
  }

  /** So much may be committed only if enough of those connected have it by their own word. */
  private void check(long offset) {
    int have = 0;
    int placed = 0;
    for (Connection connection : connections.values()) {
      boolean has = connection.acked() >= 0 && covers(connection.acked(), offset);
      have += has ? 1 : 0;
      placed += connection.wasSentSomething() ? 1 : 0;
    }
    int wanted = world.settings.commitAcks();
    int needed = wanted == 0 ? Math.max(1, placed) : wanted;
    if (have < needed) {
      world.violation(
          "%s: %d may be committed although only %d of %d followers needed have it",
          name, offset, have, needed);
    }
  }

  private boolean covers(long acked, long offset) {
    long next = world.topic.nextEntry(acked);
    return next < 0 || next > offset;
  }

  private void tick() {
    if (alive) {
      input(() -> log.tick(world.now()));
      world.after(200, this::tick);
    }
  }

  // the readers of the topic

  private void startTail() {
    tailPosition = world.topic.end();
    long start = tailPosition;
    input(() -> log.onTailStart(start));
    pollTail();
  }

  private void pollTail() {
    if (!alive) {
      return;
    }
    long end = world.topic.end();
    if (tailPosition < world.topic.begin()) {
      tailPosition = world.topic.begin();
    }
    while (tailPosition < end) {
      LogBlock block =
          world.topic.block(tailPosition, Math.min(end, tailPosition + 1 + world.random(30)));
      tailPosition = block.to();
      lastTailAt = Math.max(lastTailAt, world.now() + world.random(20));
      world.at(lastTailAt, () -> input(() -> log.onTail(block)));
    }
    world.after(1 + world.random(40), this::pollTail);
  }

  private void tellHistory() {
    if (!alive) {
      return;
    }
    Coverage now = new Coverage(world.topic.historyAfter(), world.topic.historyUpTo());
    if (!now.equals(toldHistory)) {
      toldHistory = now;
      lastHistoryAt = Math.max(lastHistoryAt, world.now() + world.random(30));
      world.at(lastHistoryAt, () -> input(() -> log.onHistory(now)));
    }
    world.after(1 + world.random(100), this::tellHistory);
  }

  @Override
  public void queryBounds() {
    world.after(
        world.random(60),
        () -> {
          long begin = world.topic.begin();
          long end = world.topic.end();
          boolean fails = world.trouble(20);
          world.after(
              world.random(40),
              () ->
                  input(
                      () -> {
                        if (fails) {
                          log.onBoundsFailed();
                        } else {
                          log.onBounds(begin, end);
                        }
                      }));
        });
  }

  @Override
  public void read(int number, long position) {
    world.after(
        1 + world.random(60),
        () -> {
          long delay = world.random(40);
          if (world.trouble(15) || position >= world.topic.end()) {
            world.after(delay, () -> input(() -> log.onReadFailed(number, position)));
          } else if (position < world.topic.begin()) {
            long begin = world.topic.begin();
            world.after(delay, () -> input(() -> log.onReadGone(number, position, begin)));
          } else {
            List<LogBlock> blocks = new ArrayList<>();
            long from = position;
            int count = 1 + world.random(3);
            while (blocks.size() < count && from < world.topic.end()) {
              long to = Math.min(world.topic.end(), from + 1 + world.random(25));
              blocks.add(world.topic.block(from, to));
              from = to;
            }
            world.after(delay, () -> input(() -> log.onRead(number, blocks)));
          }
        });
  }

  // the followers' connections

  /** A follower connects, or a liar, who sends what it must not. */
  Connection connect(FollowerModel follower, boolean lies) {
    int id = ++lastId;
    Connection connection = new Connection(world, this, id, follower, lies);
    connections.put(id, connection);
    input(() -> log.onConnected(id, "f" + follower.number));
    return connection;
  }

  void subscribed(int id, long offset) {
    input(() -> log.onSubscribe(id, offset));
  }

  void acked(int id, long offset) {
    input(() -> log.onAck(id, offset));
  }

  void writable(int id) {
    input(() -> log.onWritable(id));
  }

  /** The follower is gone; the task notices now. */
  void closed(int id) {
    if (connections.remove(id) != null) {
      input(() -> log.onClosed(id, "it left"));
    }
  }

  @Override
  public boolean send(int follower, LogBlock block, int fromIndex) {
    Connection connection = connections.get(follower);
    if (connection == null) {
      return false;
    }
    List<Long> offsets = TopicModel.lines(block, fromIndex);
    for (long offset : offsets) {
      connection.carry(model -> model.entry(offset));
    }
    return connection.takesMore();
  }

  @Override
  public boolean caughtUp(int follower, long walOffset) {
    Connection connection = connections.get(follower);
    if (connection == null) {
      return false;
    }
    connection.carry(model -> model.caughtUp(walOffset));
    return connection.takesMore();
  }

  @Override
  public void sendSnapshot(int follower, long after) {
    world.count("snapshot");
    world.after(
        1 + world.random(200),
        () -> {
          long from = world.topic.historyAfter();
          long end = world.topic.historyUpTo();
          Connection connection = connections.get(follower);
          if (after < from || after >= end || world.trouble(10)) {
            input(() -> log.onSnapshotFailed(follower, "damaged"));
          } else if (alive && connection != null) {
            connection.carry(model -> model.snapshot(after, from, end));
            input(() -> log.onSnapshotSent(follower, end));
          }
        });
  }

  @Override
  public void close(int follower) {
    Connection connection = connections.remove(follower);
    if (connection != null) {
      connection.cut("closed by the leader");
    }
  }

  @Override
  public void log(Level level, String message) {
    world.line("%s: %s", name, message);
  }

  @Override
  public String toString() {
    return name;
  }
}
