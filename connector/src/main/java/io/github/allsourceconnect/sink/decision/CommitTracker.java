package io.github.allsourceconnect.sink.decision;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * What may be committed: the highest WAL offset that enough followers, of those connected now, have
 * acked. A follower that left does not count, for nobody knows what it will say when it comes back.
 * An ack costs the logarithm of their number.
 *
 * <p>Invariant: what {@link #committable} returns never falls until {@link #reset}, and at the
 * moment when it rose, at least the wanted number of connected followers had all entries up to it.
 * Single-threaded.
 */
public final class CommitTracker {
  /** All connected followers, but at least one. */
  public static final int ALL = 0;

  private final int wanted;
  private final Map<Integer, Ack> acked = new HashMap<>();

  /** Those that have acked most: as many as are wanted. */
  private final TreeSet<Ack> most = new TreeSet<>();

  private final TreeSet<Ack> others = new TreeSet<>();
  private long committable = -1;

  /** Whether somebody left since {@link #settle}: more may be about to. */
  private boolean leaving;

  private record Ack(long walOffset, int follower) implements Comparable<Ack> {
    @Override
    public int compareTo(Ack other) {
      int byOffset = Long.compare(walOffset, other.walOffset);
      return byOffset != 0 ? byOffset : Integer.compare(follower, other.follower);
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
    Ack ack = new Ack(walOffset, follower);
    Ack before = acked.put(follower, ack);
    if (!ack.equals(before)) {
      remove(before);
      most.add(ack);
      if (wanted != ALL && most.size() > wanted) {
        others.add(most.pollFirst());
      }
      advance();
    }
  }

  /**
   * A follower left. Nothing more may be committed until {@link #settle}: where many leave at once,
   * those that are still to leave do not make up for those that have.
   */
  public void left(int follower) {
    leaving = true;
    remove(acked.remove(follower));
  }

  /** Nobody is about to leave: what those who are there have may be committed. */
  public void settle() {
    leaving = false;
    advance();
  }

  private void remove(Ack ack) {
    if (ack != null && !others.remove(ack) && most.remove(ack) && !others.isEmpty()) {
      most.add(others.pollLast());
    }
  }

  private void advance() {
    if (!leaving && !most.isEmpty() && most.size() >= wanted) {
      committable = Math.max(committable, most.first().walOffset());
    }
  }

  /** How many followers are known. */
  public int followers() {
    return acked.size();
  }

  /** The lowest acked WAL offset of those connected; -1 when there is none. */
  public long lowest() {
    if (acked.isEmpty()) {
      return -1;
    }
    return (others.isEmpty() ? most : others).first().walOffset();
  }

  /** The highest acked WAL offset of those connected; -1 when there is none. */
  public long highest() {
    return most.isEmpty() ? -1 : most.last().walOffset();
  }

  /** The highest WAL offset that may be committed; -1 for nothing yet. Changes nothing. */
  public long committable() {
    return committable;
  }

  /** The log is another one: what was acked no longer counts. */
  public void reset() {
    acked.clear();
    most.clear();
    others.clear();
    committable = -1;
    leaving = false;
  }
}
