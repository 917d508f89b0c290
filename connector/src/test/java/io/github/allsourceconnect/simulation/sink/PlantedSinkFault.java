package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Deliberate mistakes in the sink's decisions; the simulation must find each. */
public enum PlantedSinkFault implements SinkSimulation.LeaderFactory {
  /** An off-by-one between WAL and Kafka offsets. */
  STARTS_ONE_TOO_LATE(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onSubscribe(int follower, long lastOffset) {
              super.onSubscribe(follower, lastOffset + 1);
            }
          }),
  /** The other one. */
  STARTS_ONE_TOO_EARLY(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onSubscribe(int follower, long lastOffset) {
              super.onSubscribe(follower, Math.max(0, lastOffset - 1));
            }
          }),
  /** A block of the tail counts as covered although its entries were not kept. */
  TAIL_FORGETS_A_BLOCK(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            private int count;

            @Override
            public void onTail(int log, LogBlock block) {
              super.onTail(log, ++count % 20 == 0 ? empty(block.from(), block.to()) : block);
            }
          }),
  /** The last block of a read counts as covered although its entries were not kept. */
  READ_FORGETS_A_BLOCK(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onRead(int number, List<LogBlock> blocks) {
              List<LogBlock> kept = new ArrayList<>(blocks);
              LogBlock last = kept.remove(kept.size() - 1);
              kept.add(empty(last.from(), last.to()));
              super.onRead(number, kept);
            }
          }),
  /** What retention took is taken for a stretch without entries. */
  GOES_ON_BEHIND_WHAT_IS_GONE(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onReadGone(int number, long position, long logBegin) {
              super.onRead(number, List.of(empty(position, logBegin)));
            }
          }),
  /** {@code caught_up} is said half-way. */
  CAUGHT_UP_TOO_EARLY(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onBounds(SeenLog log, long logBegin, long logEnd) {
              super.onBounds(log, logBegin, logBegin + (logEnd - logBegin) / 2);
            }
          }),
  /** After a snapshot it goes on one entry too early. */
  SEAM_REPEATS(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHistorySent(int follower, long endOffset) {
              super.onHistorySent(follower, endOffset - 1);
            }
          }),
  /** After a snapshot it goes on one entry too late. */
  SEAM_LEAVES_OUT(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHistorySent(int follower, long endOffset) {
              super.onHistorySent(follower, endOffset + 1);
            }
          }),
  /** A snapshot begins with what the follower has already. */
  SNAPSHOT_FROM_THE_BEGINNING(
      (settings, orders, now) ->
          new LeaderLog(
              settings,
              new PassingOrders(orders) {
                @Override
                public void sendHistory(int follower, long after, boolean acrossHoles) {
                  super.sendHistory(follower, Math.max(0, after - 5), acrossHoles);
                }
              },
              now)),
  /** Sent counts as acked. */
  COMMITS_WHAT_IS_SENT(
      (settings, orders, now) -> {
        Watched watched = new Watched(orders);
        return new LeaderLog(settings, watched, now) {
          @Override
          public void onAck(int follower, long walOffset) {
            super.onAck(follower, Math.max(walOffset, watched.sentUpTo(follower, walOffset)));
          }
        };
      }),
  /** One follower's ack suffices, whatever {@code commit.acks} says. */
  COMMITS_WHAT_THE_QUICKEST_HAS(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public long committable() {
              return Math.max(super.committable(), figures().highestAcked());
            }
          }),
  /** The end of the log is committed, as a sink that is happy with having sent would. */
  COMMITS_WHAT_IS_READ(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public long committable() {
              return figures().logEnd();
            }
          }),
  /** Acks beyond what was sent are believed. */
  BELIEVES_LIARS(
      (settings, orders, now) -> {
        Watched watched = new Watched(orders);
        return new LeaderLog(settings, watched, now) {
          @Override
          public void onAck(int follower, long walOffset) {
            super.onAck(follower, Math.min(walOffset, watched.sentUpTo(follower, 0)));
          }
        };
      }),
  /** Followers that left still count for what may be committed. */
  COUNTS_WHO_LEFT(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onClosed(int follower, String why) {
              // nothing
            }
          }),
  /** A follower that takes more again is not remembered. */
  FORGETS_SLOW_FOLLOWERS(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onWritable(int follower) {
              // nothing
            }
          }),
  /** A read that failed is not tried again. */
  GIVES_UP_READS(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onReadFailed(int number, long position) {
              // nothing
            }
          }),
  /** Offsets are expected one after another, so a hole counts as a loss. */
  HOLES_ARE_LOSSES(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onRead(int number, List<LogBlock> blocks) {
              LogBlock first = blocks.get(0);
              if (first.count() == 0 || first.offset(0) > first.from()) {
                onReadGone(number, first.from(), first.to());
              } else {
                super.onRead(number, blocks);
              }
            }
          }),
  /** What retention took before the tail read it is taken for a stretch without entries. */
  TAIL_GOES_ON_BEHIND_WHAT_IS_GONE(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onTailGone(int log, long logBegin) {
              super.onTail(log, empty(figures().logEnd(), logBegin));
            }
          }),
  /** A log that was cut is read on as if nothing had happened. */
  CUT_PASSED_OVER(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onTruncated(int log, long end) {
              super.onTailStart(serving(), end);
            }
          }),
  /** Followers of the log before the cut are closed, and let in again. */
  CUT_FORGOTTEN(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onTruncated(int log, long end) {
              orders.say(LeaderOrders.Level.ERROR, "cut");
              closeAll("the log was cut");
              super.onTailStart(serving(), end);
            }
          }),
  /** A follower with more than the log holds is served. */
  AHEAD_OF_THE_LOG_ACCEPTED(
      (settings, orders, now) -> {
        Map<Integer, Long> subscribed = new HashMap<>();
        return new LeaderLog(settings, orders, now) {
          @Override
          public void onSubscribe(int follower, long lastOffset) {
            long known = figures().logEnd();
            super.onSubscribe(follower, known < 0 ? lastOffset : Math.min(lastOffset, known));
            subscribed.put(follower, lastOffset);
          }

          @Override
          public void onAck(int follower, long walOffset) {
            if (walOffset > subscribed.getOrDefault(follower, 0L)) {
              super.onAck(follower, walOffset);
            }
          }
        };
      }),
  /** A paused connector sends on what comes. */
  PAUSE_PASSED_OVER(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHanded(int epoch, long position) {
              super.onHanded(epoch, Long.MAX_VALUE);
            }
          }),
  /** What the task before noted of its log is not looked at. */
  NOTE_PASSED_OVER(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onStored(Stored stored) {
              super.onStored(new Stored(stored.offset(), null));
            }
          }),
  /** A topic that was created again is taken for the one that was there. */
  NAME_TAKEN_FOR_THE_LOG(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            private int first;

            private SeenLog same(SeenLog log) {
              first = first == 0 ? log.number() : first;
              return new SeenLog(log.identity(), first);
            }

            @Override
            public boolean onLog(SeenLog log) {
              return super.onLog(same(log));
            }

            @Override
            public void onTail(int log, LogBlock block) {
              super.onTail(first, block);
            }
          }),
  /** A block is sent again to a follower that was slow. */
  SENDS_AGAIN_WHEN_WRITABLE(
      (settings, orders, now) ->
          new LeaderLog(
              settings,
              new PassingOrders(orders) {
                @Override
                public boolean send(int follower, LogBlock block, int fromIndex) {
                  boolean more = super.send(follower, block, fromIndex);
                  return more || super.send(follower, block, fromIndex);
                }
              },
              now));

  private final SinkSimulation.LeaderFactory leaders;

  PlantedSinkFault(SinkSimulation.LeaderFactory leaders) {
    this.leaders = leaders;
  }

  @Override
  public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
    return leaders.make(settings, orders, now);
  }

  private static LogBlock empty(long from, long to) {
    return new LogBlock.Builder(from).build(to);
  }

  /** Hands every order on, and knows what was sent. */
  private static final class Watched extends PassingOrders {
    private final Map<Integer, Long> sent = new HashMap<>();

    Watched(LeaderOrders to) {
      super(to);
    }

    @Override
    public boolean send(int follower, LogBlock block, int fromIndex) {
      sent.put(follower, block.offset(block.count() - 1) + 1);
      return super.send(follower, block, fromIndex);
    }

    /** The last WAL offset that the follower was sent. */
    long sentUpTo(int follower, long ifNone) {
      return sent.getOrDefault(follower, ifNone);
    }
  }
}
