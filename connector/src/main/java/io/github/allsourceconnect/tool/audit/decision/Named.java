package io.github.allsourceconnect.tool.audit.decision;

/** The names that numbers in a {@link Fingerprint} stand for. */
public interface Named {
  /** The number of what has no name, or is not known. */
  int NONE = 0;

  /** The name, as it may be shown. */
  String name(int number);
}
