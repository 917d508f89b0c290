package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import java.util.HashSet;
import java.util.Set;

/**
 * Rows of a snapshot that were owed ({@link OwedEvents}): those of which it is known, and of those
 * whose time is right no more than there are others. Not thread-safe.
 */
public final class OwedFound {
  private final Arrears arrears;
  private final OwedEvents owed;
  private final Set<HeldEntries.Id> named = new HashSet<>();
  private long byTime;

  public OwedFound(LiveStream stream) {
    arrears = stream.arrears;
    owed = stream.owed;
  }

  /** Another look begins. */
  public void clear() {
    named.clear();
    byTime = 0;
  }

  /**
   * A row that is neither produced nor held.
   *
   * @return whether it may be owed
   */
  public boolean row(Event event) {
    boolean may = owed.isNamed(event) || arrears.mayBeOwed(event);
    if (may) {
      mayBe(event);
    }
    return may;
  }

  /** A row of which it has been found out that it may be. */
  public void mayBe(Event event) {
    if (owed.isNamed(event)) {
      named.add(HeldEntries.Id.of(event));
    } else {
      byTime++;
    }
  }

  /** Whether one more with this event's time would count. */
  public boolean lacks(Event event) {
    return owed.isNamed(event) || (byTime < owed.nameless() && arrears.mayBeOwed(event));
  }

  /** How many were owed. */
  public long count() {
    return named.size() + Math.min(byTime, owed.nameless());
  }

  /** Whether it is there, as one of those that had come. */
  public boolean has(Event event) {
    return named.contains(HeldEntries.Id.of(event));
  }

  Set<HeldEntries.Id> named() {
    return named;
  }
}
