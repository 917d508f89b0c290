package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.List;

/** Orders of a partition's decisions, as texts; nothing is carried out. */
class RecordedOrders implements LeaderOrders {
  /** All but those below. */
  final List<String> orders = new ArrayList<>();

  final List<String> said = new ArrayList<>();

  /** How often Kafka was asked where the log begins and ends. */
  int bounds;

  /** Whether no follower takes more. */
  boolean full;

  @Override
  public boolean send(int follower, LogBlock block, int fromIndex) {
    orders.add("send " + follower + " " + (block.offset(fromIndex) + 1));
    return !full;
  }

  @Override
  public boolean caughtUp(int follower, long walOffset) {
    orders.add("caught up " + follower + " " + walOffset);
    return true;
  }

  @Override
  public void sendHistory(int follower, long after, boolean acrossHoles) {
    orders.add("history " + follower + " " + after + (acrossHoles ? " across holes" : ""));
  }

  @Override
  public void disconnect(int follower) {
    orders.add("close " + follower);
  }

  @Override
  public void queryBounds() {
    bounds++;
  }

  @Override
  public void read(int number, long position) {
    orders.add("read " + number + " at " + position);
  }

  @Override
  public void say(Level level, String message) {
    said.add(level + " " + message);
  }
}
