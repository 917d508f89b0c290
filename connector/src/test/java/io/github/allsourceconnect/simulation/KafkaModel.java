package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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

  private static final int POSITION_BYTES_MAX = 8 << 10;

  private final List<StoredEvent> truth;
  private final Trace trace;
  private final boolean exactlyOnce;
  private final Set<Integer> in = new HashSet<>();
  private final Map<String, Integer> lastOfEntity = new HashMap<>();
  private final Map<Integer, SourcePosition> stored = new HashMap<>();
  private int repeatable;
  private int fencingEpoch;
  private boolean up = true;
  private Topic topic;
  private KafkaModel first;
  private final TreeSet<Integer> transactions = new TreeSet<>();
  int doubled;
  private boolean takenAllAgain;

  /** The leader's clock went back: what it says of times can't be told from what it said before. */
  boolean mayRepeat;

  /** The leader's clock has jumped, or was off for one event. */
  boolean clockWasOff;

  KafkaModel(List<StoredEvent> truth, Trace trace, boolean exactlyOnce) {
    this.truth = truth;
    this.trace = trace;
    this.exactlyOnce = exactlyOnce;
  }

  /** What comes here is what another topic has, in its order. */
  void hasWhatIsIn(KafkaModel other) {
    first = other;
  }

  boolean isUp() {
    return up;
  }

  void up(boolean nowUp) {
    up = nowUp;
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

  void store(SourcePosition position) {
    int slot = position.produced().slot();
    if (!stored.containsKey(slot) || position.number() > stored.get(slot).number()) {
      stored.put(slot, position);
      repeatable = 0;
    }
    int size = String.valueOf(SourceOffsets.encode(position)).length();
    boolean alone = slot == 0 && position.produced().others().isEmpty();
    if (size > POSITION_BYTES_MAX && !alone) {
      trace.violation("a position of %d bytes", size);
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

  /** Records become visible; under exactly-once together with the position. */
  void commit(int transaction, List<Integer> records, SourcePosition position) {
    for (int index : records) {
      append(index);
      if (topic != null && !exactlyOnce) {
        topic.append(index);
      }
    }
    if (transactions.remove(transaction)) {
      topic.end(transaction, true);
    }
    if (exactlyOnce) {
      store(position);
    } else {
      repeatable += records.size();
    }
  }

  private void append(int index) {
    StoredEvent event = truth.get(index);
    if (!in.add(index)) {
      doubled++;
      if (exactlyOnce && !mayRepeat && (first == null || !first.mayRepeat)) {
        trace.violation("event %d (%s) is in Kafka twice", index, event.entity());
      }
      return;
    }
    Integer last = lastOfEntity.put(event.entity(), index);
    if (last != null && last > index && !mayBeReversed(event, truth.get(last))) {
      trace.violation(
          "event %d of %s came after event %d of the same entity", index, event.entity(), last);
    }
  }

  /**
   * Rows are told by their times alone: where a clock was off, events whose times say the opposite
   * of the log have no order that a snapshot could tell. What looks older than all that was
   * produced is found later, or never.
   */
  boolean mayBeReversed(StoredEvent earlier, StoredEvent later) {
    if (first != null) {
      return first.mayBeReversed(earlier, later);
    }
    return clockWasOff
        && (mayRepeat || earlier.behind || later.live.micros() <= earlier.live.micros());
  }

  boolean has(int index) {
    return in.contains(index);
  }

  int size() {
    return in.size();
  }

  List<Integer> missing(int upTo) {
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < upTo; i++) {
      if (!in.contains(i)) {
        missing.add(i);
      }
    }
    return missing;
  }
}
