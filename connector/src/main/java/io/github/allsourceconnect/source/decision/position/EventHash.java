package io.github.allsourceconnect.source.decision.position;

/**
 * 64 well-mixed bits of an event's id; a stored position keeps the upper {@link #STORED_BITS}
 * beside the event's time. Stateless.
 */
public final class EventHash {
  /** How many of the bits a stored position keeps. */
  public static final int STORED_BITS = 48;

  private EventHash() {}

  /** The hash of the two halves of a UUID. */
  public static long of(long idHigh, long idLow) {
    return mix(mix(idHigh + 0x9E3779B97F4A7C15L) ^ idLow);
  }

  /** What a stored position keeps of a hash: the lowest bits are zero. */
  public static long stored(long hash) {
    return hash & -(1L << (Long.SIZE - STORED_BITS));
  }

  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
