package io.github.allsourceconnect.sink.history;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who still reads which files: a retired file may be deleted when its last lease has ended. Not
 * thread-safe: its user guards it.
 */
final class FileLeases {
  private final Map<String, Integer> leases = new HashMap<>();
  private final Map<String, HistoryFile> retired = new LinkedHashMap<>();

  void take(List<HistoryFile> files) {
    files.forEach(file -> leases.merge(file.name(), 1, Integer::sum));
  }

  void end(List<HistoryFile> files) {
    files.forEach(
        file ->
            leases.computeIfPresent(file.name(), (name, count) -> count > 1 ? count - 1 : null));
  }

  /** These are no longer part of the history. */
  void retire(List<HistoryFile> files) {
    files.forEach(file -> retired.put(file.name(), file));
  }

  /** All retired files that are not {@link #gone} yet. */
  List<HistoryFile> retired() {
    return List.copyOf(retired.values());
  }

  /** Retired files that nobody reads. */
  List<HistoryFile> free() {
    return retired.values().stream().filter(file -> !leases.containsKey(file.name())).toList();
  }

  /** These were deleted. */
  void gone(List<HistoryFile> files) {
    files.forEach(file -> retired.remove(file.name()));
  }

  /** The history is another one; who reads the old one's files goes on. */
  void forget() {
    retired.clear();
  }
}
