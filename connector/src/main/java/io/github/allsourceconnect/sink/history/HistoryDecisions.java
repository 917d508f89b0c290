package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the history does when: roll, merge, what is still complete, what a follower needs. Knows no
 * file, clock or Kafka. Immutable; for any thread.
 *
 * @param maxRows a file is closed with so many rows
 * @param maxBytes or with so many uncompressed bytes
 * @param maxAgeMs or when its first row has waited so long
 * @param mergeFiles so many files of a size class make a merge, 2 or more
 * @param mergeMaxBytes a merged file is not larger
 */
record HistoryDecisions(
    long maxRows, long maxBytes, long maxAgeMs, int mergeFiles, long mergeMaxBytes) {
  private static final long SMALLEST_CLASS = 64 << 10;

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

  /** Whether the open file is full. */
  boolean isFull(long rows, long bytes) {
    return rows >= maxRows || bytes >= maxBytes;
  }

  /** Whether the open file, or a reached offset, has waited long enough. */
  boolean isDue(long sinceMs, long nowMs) {
    return nowMs - sinceMs >= maxAgeMs;
  }

  /**
   * The neighbouring files to merge next; empty for none.
   *
   * <p>Files are of classes, each {@code mergeFiles} times as large as the one below. A run of
   * files of a class and below is merged when it holds {@code mergeFiles} of that class: so a row
   * is rewritten once a class, however long the history. When so many would be too large, as many
   * as fit are taken if they fill at least half of the greatest size.
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
          if (unusable.contains(file.name()) || sizeClass(file.bytes()) > sizeClass) {
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
   * How many of the first files to keep when the history is taken over: those at its end that can't
   * be read are given up, for the log may still hold their entries, which are then appended again.
   */
  static int usableLength(HistoryManifest manifest, Set<String> unusable) {
    int count = manifest.files().size();
    while (count > 0 && unusable.contains(manifest.files().get(count - 1).name())) {
      count--;
    }
    return count;
  }

  /** What followers can be given: what follows the last file that can't be read. */
  static HistoryCoverage coverage(HistoryManifest manifest, Set<String> unusable) {
    if (!manifest.begun()) {
      return HistoryCoverage.NONE;
    }
    long after = manifest.after();
    for (HistoryFile file : manifest.files()) {
      if (unusable.contains(file.name())) {
        after = file.upTo();
      }
    }
    return new HistoryCoverage(after, manifest.upTo());
  }

  /**
   * The files with entries above an offset.
   *
   * @throws IllegalArgumentException when the history does not hold all of them; the message says
   *     which are gone
   */
  static List<Piece> pieces(HistoryManifest manifest, Set<String> unusable, long above) {
    HistoryCoverage coverage = coverage(manifest, unusable);
    if (above < coverage.after() || above >= coverage.upTo()) {
      throw new IllegalArgumentException(
          above >= coverage.upTo()
              ? "the kept history ends at WAL offset " + coverage.upTo()
              : "WAL offsets "
                  + (above + 1)
                  + " to "
                  + coverage.after()
                  + " are gone: the kept history begins after "
                  + coverage.after());
    }
    List<Piece> pieces = new ArrayList<>();
    for (HistoryFile file : manifest.files()) {
      if (file.upTo() > above) {
        pieces.add(new Piece(file, Math.max(above, file.after())));
      }
    }
    return pieces;
  }
}
