package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is expected after a leader's machine is gone for good: of the events that nobody can send
 * any more, those that the task had received are in Kafka, and the others that are known to have
 * existed are counted.
 */
final class LostLeader {
  private static final long QUIET_MS = 60_000;

  private final LeaderModel leader;
  private final Set<Integer> lost;
  private final WorkerModel worker;
  private final int written;
  private final List<Integer> numbered;
  private final Set<Integer> open = new HashSet<>();
  private boolean nothingNewer = true;
  private int newest;
  private long since = -1;
  private long writtenAt;

  /** The task has been restarted since it failed. */
  boolean restarted;

  /** It may go on without what is missing. */
  boolean leave;

  /**
   * @param numbered the events of the numbering that has ended, in order
   */
  LostLeader(LeaderModel leader, List<Integer> numbered, Set<Integer> lost, WorkerModel worker) {
    this.leader = leader;
    this.numbered = numbered;
    this.lost = lost;
    this.worker = worker;
    written = leader.truth.size();
  }

  /** Everything that was on its way has come. */
  void note(KafkaModel kafka) {
    Set<Integer> received = worker.receivedEvents();
    newest = received.stream().mapToInt(index -> index).max().orElse(-1);
    for (int index = newest + 1; index < written; index++) {
      nothingNewer &= lost.contains(index);
    }
    for (int index : numbered) {
      if (index >= 0 && index < newest && !received.contains(index) && !kafka.has(index)) {
        open.add(index);
      }
    }
    if (open.size() != worker.open()
        || !worker.snapshotDone()
        || !worker.isPlaced()
        || !worker.hasTakenAll()) {
      open.clear(); // not all of it is known to the task, or can't be told from its first snapshot
    }
  }

  /** What is gone with the leader, and no live connection had brought. */
  Set<Integer> neverCame() {
    Set<Integer> events = new HashSet<>(lost);
    events.removeAll(worker.receivedEvents());
    return events;
  }

  /**
   * Events that should be in Kafka and are not. One whose clock is behind can't be told from those
   * before it unless it came live, whoever leads: see {@link StoreSide}.
   */
  List<Integer> missing(KafkaModel kafka, WorkerModel last) {
    List<Integer> missing = kafka.missing(leader.truth.size());
    missing.removeAll(forgotten(kafka, last));
    missing.removeIf(
        index ->
            // a task that fails over unreadable snapshots forgets what it has received
            (lost.contains(index)
                    && (worker.sawTooManyDamages() || !worker.receivedEvents().contains(index)))
                || (leader.truth.get(index).behind && !last.receivedEvents().contains(index)));
    return missing;
  }

  /**
   * What had come and is gone, if the task has said that there was no room for it and counts it.
   */
  private List<Integer> forgotten(KafkaModel kafka, WorkerModel last) {
    List<Integer> gone = kafka.missing(leader.truth.size());
    gone.removeIf(index -> !lost.contains(index) || !worker.receivedEvents().contains(index));
    boolean isSaid = worker.ledger().heldForgotten > 0 && last.ledger().unaccounted >= gone.size();
    return isSaid ? gone : List.of();
  }

  /** A task has failed, and another one goes on. */
  void taskIsRestarted() {
    restarted = true;
    since = -1;
  }

  /** Whether something is to be written, so that the task sees where the leader is. */
  boolean isDue(long now, WorkerModel last) {
    if (isQuiet(now, last) || now - since < writtenAt + QUIET_MS / 4) {
      return false;
    }
    writtenAt = now - since;
    return writtenAt < QUIET_MS;
  }

  /** Whether the last task has gone on for a while since all was there. */
  boolean isQuiet(long now, WorkerModel last) {
    if (since < 0 || last.failure != null) {
      since = now;
      writtenAt = 0;
    }
    return now - since >= QUIET_MS;
  }

  /** Whether the promise was kept. */
  void check(KafkaModel kafka, List<WorkerModel> workers, Trace trace) {
    WorkerModel last = workers.get(workers.size() - 1);
    List<Integer> missing = missing(kafka, last);
    if (last.failure != null) {
      trace.violation("the task failed, though it may go on: %s", last.failure);
    } else if (!missing.isEmpty()) {
      trace.violation("missing at the end: events %s; %s", missing, last);
    }
    long unaccounted = last.ledger().unaccounted;
    long unverified = workers.stream().mapToLong(one -> one.ledger().unverifiedRepairs).sum();
    List<Integer> gone = kafka.missing(written);
    long stored = SourcePosition.of(kafka.stored()).losses().events();
    if (stored != unaccounted) {
      trace.violation("%d events unaccounted, the position says %d", unaccounted, stored);
    }
    boolean inexact = workers.stream().anyMatch(one -> one.ledger().inexactRepairs > 0);
    // what a task has produced that was killed before it stored its position is not known to be
    // there
    boolean isBehind = !kafka.exactlyOnce() && workers.size() > 1;
    boolean mayCount =
        inexact
            || isBehind
            || kafka.awaitedGivenUp
            || kafka.numbersLookedAlike
            || kafka.clockWasOff
            || kafka.cutWasForced;
    // and what was given up while no snapshot could be read stays counted, though it is found;
    // where
    // a line was whose offset can't be read either is told by what is missing, if by anything
    long foundThough =
        kafka.givenUp()
            - kafka.lacking()
            + workers.stream().mapToLong(WorkerModel::linesAnywhere).sum();
    if (unaccounted > gone.size() + foundThough + kafka.droppedEvents() && !mayCount) {
      trace.violation("%d events counted as unaccounted, %s are missing", unaccounted, gone);
    }
    // what the next leader has of later events can't be told from what is missing
    open.retainAll(gone);
    if (nothingNewer && unaccounted < open.size() && !kafka.clockWasOff) {
      trace.violation("%d unaccounted, %s known to be missing", unaccounted, open);
    }
    gone.removeIf(index -> index > newest);
    if (!gone.isEmpty() && unaccounted + unverified == 0) {
      trace.violation("%s are missing, and nothing says so", gone);
    }
  }
}
