package io.github.allsourceconnect.sink.decision;

import java.util.HashMap;
import java.util.Map;

/**
 * What may be committed: the highest WAL offset that enough followers, of those connected now, have
 * acked. A follower that left does not count, for nobody knows what it will say when it comes back.
 * An ack costs the same however many they are, as long as it brings the follower to about where
 * others are, or to the front.
 *
 * <p>Invariant: what {@link #committable} returns never falls until {@link #reset}, and at the
 * moment when it rose, at least the wanted number of connected followers had all entries up to it.
 * Single-threaded.
 */
public final class CommitTracker {
  /** All connected followers, but at least one. */
  public static final int ALL = 0;

  private final int wanted;
  private final Map<Integer, Place> places = new HashMap<>();
  private Place lowest;
  private Place highest;

  /** Where the last one stands of those that count, if there are enough. */
  private Place last;

  /** How many followers stand above {@link #last}: fewer than are wanted. */
  private int above;

  private long committable = -1;

  /** Whether somebody left since {@link #settle}: more may be about to. */
  private boolean leaving;

  /** A WAL offset that so many followers have acked, in the order of offsets. */
  private static final class Place {
    final long walOffset;
    int followers;
    Place lower;
    Place higher;

    Place(long walOffset) {
      this.walOffset = walOffset;
    }
  }

  /**
   * @param wanted how many followers must have acked, or {@link #ALL}
   */
  public CommitTracker(int wanted) {
    if (wanted < 0) {
      throw new IllegalArgumentException("a number of followers, or ALL, not " + wanted);
    }
    this.wanted = wanted;
  }

  /** A follower has everything up to this WAL offset; it joins with the first call. */
  public void acked(int follower, long walOffset) {
    Place before = places.get(follower);
    if (before != null && before.walOffset == walOffset) {
      return;
    }
    Place after = place(before, walOffset);
    places.put(follower, after);
    after.followers++;
    above += last != null && after.walOffset > last.walOffset ? 1 : 0;
    leave(before);
    advance();
  }

  /**
   * A follower left. Nothing more may be committed until {@link #settle}: where many leave at once,
   * those that are still to leave do not make up for those that have.
   */
  public void left(int follower) {
    leaving = true;
    leave(places.remove(follower));
  }

  /** Nobody is about to leave: what those who are there have may be committed. */
  public void settle() {
    leaving = false;
    advance();
  }

  /** The place of an offset, looked for from the front and from where the follower stood. */
  private Place place(Place before, long walOffset) {
    Place down = highest;
    Place up = before == null ? lowest : before;
    while (down != null && up != null && down.walOffset > walOffset && up.walOffset < walOffset) {
      down = down.lower;
      up = up.higher;
    }
    Place lower = up != null && up.walOffset >= walOffset ? up : down;
    while (lower != null && lower.walOffset > walOffset) {
      lower = lower.lower;
    }
    return lower != null && lower.walOffset == walOffset ? lower : insert(lower, walOffset);
  }

  private Place insert(Place lower, long walOffset) {
    Place made = new Place(walOffset);
    made.lower = lower;
    made.higher = lower == null ? lowest : lower.higher;
    link(lower, made);
    link(made, made.higher);
    if (last == null) {
      last = made;
    }
    return made;
  }

  private void link(Place lower, Place higher) {
    if (lower == null) {
      lowest = higher;
    } else {
      lower.higher = higher;
    }
    if (higher == null) {
      highest = lower;
    } else {
      higher.lower = lower;
    }
  }

  /** One follower less stands there; null for none. */
  private void leave(Place place) {
    if (place != null) {
      above -= place.walOffset > last.walOffset ? 1 : 0;
      place.followers--;
    }
    count();
    if (place != null && place.followers == 0) {
      if (place == last) {
        // there are fewer than are wanted, and nobody below
        last = place.higher;
        above -= last == null ? 0 : last.followers;
      }
      link(place.lower, place.higher);
    }
  }

  /** Finds the last one of those that count. */
  private void count() {
    while (last != null && last.higher != null && wanted != ALL && above >= wanted) {
      last = last.higher;
      above -= last.followers;
    }
    while (last != null
        && last.lower != null
        && (wanted == ALL || above + last.followers < wanted)) {
      above += last.followers;
      last = last.lower;
    }
  }

  private void advance() {
    if (!leaving && last != null && places.size() >= wanted) {
      committable = Math.max(committable, last.walOffset);
    }
  }

  /** How many followers are known. */
  public int followers() {
    return places.size();
  }

  /** The lowest acked WAL offset of those connected; -1 when there is none. */
  public long lowest() {
    return lowest == null ? -1 : lowest.walOffset;
  }

  /** The highest acked WAL offset of those connected; -1 when there is none. */
  public long highest() {
    return highest == null ? -1 : highest.walOffset;
  }

  /** The highest WAL offset that may be committed; -1 for nothing yet. Changes nothing. */
  public long committable() {
    return committable;
  }

  /** The log is another one: what was acked no longer counts. */
  public void reset() {
    places.clear();
    lowest = null;
    highest = null;
    last = null;
    above = 0;
    committable = -1;
    leaving = false;
  }
}
