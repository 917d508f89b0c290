package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;

/**
 * What follows from a count: how much is produced, what is passed over, or why not. Not
 * thread-safe.
 */
final class AfterCount {
  /** What is to be done. */
  sealed interface Outcome {
    /**
     * The rows from {@link RepairCount#produceFrom} on are produced.
     *
     * @param rowsMax no more of them than this
     */
    record Produce(Account account, long rowsMax) implements Outcome {}

    /**
     * All rows are produced, whatever has been produced already.
     *
     * @param why in words
     */
    record ProduceAll(String why) implements Outcome {}

    /** The count begins anew, further back. */
    record Deeper() implements Outcome {}

    /** Another snapshot is needed. */
    record Again() implements Outcome {}

    /** Another snapshot is needed, and the live stream lacks what this one has. */
    record StreamBehind() implements Outcome {}

    /**
     * The task fails for what is missing.
     *
     * @param cause in words
     */
    record Fail(String cause) implements Outcome {}
  }

  private static final String LACKS = "the leader's snapshot lacks them";

  private final FollowerSettings settings;
  private final LiveStream stream;
  private final RepairCount count;
  private final Shortfall shortfall;

  AfterCount(FollowerSettings settings, LiveStream stream, RepairCount count, Shortfall shortfall) {
    this.settings = settings;
    this.stream = stream;
    this.count = count;
    this.shortfall = shortfall;
  }

  /**
   * All rows are counted.
   *
   * @param streamIsWhole whether the live stream is not to blame for what it has not brought
   * @param mayWait whether what comes live until the next snapshot can be held
   */
  Outcome decide(boolean streamIsWhole, boolean mayWait) {
    return switch (count.judge(streamIsWhole, mayWait)) {
      case COUNTED -> counted(Account.COUNTED);
      case CREDITED -> counted(Account.CREDITED);
      case ANEW -> uncounted(Account.ANEW);
      case UNCOUNTED -> uncounted(Account.COUNTED);
      case DEEPER -> new Outcome.Deeper();
      case SHORT -> tooFew();
      case AGAIN -> new Outcome.Again();
      case STREAM_BEHIND -> new Outcome.StreamBehind();
    };
  }

  private Outcome counted(Account account) {
    if (stream.verified()) {
      boolean all = count.isInexact();
      return new Outcome.Produce(
          account, all ? Long.MAX_VALUE : count.missing() - stream.arrears.leftToProduce());
    }
    return count.missing() > 0 && settings.gapPolicy() == GapPolicy.FAIL
        ? new Outcome.Fail("gap.policy=fail")
        : new Outcome.Produce(account, Long.MAX_VALUE);
  }

  /** There is nothing to count against, but what is known to be missing of an earlier numbering. */
  private Outcome uncounted(Account account) {
    shortfall.noteForeign(count.foreign());
    if (count.lacksOwed()) {
      shortfall.noteOwed(count.owedFound().count());
      if (shortfall.beginsAnew()) {
        return new Outcome.ProduceAll(shortfall.lacking());
      }
    }
    return new Outcome.Produce(account, Long.MAX_VALUE);
  }

  /** There are fewer events than offsets. */
  private Outcome tooFew() {
    long missing = count.missing();
    long found = count.found();
    if (shortfall.beginsAnew()) {
      return new Outcome.ProduceAll(
          "The position can't be continued (" + missing + " events missing, " + found + " found)");
    }
    if (!shortfall.goesOn(true)) {
      return new Outcome.Fail(LACKS);
    }
    shortfall.passOver(LACKS, missing, found);
    return new Outcome.Produce(Account.SHORT, Long.MAX_VALUE);
  }
}
