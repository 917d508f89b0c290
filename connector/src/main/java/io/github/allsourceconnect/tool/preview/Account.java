package io.github.allsourceconnect.tool.preview;

/** What was seen. One thread. */
final class Account {
  /** Records of the history. */
  long history;

  /** About how many events the history has; -1: not known. */
  long historyHas = -1;

  /** Records of live entries. */
  long live;

  /** Events that the settings leave out. */
  long leftOut;

  /** Events that get no record, and unusable lines. */
  long refused;

  /** Those of {@link #refused} that the task would fail for. */
  long failing;
}
