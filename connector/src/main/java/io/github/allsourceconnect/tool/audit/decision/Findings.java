package io.github.allsourceconnect.tool.audit.decision;

import java.util.Set;

/** Is told what is found. */
public interface Findings {
  /**
   * A finding.
   *
   * @param what the row if the store has the event, otherwise the record
   * @param at where it is in the topic; null if it is not there
   * @param parts which parts are altered; empty for other kinds
   */
  void found(Kind kind, Fingerprint what, Fingerprint at, Set<Part> parts);
}
