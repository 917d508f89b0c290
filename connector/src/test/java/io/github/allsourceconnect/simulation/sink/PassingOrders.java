package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;

/** Hands every order on. */
class PassingOrders implements LeaderOrders {
  private final LeaderOrders to;

  PassingOrders(LeaderOrders to) {
    this.to = to;
  }

  @Override
  public boolean send(int follower, LogBlock block, int fromIndex) {
    return to.send(follower, block, fromIndex);
  }

  @Override
  public boolean caughtUp(int follower, long walOffset) {
    return to.caughtUp(follower, walOffset);
  }

  @Override
  public void sendHistory(int follower, long after, boolean acrossHoles) {
    to.sendHistory(follower, after, acrossHoles);
  }

  @Override
  public void disconnect(int follower) {
    to.disconnect(follower);
  }

  @Override
  public void queryBounds() {
    to.queryBounds();
  }

  @Override
  public void read(int number, long position) {
    to.read(number, position);
  }

  @Override
  public void say(Level level, String message) {
    to.say(level, message);
  }
}
