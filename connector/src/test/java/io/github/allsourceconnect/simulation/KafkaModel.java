package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredChunk;
import io.github.allsourceconnect.source.record.SourceOffsets;
import io.github.allsourceconnect.source.record.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** The topic and Connect's offsets; checks each record against the truth as it is committed. */
final class KafkaModel {
  /** Where the records can be read. */
  interface Topic {
    /** Writes records in a transaction that goes on; its number. */
    int begin(List<Integer> records);

    void end(int transaction, boolean commit);

    /** Writes a record outside of transactions. */
    void append(int record);
  }

  /** A record that Connect got through with. */
  record Sent(int event, SourcePosition position) {
    /** The record is none of an event. */
    static final int NO_EVENT = -1;
  }

  /** Events that race are that far apart, at most. */
  private static final long RACING_MICROS = 250_000;

  /** Rows are told as far ahead of the stream from here on. */
  private static final long FAR_MICROS = 1_000_000;

  /** So near in time the versions of two rows settle their order, be they of another time. */
  private static final long VERSIONS_TELL_MICROS = 1_000_000;

  private static final int POSITION_BYTES_MAX = 8 << 10;
  private static final int ID_BYTES_MAX = 16;

  private final List<StoredEvent> truth;
  private final Trace trace;
  private final boolean exactlyOnce;
  private final Set<Integer> in = new HashSet<>();
  private final Map<String, Integer> lastOfEntity = new HashMap<>();
  private final Map<Integer, SourcePosition> stored = new HashMap<>();
  private final Set<Integer> dropped = new HashSet<>();

  private final Set<Integer> saidToLack = new HashSet<>();

  /** What lies before the first one that is wanted: it need not come, and may. */
  private final Set<Integer> unwanted = new HashSet<>();

  private final Set<String> carried = new HashSet<>();
  private final IntPredicate drops;
  private final int batchesInTransaction;
  private boolean dropsNone;

  /** The first event that is wanted, where not all are. */
  private int begins = Sent.NO_EVENT;

  private int fencingEpoch;
  private boolean up = true;
  private int changes;
  private Topic topic;
  private KafkaModel first;
  private final TreeSet<Integer> transactions = new TreeSet<>();
  int doubled;
  private boolean takenAllAgain;
  private final Set<Integer> late = new HashSet<>();
  private final Set<Integer> givenUp = new HashSet<>();
  private int cameLate;

  /** The leader's clock went back: what it says of times can't be told from what it said before. */
  boolean mayRepeat;

  /** What is wanted begins with the time of the first live entries. */
  boolean beginsByTime;

  /**
   * A task has said that it had no room to wait until what is before a cut is told from the rest.
   */
  boolean cutWasForced;

  /** A task has said that rows with a clock of their own lay before what it had produced. */
  boolean rowsLayBefore;

  /** The leader has shipped entries long after they were in its files. */
  boolean linkLagged;

  /** A task has given up rows that it awaited: their offsets may have been counted before. */
  boolean awaitedGivenUp;

  /** The leader's clock has jumped, or was off for one event. */
  boolean clockWasOff;

  /** Of which numbering an offset was acked last. */
  Object ackedNumbering;

  /**
   * Another numbering was at an offset that is behind the known one: its numbers look as if they
   * went on.
   */
  boolean numbersLookedAlike;

  /** A position was stored, or read, that does not tell of all events, and says so. */
  boolean inexact;

  /** From so many on the list may be full. */
  private static final int MANY_CHUNKS = StoredChunk.SLOTS * 3 / 4;

  KafkaModel(List<StoredEvent> truth, Trace trace, boolean exactlyOnce) {
    this(truth, trace, exactlyOnce, none -> false, 1);
  }

