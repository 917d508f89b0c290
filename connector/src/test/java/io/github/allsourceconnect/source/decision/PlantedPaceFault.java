package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.Handover;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.Repair;
import java.util.random.RandomGenerator;

/**
 * Mistakes that lose nothing: they cost time, snapshots, connections, or make the figures wrong.
 */
public enum PlantedPaceFault {
  /** In a stream that is never quiet no cut is ever found. */
  CLEAN_CUT_NEVER_FOUND,
  /** A connection that fails is tried again at once. */
  BACKOFF_FORGOTTEN,
  /** Every connection that fails is tried again after the longest pause. */
  BACKOFF_AT_ITS_LONGEST,
  /** Every gap waits for the longest pause between repairs. */
  PAUSE_AT_ITS_LONGEST,
  /** A hole is repaired at once, though what is missing may be late only. */
  GAP_TIMEOUT_IGNORED,
  /** What Kafka has is told to the leader once in a hundred entries. */
  ACKS_HELD_BACK,
  /** A connection that brings everything is given up now and then. */
  HONEST_CONNECTION_GIVEN_UP,
  /** The files of a snapshot are not deleted. */
  SNAPSHOT_NOT_DISCARDED,
  /** What a repair has found is not counted. */
  REPAIRED_NOT_COUNTED,
  /** A repair that was counted is called unverified, too. */
  COUNTED_IS_UNVERIFIED,
  /** Entries that came late do not show. */
  OUT_OF_ORDER_FORGOTTEN,
  /** What was there before the first live entries is fetched although it is not wanted. */
  ALL_FETCHED_UNASKED,
  /** Rows without a tenant do not show. */
  TENANT_UNKNOWN_FORGOTTEN;

  private static final int GIVES_UP_AT = 40;
  private static final int ACK_STEP = 100;

  /** The follower with the mistake. */
  public Follower follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    FollowerOrders given = this == SNAPSHOT_NOT_DISCARDED ? new KeepingFiles(orders) : orders;
    FollowerSettings known =
        this == GAP_TIMEOUT_IGNORED
            ? with(settings, 1, settings.repairMinIntervalMs(), settings.backoffMs())
            : this == ALL_FETCHED_UNASKED && settings.snapshotMode() == SnapshotMode.NO_DATA
                ? fetchingAll(settings)
                : settings;
    return new Follower(known, position, given, jitter, new FaultyParts());
  }

  private static FollowerSettings fetchingAll(FollowerSettings s) {
    return new FollowerSettings(
        s.leaders(),
        s.deadTimeoutMs(),
        SnapshotMode.INITIAL,
        s.gapPolicy(),
        s.gapTimeoutMs(),
        s.repairMinIntervalMs(),
        s.repairMaxIntervalMs(),
        s.clockSlackMs(),
        s.backoffMs(),
        s.backoffMaxMs(),
        s.heldBytesMax());
  }

  private static FollowerSettings with(
      FollowerSettings s, long gapTimeoutMs, long repairMinIntervalMs, long backoffMs) {
    return new FollowerSettings(
        s.leaders(),
        s.deadTimeoutMs(),
        s.snapshotMode(),
        s.gapPolicy(),
        gapTimeoutMs,
        repairMinIntervalMs,
        s.repairMaxIntervalMs(),
        s.clockSlackMs(),
        backoffMs,
        s.backoffMaxMs(),
        s.heldBytesMax());
  }

  private static final class KeepingFiles extends SimulatedFollowers.PassingOrders {
    KeepingFiles(FollowerOrders orders) {
      super(orders);
    }

    @Override
    public void discardSnapshot(Request snapshot) {
      // they stay
    }
  }

  private final class FaultyParts extends SimulatedFollowers.ShortLists {
    @Override
    Lateness lateness(SourcePosition position) {
      if (PlantedPaceFault.this != CLEAN_CUT_NEVER_FOUND) {
        return super.lateness(position);
      }
      return new Lateness(position.latenessMicros(), position.displacement()) {
        @Override
        public long cleanMicros() {
          return 1L << 55;
        }
      };
    }

    @Override
    LiveLink live(
        FollowerSettings settings, FollowerOrders orders, String leader, RandomGenerator jitter) {
      FollowerSettings known =
          switch (PlantedPaceFault.this) {
            case BACKOFF_FORGOTTEN -> with(settings, 500, settings.repairMinIntervalMs(), 0);
            case BACKOFF_AT_ITS_LONGEST ->
                with(settings, 500, settings.repairMinIntervalMs(), settings.backoffMaxMs());
            default -> settings;
          };
      return new LiveLink(known, orders, leader, jitter) {
        private int ticks;

        @Override
        public void tick(long now, long lastOffset, long reached, int numbering) {
          super.tick(now, lastOffset, reached, numbering);
          if (PlantedPaceFault.this == HONEST_CONNECTION_GIVEN_UP
              && isLive()
              && ++ticks % GIVES_UP_AT == 0) {
            giveUp("it is old", now);
          }
        }
      };
    }

    @Override
    LiveStream stream(
        FollowerSettings settings,
        FollowerOrders orders,
        SourcePosition position,
        ProducedEvents produced,
        Lateness lateness) {
      return new LiveStream(orders, position, produced, lateness, settings.heldBytesMax()) {
        @Override
        public long ackable(long producedUpTo) {
          long offset = super.ackable(producedUpTo);
          return PlantedPaceFault.this == ACKS_HELD_BACK ? offset - offset % ACK_STEP : offset;
        }

        @Override
        public void closeGap(long offset, long found, boolean isCertain) {
          super.closeGap(offset, found, isCertain);
          if (PlantedPaceFault.this == REPAIRED_NOT_COUNTED) {
            ledger.repaired = 0;
          }
          if (PlantedPaceFault.this == COUNTED_IS_UNVERIFIED) {
            ledger.unverifiedRepairs++;
          }
        }

        @Override
        protected Handover handover(FollowerOrders orders) {
          return new Handover(orders, this) {
            @Override
            public void row(SnapshotRow row, String tenant) {
              super.row(row, tenant);
              if (PlantedPaceFault.this == TENANT_UNKNOWN_FORGOTTEN) {
                ledger.tenantUnknown = 0;
              }
            }
          };
        }
      };
    }

    @Override
    Sequencer sequencer(LiveStream stream) {
      return new Sequencer(stream) {
        @Override
        public void entry(WalEntry entry, long now) {
          super.entry(entry, now);
          if (PlantedPaceFault.this == OUT_OF_ORDER_FORGOTTEN) {
            stream.ledger.outOfOrder = 0;
          }
        }
      };
    }

    @Override
    Repair repair(
        FollowerSettings settings, FollowerOrders orders, LiveStream stream, LiveLink live) {
      FollowerSettings known =
          PlantedPaceFault.this == PAUSE_AT_ITS_LONGEST
              ? with(
                  settings,
                  settings.gapTimeoutMs(),
                  settings.repairMaxIntervalMs(),
                  settings.backoffMs())
              : settings;
      return new Repair(known, orders, stream, live);
    }
  }
}
