package io.github.allsourceconnect.source.decision.position;

import java.util.List;

/** Positions as tests begin with. */
public final class StoredPositions {
  private StoredPositions() {}

  /** All up to an offset and an event time has been produced, the first snapshot included. */
  public static SourcePosition at(long walOffset, long micros, String leader) {
    return new SourcePosition(
        walOffset,
        0,
        0,
        SourcePosition.Missing.NONE,
        new SourcePosition.Produced(micros, micros, micros, List.of(), null, List.of()),
        0,
        0,
        true,
        leader,
        1,
        Losses.NONE,
        false);
  }
}
