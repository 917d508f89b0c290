package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the history of a partition consists of. Invariant: files and holes follow one another from
 * {@code after} on, in the order of the log and of the files' names, and none ends above {@code
 * upTo}. Every entry of the log in {@code (after, upTo]} is in exactly one file, or in a hole.
 * Immutable; each change is a new one with the next number.
 *
 * @param number rises with each change, whoever makes it
 * @param log which log it is the history of; null for one that was written before that was kept
 * @param earlier the log of before, while nothing that is committed tells of it; null for none
 * @param after entries up to here are not part of the history; -1 when it has not begun
 * @param upTo the history reaches this WAL offset; -1 when it has not begun
 * @param holes what the log lost before it was written here
 * @param retired files that are no longer part of it, but may not be deleted yet
 */
record HistoryManifest(
    long number,
    LogIdentity log,
    EarlierLog earlier,
    long after,
    long upTo,
    List<Hole> holes,
    List<HistoryFile> files,
    List<HistoryFile> retired) {
  /** Under this name files, and records of a topic, say of which log they are. */
  static final String LOG = "allsource.log";

  /** No history yet. */
  static final HistoryManifest NONE =
      new HistoryManifest(0, null, null, -1, -1, List.of(), List.of(), List.of());

  /** Without an earlier log. */
  HistoryManifest(
      long number,
      LogIdentity log,
      long after,
      long upTo,
      List<Hole> holes,
      List<HistoryFile> files,
      List<HistoryFile> retired) {
    this(number, log, null, after, upTo, holes, files, retired);
  }

  HistoryManifest {
    holes = List.copyOf(holes);
    files = List.copyOf(files);
    retired = List.copyOf(retired);
    if (number < 0 || after < -1 || upTo < after || (after < 0 && upTo >= 0)) {
      throw new IllegalArgumentException("a history from " + after + " to " + upTo);
    }
    checkOrder(after, upTo, holes, files);
  }

  private static void checkOrder(long after, long upTo, List<Hole> holes, List<HistoryFile> files) {
    long reached = after;
    int hole = 0;
    String name = "";
    for (HistoryFile file : files) {
      while (hole < holes.size() && holes.get(hole).after() < file.after()) {
        reached = passed(holes.get(hole++), reached);
      }
      if (file.after() != reached || file.name().compareTo(name) <= 0) {
        throw new IllegalArgumentException("the files don't follow one another at " + file.name());
      }
      reached = file.upTo();
      name = file.name();
    }
    while (hole < holes.size()) {
      reached = passed(holes.get(hole++), reached);
    }
    if (reached > upTo) {
      throw new IllegalArgumentException("a file or a hole ends above the history");
    }
  }

  /** Before a hole there may be offsets that are known to hold no entry. */
  private static long passed(Hole hole, long reached) {
    if (hole.after() < reached) {
      throw new IllegalArgumentException("the " + hole + " are in a file, too");
    }
    return hole.upTo();
  }

  /** What each file says of itself: of which log it is. */
  Map<String, String> notes() {
    return log == null ? Map.of() : Map.of(LOG, log.text());
  }

  boolean begun() {
    return after >= 0;
  }

  /** How many files and holes it names. */
  int listed() {
    return files.size() + retired.size() + holes.size();
  }

  /** Where the next file's range begins. */
  long end() {
    long file = files.isEmpty() ? after : files.get(files.size() - 1).upTo();
    return holes.isEmpty() ? file : Math.max(file, holes.get(holes.size() - 1).upTo());
  }

  /** The same with another number. */
  HistoryManifest numbered(long newNumber) {
    return new HistoryManifest(newNumber, log, earlier, after, upTo, holes, files, retired);
  }

  /** The same change, with what is retired now. */
  HistoryManifest withRetired(List<HistoryFile> all) {
    return new HistoryManifest(number, log, earlier, after, upTo, holes, files, all);
  }

  /** It is the history of that log. */
  HistoryManifest of(LogIdentity identity) {
    return new HistoryManifest(number + 1, identity, earlier, after, upTo, holes, files, retired);
  }

  /** A new history, of that log, which has not begun; this one is no part of it. */
  HistoryManifest instead(LogIdentity identity, EarlierLog before) {
    return new HistoryManifest(
        number + 1, identity, before, -1, -1, List.of(), List.of(), List.of());
  }

  /** What is committed tells of the log of before by now. */
  HistoryManifest withoutEarlier() {
    return new HistoryManifest(number + 1, log, null, after, upTo, holes, files, retired);
  }

  /** A history without anything begins there. */
  HistoryManifest begin(long newAfter) {
    if (begun()) {
      throw new IllegalStateException("the history has begun");
    }
    return new HistoryManifest(number + 1, log, earlier, newAfter, newAfter, holes, files, retired);
  }

  HistoryManifest add(HistoryFile file) {
    List<HistoryFile> more = new ArrayList<>(files);
    more.add(file);
    long reached = Math.max(upTo, file.upTo());
    return new HistoryManifest(number + 1, log, earlier, after, reached, holes, more, retired);
  }

  /** The log has lost that, and goes on behind it. */
  HistoryManifest lose(Hole hole) {
    List<Hole> more = new ArrayList<>(holes);
    more.add(hole);
    return new HistoryManifest(number + 1, log, earlier, after, hole.upTo(), more, files, retired);
  }

  /** The log has nothing more up to that offset. */
  HistoryManifest reach(long walOffset) {
    long reached = Math.max(upTo, walOffset);
    return new HistoryManifest(number + 1, log, earlier, after, reached, holes, files, retired);
  }

  /** One file in place of a run of them. */
  HistoryManifest replace(List<HistoryFile> run, HistoryFile merged) {
    int from = files.indexOf(run.get(0));
    if (from < 0
        || from + run.size() > files.size()
        || !files.subList(from, from + run.size()).equals(run)) {
      throw new IllegalArgumentException("no such run of files");
    }
    List<HistoryFile> fewer = new ArrayList<>(files.subList(0, from));
    fewer.add(merged);
    fewer.addAll(files.subList(from + run.size(), files.size()));
    return new HistoryManifest(number + 1, log, earlier, after, upTo, holes, fewer, retired);
  }

  /** Without the last files, which begin at or above that offset; they are written again. */
  HistoryManifest cutTo(long walOffset) {
    List<HistoryFile> kept = files.stream().filter(file -> file.after() < walOffset).toList();
    return new HistoryManifest(number + 1, log, earlier, after, walOffset, holes, kept, retired);
  }

  /** Without the first files, and whatever is gone before the next one. */
  HistoryManifest dropFirst(int count) {
    List<HistoryFile> kept = files.subList(count, files.size());
    long begin = kept.isEmpty() ? upTo : kept.get(0).after();
    List<Hole> left = holes.stream().filter(hole -> hole.after() >= begin).toList();
    return new HistoryManifest(number + 1, log, earlier, begin, upTo, left, kept, retired);
  }
}
