package io.github.allsourceconnect.protocol;

import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The checksum of a WAL entry: CRC-32 of the sequence in decimal, the WAL timestamp as {@code
 * YYYY-MM-DD HH:MM:SS[.f…] UTC} with the fewest fraction digits that lose nothing, and the event id
 * in lower case. The payload is not covered. Stateless; for any thread.
 */
public final class WalChecksum {
  // 19 digits, 33 characters of time, 36 of the id
  private static final int MAX_LENGTH = 96;

  private WalChecksum() {}

  /**
   * The checksum that an entry must have.
   *
   * @param sequence 0 to 2^63-1
   * @param walTimestamp RFC 3339, UTC; also with more digits than needed
   * @param eventId 36 characters
   * @return 0 to 2^32-1
   * @throws IllegalArgumentException if one of them is not of that form
   */
  public static long compute(long sequence, String walTimestamp, String eventId) {
    if (sequence < 0) {
      throw new IllegalArgumentException("a negative sequence: " + sequence);
    }
    byte[] text = new byte[MAX_LENGTH];
    int end = Decimal.put(sequence, text, 0);
    end = Timestamps.putChecksumForm(walTimestamp, text, end);
    end = EventIds.put(eventId, text, end);
    CRC32 crc = new CRC32();
    crc.update(text, 0, end);
    return crc.getValue();
  }

  /** Whether the entry's checksum is right. */
  public static boolean matches(WalEntry entry) {
    return entry.checksum() == compute(entry.sequence(), entry.walTimestamp(), entry.event().id());
  }

  /**
   * Does nothing when the checksum is right.
   *
   * @param lineNumber for the message, 0 when not known
   * @throws ProtocolException of kind CHECKSUM otherwise
   */
  public static void verify(WalEntry entry, long lineNumber) throws ProtocolException {
    long right = compute(entry.sequence(), entry.walTimestamp(), entry.event().id());
    if (entry.checksum() != right) {
      throw new ProtocolException(
          ProtocolException.Kind.CHECKSUM,
          String.format(
              Locale.ROOT,
              "WAL entry %d (event %s): its checksum is %d, but its sequence, timestamp and id give"
                  + " %d; it was altered on the way or written wrongly. corrupt.entry.policy says"
                  + " what happens to such entries",
              entry.sequence(),
              entry.event().id(),
              entry.checksum(),
              right),
          lineNumber,
          entry.sequence());
    }
  }
}
