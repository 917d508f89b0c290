package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.Arrears;
import io.github.allsourceconnect.source.decision.epoch.Handover;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.OffsetAccount;
import io.github.allsourceconnect.source.decision.epoch.OwedGroup;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Chunks;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.decision.repair.LogHistory;
import io.github.allsourceconnect.source.decision.repair.Repair;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The followers that the simulator runs: the real one, with a short list of ids so that a short
 * history is enough to outgrow it, and the same with one deliberate mistake each.
 */
public final class SimulatedFollowers {
  /** Of what their positions list: a short history is enough to outgrow it. */
  public static final Chunks.Limits SHORT_LISTS = new Chunks.Limits(8, 24, 200, 480, 1_600);

  private SimulatedFollowers() {}

  /** The decision code as it is shipped. */
  public static Follower real(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    return new Follower(settings, position, orders, jitter, new ShortLists());
  }

  /** A mistake with a leader that replays. */
  public enum PlantedLogFault {
    /** Its snapshot is not read; the stream goes on behind it. */
    SNAPSHOT_PASSED_OVER,
    /** The whole snapshot is taken, and its rows' offsets not looked at. */
    SNAPSHOT_FROM_THE_BEGINNING,
    /** Offsets that it leaves out are taken for losses. */
    HOLES_ARE_GAPS,
    /** Acks begin below the offset that was subscribed with. */
    ACKS_GO_BACK
  }

  /** The follower with the mistake. */
  public static Follower faulty(
      PlantedLogFault fault,
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    return new Follower(settings, position, orders, jitter, new LogFaultyParts(fault));
  }

  private static final class LogFaultyParts extends ShortLists {
    private final PlantedLogFault fault;

    LogFaultyParts(PlantedLogFault fault) {
      this.fault = fault;
    }

    @Override
    LiveLink live(
        FollowerSettings settings, FollowerOrders orders, String leader, RandomGenerator jitter) {
      return new LiveLink(settings, orders, leader, jitter) {
        @Override
        public long subscribed() {
          return fault == PlantedLogFault.ACKS_GO_BACK
              ? Math.max(0, super.subscribed() - 50)
              : super.subscribed();
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
        public void followsOn() {
          super.followsOn();
          offsets.holesAreNone(fault != PlantedLogFault.HOLES_ARE_GAPS);
        }
      };
    }

    @Override
    Sequencer sequencer(LiveStream stream) {
      return new Sequencer(stream) {
        @Override
        public boolean loggedRow(SnapshotRow row) {
          switch (fault) {
            case SNAPSHOT_PASSED_OVER -> {
              return false;
            }
            case SNAPSHOT_FROM_THE_BEGINNING -> {
              if (row.walOffset() <= stream.walOffset()) {
                stream.handover.row(row, row.event().tenantId());
                return true;
              }
              return super.loggedRow(row);
            }
            default -> {
              return super.loggedRow(row);
            }
          }
        }
      };
    }

    @Override
    LogHistory logHistory(
        FollowerSettings settings,
        FollowerOrders orders,
        LiveStream stream,
        Sequencer entries,
        LiveLink live) {
      boolean whole = fault == PlantedLogFault.SNAPSHOT_FROM_THE_BEGINNING;
      FollowerOrders given = whole ? new WholeSnapshots(orders) : orders;
      return new LogHistory(settings, given, stream, entries, live);
    }
  }

  static class ShortLists extends FollowerParts {
    @Override
    ProducedEvents produced() {
      return new ProducedEvents(ProducedEvents.KNOWN_MAX, SHORT_LISTS);
    }
  }

