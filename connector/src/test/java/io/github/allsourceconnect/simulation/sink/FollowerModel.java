package io.github.allsourceconnect.simulation.sink;

import java.util.List;

/**
 * A follower with the promise built in: whatever reaches it is compared with the topic at once.
 * What it has outlives its connections, unless it restarts with nothing, as the real one does.
 */
final class FollowerModel {
  final int number;
  private final TopicModel topic;
  private final List<String> violations;
  private long has;
  private long mustReach;

  FollowerModel(int number, TopicModel topic, List<String> violations) {
    this.number = number;
    this.topic = topic;
    this.violations = violations;
  }

  /** The WAL offset up to which it has everything. */
  long has() {
    return has;
  }

  /** It is started again with an empty memory. */
  void forgetAll() {
    has = 0;
  }

  /**
   * It subscribes now: {@code caught_up} may only come when it has what is there at this moment.
   */
  void subscribes() {
    mustReach = topic.end();
  }

  void entry(long walOffset) {
    long expected = topic.nextEntry(has);
    if (walOffset != expected) {
      violate(
          "got entry %d with everything up to %d: %s",
          walOffset, has, walOffset <= has ? "twice" : "entry " + expected + " was left out");
    }
    has = Math.max(has, walOffset);
  }

  void caughtUp(long walOffset) {
    if (walOffset != has) {
      violate("was told caught_up %d but has %d", walOffset, has);
    }
    long missing = topic.nextEntry(has);
    if (missing >= 0 && missing <= mustReach) {
      violate("was told caught_up without entry %d, which was there before", missing);
    }
  }

  /** A snapshot that holds {@code after < offset <= end}. */
  void snapshot(long after, long holdsFrom, long end) {
    if (after < has) {
      violate("got a snapshot from %d on although it has %d", after + 1, has);
    }
    long first = topic.nextEntry(has);
    if (first >= 0 && first <= end && first <= Math.max(after, holdsFrom)) {
      violate("got a snapshot without entry %d", first);
    }
    has = Math.max(has, end);
  }

  private void violate(String format, Object... args) {
    violations.add("follower " + number + " " + String.format(format, args));
  }

  @Override
  public String toString() {
    return "follower " + number + " (has " + has + ")";
  }
}
