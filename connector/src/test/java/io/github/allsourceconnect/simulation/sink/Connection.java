package io.github.allsourceconnect.simulation.sink;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * A connection: what the leader writes reaches the follower later, in order; acks likewise. Cut at
 * any moment, some of what was under way is lost.
 */
public final class Connection {
  private static final int WINDOW = 40;

  private final SinkWorld world;
  private final SinkTask task;
  private final int id;
  private final Peer follower;
  private final boolean lies;
  private final ArrayDeque<Consumer<Peer>> underWay = new ArrayDeque<>();
  private boolean delivering;
  private boolean full;
  private boolean open = true;
  private long stalledUntil;
  private int pace;
  private long acked = -1;
  private long said = -1;
  private long lastAckAt;
  private boolean sentSomething;
  private boolean toldCaughtUp;
  private long carriedUpTo = -1;
  private long subscribedWith = -1;

  Connection(SinkWorld world, SinkTask task, int id, Peer follower, boolean lies) {
    this.world = world;
    this.task = task;
    this.id = id;
    this.follower = follower;
    this.lies = lies;
    this.pace = 1 + world.random(6);
  }

  /** Whether neither end has closed it. */
  public boolean isOpen() {
    return open;
  }

  Peer follower() {
    return follower;
  }

  SinkTask task() {
    return task;
  }

  /** What the follower has told, unless it can't be, as far as it reached the leader; -1 before. */
  long acked() {
    return acked;
  }

  /** Whether it does what a follower must, and always promptly. */
  boolean isHonest() {
    return follower instanceof FollowerModel && !lies && acked >= 0 && stalledUntil == 0;
  }

  /** Whether something is on its way to the follower, or it reads nothing now. */
  boolean isBusy() {
    return !underWay.isEmpty() || full || world.now() < stalledUntil || !follower.reads();
  }

  /** The last WAL offset that it was sent, or what it had before. */
  long carriedUpTo() {
    return Math.max(carriedUpTo, subscribedWith);
  }

  void carriesUpTo(long walOffset) {
    carriedUpTo = Math.max(carriedUpTo, walOffset);
  }

  boolean isToldCaughtUp() {
    return toldCaughtUp;
  }

  void isTold() {
    toldCaughtUp = true;
  }

  boolean wasSentSomething() {
    return sentSomething;
  }

  /** The first line. */
  public void subscribe(long offset) {
    follower.subscribes();
    world.after(
        world.random(50),
        () -> {
          if (open) {
            acked = offset;
            said = offset;
            subscribedWith = offset;
            task.subscribed(id, offset);
            ackNowAndThen();
          }
        });
  }

  /** It reads nothing for a while. */
  public void stall(long ms) {
    stalledUntil = world.now() + ms;
  }

  void carry(Consumer<Peer> message) {
    sentSomething = true;
    underWay.add(message);
    deliverLater();
  }

  boolean takesMore() {
    full |= underWay.size() >= WINDOW;
    return !full;
  }

  private void deliverLater() {
    if (!delivering && !underWay.isEmpty()) {
      delivering = true;
      world.at(Math.max(stalledUntil, world.now() + world.random(pace)), this::deliver);
    }
  }

  private void deliver() {
    delivering = false;
    if (!open) {
      return;
    }
    if (world.now() >= stalledUntil && follower.reads()) {
      for (int i = world.random(4); i >= 0 && !underWay.isEmpty(); i--) {
        underWay.poll().accept(follower);
      }
      if (world.random(3) > 0) {
        ack();
      }
      if (full && underWay.size() <= WINDOW / 2) {
        full = false;
        task.writable(id);
      }
    }
    if (follower.reads()) {
      deliverLater();
    }
  }

  /** The follower reads again. */
  public void pump() {
    if (open) {
      deliverLater();
    }
  }

  private void ackNowAndThen() {
    if (open) {
      ack();
      world.after(300, this::ackNowAndThen);
    }
  }

  private void ack() {
    long offset = follower.has();
    lastAckAt = Math.max(lastAckAt, world.now() + world.random(20));
    if (lies && said >= 0 && world.random(4) == 0) {
      long lie = world.random(2) == 0 ? offset + 1_000 : Math.max(0, said - 1);
      world.at(
          lastAckAt,
          () -> {
            if (open) {
              told(lie);
              if (open && lie > carriedUpTo()) {
                world.violation(
                    "a follower acked %d, beyond all that it was sent, and stayed", lie);
              }
            }
          });
    } else if (offset > said && said >= 0) {
      said = offset;
      world.at(
          lastAckAt,
          () -> {
            if (open) {
              told(offset);
            }
          });
    }
  }

  /**
   * The leader hears an ack. Of what it has sent it has nothing but the follower's word, which may
   * come before the follower has read it.
   */
  private void told(long offset) {
    if (offset <= carriedUpTo()) {
      acked = Math.max(acked, offset);
    }
    task.acked(id, offset);
  }

  /** The follower goes; the task hears of it a little later. */
  public void leave() {
    open = false;
    world.after(world.random(400), () -> task.closed(id));
  }

  /** The leader's end closes; some of what was under way still arrives. */
  void cut(String why) {
    if (open) {
      for (int i = world.random(underWay.size() + 1); i > 0; i--) {
        underWay.poll().accept(follower);
      }
      open = false;
      world.line("%s: connection ended, %s", follower, why);
      world.after(1, () -> follower.closed(why));
    }
  }
}