  /** A mistake that a programmer could make. */
  public enum PlantedFault {
    /** The watermark is as new as the newest event, and nothing at or after it is listed. */
    WATERMARK_TOO_NEW,
    /** Half of the ids are left out of the position. */
    IDS_FORGOTTEN,
    /** The list of ids does not allow for late events. */
    LATENESS_IGNORED,
    /** What has been produced is not recognised. */
    NOTHING_RECOGNISED,
    /** Acks go out when an entry is produced, not when Kafka has it. */
    ACK_BEFORE_KAFKA,
    /** After a reconnect the acks of the old numbering go on. */
    ACK_OF_OLD_NUMBERING,
    /** A low caught_up is no reason to subscribe anew. */
    CAUGHT_UP_BELIEVED,
    /** The beginning is had with subscribe 1, though the sequence is 0. */
    FIRST_ENTRY_FILTERED,
    /** Holes in the offsets are passed over. */
    GAPS_IGNORED,
    /** A new connection is taken to continue where the old one ended. */
    RECONNECT_NOT_VERIFIED,
    /** Rows of an unfinished repair are not counted in the position. */
    BEYOND_FORGOTTEN,
    /** The position is one entry ahead of what was produced. */
    OFFSET_AHEAD,
    /** A repair does not look back as far as the position says. */
    REPAIR_LOOKS_TOO_SHORT,
    /** Versions do not settle races within an entity. */
    VERSIONS_IGNORED,
    /** A row is produced twice now and then. */
    ROW_TWICE,
    /** A tenant that is not known is guessed. */
    TENANT_GUESSED,
    /** An entry that overtook others is produced at once. */
    NO_WAITING_FOR_LATE,
    /** The entry behind a closed gap is left out. */
    HELD_ENTRY_LOST,
    /** What was missing when a leader was lost is not in the position. */
    MISSING_FORGOTTEN,
    /** What came over a connection that is lost and waits is forgotten with it. */
    LEFT_BEHIND_LOST,
    /** What had come and has no room any more is dropped without a word. */
    FORGOTTEN_FOR_GOOD,
    /** What a new leader lacks is not looked for: its rows do. */
    OWED_TAKEN_FOR_FOUND,
    /** What one lost hole lacks is found where another's is. */
    ONE_HOLE_FOR_ANOTHER,
    /** One leader's numbers are taken for another's. */
    LEADERS_ALIKE,
    /** How late entries are never becomes less. */
    LATENESS_FOR_EVER,
    /** A chunk counts as done with while events of it are listed. */
    CHUNK_OVERWRITTEN,
    /** A chunk is named though nobody has said that it is stored. */
    CHUNK_NAMED_TOO_SOON,
    /** The watermark follows the newest event, whatever its clock. */
    ONE_CLOCK_BELIEVED,
    /** What was given up is not in the position. */
    LOSSES_FORGOTTEN,
    /** Of the stored positions that of the first slot counts, whatever their numbers. */
    OLDER_POSITION_WINS,
    /** What is in a chunk's slot is taken for the chunk. */
    MISMATCH_TAKEN_AS_WHOLE,
    /** All that one entry has released is produced at once. */
    RELEASED_AT_ONCE,
    /** Whoever is next is asked for what another leader's numbering lacks. */
    ANOTHER_LEADER_ASKED,
    /** Whatever a connection that is given up still reports counts for the next one. */
    LATE_REPORTS_COUNT,
    /** A snapshot whose rows can't be read ends there. */
    DAMAGED_ROWS_BELIEVED,
    /** A line that can't be read is passed over without a word. */
    UNREADABLE_LINE_IGNORED,
    /** What a repair leaves for the live stream is not awaited. */
    LEFT_ROWS_FORGOTTEN,
    /** Word of records that a transformation drops is awaited for ever. */
    WORD_OF_DROPPED_AWAITED,
    /** There is no waiting for word of what was handed on. */
    WORD_NOT_AWAITED,
    /** A connection is made with what has been produced, which a leader takes for an ack. */
    SUBSCRIPTION_CLAIMS,
    /** Next to the beginning of {@code no_data} all that is found counts as missing. */
    BEGINNING_TAKEN_FOR_EXACT,
    /** Rows that may have been produced before stand for others that are missing. */
    INEXACT_ROWS_COUNT,
    /** What the leader has numbered, and no entry shows, is not looked for. */
    NUMBERED_NOT_LOOKED_FOR,
    /** Rows that no entry has told of lie before the first one, however many they are. */
    ROWS_PAST_CAUGHT_UP,
    /** A line that could not be used stands for what is missing later, again and again. */
    LINES_STAND_FOR_LATER,
    /** Where there is no room, nothing is thought to be on its way still. */
    NOTHING_ON_ITS_WAY,
    /** A sum of another leader's that is right settles lines that could not be used. */
    LINES_SETTLED_BY_CHANCE,
    /** A connection that brings nothing has brought all there is. */
    SILENCE_SETTLES_ROWS
  }

