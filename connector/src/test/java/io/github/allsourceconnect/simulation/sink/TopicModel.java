package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LogBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** A partition: committed, aborted and open transactions, retention, compaction, truncation. */
final class TopicModel {
  private final SinkSimulation simulation;

  /**
   * Every committed entry of this log that followers must get, unless compacted; by Kafka offset.
   */
  private final TreeSet<Long> truth = new TreeSet<>();

  /** What can still be read. */
  private final TreeSet<Long> readable = new TreeSet<>();

  private final TreeSet<Long> aborted = new TreeSet<>();
  private final TreeSet<Long> compacted = new TreeSet<>();
  private final List<Long> open = new ArrayList<>();
  private final TreeMap<Long, Long> historyEnds = new TreeMap<>();
  private long begin;
  private long end;
  private long historyUpTo = -1;
  private long historyAfter = -1;

  TopicModel(SinkSimulation simulation) {
    this.simulation = simulation;
  }

  long begin() {
    return begin;
  }

  /** The last stable offset. */
  long end() {
    return open.isEmpty() ? end : open.get(0);
  }

  void produce() {
    int kind = simulation.random.nextInt(10);
    if (kind < 6 || !open.isEmpty() && kind < 7) {
      if (open.isEmpty()) {
        commit(end++);
      } else {
        open.add(end++);
      }
    } else if (kind == 7 && open.isEmpty()) {
      open.add(end++);
    } else if (!open.isEmpty()) {
      if (simulation.random.nextBoolean()) {
        closeTransaction();
      } else {
        simulation.happened(SinkSimulation.Trouble.ABORTED_TRANSACTION);
        aborted.addAll(open);
        open.clear();
        end++;
      }
    }
  }

  void closeTransaction() {
    if (!open.isEmpty()) {
      open.forEach(this::commit);
      open.clear();
      end++;
    }
  }

  private void commit(long offset) {
    truth.add(offset);
    readable.add(offset);
  }

  void retain() {
    begin = begin + simulation.random.nextLong(end() - begin + 1);
    readable.headSet(begin).clear();
  }

  void compact() {
    for (long offset : List.copyOf(readable)) {
      if (offset < end() - 3 && simulation.random.nextInt(4) == 0) {
        readable.remove(offset);
        compacted.add(offset);
      }
    }
  }

  long truncate() {
    open.clear();
    end = begin + simulation.random.nextLong(end - begin + 1);
    truth.tailSet(end).clear();
    readable.tailSet(end).clear();
    aborted.tailSet(end).clear();
    historyUpTo = Math.min(historyUpTo, end);
    historyAfter = Math.min(historyAfter, historyUpTo);
    return end;
  }

  /** Whether an entry that nobody compacted lies in (after, upTo], WAL offsets. */
  boolean misses(long after, long upTo) {
    return truth.subSet(after, Math.max(after, upTo)).stream()
        .anyMatch(offset -> !compacted.contains(offset));
  }

  boolean isEntry(long walOffset) {
    return truth.contains(walOffset - 1);
  }

  LogBlock block(long from, boolean loseFirst, boolean withAborted) {
    long to = Math.min(end(), from + 1 + simulation.random.nextInt(12));
    LogBlock.Builder builder = new LogBlock.Builder(from);
    TreeSet<Long> offsets = new TreeSet<>(readable.subSet(from, to));
    if (withAborted) {
      offsets.addAll(aborted.subSet(from, to));
    }
    if (loseFirst && offsets.size() > 1) {
      offsets.pollFirst();
    }
    offsets.forEach(offset -> builder.add(offset, new byte[] {'\n'}));
    return builder.build(to);
  }

  // the kept history: what was readable when it was written

  long historyAfter() {
    return historyAfter;
  }

  long historyUpTo() {
    return historyUpTo;
  }

  /** The history's writer goes on. */
  void keepHistory() {
    if (historyUpTo < begin) {
      historyAfter = begin;
      historyUpTo = begin;
    }
    historyUpTo += simulation.random.nextLong(end() - historyUpTo + 1);
    historyEnds.put(historyUpTo, simulation.now);
  }

  /** WAL offsets of a snapshot above {@code after}. */
  List<Long> history(long after, long upTo) {
    return truth.subSet(after, upTo).stream().map(offset -> offset + 1).toList();
  }
}
