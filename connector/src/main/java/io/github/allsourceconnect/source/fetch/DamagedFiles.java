package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.snapshot.SnapshotFile;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Remembers which files of a leader's snapshots could not be used. One that this happened to twice
 * (a transfer may have altered it once) is to be left out. For any thread.
 */
final class DamagedFiles {
  /** How often a file must have been damaged to be left out. */
  static final int FAILURES_MAX = 2;

  private static final int NAMES_MAX = 1000;

  private final boolean leavesOut;
  private final Map<String, Integer> failures = new HashMap<>();

  /**
   * @param leavesOut whether any are left out at all (corrupt.entry.policy is not {@code fail})
   */
  DamagedFiles(boolean leavesOut) {
    this.leavesOut = leavesOut;
  }

  boolean leavesOut() {
    return leavesOut;
  }

  /**
   * These could not be used; of no consequence where none are left out.
   *
   * @return whether one more is to be left out from now on
   */
  synchronized boolean add(Collection<String> files) {
    boolean more = false;
    for (String file : files) {
      if (leavesOut && (failures.size() < NAMES_MAX || failures.containsKey(file))) {
        more |= failures.merge(file, 1, Integer::sum) == FAILURES_MAX;
      }
    }
    return more;
  }

  /** The names of the files to be left out. */
  synchronized Set<String> toLeaveOut() {
    return failures.entrySet().stream()
        .filter(file -> file.getValue() >= FAILURES_MAX)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Those of the files that are not to be left out. */
  synchronized List<SnapshotFile> without(List<SnapshotFile> files) {
    return files.stream()
        .filter(file -> failures.getOrDefault(file.name(), 0) < FAILURES_MAX)
        .toList();
  }

  /**
   * What can be done when the snapshot can't be used again and again.
   *
   * @param helps whether it could be used without the damaged files
   */
  String advice(boolean helps) {
    if (!helps) {
      return "It can't be told which file is at fault, so corrupt.entry.policy can't leave it out."
          + " See to it that the leader sends a snapshot that can be read and that nothing between"
          + " alters it, then restart the task.";
    }
    return leavesOut
        ? "corrupt.entry.policy leaves out files that were damaged twice, but others were damaged"
            + " since: repair or remove them at the leader, then restart the task."
        : "Repair or remove the file at the leader, or set corrupt.entry.policy=skip to go on"
            + " without what can't be read.";
  }
}