  /** The follower with the mistake. */
  public static Follower faulty(
      PlantedFault fault,
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {
    FollowerOrders given = new FaultyOrders(fault, orders);
    return new Follower(settings, position, given, jitter, new FaultyParts(fault)) {
      @Override
      public void onSnapshotDamaged(Request of, String why, String whatToDo, boolean better) {
        if (fault == PlantedFault.DAMAGED_ROWS_BELIEVED) {
          super.onRowsEnd(of);
          return;
        }
        super.onSnapshotDamaged(of, why, whatToDo, better);
      }

      @Override
      public void onCorruptSkipped(Epoch of, long offset) {
        if (fault != PlantedFault.UNREADABLE_LINE_IGNORED) {
          super.onCorruptSkipped(of, offset);
        }
      }

      @Override
      public void onStored(StoredOffsets offsets) {
        long sent = offsets.numbers().values().stream().mapToLong(n -> n).max().orElse(0);
        super.onStored(
            fault == PlantedFault.WORD_OF_DROPPED_AWAITED
                ? new StoredOffsets(offsets.numbers(), sent)
                : offsets);
      }

      @Override
      public boolean waitsForStore() {
        return fault != PlantedFault.WORD_NOT_AWAITED && super.waitsForStore();
      }
    };
  }

  /** Makes one position of those stored by slot, with the mistake. */
  public static SourcePosition merge(PlantedFault fault, Map<Integer, SourcePosition> stored) {
    SourcePosition whole = SourcePosition.of(stored);
    if (fault == PlantedFault.OLDER_POSITION_WINS && stored.containsKey(0)) {
      return SourcePosition.of(Map.of(0, stored.get(0))).with(whole.number());
    }
    if (fault == PlantedFault.MISMATCH_TAKEN_AS_WHOLE && whole.isInexact()) {
      SourcePosition.Produced p = whole.produced();
      return whole.with(
          new SourcePosition.Produced(
              p.watermarkMicros(),
              p.watermarkMicros(),
              p.frontMicros(),
              p.ids(),
              p.own(),
              p.others()));
    }
    return whole;
  }

  private static SourcePosition changed(
      SourcePosition p, long walOffset, long beyond, SourcePosition.Missing missing) {
    return changed(p, walOffset, beyond, missing, p.losses());
  }

  private static SourcePosition changed(
      SourcePosition p,
      long walOffset,
      long beyond,
      SourcePosition.Missing missing,
      Losses losses) {
    return new SourcePosition(
        walOffset,
        beyond,
        p.uncertain(),
        missing,
        p.produced(),
        p.latenessMicros(),
        p.displacement(),
        p.snapshotDone(),
        p.leader(),
        p.number(),
        losses,
        false,
        p.marks());
  }

  private static final class FaultyParts extends ShortLists {
    private final PlantedFault fault;

    FaultyParts(PlantedFault fault) {
      this.fault = fault;
    }

    @Override
    InFlight inFlight(FollowerOrders orders) {
      return fault != PlantedFault.LATE_REPORTS_COUNT
          ? super.inFlight(orders)
          : new InFlight(orders) {
            private Epoch last = Epoch.NONE;

            @Override
            public void connectLive(Epoch epoch, long lastOffset) {
              last = epoch;
              super.connectLive(epoch, lastOffset);
            }

            @Override
            boolean isWanted(Epoch of) {
              return super.isWanted(of) || (super.isWanted(last) && last.isAfter(of));
            }
          };
    }

    @Override
    Lateness lateness(SourcePosition position) {
      return new Lateness(position.latenessMicros(), position.displacement()) {
        private long worst;

        @Override
        public long micros() {
          worst = Math.max(worst, super.micros());
          return fault == PlantedFault.LATENESS_FOR_EVER ? worst : super.micros();
        }

        @Override
        public long seenMicros() {
          return fault == PlantedFault.NOTHING_ON_ITS_WAY ? 0 : super.seenMicros();
        }
      };
    }

    @Override
    ProducedEvents produced() {
      return new ProducedEvents(ProducedEvents.KNOWN_MAX, SHORT_LISTS) {
        @Override
        protected Chunks chunks(Chunks.Limits limits) {
          return new Chunks(limits) {
            @Override
            public boolean isNeeded(long to, long listed) {
              return fault != PlantedFault.CHUNK_OVERWRITTEN && super.isNeeded(to, listed);
            }

            @Override
            protected boolean mayBeNamed(boolean isStored) {
              return fault == PlantedFault.CHUNK_NAMED_TOO_SOON || super.mayBeNamed(isStored);
            }
          };
        }

        @Override
        public void startAmong(long watermarkMicros, long mixedUpToMicros) {
          boolean exact = fault == PlantedFault.BEGINNING_TAKEN_FOR_EXACT;
          super.startAmong(watermarkMicros, exact ? Long.MIN_VALUE : mixedUpToMicros);
        }

        @Override
        public void waitedInVain() {
          if (fault != PlantedFault.WORD_OF_DROPPED_AWAITED) {
            super.waitedInVain();
          }
        }

        @Override
        public void add(Event event, String tenant, long allowed, long notBehind) {
          boolean ignored = fault == PlantedFault.LATENESS_IGNORED;
          super.add(event, tenant, ignored ? 0 : allowed, ignored ? Long.MAX_VALUE : notBehind);
        }

        @Override
        public boolean contains(Event event) {
          return fault != PlantedFault.NOTHING_RECOGNISED && super.contains(event);
        }

        @Override
        public long watermark() {
          return switch (fault) {
            case WATERMARK_TOO_NEW -> newest() == Long.MIN_VALUE ? super.watermark() : newest() + 1;
            case ONE_CLOCK_BELIEVED -> Math.max(super.watermark(), newest() - 1_000_000);
            default -> super.watermark();
          };
        }

        @Override
        protected List<ListedIds> told(List<ListedIds> ids) {
          return fault == PlantedFault.IDS_FORGOTTEN ? List.of() : super.told(ids);
        }
      };
    }

    @Override
    LiveLink live(
        FollowerSettings settings, FollowerOrders orders, String leader, RandomGenerator jitter) {
      return new LiveLink(settings, orders, leader, jitter) {
        @Override
        public boolean isLeaderOf(Epoch of) {
          return fault == PlantedFault.ANOTHER_LEADER_ASKED || super.isLeaderOf(of);
        }

        @Override
        public void tick(long now, long lastOffset, long reached, int numbering) {
          boolean claims = fault == PlantedFault.SUBSCRIPTION_CLAIMS;
          super.tick(now, claims ? reached : lastOffset, reached, numbering);
        }

        @Override
        public Request newRequest(Epoch of) {
          return super.newRequest(
              fault == PlantedFault.ANOTHER_LEADER_ASKED
                  ? new Epoch(epoch().leader(), of.connection(), of.numbering())
                  : of);
        }

        @Override
        public boolean numbersDoubtful(Epoch of) {
          return fault != PlantedFault.LEADERS_ALIKE && super.numbersDoubtful(of);
        }

        @Override
        public long caughtUpAt() {
          return fault == PlantedFault.NUMBERED_NOT_LOOKED_FOR ? 0 : super.caughtUpAt();
        }

        @Override
        public void caughtUp(long currentOffset, long now) {
          super.caughtUp(
              fault == PlantedFault.CAUGHT_UP_BELIEVED
                  ? Math.max(currentOffset, subscribed())
                  : currentOffset,
              now);
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
        private long highestAck;

        @Override
        public void switchTo(Epoch of, boolean continues, boolean holesAreNone) {
          boolean ignored = fault == PlantedFault.GAPS_IGNORED;
          super.switchTo(of, continues || ignored, holesAreNone || ignored);
          if (fault == PlantedFault.LEFT_BEHIND_LOST) {
            held.removeUpTo(0);
          }
          if (fault == PlantedFault.RECONNECT_NOT_VERIFIED && walOffset() > 0) {
            establish(walOffset(), false, 0);
          }
        }

        @Override
        public boolean firstHeldFollows(long caughtUpAt) {
          return super.firstHeldFollows(
              fault == PlantedFault.ROWS_PAST_CAUGHT_UP ? Long.MAX_VALUE : caughtUpAt);
        }

        @Override
        protected OffsetAccount offsets() {
          return new OffsetAccount(held, ledger, handover, owed, () -> !verified()) {
            @Override
            public void rowsAreInexact() {
              if (fault != PlantedFault.INEXACT_ROWS_COUNT) {
                super.rowsAreInexact();
              }
            }

            @Override
            public void moreUncertainRows(List<Event> rows) {
              if (fault != PlantedFault.SILENCE_SETTLES_ROWS) {
                super.moreUncertainRows(rows);
              }
            }

            @Override
            public long corruptUpTo(long offset) {
              long lines = super.corruptUpTo(offset);
              return fault == PlantedFault.LINES_STAND_FOR_LATER
                  ? Math.max(lines, ledger.corrupt)
                  : lines;
            }
          };
        }

        @Override
        public long ackable(long producedUpTo) {
          long ack = super.ackable(producedUpTo);
          highestAck = Math.max(highestAck, ack);
          return fault == PlantedFault.ACK_OF_OLD_NUMBERING ? highestAck : ack;
        }

        @Override
        protected Handover handover(FollowerOrders orders) {
          return new Handover(orders, this) {
            private int rows;

            @Override
            public void row(SnapshotRow row, String tenant) {
              super.row(row, tenant);
              if (fault == PlantedFault.ROW_TWICE && ++rows % 20 == 0) {
                super.row(row, tenant);
              }
            }
          };
        }

        @Override
        protected Arrears arrears(FollowerOrders orders, SourcePosition position) {
          return new Arrears(orders, this, position) {
            @Override
            public void leaveToStream(List<Event> left, boolean cutIsForced) {
              if (fault != PlantedFault.LEFT_ROWS_FORGOTTEN) {
                super.leaveToStream(left, cutIsForced);
              }
            }

            @Override
            protected void forgotten(List<Event> events) {
              super.forgotten(fault == PlantedFault.FORGOTTEN_FOR_GOOD ? List.of() : events);
            }

            @Override
            protected boolean mayBeOwed(OwedGroup group, Event event) {
              if (fault == PlantedFault.ONE_HOLE_FOR_ANOTHER) {
                return owed.groups().stream().anyMatch(any -> super.mayBeOwed(any, event));
              }
              return fault == PlantedFault.OWED_TAKEN_FOR_FOUND || super.mayBeOwed(group, event);
            }

            @Override
            public boolean sumsAreByChance() {
              return fault != PlantedFault.LINES_SETTLED_BY_CHANCE && super.sumsAreByChance();
            }
          };
        }
      };
    }

    @Override
    Sequencer sequencer(LiveStream stream) {
      return new Sequencer(stream) {
        private int entries;

        @Override
        public void entry(WalEntry entry, long now) {
          if (fault == PlantedFault.NO_WAITING_FOR_LATE
              && stream.verified()
              && entry.sequence() > stream.walOffset() + 1
              && !stream.produced.contains(entry.event())) {
            stream.handover.entry(entry);
          }
          super.entry(entry, now);
        }

        @Override
        public void release(long now) {
          if (fault == PlantedFault.HELD_ENTRY_LOST
              && stream.held.firstOffset() == stream.walOffset() + 1
              && ++entries % 5 == 0) {
            HeldEntries.Held lost = stream.held.removeFirst();
            stream.held.mark(lost.offset(), lost.micros());
          }
          super.release(now);
          while (fault == PlantedFault.RELEASED_AT_ONCE && stream.isDue()) {
            super.release(now);
          }
        }
      };
    }

    @Override
    Positions positions(
        FollowerSettings settings,
        long number,
        LiveStream stream,
        LiveLink live,
        Repair repair,
        Placement placement) {
      return new Positions(settings, number, stream, live, repair, placement) {
        @Override
        protected SourcePosition with(SourcePosition.Produced produced) {
          SourcePosition p = super.with(produced);
          return switch (fault) {
            case BEYOND_FORGOTTEN -> changed(p, p.walOffset(), 0, p.missing());
            case MISSING_FORGOTTEN ->
                changed(p, p.walOffset(), p.beyond(), SourcePosition.Missing.NONE);
            case OFFSET_AHEAD -> changed(p, p.walOffset() + 1, p.beyond(), p.missing());
            case LOSSES_FORGOTTEN ->
                changed(p, p.walOffset(), p.beyond(), p.missing(), Losses.NONE);
            default -> p;
          };
        }
      };
    }

    @Override
    Repair repair(
        FollowerSettings settings, FollowerOrders orders, LiveStream stream, LiveLink live) {
      return new Repair(settings, orders, stream, live) {
        @Override
        public long raceMicros() {
          return fault == PlantedFault.VERSIONS_IGNORED ? 0 : super.raceMicros();
        }
      };
    }
  }

  private static final class WholeSnapshots extends PassingOrders {
    WholeSnapshots(FollowerOrders orders) {
      super(orders);
    }

    @Override
    public void requestSnapshot(Request request, long lastOffset) {
      super.requestSnapshot(request, 0);
    }
  }

  /** Hands every order on. */
  static class PassingOrders implements FollowerOrders {
    private final FollowerOrders orders;

    PassingOrders(FollowerOrders orders) {
      this.orders = orders;
    }

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      orders.connectLive(of, lastOffset);
    }

    @Override
    public void closeLive(Epoch of, String why) {
      orders.closeLive(of, why);
    }

    @Override
    public void probe(Request of, long lastOffset) {
      orders.probe(of, lastOffset);
    }

    @Override
    public void ack(Epoch of, long offset) {
      orders.ack(of, offset);
    }

    @Override
    public void requestSnapshot(Request request, long lastOffset) {
      orders.requestSnapshot(request, lastOffset);
    }

    @Override
    public void openRows(Request snapshot, long fromMicros, boolean idsOnly) {
      orders.openRows(snapshot, fromMicros, idsOnly);
    }

    @Override
    public void openLogRows(Request snapshot) {
      orders.openLogRows(snapshot);
    }

    @Override
    public void discardSnapshot(Request snapshot) {
      orders.discardSnapshot(snapshot);
    }

    @Override
    public void emitEntry(WalEntry entry) {
      orders.emitEntry(entry);
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      orders.emitRow(row, tenant);
    }

    @Override
    public void finished() {
      orders.finished();
    }

    @Override
    public void fail(String message) {
      orders.fail(message);
    }

    @Override
    public void log(Level level, String message) {
      orders.log(level, message);
    }
  }

  private static final class FaultyOrders extends PassingOrders {
    private final PlantedFault fault;
    private final FollowerOrders orders;
    private Epoch epoch;

    FaultyOrders(PlantedFault fault, FollowerOrders orders) {
      super(orders);
      this.fault = fault;
      this.orders = orders;
    }

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      epoch = of;
      orders.connectLive(
          of, fault == PlantedFault.FIRST_ENTRY_FILTERED ? Math.max(1, lastOffset) : lastOffset);
    }

    @Override
    public void openRows(Request snapshot, long fromMicros, boolean idsOnly) {
      boolean shorter =
          fault == PlantedFault.REPAIR_LOOKS_TOO_SHORT && fromMicros > Long.MIN_VALUE / 2;
      orders.openRows(snapshot, shorter ? fromMicros + 300_000 : fromMicros, idsOnly);
    }

    @Override
    public void emitEntry(WalEntry entry) {
      orders.emitEntry(entry);
      if (fault == PlantedFault.ACK_BEFORE_KAFKA) {
        orders.ack(epoch, entry.sequence());
      }
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      orders.emitRow(
          row, tenant == null && fault == PlantedFault.TENANT_GUESSED ? "tenant-0" : tenant);
    }
  }
}
