package io.github.allsourceconnect.source.decision.position;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Events that were given up: the newest ones by name, and how many they are altogether. Immutable.
 *
 * @param newest the newest twenty at most, the oldest first
 * @param events all that were given up and not found later, those not named included
 * @param noted events beside them that got no record because Kafka must not have them, and of which
 *     a note was produced instead
 * @param skipped such events of which nothing was produced
 */
public record Losses(List<Loss> newest, long events, long noted, long skipped) {
  /** None. */
  public static final Losses NONE = new Losses(List.of(), 0, 0, 0);

  /** How many are named. */
  public static final int NAMED_MAX = 20;

  private static final String SEPARATOR = "; ";
  private static final String UNKNOWN = "-";

  /** Why. */
  public enum Reason {
    /** The leader's snapshot does not have them. */
    NOT_FOUND,
    /** Their lines could not be used, and corrupt.entry.policy skips such. */
    CORRUPT,
    /** Their leader was lost, and the next one does not have them. */
    LEADER_LOST
  }

  /**
   * Events that were given up together.
   *
   * @param leader the address of the leader whose numbering the offsets are of; empty when not
   *     known
   * @param firstOffset they are at or above it; 0 when not known
   * @param lastOffset they are at or below it; 0 when not known
   * @param events how many
   * @param fromMicros they are hardly older than this; {@link Long#MIN_VALUE} when not known
   * @param toMicros they are hardly newer than this; {@link Long#MAX_VALUE} when not known
   */
  public record Loss(
      String leader,
      long firstOffset,
      long lastOffset,
      long events,
      long fromMicros,
      long toMicros,
      Reason reason) {

    boolean has(long offset) {
      return offset >= firstOffset && offset <= lastOffset;
    }

    Loss less(long found) {
      return new Loss(
          leader, firstOffset, lastOffset, events - found, fromMicros, toMicros, reason);
    }

    /**
     * Such as {@code 3 of 21-60, 2026-11-25T23:00:00Z/2026-11-25T23:00:01Z, host:3910, corrupt}.
     */
    @Override
    public String toString() {
      return events
          + " of "
          + (firstOffset == 0 ? UNKNOWN : firstOffset)
          + "-"
          + (lastOffset == 0 ? UNKNOWN : lastOffset)
          + ", "
          + (fromMicros == Long.MIN_VALUE ? UNKNOWN : Micros.text(fromMicros))
          + "/"
          + (toMicros == Long.MAX_VALUE ? UNKNOWN : Micros.text(toMicros))
          + ", "
          + (leader.isEmpty() ? UNKNOWN : leader)
          + ", "
          + reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * Reads {@link #toString}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Loss parse(String text) {
      try {
        String[] parts = text.split(", ", -1);
        String[] count = parts[0].split(" of ", -1);
        String[] offsets = offsets(count[1]);
        String[] times = parts[1].split("/", -1);
        return new Loss(
            parts[2].equals(UNKNOWN) ? "" : parts[2],
            offsets[0].equals(UNKNOWN) ? 0 : Long.parseLong(offsets[0]),
            offsets[1].equals(UNKNOWN) ? 0 : Long.parseLong(offsets[1]),
            Long.parseLong(count[0]),
            times[0].equals(UNKNOWN) ? Long.MIN_VALUE : Micros.parse(times[0]),
            times[1].equals(UNKNOWN) ? Long.MAX_VALUE : Micros.parse(times[1]),
            Reason.valueOf(parts[3].toUpperCase(Locale.ROOT).replace(' ', '_')));
      } catch (IndexOutOfBoundsException
          | IllegalArgumentException
          | DateTimeException
          | ArithmeticException e) {
        throw new IllegalArgumentException("is not a list of losses", e);
      }
    }

    private static String[] offsets(String text) {
      int hyphen = text.indexOf('-', 1);
      return new String[] {text.substring(0, hyphen), text.substring(hyphen + 1)};
    }
  }

  /** The named ones. */
  public String text() {
    return text(Integer.MAX_VALUE);
  }

  /** As many of the named ones as have room, the newest first of all. */
  public String text(int charactersMax) {
    String text = "";
    for (int i = newest.size() - 1; i >= 0; i--) {
      String more = newest.get(i) + (text.isEmpty() ? "" : SEPARATOR + text);
      if (more.length() > charactersMax) {
        break;
      }
      text = more;
    }
    return text;
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Losses parse(String text, long events, long noted, long skipped) {
    List<Loss> losses = new ArrayList<>();
    for (String one : text.isEmpty() ? new String[0] : text.split(SEPARATOR, -1)) {
      losses.add(Loss.parse(one));
    }
    return new Losses(losses, events, noted, skipped);
  }

  /** Microseconds since 1970 as RFC 3339 text. */
  public static final class Micros {
    private Micros() {}

    /** The text, in UTC. */
    public static String text(long micros) {
      return Instant.ofEpochSecond(
              Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000)
          .toString();
    }

    /**
     * The microseconds.
     *
     * @throws DateTimeException if the text is no time
     */
    public static long parse(String text) {
      Instant instant = java.time.OffsetDateTime.parse(text).toInstant();
      // from the second after it, which the earliest microseconds need
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond() + 1, 1_000_000L),
          instant.getNano() / 1_000 - 1_000_000L);
    }
  }
}
