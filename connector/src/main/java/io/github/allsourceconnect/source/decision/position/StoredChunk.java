package io.github.allsourceconnect.source.decision.position;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.zip.CRC32;

/**
 * Listed events that are stored once, in a place of their own: positions name them instead of
 * listing them. Immutable.
 *
 * @param slot where they are stored, from 1 on
 * @param number the number of the position with which they were sealed
 * @param checksum CRC-32 of their text; {@link #ANY} where it was not noted
 * @param ids the events; {@link ListedIds#NONE} where only the name is known
 */
public record StoredChunk(int slot, long number, long checksum, ListedIds ids) {
  /** How many slots there are, the first one included, which has no chunk but the position. */
  public static final int SLOTS = 64;

  /** The checksum is not known. */
  public static final long ANY = -1;

  private static final int HEX = 16;

  /** What is stored in a slot. */
  public static StoredChunk of(int slot, long number, ListedIds ids) {
    CRC32 sum = new CRC32();
    sum.update(ids.text().getBytes(US_ASCII));
    return new StoredChunk(slot, number, sum.getValue(), ids);
  }

  /** Whether this is the name of the other. */
  boolean names(StoredChunk other) {
    return slot == other.slot
        && number == other.number
        && (checksum == ANY || checksum == other.checksum);
  }

  /** Its name as text, such as {@code 3=1042:9b0c41d7}. */
  public String name() {
    return slot + "=" + number + (checksum == ANY ? "" : ":" + Long.toHexString(checksum));
  }

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static StoredChunk named(String text) {
    int sign = text.indexOf('=');
    int colon = text.indexOf(':');
    if (sign < 1) {
      throw new IllegalArgumentException("is not a list of names such as 3=1042:9b0c41d7");
    }
    try {
      int slot = Integer.parseInt(text.substring(0, sign));
      if (slot < 0 || slot >= SLOTS) {
        throw new IllegalArgumentException("names slot " + slot + ", there are " + SLOTS);
      }
      long number = Long.parseLong(text.substring(sign + 1, colon < 0 ? text.length() : colon));
      long checksum = colon < 0 ? ANY : Long.parseLong(text.substring(colon + 1), HEX);
      return new StoredChunk(slot, number, checksum, ListedIds.NONE);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("is not a list of names such as 3=1042:9b0c41d7", e);
    }
  }
}
