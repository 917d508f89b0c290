package io.github.allsourceconnect.source.decision.epoch;

/**
 * Events that are known to exist, and have not come.
 *
 * @param events how many
 * @param mayStay how many more, which may stay missing: their lines could not be used
 * @param newestMicros none of them is much newer than this event time; {@link Long#MAX_VALUE} when
 *     not known
 * @param after they are behind this offset of their numbering; 0 when not known
 * @param upTo and at or below this one; 0 when not known
 * @param leader the address of the leader whose numbering that is; empty when not known
 * @param oldestMicros none of them is older; {@link Long#MIN_VALUE} when not known
 */
record Lack(
    long events,
    long mayStay,
    long newestMicros,
    long after,
    long upTo,
    String leader,
    long oldestMicros) {

  /** How many they are. */
  long all() {
    return events + mayStay;
  }
}
