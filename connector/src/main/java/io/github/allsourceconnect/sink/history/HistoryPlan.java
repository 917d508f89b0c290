package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the history does when: roll, merge, delete, what is still complete, what a follower needs.
 * Knows no file, clock or Kafka. Immutable; for any thread.
 *
 * @param maxRows a file is closed with so many rows
 * @param maxBytes or with so many uncompressed bytes
 * @param maxAgeMs or when its first row has waited so long
 * @param mergeFiles so many files of a size class make a merge, 2 or more
 * @param mergeMaxBytes a merged file is not larger
 * @param retentionMs files that were closed so long ago are deleted; empty for never
 * @param retentionBytes the oldest are deleted while the others have so many; empty for never
 */
record HistoryPlan(
    long maxRows,
    long maxBytes,
    long maxAgeMs,
    int mergeFiles,
    long mergeMaxBytes,
    OptionalLong retentionMs,
    OptionalLong retentionBytes) {
  private static final long SMALLEST_CLASS = 64 << 10;

  /** Without a retention. */
  HistoryPlan(long maxRows, long maxBytes, long maxAgeMs, int mergeFiles, long mergeMaxBytes) {
    this(
        maxRows,
        maxBytes,
        maxAgeMs,
        mergeFiles,
        mergeMaxBytes,
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  /**
   * A file that a follower gets, and above which offset its rows count.
   *
   * @param file null for one without rows
   */
  record Piece(HistoryFile file, long above) {
    /** Whether older rows must be left out. */
    boolean isCut() {
      return file != null && above > file.after();
    }
  }

  /** The same, with files that are closed before the topic deletes what they hold. */
  HistoryPlan within(TopicRetention topic) {
    return new HistoryPlan(
        maxRows,
        topic.openBytes(maxBytes),
        topic.openMs(maxAgeMs),
        mergeFiles,
        mergeMaxBytes,
        retentionMs,
        retentionBytes);
  }

  /** Whether the open file is full. */
  boolean isFull(long rows, long bytes) {
    return rows >= maxRows || bytes >= maxBytes;
  }

  /** Whether the open file, or a reached offset, has waited long enough. */
  boolean isDue(long sinceMs, long nowMs) {
    return nowMs - sinceMs >= maxAgeMs;
  }

  /** How many of the first files are to be deleted. */
  int expired(List<HistoryFile> files, long nowMs) {
    int count = 0;
    if (retentionMs.isPresent()) {
      while (count < files.size()
          && nowMs - FileNames.timeOf(files.get(count).name()) > retentionMs.getAsLong()) {
        count++;
      }
    }
    if (retentionBytes.isPresent()) {
      long left = files.stream().skip(count).mapToLong(HistoryFile::bytes).sum();
      while (count < files.size()
          && left - files.get(count).bytes() >= retentionBytes.getAsLong()) {
        left -= files.get(count++).bytes();
      }
    }
    return count;
  }

  /**
   * The neighbouring files to merge next; empty for none.
   *
   * <p>Files are of classes, each {@code mergeFiles} times as large as the one below. A run of
   * files of a class and below is merged when it holds {@code mergeFiles} of that class: so a row
   * is rewritten once a class, however long the history. When so many would be too large, as many
   * as fit are taken if they fill at least half of the greatest size. A hole ends a run.
   *
   * @param unusable names of files that can't be read
   */
  List<HistoryFile> merge(List<HistoryFile> files, Set<String> unusable) {
    int classes = sizeClass(mergeMaxBytes);
    for (int sizeClass = 0; sizeClass <= classes; sizeClass++) {
      int from = 0;
      while (from < files.size()) {
        int to = from;
        long bytes = 0;
        int ofClass = 0;
        boolean bounded = false;
        while (to < files.size()) {
          HistoryFile file = files.get(to);
          if (unusable.contains(file.name())
              || sizeClass(file.bytes()) > sizeClass
              || (to > from && files.get(to - 1).upTo() != file.after())) {
            break;
          }
          if (bytes + file.bytes() > mergeMaxBytes) {
            bounded = true;
            break;
          }
          bytes += file.bytes();
          ofClass += sizeClass(file.bytes()) == sizeClass ? 1 : 0;
          to++;
        }
        boolean enough = ofClass >= mergeFiles || (bounded && bytes >= mergeMaxBytes / 2);
        if (to - from >= 2 && enough) {
          return List.copyOf(files.subList(from, to));
        }
        from = Math.max(to, from + 1);
      }
    }
    return List.of();
  }

  private int sizeClass(long bytes) {
    int sizeClass = 0;
    for (long limit = SMALLEST_CLASS; bytes > limit; limit *= mergeFiles) {
      sizeClass++;
      if (limit > Long.MAX_VALUE / mergeFiles) {
        break;
      }
    }
    return sizeClass;
  }

  /**
   * What followers can be given: what can't be read is a hole like what was never written.
   *
   * @param unusable by the names of files that can't be read: why
   */
  static HistoryCoverage coverage(HistoryManifest manifest, Map<String, String> unusable) {
    List<Hole> holes = new ArrayList<>(manifest.holes());
    for (HistoryFile file : manifest.files()) {
      String why = unusable.get(file.name());
      if (why != null) {
        holes.add(new Hole(file.after(), file.upTo(), why));
      }
    }
    holes.sort(Comparator.comparingLong(Hole::after));
    return new HistoryCoverage(manifest.after(), manifest.upTo(), holes);
  }

  /**
   * The files with entries above an offset.
   *
   * @param acrossHoles whether those that are left are wanted when others are gone
   * @throws IllegalArgumentException when the history does not hold all that is wanted; the message
   *     says which offsets are gone
   */
  static List<Piece> pieces(
      HistoryManifest manifest, Map<String, String> unusable, long above, boolean acrossHoles) {
    HistoryCoverage coverage = coverage(manifest, unusable);
    if (above < 0 || above >= coverage.upTo()) {
      throw new IllegalArgumentException(
          "the history ends at WAL offset " + coverage.upTo() + " and has nothing above " + above);
    }
    if (!acrossHoles && !coverage.lackedAbove(above).isEmpty()) {
      throw new IllegalArgumentException(
          "the history has not " + coverage.lackedInWords(above) + ": they are gone");
    }
    List<Piece> pieces = new ArrayList<>();
    for (HistoryFile file : manifest.files()) {
      if (file.upTo() > above && !unusable.containsKey(file.name())) {
        pieces.add(new Piece(file, Math.max(above, file.after())));
      }
    }
    return pieces;
  }
}
