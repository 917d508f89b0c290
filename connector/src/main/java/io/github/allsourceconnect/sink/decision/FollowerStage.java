package io.github.allsourceconnect.sink.decision;

import java.util.EnumSet;
import java.util.Set;

/** What a follower is waiting for, or getting, and what may come after that. */
enum FollowerStage {
  /** Connected; its first line has not come. */
  CONNECTED,
  /** Subscribed; Kafka is asked where the log begins and ends. */
  BOUNDS,
  /** It needs the history, which is still being opened, or whose turn has not come. */
  HISTORY_DUE,
  /** It is being sent the history. */
  HISTORY,
  /** It is sent entries of the past. */
  REPLAY,
  /** It has been sent all that may be sent; it gets what comes. */
  TAIL,
  /** It is closed. */
  CLOSED;

  /** What it may become. */
  Set<FollowerStage> next() {
    return switch (this) {
      case CONNECTED -> EnumSet.of(BOUNDS, CLOSED);
      case BOUNDS -> EnumSet.of(REPLAY, CLOSED);
      case HISTORY_DUE -> EnumSet.of(HISTORY, REPLAY, CLOSED);
      case HISTORY -> EnumSet.of(REPLAY, CLOSED);
      case REPLAY, TAIL -> EnumSet.of(REPLAY, TAIL, HISTORY_DUE, CLOSED);
      case CLOSED -> EnumSet.noneOf(FollowerStage.class);
    };
  }
}
