package io.github.allsourceconnect.protocol;

/** What a follower sends to a leader. Offsets are WAL offsets, 0 to 2^63-1. */
public sealed interface FollowerMessage {
  /** The first line: the last offset that the follower has, 0 for nothing. */
  record Subscribe(long lastOffset) implements FollowerMessage {}

  /** Everything up to {@code offset} is safe with the follower. */
  record Ack(long offset) implements FollowerMessage {}
}
