package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.SeenLog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A partition and its kept history: what each Kafka offset holds, up to where it may be read (no
 * further than the first transaction that is not ended), where it begins by now, and what the
 * history covers. Records vanish by retention and compaction; the log can be cut back, or be
 * another one under the same name. WAL offset = Kafka offset + 1.
 */
public final class TopicModel {
  private enum Kind {
    ENTRY,
    /** An entry once, until the cleaner came. */
    COMPACTED,
    /** In a transaction that goes on. */
    PENDING,
    /** Aborted, or a marker. */
    HOLE
  }

  private static final class Slot {
    final long content;
    final int key;
    final int epoch;
    final int transaction;
    Kind kind;

    Slot(Kind kind, long content, int key, int epoch, int transaction) {
      this.kind = kind;
      this.content = content;
      this.key = key;
      this.epoch = epoch;
      this.transaction = transaction;
    }
  }

  /** What a follower got as a snapshot: contents by WAL offset. */
  public record Snapshot(long after, long end, TreeMap<Long, Long> rows, List<Hole> lacks) {}

  private static final int NO_TRANSACTION = 0;

  private final List<Slot> slots = new ArrayList<>();
  private final TreeSet<Long> pending = new TreeSet<>();
  private final boolean historyKept;
  private final HistoryModel history = new HistoryModel();
  private long begin;
  private int epoch;
  private int transactions;
  private int cuts;
  private int created = 1;

  TopicModel(boolean historyKept) {
    this.historyKept = historyKept;
  }

  long begin() {
    return begin;
  }

  /** The offset up to which committed records can be read. */
  public long end() {
    return pending.isEmpty() ? slots.size() : pending.first();
  }

  /** The offset that is written next, whether what lies before can be read or not. */
  long written() {
    return slots.size();
  }

  /** Which log it is now. */
  SeenLog seen() {
    return new SeenLog(new LogIdentity("simulated", "id-" + created), created);
  }

  boolean historyKept() {
    return historyKept;
  }

  /** The kept history. */
  public HistoryModel history() {
    return history;
  }

  /** How often the log was cut back or replaced. */
  int cuts() {
    return cuts;
  }

  // writing

  /** Writes an entry outside of transactions. */
  public void append(long content, int key) {
    slots.add(new Slot(Kind.ENTRY, content, key, epoch, NO_TRANSACTION));
  }

  /** An offset without an entry. */
  void appendHole() {
    slots.add(new Slot(Kind.HOLE, 0, 0, epoch, NO_TRANSACTION));
  }

  /** A transaction begins; its number. */
  public int newTransaction() {
    return ++transactions;
  }

  /** Writes an entry in a transaction. */
  public void append(int transaction, long content, int key) {
    pending.add((long) slots.size());
    slots.add(new Slot(Kind.PENDING, content, key, epoch, transaction));
  }

  /** Ends a transaction, with its marker. */
  public void end(int transaction, boolean commit) {
    boolean any = false;
    for (Long offset : List.copyOf(pending)) {
      Slot slot = slots.get(offset.intValue());
      if (slot.transaction == transaction) {
        slot.kind = commit ? Kind.ENTRY : Kind.HOLE;
        pending.remove(offset);
        any = true;
      }
    }
    if (any) {
      appendHole();
    }
  }

  // losing

  /** Deletes what is before an offset. */
  public void retain(long newBegin) {
    begin = Math.max(begin, Math.min(newBegin, end()));
  }

  /** The cleaner: of the entries before an offset, those with a newer one of their key vanish. */
  void compact(long upTo) {
    Map<Integer, Slot> newest = new HashMap<>();
    for (long offset = begin; offset < Math.min(upTo, end()); offset++) {
      Slot slot = slots.get((int) offset);
      if (slot.kind == Kind.ENTRY) {
        Slot older = newest.put(slot.key, slot);
        if (older != null) {
          older.kind = Kind.COMPACTED;
        }
      }
    }
  }

  /** A replica that lacks the end of the log becomes its leader. */
  void cutTo(long newEnd) {
    cuts++;
    epoch++;
    history.breakDown();
    slots.subList((int) newEnd, slots.size()).clear();
    pending.tailSet(newEnd, true).clear();
  }

