package io.github.allsourceconnect.source.decision.orders;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;

/** How many bytes an event counts in a batch: about what its record takes. */
public final class OutputSize {
  private static final int OVERHEAD_BYTES = 200;

  private OutputSize() {}

  /** An entry's. */
  public static long of(WalEntry entry) {
    long text = entry.entryText() == null ? 0 : entry.entryText().length();
    return Math.max(OVERHEAD_BYTES + text, of(entry.event()));
  }

  /** A row's, or any event's. */
  public static long of(Event event) {
    return (long) OVERHEAD_BYTES + event.payload().length() + event.entityId().length();
  }

  /** A line's that is no good entry. */
  public static long of(byte[] line) {
    return (long) OVERHEAD_BYTES + line.length;
  }
}
