package io.github.allsourceconnect.source.decision.orders;

/**
 * To what an order and its answer belong: one live connection, with whom it was made, and under
 * which numbering. Made once for each connection that is ordered; entries, acks and reports carry
 * it. What belongs to the hole of a numbering carries the epoch whose entries show the hole.
 *
 * @param leader the leader's place in the list of addresses; -1 for none
 * @param connection rises with each connection; 0 before the first
 * @param numbering rises each time that a leader's numbering begins or begins anew: the one that
 *     the subscription's offset was of
 */
public record Epoch(int leader, int connection, int numbering) {
  /** Before the first connection. */
  public static final Epoch NONE = new Epoch(-1, 0, 0);

  /** Whether this connection was made after the other. */
  public boolean isAfter(Epoch other) {
    return connection > other.connection;
  }
}
