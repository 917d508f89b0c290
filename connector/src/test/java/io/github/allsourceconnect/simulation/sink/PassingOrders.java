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
  public void sendSnapshot(int follower, long after, boolean acrossHoles) {
    to.sendSnapshot(follower, after, acrossHoles);
  }

  @Override
  public void close(int follower) {
    to.close(follower);
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
  public void log(Level level, String message) {
    to.log(level, message);
  }
}
