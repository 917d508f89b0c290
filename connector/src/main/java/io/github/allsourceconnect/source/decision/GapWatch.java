package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.Repair;

/**
 * What is missing: a hole that stays open becomes a gap, and what is found nowhere is given up or
 * ends the task, as {@code gap.policy} says. Not thread-safe.
 */
final class GapWatch {
  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final Repair repair;

  /** What the stored position said. */
  private final SourcePosition.Missing stored;

  /**
   * @param stored what is missing by the position that is begun with
   */
  GapWatch(
      FollowerSettings settings,
      FollowerOrders orders,
      LiveStream stream,
      LiveLink live,
      Repair repair,
      SourcePosition.Missing stored) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.repair = repair;
    this.stored = stored;
  }

  /** Whether what is nowhere is given up, instead of ending the task. */
  static boolean goesOnWithout(FollowerSettings settings) {
    return settings.gapPolicy() == GapPolicy.CONTINUE
        || settings.snapshotMode() == SnapshotMode.WHEN_NEEDED;
  }

  /**
   * Where more has been produced behind events that are passed over than the stored position could
   * list, no repair can look for them without repeating the others. So they are given up now, or
   * nothing is done, unless a single leader is to be asked, whatever comes once more.
   *
   * @return the message to fail with, or null
   */
  String begin() {
    boolean isSingle = settings.leaders().size() == 1;
    String address = settings.leaders().get(0);
    if (goesOnWithout(settings)) {
      if (stored.isBehindUnlisted()) {
        orders.log(Level.ERROR, unlisted() + ". " + countedAs(stored.allPassedOver()));
      }
      return null;
    }
    if (isSingle && (stored.isBehindUnlisted() || isUnlisted(address))) {
      look(address);
      return null;
    }
    return !stored.isBehindUnlisted()
        ? null
        : unlisted()
            + ". Nothing is done before it is decided how to go on. To look for them again, and have"
            + " some of what came behind them once more, restart the task with a single address:"
            + " that of the leader that had them, if it comes back, or that of the leader followed"
            + " now, if its files may have lacked them only then. To go on without them, and without"
            + " repeating anything, set gap.policy=continue (they are counted as unaccounted).";
  }

  /** Whether the position does not list all that was produced behind this leader's holes. */
  private boolean isUnlisted(String address) {
    return stored.onlyPassedOverOf(address)
        && stream.produced.isInexactFrom(stream.produced.watermark());
  }

  private String unlisted() {
    return stored.allPassedOver()
        + " events are missing since their leader was lost ("
        + LostHole.text(stored.lost())
        + "), and more has been produced behind them than the stored position can list";
  }

  private void look(String address) {
    stream.owed.onlyLeaderIs(address);
    boolean hadSome = stored.lost().stream().anyMatch(hole -> hole.all().leader().equals(address));
    orders.log(
        Level.WARN,
        unlisted()
            + ". There is a single address, so all that its leader has of that time is fetched, also"
            + " what has been produced. "
            + (hadSome
                ? "If there are as many events as it had of those missing, they count as found."
                : "Which of it is missing can't be told, so they stay on the books."));
  }

  private static String countedAs(long events) {
    return events + " events are counted as unaccounted.";
  }

  /**
   * A hole that has been open for {@code gap.timeout.ms} is a gap.
   *
   * @return the message to fail with, or null
   */
  String checkHole(long now) {
    if (now < wakeAt()) {
      return null;
    }
    long last = stream.held.lastOffset();
    long missing = stream.offsets.missingUpTo(last);
    stream.ledger.gaps++;
    stream.ledger.gapOffsets += missing;
    String what =
        "Gap behind offset "
            + stream.walOffset()
            + ": "
            + missing
            + " of the offsets up to "
            + last
            + " did not come within gap.timeout.ms="
            + settings.gapTimeoutMs();
    if (settings.gapPolicy() == GapPolicy.FAIL) {
      return what
          + ". The leader drops entries for slow followers and never replays them."
          + " gap.policy=fail; to go on set gap.policy=repair (fetches them in a snapshot) or"
          + " continue.";
    }
    orders.log(Level.WARN, what + "; a snapshot is fetched to repair it");
    repair.want(Repair.Reason.GAP, now);
    return null;
  }

  /** When the hole at hand becomes a gap; {@link Long#MAX_VALUE} for never. */
  long wakeAt() {
    return stream.holeSince() >= 0 && repair.idle()
        ? stream.holeSince() + settings.gapTimeoutMs()
        : Long.MAX_VALUE;
  }

  /** What rows told and the stream has not brought, though it is past them, lies before it. */
  void fetchAwaited(long now) {
    if (stream.verified()
        && repair.idle()
        && live.isLive()
        && live.epoch().equals(stream.epoch())
        && stream.holeSince() < 0
        && stream.arrears.awaitedAreTold()) {
      String what =
          stream.awaited.beforeTheCut()
              + " events of a snapshot did not come, though the live stream is past them";
      orders.log(Level.WARN, what + ". They are fetched with another connection.");
      live.giveUp(what, now);
    }
  }

  /**
   * Events are missing that the leader lacks; what came behind them has been produced.
   *
   * @return the message to fail with when Kafka has what there is, or null
   */
  String eventsAreNowhere() {
    long events = stream.owed.passedOver();
    String what =
        repair.lacking().isEmpty()
            ? events
                + " events"
                + stream.owed.behind()
                + " of an earlier numbering are missing since its leader was lost"
            : repair.lacking();
    if (goesOnWithout(settings)) {
      stream.arrears.giveUpPassedOver();
      orders.log(Level.ERROR, what + ". " + countedAs(events));
      return null;
    }
    String message =
        what
            + ". Everything else that came is produced, and "
            + (stream.arrears.isInAPosition()
                ? "the position tells that " + events + " events are missing"
                : "nothing behind them, so perhaps no stored position tells that "
                    + events
                    + " events are missing, and the next task goes on without a word of some")
            + ". If the leader that had them comes back, restart the task with"
            + " its address alone: they are fetched, though later than what followed them. To go on"
            + " without them set gap.policy=continue (they are counted as unaccounted).";
    orders.log(Level.ERROR, "The task fails as soon as Kafka has what it was given: " + message);
    return message;
  }
}
