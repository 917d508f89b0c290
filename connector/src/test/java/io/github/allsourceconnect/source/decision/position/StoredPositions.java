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

  /** How many events it says may still be had. */
  public static long open(SourcePosition.Missing missing) {
    return missing.events() + missing.lost().stream().mapToLong(LostHole::open).sum();
  }

  /** How many it says were passed over. */
  public static long passedOver(SourcePosition.Missing missing) {
    return missing.passedOver() + missing.lost().stream().mapToLong(LostHole::passedOver).sum();
  }

  /** How many lines it says could not be used. */
  public static long skipped(SourcePosition.Missing missing) {
    return missing.skipped() + missing.lost().stream().mapToLong(LostHole::skipped).sum();
  }
}
