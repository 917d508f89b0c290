package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import java.util.List;
import java.util.Map;

/**
 * A follower with the promise built in: whatever reaches it is compared with the topic at once.
 * What it has outlives its connections, unless it restarts with nothing, as the real one does.
 *
 * <p>When the log is cut back below what it has, or the topic is another one, it is <em>stale</em>.
 * That can't be helped; but from the moment when a task has noticed, that task must not serve it.
 */
public final class FollowerModel implements Peer {
  /** What it does with what it gets. */
  public interface Storage {
    /** Keeps an entry or a row. */
    void store(long walOffset, long content);

    /** Forgets everything. */
    void clear();

    /** Keeps nothing. */
    Storage NONE =
        new Storage() {
          @Override
          public void store(long walOffset, long content) {}

          @Override
          public void clear() {}
        };
  }

  private final int number;
  private final SinkWorld world;
  private final TopicModel topic;
  private final Storage storage;
  private long has;
  private long mustReach;
  private int cutsAtSubscribe;
  private boolean stale;
  private List<Hole> gone = List.of();

  FollowerModel(int number, SinkWorld world) {
    this(number, world, Storage.NONE);
  }

  /** A follower with nothing. */
  public FollowerModel(int number, SinkWorld world, Storage storage) {
    this.number = number;
    this.world = world;
    this.topic = world.topic;
    this.storage = storage;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public long has() {
    return has;
  }

  /** It is started again with an empty memory. */
  public void forgetAll() {
    has = 0;
    stale = false;
    gone = List.of();
    storage.clear();
  }

  /** The log was cut to this Kafka offset. */
  void cut(long end) {
    stale |= has > end;
  }

  /**
   * It subscribes now: {@code caught_up} may only come when it has what is there at this moment.
   */
  @Override
  public void subscribes() {
    mustReach = topic.end();
    cutsAtSubscribe = topic.cuts();
  }

  /** Whether what comes need not be looked at: sender and follower do not know of the cut yet. */
  private boolean excused(int cutsSeen, String what) {
    if (stale && cutsSeen == topic.cuts()) {
      violate("is given %s by a task that knows of the cut, although it has other records", what);
    }
    return stale;
  }

  private void wrong(int cutsSeen, String format, Object... args) {
    if (cutsSeen < topic.cuts()) {
      stale = true;
    } else {
      violate(format, args);
    }
  }

  @Override
  public void entry(long walOffset, long content, int cutsSeen) {
    if (!excused(cutsSeen, "an entry")) {
      long expected = nextDue(has);
      if (walOffset <= has) {
        wrong(cutsSeen, "got entry %d with everything up to %d: twice", walOffset, has);
      } else if (expected >= 0 && expected < walOffset) {
        wrong(cutsSeen, "got entry %d, but %d was left out", walOffset, expected);
      } else if (!topic.held(walOffset, content)) {
        wrong(cutsSeen, "got at %d what the log does not hold there", walOffset);
      }
      storage.store(walOffset, content);
    }
    has = Math.max(has, walOffset);
  }

  @Override
  public void caughtUp(long walOffset, int cutsSeen) {
    if (excused(cutsSeen, "caught_up")) {
      return;
    }
    if (walOffset != has) {
      wrong(cutsSeen, "was told caught_up %d but has %d", walOffset, has);
    }
    long missing = nextDue(has);
    if (missing >= 0 && missing <= mustReach && cutsAtSubscribe == topic.cuts()) {
      wrong(cutsSeen, "was told caught_up without entry %d, which was there before", missing);
    }
  }

  @Override
  public void snapshot(TopicModel.Snapshot snapshot, int cutsSeen) {
    if (!excused(cutsSeen, "a snapshot")) {
      if (snapshot.after() < has) {
        wrong(cutsSeen, "got a snapshot from %d on although it has %d", snapshot.after() + 1, has);
      }
      for (Map.Entry<Long, Long> row : snapshot.rows().entrySet()) {
        if (!topic.held(row.getKey(), row.getValue())) {
          wrong(cutsSeen, "got a row %d that the log never held", row.getKey());
        }
        storage.store(row.getKey(), row.getValue());
      }
      if (!snapshot.lacks().isEmpty()) {
        lacks(snapshot.lacks());
      }
      for (long next = nextDue(has); next >= 0 && next <= snapshot.end(); next = nextDue(next)) {
        if (!snapshot.rows().containsKey(next)) {
          wrong(cutsSeen, "got a snapshot without entry %d", next);
          break;
        }
      }
    }
    has = Math.max(has, snapshot.end());
  }

  /** Said before, and only to one that has nothing. */
  @Override
  public void lacks(List<Hole> gone) {
    if (has > 0) {
      violate("is served without %s although it has something", gone);
    }
    this.gone = gone;
  }

  /** The next entry of the log that it must get; -1 when there is none. */
  long nextDue() {
    return nextDue(has);
  }

  /** The next entry of the log that it must get, above a WAL offset; -1 when there is none. */
  private long nextDue(long above) {
    long next = topic.nextEntry(above);
    for (Hole hole : gone) {
      if (next > hole.after() && next <= hole.upTo()) {
        next = topic.nextEntry(hole.upTo());
      }
    }
    return next;
  }

  @Override
  public boolean reads() {
    return true;
  }

  @Override
  public void mustBeReset() {
    forgetAll();
  }

  @Override
  public void closed(String why) {}

  private void violate(String format, Object... args) {
    world.violation("follower " + number + " " + String.format(format, args));
  }

  @Override
  public String toString() {
    return "follower " + number + " (has " + has + (stale ? ", stale" : "") + ")";
  }
}
