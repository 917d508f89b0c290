package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Ledger;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Judges a task while it goes on, by what the model has seen: how long entries wait although
 * nothing is in the way, how long acks do, how soon and how often connections are made, whether an
 * honest connection is closed, whether a snapshot is asked for that nobody needs, and whether the
 * figures are what the model has counted. Milliseconds of the simulated clock.
 *
 * <p>Time counts only while all is well: each {@link #trouble} begins it anew.
 */
final class SourceJudge {
  /** A cut, its ripening, the snapshot, its rows, Kafka, and a stream that is not quiet. */
  private static final long REPAIR_MS = 6_000;

  /** Kafka's word of a batch, and those before it. */
  private static final long ACK_MS = 4_000;

  private static final long JITTER_MS = 100;

  /** What an entry of the model takes in memory while it is held. */
  private static final long ENTRY_BYTES = 400;

  private static final long PROVEN_MS = 10_000;

  /** A snapshot is asked for so long after it was decided how far its repair reaches. */
  private static final long RIPE_MS = 200;

  private record Waiting(int event, long since) {}

  private record Arrival(long offset, long at) {}

  private final FollowerSettings settings;
  private final Trace trace;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final Set<Integer> produced = new HashSet<>();

  private long wellSince;
  private long progressAt;
  private int snapshots;
  private int failuresInARow;
  private long pausedUntil;
  private boolean lenient;
  private boolean isFull;
  private boolean wasWell;
  private int changesOfKafka;

  // the connection
  private Upstream.Link link;
  private int connection;
  private int attempts;
  private int attemptsAtMost;
  private long lostAt = -1;
  private long liveAt = -1;
  private boolean waitsForAttempt;

  /** An entry of the connection that was lost has been taken since: it was a success after all. */
  private boolean takenSince;

  private final TreeSet<Long> arrived = new TreeSet<>();

  /** When each of those came that a snapshot that is asked for now does not reach. */
  private final ArrayDeque<Arrival> justArrived = new ArrayDeque<>();

  private long lastArrivalAt = -1;

  /** From the first that came up to here nothing is missing. */
  private long through;

  /** The same of the connection before, and of which numbering that was. */
  private long throughBefore;

  private Object before;

  /** A row tells no offset: it takes the count of a repair to know which offsets it fills. */
  private long repairedUpTo;

  /** What has come when a snapshot is asked for: its repair reaches no further. */
  private long askedUpTo;

  private long acked;
  private long lagSince = -1;
  private boolean repaired;
  private boolean asked;
  private long holeSince = -1;
  private boolean holeIsOld;
  private boolean broken;

  /** The reason said that the task's work is done. */
  private boolean saidDone;

  // figures
  private long fromEntries;
  private long fromRows;
  private long unknownTenants;
  private long outOfOrder;

  /**
   * Entries of connections that were not the last any more: whether they are in order is not told.
   */
  private long leftBehind;

  private long highest;
  private int delivering;
  private long foundForHoles;

  /** Of the repair that goes on, or is not settled: it may yet be given up with its connection. */
  private long foundNow;

  private long lastFound;
  private int mayBeUnverified;

  /** Whose entries the repair has to place, and how far they reach; null if it has none. */
  private Upstream.Link placing;

  private long placingUpTo;

  /** It has found one that lies beyond. */
  private boolean placingIsDoubted;

  /**
   * Events that rows brought before the numbering was known, or ahead of the stream: which offsets
   * are theirs tells only the stream.
   */
  private final Set<Integer> seam = new HashSet<>();

  /** Where the task is known to stand. */
  private Object known;

  SourceJudge(FollowerSettings settings, Trace trace, long now) {
    this.settings = settings;
    this.trace = trace;
    wellSince = now;
  }

  /** Something is in the way: nothing is promised of time before now. */
  void trouble(long now) {
    wellSince = now;
  }

  // ---- connections

  /** An order to connect. */
  void connects(int number, long now) {
    foundNow = 0;
    lastFound = 0;
    if (waitsForAttempt && attempts > 0) {
      int addresses = settings.leaders().size();
      long least =
          Math.min(
              settings.backoffMaxMs(),
              settings.backoffMs() << Math.min(20, (attempts - 1) / addresses));
      long most =
          Math.min(
              settings.backoffMaxMs(), settings.backoffMs() << Math.min(20, attemptsAtMost + 1));
      long waited = now - lostAt;
      if (waited < least * 0.74 - 1) {
        trace.violation(
            "attempt %d comes after %d ms, %d are promised", attempts + 1, waited, least);
      }
      if (waited > most * 1.26 + JITTER_MS) {
        trace.violation("attempt %d comes only after %d ms", attempts + 1, waited);
      }
    }
    attempts = takenSince ? 0 : attempts;
    takenSince = false;
    connection = number;
    waitsForAttempt = false;
    if (!arrived.isEmpty() && link != null) {
      // as long as nothing of it is acked, what was missing before its first entry still is
      boolean isPlaced = link.numbering() != before || acked >= arrived.first();
      before = link.numbering();
      throughBefore = isPlaced ? through : Math.min(through, throughBefore);
    }
    link = null;
    liveAt = -1;
    arrived.clear();
    justArrived.clear();
    lastArrivalAt = -1;
    acked = 0;
    repairedUpTo = 0;
    askedUpTo = 0;
    lagSince = -1;
    repaired = false;
    asked = false;
    holeSince = -1;
    holeIsOld = false;
    broken = false;
    trouble(now);
  }

  /** It is made. */
  void connected(Upstream.Link made) {
    link = made;
  }

  /** The leader's end said that it is live. */
  void live(int number, long now) {
    if (number == connection) {
      liveAt = now;
      trouble(now);
    }
  }

  /** It was not made, or has ended, and the task hears of it now. */
  void lost(int number, long now) {
    if (number == connection && !waitsForAttempt) {
      if (liveAt >= 0 && (now - liveAt >= PROVEN_MS || !arrived.isEmpty())) {
        attempts = 0;
      }
      // what has arrived need not have been taken before the connection was lost, unless it is
      // acked
      boolean isTaken = !arrived.isEmpty() && acked >= arrived.first();
      if (liveAt >= 0 && (now - liveAt >= PROVEN_MS || isTaken)) {
        attemptsAtMost = 0;
      }
      attempts++;
      attemptsAtMost++;
      lostAt = now;
      waitsForAttempt = true;
      trouble(now);
    }
  }

  /** An order to close it. */
  void closes(int number, String why, long now) {
    if (number != connection) {
      return;
    }
    boolean honest =
        liveAt >= 0
            && link != null
            && link.isOpen()
            && link.isHonest()
            && acked > 0
            && !arrived.isEmpty()
            && link.eventAt(arrived.last() + 1) < 0 // it has brought the last one
            && now - lastArrivalAt < settings.deadTimeoutMs() / 2;
    saidDone =
        settings.snapshotMode() == SnapshotMode.INITIAL_ONLY
            && why.startsWith("snapshot.mode=initial_only");
    // next to the beginning of no_data a row may belong to what was passed over: doubted once
    boolean doubted =
        settings.snapshotMode() == SnapshotMode.NO_DATA
            && why.startsWith("it does not bring what the leader's snapshot has");
    if (honest && !lenient && !saidDone && !doubted) {
      trace.violation("an honest connection is closed: %s", why);
    }
    broken = true;
    if (arrived.isEmpty()) {
      // it goes on with another subscription, or when something else is done
      boolean proven = liveAt >= 0 && now - liveAt >= PROVEN_MS;
      attempts = proven ? 0 : attempts;
      attemptsAtMost = proven ? 0 : attemptsAtMost;
      waitsForAttempt = false;
      trouble(now);
    } else {
      lost(number, now);
    }
  }

  // ---- the stream

  /** An entry has arrived; a negative event for a line that can't be read. */
  void arrives(int number, long offset, int event, long now) {
    if (number != connection) {
      return;
    }
    lastArrivalAt = now;
    if (liveAt < 0) {
      live(number, now);
    }
    if (event < 0) {
      return;
    }
    if (arrived.isEmpty()) {
      through = offset;
      if (link == null || link.numbering() != known) {
        mayBeUnverified++;
      }
      trouble(now);
    }
    arrived.add(offset);
    justArrived.add(new Arrival(offset, now));
    forgetArrivals(now);
    seam.remove(event);
    if (!produced.contains(event)) {
      waiting.add(new Waiting(event, now));
    }
  }

  /** An entry is handed to the decisions. */
  void delivers(int number, long offset) {
    takenSince |= waitsForAttempt && number == connection;
    if (number != delivering) {
      delivering = number;
      highest = 0;
    }
    leftBehind += number == connection ? 0 : 1;
    if (offset > highest) {
      highest = offset;
    } else {
      outOfOrder++;
    }
  }

  /** An event is produced. */
  void produces(int event, boolean fromRow, boolean tenantKnown, long now) {
    progressAt = now;
    produced.add(event);
    fromEntries += fromRow ? 0 : 1;
    fromRows += fromRow ? 1 : 0;
    unknownTenants += fromRow && !tenantKnown ? 1 : 0;
    if (fromRow && (link == null || link.numbering() != known || isAheadOfStream(event))) {
      seam.add(event);
    }
    // where it is not known where the entries belong, one more than is missing tells nothing
    if (fromRow && placing != null && placing.offsetOf(event) > placingUpTo) {
      mayBeUnverified += placingIsDoubted ? 0 : 1;
      placingIsDoubted = true;
      seam.add(event);
    }
    if (fromRow && repaired && link != null) {
      long offset = link.offsetOf(event);
      if (acked > 0 && offset > acked && offset < arrived.last()) {
        foundNow++;
        lastFound = Math.max(lastFound, offset);
      }
    }
  }

  /** An ack goes out. */
  void acks(long offset) {
    acked = offset;
    lagSince = -1;
    known = link == null || offset == 0 ? known : link.numbering(); // 0 only asks who is there
  }

  // ---- snapshots

  /** Whether what is held has left no room. */
  boolean isFull() {
    return isFull;
  }

  /** There was no room to find out where a cut is safe, and the task has said so. */
  void cutIsForced() {
    lenient = true;
  }

  /**
   * A snapshot is asked for.
   *
   * @param of for what this connection has brought
   */
  void asksSnapshot(int of, long now) {
    snapshots++;
    if (repaired && !broken && !lenient) {
      noteAge(now);
      if (!holeIsOld) {
        trace.violation(
            "a snapshot is asked for, and %s",
            holeSince < 0 ? "nothing is missing" : "it may yet come by itself");
      }
    }
    asked = !arrived.isEmpty() && of == connection;
    placing = asked && acked < arrived.first() ? link : null;
    placingIsDoubted = false;
    placingUpTo = asked ? arrived.last() : 0;
    askedUpTo = asked ? lastReached(now) : 0;
    pausedUntil = now + pauseMs();
  }

  private void forgetArrivals(long now) {
    while (!justArrived.isEmpty() && justArrived.peek().at < now - RIPE_MS) {
      justArrived.poll();
    }
  }

  /** The last offset that had come when it was decided how far a repair reaches; 0 for none. */
  private long lastReached(long now) {
    forgetArrivals(now);
    Set<Long> later = new HashSet<>();
    justArrived.forEach(one -> later.add(one.offset));
    for (long offset : arrived.descendingSet()) {
      if (!later.contains(offset)) {
        return offset;
      }
    }
    return 0;
  }

  private void noteAge(long now) {
    holeIsOld |= holeSince >= 0 && now - holeSince >= settings.gapTimeoutMs();
  }

  /** It did not come, or is of no use. */
  void snapshotFails(long now) {
    failuresInARow++;
    repaired = false;
    trouble(now);
  }

  /** Its rows have been handed in. */
  void snapshotEnds(boolean counting, long now) {
    if (!counting) {
      failuresInARow = 0;
      holeIsOld = false;
      mayBeUnverified += holeIsOfSeam() ? 1 : 0;
      repairedUpTo = askedUpTo;
      repaired |= asked;
    }
  }

  /** Whether an event that is there as a row has an offset that the stream has not come to. */
  private boolean isAheadOfStream(int event) {
    return arrived.isEmpty() || link.offsetOf(event) > arrived.last();
  }

  /**
   * Whether the stream lacks the offset of an event that is there as a row, and no repair before
   * had to do with it.
   */
  private boolean holeIsOfSeam() {
    if (arrived.isEmpty() || link == null) {
      return false;
    }
    long first = arrived.first();
    long from = link.numbering() == before ? Math.min(first, throughBefore) : first;
    boolean any = false;
    for (long offset = from + 1; offset < arrived.last(); offset++) {
      any |= !arrived.contains(offset) && seam.remove(link.eventAt(offset));
    }
    return any;
  }

  /** The leader has none. */
  void noSnapshot(long now) {
    repaired = false;
    trouble(now);
  }

  private long pauseMs() {
    long grown =
        Math.min(
            settings.repairMaxIntervalMs(),
            settings.repairMinIntervalMs() << Math.min(20, Math.max(0, snapshots)));
    long backoff =
        failuresInARow == 0
            ? 0
            : Math.min(
                settings.backoffMaxMs(), settings.backoffMs() << Math.min(20, failuresInARow));
    return Math.max(grown, backoff);
  }

  // ---- each step

  /**
   * Something has happened.
   *
   * @param finished whether the task's work is done
   * @param allIsWell whether nothing is in the way of events and acks
   */
  void step(KafkaModel kafka, boolean finished, boolean allIsWell, long now) {
    if (saidDone && !finished) {
      trace.violation("the work is said to be done, and the task goes on");
      saidDone = false;
    }
    lenient |= kafka.clockWasOff;
    while (!waiting.isEmpty() && isThere(kafka, waiting.peek().event)) {
      waiting.poll();
    }
    noteHole(kafka, now);
    boolean isWell = allIsWell && !lenient && link != null && link.flows() && liveAt >= 0;
    if (!isWell || !wasWell || kafka.changes() != changesOfKafka) {
      trouble(now);
    }
    changesOfKafka = kafka.changes();
    wasWell = isWell;
    if (!isWell) {
      return;
    }
    if (arrived.isEmpty()) {
      return; // a leader that was restarted hides its history until it is written to
    }
    long since = Math.max(Math.max(wellSince, progressAt), Math.min(now, pausedUntil));
    long limit = settings.gapTimeoutMs() + REPAIR_MS + pauseMs();
    if (!waiting.isEmpty() && now - Math.max(since, waiting.peek().since) > limit) {
      trace.violation(
          "event %d came %d ms ago and waits, %d ms are promised",
          waiting.peek().event, now - waiting.peek().since, limit);
      trouble(now);
    }
    long due = Math.min(link.ackable(kafka), arrived.last());
    if (due <= acked) {
      lagSince = -1;
      return;
    }
    lagSince = lagSince < 0 ? now : lagSince;
    boolean orderly = acked > 0 && waiting.isEmpty() && holeSince < 0;
    if (now - Math.max(lagSince, since) > (orderly ? 0 : limit) + ACK_MS) {
      trace.violation(
          "Kafka has all up to %d since %d ms, only %d is acked", due, now - lagSince, acked);
      trouble(now);
      lagSince = -1;
    }
  }

  private boolean isThere(KafkaModel kafka, int event) {
    return produced.contains(event) || kafka.has(event);
  }

  /** Since when an offset is missing between those that came, and its event is nowhere. */
  private void noteHole(KafkaModel kafka, long now) {
    if (arrived.isEmpty() || link == null) {
      holeSince = -1;
      return;
    }
    long last = arrived.last();
    while (through < last
        && (arrived.contains(through + 1)
            || (through < repairedUpTo && isNoHole(kafka, through + 1)))) {
      through++;
    }
    noteAge(now);
    if (through >= last) {
      holeSince = -1;
    } else if (holeSince < 0) {
      holeSince = now;
    }
  }

  private boolean isNoHole(KafkaModel kafka, long offset) {
    int event = link.eventAt(offset);
    return event < 0 || isThere(kafka, event);
  }

  /** Whether the figures say what the model has counted. */
  void check(Ledger ledger) {
    // what has arrived is not all taken in then, or is one of those that were forgotten
    isFull |= ledger.held * ENTRY_BYTES >= settings.heldBytesMax();
    lenient |= isFull || ledger.heldForgotten > 0;
    agrees("entries produced", ledger.producedLive, fromEntries);
    agrees("rows produced", ledger.snapshotRows, fromRows);
    agrees("rows without a tenant", ledger.tenantUnknown, unknownTenants);
    if (ledger.outOfOrder > outOfOrder || ledger.outOfOrder < outOfOrder - leftBehind) {
      agrees("entries out of order", ledger.outOfOrder, outOfOrder);
    }
    if (acked >= lastFound) {
      foundForHoles += foundNow;
      foundNow = 0;
    }
    if (ledger.repaired < foundForHoles && !lenient) {
      trace.violation(
          "%d events of holes were found, %d count as repaired", foundForHoles, ledger.repaired);
    }
    if (ledger.unverifiedRepairs > mayBeUnverified && !lenient) {
      trace.violation(
          "%d repairs count as unverified, %d can't be verified",
          ledger.unverifiedRepairs, mayBeUnverified);
    }
  }

  private void agrees(String what, long told, long counted) {
    if (told != counted) {
      trace.violation("%s: %d by the figures, %d are", what, told, counted);
    }
  }
}