  /**
   * @param drops what a transformation drops
   * @param batchesInTransaction after how many a transaction is committed, if not earlier by time
   */
  KafkaModel(
      List<StoredEvent> truth,
      Trace trace,
      boolean exactlyOnce,
      IntPredicate drops,
      int batchesInTransaction) {
    this.truth = truth;
    this.trace = trace;
    this.exactlyOnce = exactlyOnce;
    this.drops = drops;
    this.batchesInTransaction = batchesInTransaction;
  }

  /** No transformation drops anything from now on. */
  void dropsNone() {
    dropsNone = true;
  }

  int batchesInTransaction() {
    return exactlyOnce && topic == null && !dropsNone ? batchesInTransaction : 1;
  }

  /** Whether a worker may be stopped before it got through with a batch; not in a chain. */
  boolean mayStopWhileSending() {
    return topic == null && !dropsNone;
  }

  private boolean drops(int event) {
    return event != Sent.NO_EVENT && isDropped(event);
  }

  private boolean isDropped(int event) {
    return dropped.contains(event) || (!dropsNone && topic == null && drops.test(event));
  }

  /** What comes here is what another topic has, in its order. */
  void hasWhatIsIn(KafkaModel other) {
    first = other;
  }

  /** Whether events may come twice, which is said. */
  boolean repeats() {
    return mayRepeat || inexact;
  }

  boolean isUp() {
    return up;
  }

  void up(boolean nowUp) {
    changes += up == nowUp ? 0 : 1;
    up = nowUp;
  }

  /** How often it went down or came back. */
  int changes() {
    return changes;
  }

  /** From now on records also go there. */
  void writeTo(Topic to) {
    topic = to;
  }

  /** A new task fences the ones before; what they have begun is aborted. */
  int newEpoch() {
    transactions.forEach(transaction -> topic.end(transaction, false));
    transactions.clear();
    return ++fencingEpoch;
  }

  boolean fenced(int epoch) {
    return exactlyOnce && epoch != fencingEpoch;
  }

  /**
   * Of what is written so far, nothing is wanted that is not there and lies before this event, by
   * its place or by its time.
   */
  void beginsWith(int event) {
    begins = event;
    for (StoredEvent older : truth) {
      boolean isBefore = older.index < event || older.micros() < truth.get(event).micros();
      if (isBefore && !in.contains(older.index)) {
        unwanted.add(older.index);
      }
    }
  }

  /** With which event the last task began that had no position; NO_EVENT for the first of all. */
  int begins() {
    return begins;
  }

  /** An event is produced from a row, by a task that began with another. */
  void producesRow(int event, int began) {
    if (began != Sent.NO_EVENT
        && !clockWasOff
        && truth.get(event).micros() < truth.get(began).micros() - RACING_MICROS) {
      trace.violation("event %d is fetched, though %d is the first that is wanted", event, began);
    }
  }

  /** The stored positions, by slot. */
  Map<Integer, SourcePosition> stored() {
    return stored;
  }

  /** A task takes the whole snapshot anew: events may come twice, and that is said. */
  void takesAllAgain() {
    takenAllAgain = true;
    mayRepeat = true;
  }

  boolean hasTakenAllAgain() {
    return takenAllAgain;
  }

  /** A task begins with this. */
  void loaded(SourcePosition position) {
    judge(position);
  }

  private void judge(SourcePosition position) {
    boolean clockIsRight = !clockWasOff && (first == null || !first.clockWasOff);
    if (position.isInexact() && !inexact && exactlyOnce && clockIsRight) {
      trace.fault("inexact position");
      int chunks = position.produced().others().size();
      if (dropped.isEmpty() && unwanted.isEmpty() && !mayRepeat && chunks < MANY_CHUNKS) {
        trace.violation("a position is inexact with %d chunks, and nothing was dropped", chunks);
      }
    }
    inexact |= position.withoutPassedOver().isInexact();
  }

  /** Without exactly-once: the newest position behind which nothing is under way. */
  void store(SourcePosition position) {
    SourcePosition before = stored.get(SourcePosition.FIRST_SLOT);
    if (before == null || position.number() > before.number()) {
      put(position);
    }
  }

