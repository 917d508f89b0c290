package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.source.decision.SourcePosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The topic and Connect's offsets; checks each record against the truth as it is committed. */
final class KafkaModel {
  private final List<StoredEvent> truth;
  private final Trace trace;
  private final boolean exactlyOnce;
  private final Set<Integer> in = new HashSet<>();
  private final Map<String, Integer> lastOfEntity = new HashMap<>();
  private SourcePosition stored = SourcePosition.START;
  private int repeatable;
  private int fencingEpoch;
  private boolean up = true;
  int doubled;

  KafkaModel(List<StoredEvent> truth, Trace trace, boolean exactlyOnce) {
    this.truth = truth;
    this.trace = trace;
    this.exactlyOnce = exactlyOnce;
  }

  boolean isUp() {
    return up;
  }

  void up(boolean nowUp) {
    up = nowUp;
  }

  /** A new task fences the ones before. */
  int newEpoch() {
    return ++fencingEpoch;
  }

  boolean fenced(int epoch) {
    return exactlyOnce && epoch != fencingEpoch;
  }

  SourcePosition stored() {
    return stored;
  }

  void store(SourcePosition position) {
    if (position.number() > stored.number()) {
      stored = position;
      repeatable = 0;
    }
  }

  boolean exactlyOnce() {
    return exactlyOnce;
  }

  /** Records become visible; under exactly-once together with the position. */
  void commit(List<Integer> records, SourcePosition position) {
    for (int index : records) {
      append(index);
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
      if (exactlyOnce) {
        trace.violation("event %d (%s) is in Kafka twice", index, event.entity());
      }
      return;
    }
    Integer last = lastOfEntity.put(event.entity(), index);
    if (last != null && last > index) {
      trace.violation(
          "event %d of %s came after event %d of the same entity", index, event.entity(), last);
    }
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
