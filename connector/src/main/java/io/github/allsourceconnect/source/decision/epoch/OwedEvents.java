package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import io.github.allsourceconnect.source.decision.position.SourcePosition;

/**
 * The events that are known to exist and have come from nowhere: a hole was open when its leader
 * was lost. As long as whoever goes on may have them, they are <em>open</em>, and what came behind
 * them waits. When that one lacks them they are <em>passed over</em>: the rest is produced, and
 * they stay on the books until they are found or given up.
 *
 * <pre>
 *   a hole is lost with its leader      open   += events of it
 *   found in time                       open   -= 1
 *   whoever is followed lacks them      passedOver += open, open = 0
 *   found after all                     passedOver -= 1, counted as late
 *   given up                            passedOver = 0, a loss
 * </pre>
 *
 * While open + passedOver > 0 the position does not get past {@link #notBehind}. Not thread-safe.
 */
public final class OwedEvents {
  /** An event is hardly ever later than this and yet has a lower offset, whatever was measured. */
  private static final long LATENESS_FLOOR_MICROS = 20_000;

  private long open;
  private long passedOver;
  private long newestMicros = Long.MAX_VALUE;
  private long after;
  private long upTo;

  /** Others are behind this offset of another numbering, up to that one. */
  private long alsoAfter;

  private long alsoUpTo;
  private String leader = "";
  private Reason reason = Reason.LEADER_LOST;
  private long notBehind = Long.MAX_VALUE;
  private boolean judged;

  /** None of them is older; {@link Long#MAX_VALUE} while there is none. */
  private long oldestMicros = Long.MAX_VALUE;

  /**
   * What a position says.
   *
   * @param watermark event time of the position's watermark: none of them is older
   * @param of the leader in whose numbering they were missed; empty when not known
   */
  void load(SourcePosition.Missing missing, long watermark, String of) {
    leader = of;
    open = missing.events();
    passedOver = missing.passedOver();
    notBehind = watermark;
    oldestMicros = open + passedOver > 0 ? watermark : Long.MAX_VALUE;
    newestMicros = missing.newestMicros();
    after = missing.after();
  }

  /**
   * The connection is gone that could have brought them.
   *
   * @param events how many
   * @param newest event time of the newest that has come, {@link Long#MAX_VALUE} when not known
   * @param behind they are behind this offset of its numbering
   * @param lastOffset and at or below this one; 0 when not known
   * @param of the leader whose numbering that is
   * @param oldest none of them is older
   */
  void are(long events, long newest, long behind, long lastOffset, String of, long oldest) {
    open = events;
    notBehind = events > 0 ? Math.min(notBehind, oldest) : notBehind;
    oldestMicros = events > 0 ? Math.min(oldestMicros, oldest) : oldestMicros;
    newestMicros = newest;
    if (passedOver == 0) {
      after = behind;
      upTo = lastOffset;
      leader = of;
    }
  }

  /**
   * So many more: a connection is gone whose place had not been found out.
   *
   * @param newest event time of the newest that it has brought
   * @param behind they are behind this offset of its numbering
   * @param lastOffset and at or below this one
   * @param oldest none of them is older
   */
  void areToo(long events, long newest, long behind, long lastOffset, long oldest) {
    if (open + passedOver == 0) {
      are(events, newest, behind, lastOffset, "", oldest);
      return;
    }
    open += events;
    notBehind = Math.min(notBehind, oldest);
    oldestMicros = Math.min(oldestMicros, oldest);
    newestMicros = Math.max(newestMicros, newest);
    alsoAfter = behind;
    alsoUpTo = lastOffset;
  }

  /** The last offset of the numbering in which they were missed first; 0 when not known. */
  long upTo() {
    return upTo;
  }

  /** So many more: they had come, and are forgotten. */
  void more(long events) {
    open += events;
  }

  /** How many may still be had. */
  long open() {
    return open;
  }

  /** How many the events behind them have not waited for any longer. */
  public long passedOver() {
    return passedOver;
  }

  /** Whether it is certain that whoever is followed now lacks those that are passed over. */
  public boolean judged() {
    return judged;
  }

  /** None of them is much newer than this; {@link Long#MAX_VALUE} when not known. */
  long newestMicros() {
    return newestMicros;
  }

  /** They are behind this offset of a numbering that is not followed any more; 0 if not known. */
  public long after() {
    return after;
  }

  /** The position must not get past this event time, so that they can be told when they come. */
  long notBehind() {
    return open + passedOver > 0 ? notBehind : Long.MAX_VALUE;
  }

  /**
   * Whether an event may be one of them. An event with a lower offset than the newest that came is
   * at most so much newer as entries have been late, and none is older than what had been produced
   * when they were missed, but for what entries are allowed to be late.
   *
   * @param latenessMicros the greatest seen
   */
  boolean mayBe(Event event, long latenessMicros) {
    return (oldestMicros == Long.MAX_VALUE || event.micros() >= oldestMicros)
        && (newestMicros == Long.MAX_VALUE
            || event.micros() <= newestMicros + Math.max(latenessMicros, LATENESS_FLOOR_MICROS));
  }

  /** Whether the offset is of one of them, if it is of the numbering in which they were missed. */
  boolean mayBeAt(long offset) {
    return passedOver == 0
        && ((offset > after && offset <= upTo) || (offset > alsoAfter && offset <= alsoUpTo));
  }

  /**
   * So many of them have been produced.
   *
   * @return how many of those had been passed over, so that they came late
   */
  long paid(long events) {
    long inTime = Math.min(events, open);
    open -= inTime;
    long late = Math.min(events - inTime, passedOver);
    passedOver -= late;
    return late;
  }

  /** Whoever is followed lacks those that are open: nothing waits for them any longer. */
  void passOver() {
    passedOver += open;
    open = 0;
    judged = passedOver > 0;
  }

  /**
   * So many more are passed over, without having been open here; see {@link #are}.
   *
   * @param oldest none of them is older; {@link Long#MIN_VALUE} when not known
   */
  void passOver(long events, long newest, long behind, long lastOffset, String of, long oldest) {
    if (events > 0 && oldest > Long.MIN_VALUE) {
      notBehind = Math.min(notBehind, oldest);
    }
    oldestMicros = events > 0 ? Math.min(oldestMicros, oldest) : oldestMicros;
    if (passedOver == 0) {
      after = behind;
      newestMicros = newest;
      leader = of;
      reason = Reason.NOT_FOUND;
    }
    upTo = lastOffset;
    passedOver += events;
    judged = passedOver > 0;
  }

  /** The numbering is established: what was open was counted with it. */
  void settled() {
    open = 0;
    alsoUpTo = 0;
    notBehind = passedOver > 0 ? notBehind : Long.MAX_VALUE;
    oldestMicros = passedOver > 0 ? oldestMicros : Long.MAX_VALUE;
    judged = passedOver > 0;
  }

  /** A leader is followed of which nothing is known yet. */
  void unjudged() {
    judged = false;
  }

  /** They are given up. */
  Losses.Loss giveUp() {
    Losses.Loss loss =
        new Losses.Loss(
            leader,
            after == 0 ? 0 : after + 1,
            upTo,
            passedOver,
            notBehind == Long.MAX_VALUE ? Long.MIN_VALUE : notBehind,
            newestMicros,
            reason);
    clear();
    return loss;
  }

  /** Nothing of all that matters any more. */
  void clear() {
    open = 0;
    passedOver = 0;
    notBehind = Long.MAX_VALUE;
    oldestMicros = Long.MAX_VALUE;
    judged = false;
    upTo = 0;
    alsoUpTo = 0;
    reason = Reason.LEADER_LOST;
  }
}