  private void put(SourcePosition position) {
    SourcePosition.Produced produced = position.produced();
    stored.put(produced.slot(), position);
    judge(position);
    int size = json(SourceOffsets.encode(position));
    if (size > POSITION_BYTES_MAX) {
      trace.violation("a position of %d bytes", size);
    }
    if (!exactlyOnce && produced.slot() != SourcePosition.FIRST_SLOT) {
      trace.violation("a chunk without exactly-once");
    }
  }

  private static int json(Map<String, Object> offset) {
    int size = 2;
    for (Map.Entry<String, Object> one : offset.entrySet()) {
      int quotes = one.getValue() instanceof String ? 6 : 4;
      size += one.getKey().length() + String.valueOf(one.getValue()).length() + quotes;
    }
    return size;
  }

  /** What a position names is in the store, unless every record was dropped that would bring it. */
  private void checkChunks(SourcePosition position) {
    SourcePosition.Produced produced = position.produced();
    for (StoredChunk named : produced.others()) {
      SourcePosition there = stored.get(named.slot());
      StoredChunk own = there == null ? null : there.produced().own();
      if (own != null && own.name().equals(named.name())) {
        continue;
      }
      int listed = named.ids().size() + (produced.own() == null ? 0 : produced.own().ids().size());
      for (ListedIds ids : produced.ids()) {
        listed += ids.size();
      }
      if (carried.contains(named.name())) {
        trace.violation("a position names chunk %s, which was overwritten", named.name());
      } else if (listed * ID_BYTES_MAX < SimulatedFollowers.SHORT_LISTS.usualBytes()) {
        trace.violation("a position names chunk %s, though it has room for it", named.name());
      }
      trace.fault("chunk dropped");
    }
  }

  boolean exactlyOnce() {
    return exactlyOnce;
  }

  /** A task writes records; its transaction's number. */
  int begin(int epoch, List<Integer> records) {
    if (topic == null || !exactlyOnce || fenced(epoch)) {
      return 0;
    }
    int transaction = topic.begin(records);
    transactions.add(transaction);
    return transaction;
  }

  /**
   * Records become visible; under exactly-once together with their positions.
   *
   * @param told what the task is told of them: of those that are dropped nothing
   */
  void commit(List<Integer> committed, List<Sent> records, Transaction told) {
    Map<Integer, SourcePosition> newest = new HashMap<>();
    for (Sent record : records) {
      if (drops(record.event)) {
        dropped.add(record.event);
        continue;
      }
      if (record.event != Sent.NO_EVENT && !unwanted.contains(record.event)) {
        append(record.event);
        if (topic != null && !exactlyOnce) {
          topic.append(record.event);
        }
      }
      newest.put(record.position.produced().slot(), record.position);
      told.had(record.position);
      if (record.position.produced().own() != null) {
        carried.add(record.position.produced().own().name());
      }
    }
    for (int transaction : committed) {
      if (transactions.remove(transaction)) {
        topic.end(transaction, true);
      }
    }
    if (exactlyOnce) {
      newest.values().forEach(this::put);
      stored.values().stream()
          .max(Comparator.comparingLong(SourcePosition::number))
          .ifPresent(this::checkChunks);
    }
  }

  /** The last of these records that is not dropped, or null. */
  Sent lastOf(List<Sent> records) {
    for (int i = records.size() - 1; i >= 0; i--) {
      if (!drops(records.get(i).event)) {
        return records.get(i);
      }
    }
    return null;
  }

  /** How many events were dropped on the way; no task knows which, once another has begun. */
  int droppedEvents() {
    return dropped.size() + (int) unwanted.stream().filter(one -> !dropped.contains(one)).count();
  }

