package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;

/**
 * What happens when a repair finds less than is missing, and in which words it is said. Not
 * thread-safe.
 */
final class Shortfall {
  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final RepairCut cut;

  private String lacking = "";

  Shortfall(
      FollowerSettings settings,
      FollowerOrders orders,
      LiveStream stream,
      LiveLink live,
      RepairCut cut) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.cut = cut;
  }

  /** What is missing, after a repair that passed over something; otherwise empty. */
  String lacking() {
    return lacking;
  }

  /** What is missing is passed over. */
  void passOver(String cause, long missing, long found) {
    lacking = what(cause, missing, found);
  }

  /** The leader that is followed now has only so many of the events known to be missing. */
  void noteOwed(long has) {
    lacking =
        "The leader's numbering began anew (restart, crash or failover), and the leader has "
            + has
            + " of the "
            + stream.arrears.owed()
            + " events"
            + stream.owed.behind()
            + " of the old numbering that are known to be missing";
  }

  /** So many events that a snapshot had are not in the next. */
  void noteAwaited(long events) {
    lacking =
        events
            + " events of a snapshot are not there. The live stream has not brought them, and the"
            + " leader's next snapshot lacks them";
  }

  /** Whether the leader's whole snapshot is taken when something is missing. */
  boolean beginsAnew() {
    return settings.snapshotMode() == SnapshotMode.WHEN_NEEDED;
  }

  boolean mayContinue() {
    return settings.gapPolicy() == GapPolicy.CONTINUE;
  }

  /**
   * Whether to produce the rest without what is missing. If it does not matter to wait, the task
   * fails at once, and everything stays as it is; but what came over connections that are gone, or
   * from a leader that keeps no files, may be nowhere else.
   */
  boolean goesOn(boolean hasFiles) {
    boolean elsewhere =
        stream.verified()
            ? live.epoch().equals(stream.epoch())
            : stream.held.leftBehind().isEmpty();
    return mayContinue() || !elsewhere || !hasFiles;
  }

  private String what(String cause, long missing, long found) {
    return "Offsets "
        + (stream.walOffset() + 1)
        + " to "
        + cut.offset()
        + ": "
        + missing
        + " events did not come, "
        + found
        + " were found in the snapshot; "
        + cause;
  }

  /** The task fails for what is missing. */
  void fail(String cause, long missing, long found) {
    orders.fail(
        what(cause, missing, found)
            + ". The position is kept. To go on without them set gap.policy=continue (they are"
            + " counted as unaccounted); to begin anew with the leader's whole snapshot set"
            + " snapshot.mode=when_needed (events may come twice).");
  }

  /** The task fails because snapshots can't be read. */
  void failUnreadable(int times, String why, String whatToDo) {
    orders.fail(
        "The leader's snapshot could not be read "
            + times
            + " times in a row; the last time: "
            + why
            + ". The position is kept. "
            + (whatToDo == null ? "Repair or remove the file at the leader." : whatToDo)
            + (cut.offset() > 0
                ? " gap.policy=continue goes on without the snapshot, and what only it holds is"
                    + " lost."
                : ""));
  }

  /** The leader has events of a history of its own. */
  void noteForeign(long events) {
    if (events > stream.ledger.foreignRows) {
      stream.ledger.foreignRows = events;
      orders.log(
          Level.ERROR,
          "The leader has at least "
              + events
              + " events that are older than what was produced and that the leader before it did not"
              + " have: it has a history of its own. They are not produced. If it is another store,"
              + " not the same one moved or promoted, give it a connector or a leader.name of its"
              + " own.");
    }
  }
}
