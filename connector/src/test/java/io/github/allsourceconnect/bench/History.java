package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;

/**
 * A leader with a history of so many events, stored in files of 10,000, in order of time: written
 * so fast, late ones would stand thousands of places off, and a store's stand three off at most.
 */
final class History implements AutoCloseable {
  private static final JsonText METADATA = JsonText.of("{\"src\":\"gen\"}");
  private static final int NOTE = 120;
  private static final int ENTITIES = 9973;

  private final ScriptedLeader leader;
  private final int entities;
  private final String note;
  private long written;

  History(int events) {
    this(events, ENTITIES, NOTE);
  }

  /**
   * @param entities how many, in turns
   * @param note bytes of a text in each event
   */
  History(int events, int entities, int note) {
    this.entities = entities;
    this.note = "x".repeat(note);
    leader = ScriptedLeader.start(LeaderScript.observed(1).inOrder());
    for (int n = 0; n < events; n++) {
      write();
    }
  }

  /** Writes another event. */
  void write() {
    written++;
    leader.write(
        "default",
        "order-" + written % entities,
        "order.placed",
        JsonText.of(
            "{\"n\":"
                + written
                + ",\"t\":"
                + System.nanoTime()
                + ",\"amount\":12.5,\"note\":\""
                + note
                + "\"}"),
        METADATA);
  }

  ScriptedLeader leader() {
    return leader;
  }

  @Override
  public void close() {
    leader.close();
  }
}