  /** The events of these records behind the last one that is not dropped. */
  Set<Integer> behindLast(List<Sent> records) {
    Set<Integer> behind = new HashSet<>();
    for (int i = records.size() - 1; i >= 0 && drops(records.get(i).event); i--) {
      behind.add(records.get(i).event);
    }
    return behind;
  }

  private void append(int index) {
    StoredEvent event = truth.get(index);
    if (!in.add(index)) {
      doubled++;
      if (exactlyOnce && !mayRepeat && !inexact && !(first != null && first.repeats())) {
        trace.violation("event %d (%s) is in Kafka twice", index, event.entity());
      }
      return;
    }
    Integer last = lastOfEntity.put(event.entity(), index);
    if (last != null && last > index && (late.contains(index) || isLateRow(event, last))) {
      cameLate += givenUp.contains(index) ? 0 : 1;
    } else if (last != null && last > index && !mayBeReversed(event, truth.get(last))) {
      trace.violation(
          "event %d of %s came after event %d of the same entity", index, event.entity(), last);
    }
  }

  /** Whether what is new may look older than where the task began, or than what it had produced. */
  boolean mayHideNewer() {
    return mayRepeat || (beginsByTime && clockWasOff);
  }

  /**
   * Rows are told by their times alone: where a clock was off, events whose times say the opposite
   * of the log have no order that a snapshot could tell. What looks older than all that was
   * produced is found later, or never.
   */
  boolean mayBeReversed(StoredEvent earlier, StoredEvent later) {
    if (first != null) {
      return earlier.ahead || first.mayBeReversed(earlier, later);
    }
    return cutWasForced || rowsMayBeReversed(earlier, later);
  }

  private boolean rowsMayBeReversed(StoredEvent earlier, StoredEvent later) {
    return clockWasOff
        && (mayRepeat
            || rowsLayBefore
            || earlier.behind
            || later.behind // it lies among others, with a version of another time
            || (linkLagged && isAhead(earlier, later)) // taken for one that the stream had passed
            || later.live.micros()
                <= earlier.live.micros() + (earlier.ahead ? VERSIONS_TELL_MICROS : 0));
  }

  private static boolean isAhead(StoredEvent earlier, StoredEvent later) {
    return later.ahead || later.micros() - earlier.micros() > FAR_MICROS; // the clock has jumped
  }

  /** What is newer by its clock than what follows it is found behind it, which is counted. */
  private boolean isLateRow(StoredEvent event, int last) {
    return first == null && event.ahead && !mayBeReversed(event, truth.get(last));
  }

  /** A task has gone on without these, and has said so. */
  void mayComeLate(Set<Integer> events) {
    late.addAll(events);
  }

  /** The same, and they need not come at all: their lines and all snapshots were damaged. */
  void givesUp(Set<Integer> events) {
    mayComeLate(events);
    givenUp.addAll(events);
  }

  /** A task has said that it does not find these, and goes on. */
  void saysItLacks(Set<Integer> events) {
    saidToLack.addAll(events);
  }

  /** Whether it has said so of this one: what follows may be acked. */
  boolean isSaidToLack(int event) {
    return saidToLack.contains(event);
  }

  /** Whether a task has given it up. */
  boolean isGivenUp(int event) {
    return givenUp.contains(event);
  }

  /** How many were given up. */
  long givenUp() {
    return givenUp.size();
  }

  /** How many of those are not there. */
  long lacking() {
    return givenUp.stream().filter(event -> !has(event)).count();
  }

  /** How many of them came behind later events of their entities. */
  int cameLate() {
    return cameLate;
  }

  /** Whether the record is there, or was dropped on the way. */
  boolean has(int index) {
    return in.contains(index) || dropped.contains(index) || unwanted.contains(index);
  }

  int size() {
    return in.size();
  }

  List<Integer> missing(int upTo) {
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < upTo; i++) {
      if (!has(i)) {
        missing.add(i);
      }
    }
    return missing;
  }
}