  /** The topic is deleted and created again, and the history's writer fails over it. */
  void recreate() {
    recreateUnseen();
    history.breakDown();
  }

  /** The same while nothing runs. */
  void recreateUnseen() {
    cuts++;
    created++;
    epoch = 0;
    begin = 0;
    slots.clear();
    pending.clear();
  }

  /** The epoch of what lies before an offset; -1 when nothing does. */
  int epochBefore(long offset) {
    return offset == 0 || offset > slots.size() ? -1 : slots.get((int) offset - 1).epoch;
  }

  /** Whether a reader that last read this epoch at this offset would find the log another one. */
  boolean diverged(int readEpoch, long offset) {
    return offset > divergedAt(readEpoch);
  }

  /** From which offset on it may differ from what was read up to a record of that epoch. */
  long divergedAt(int readEpoch) {
    int end = slots.size();
    while (end > 0 && slots.get(end - 1).epoch > readEpoch) {
      end--;
    }
    return end;
  }

  // the history

  /** The history takes up to so many further offsets from where it is placed. */
  void keepHistory(int offsets, HistoryPlace place) {
    if (history.isBroken()) {
      return;
    }
    history.go(place, seen().identity());
    if (history.isBroken()) {
      return;
    }
    long from = history.coverage().upTo();
    long to = Math.min(end(), from + offsets);
    for (long offset = from; offset < to; offset++) {
      Slot slot = slots.get((int) offset);
      if (slot.kind == Kind.ENTRY) {
        history.add(offset + 1, slot.content);
      }
    }
    history.reach(Math.max(from, to));
  }

  /** What is sent of the history. */
  Snapshot snapshot(long after, HistoryCoverage known) {
    List<Hole> lacks = known.lackedAbove(after);
    return new Snapshot(after, known.upTo(), history.rows(after, known.upTo()), lacks);
  }

  // reading

  /** The first WAL offset above another that holds an entry; -1 when there is none. */
  long nextEntry(long walOffset) {
    long end = end();
    for (long offset = walOffset; offset < end; offset++) {
      if (slots.get((int) offset).kind == Kind.ENTRY) {
        return offset + 1;
      }
    }
    return -1;
  }

  /** What a WAL offset holds; -1 when that is no entry. */
  public long contentAt(long walOffset) {
    Slot slot = slots.get((int) walOffset - 1);
    return slot.kind == Kind.ENTRY ? slot.content : -1;
  }

  /** Whether there is an entry above a WAL offset. */
  public boolean contentAbove(long walOffset) {
    return nextEntry(Math.max(0, walOffset)) >= 0;
  }

  /** Whether this is or was, before compaction, what the log holds there. */
  boolean held(long walOffset, long content) {
    if (walOffset < 1 || walOffset > slots.size()) {
      return false;
    }
    Slot slot = slots.get((int) walOffset - 1);
    return (slot.kind == Kind.ENTRY || slot.kind == Kind.COMPACTED) && slot.content == content;
  }

  /** What lies in an interval of Kafka offsets; each line is its WAL offset and content. */
  LogBlock block(long from, long to) {
    LogBlock.Builder builder = new LogBlock.Builder(from);
    for (long offset = from; offset < to; offset++) {
      Slot slot = slots.get((int) offset);
      if (slot.kind == Kind.ENTRY) {
        String line = (offset + 1) + " " + slot.content + "\n";
        builder.add(offset, line.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return builder.build(to);
  }

  /** WAL offset and content of a block's lines from an index on, read from their bytes. */
  static List<long[]> lines(LogBlock block, int fromIndex) {
    List<long[]> lines = new ArrayList<>();
    int start = block.start(fromIndex);
    String text =
        new String(block.data(), start, block.dataEnd() - start, StandardCharsets.US_ASCII);
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      lines.add(
          new long[] {
            Long.parseLong(line.substring(0, space)), Long.parseLong(line.substring(space + 1))
          });
    }
    return lines;
  }
}
