package io.github.allsourceconnect.source.decision.position;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.allsourceconnect.protocol.EventIds;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A digest over event ids in which their order does not matter: the sum, modulo 2^128, of the first
 * 16 bytes (as one unsigned number, the highest byte first) of the SHA-256 of each id's text, which
 * is a UUID in lower case with hyphens. An id that stands in it twice counts twice. Immutable.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record IdSum(long high, long low) {
  /** Of no ids. */
  public static final IdSum ZERO = new IdSum(0, 0);

  private static final int HEX_LENGTH = 32;

  /** With one more id. */
  public IdSum plus(long idHigh, long idLow) {
    byte[] text = EventIds.text(idHigh, idLow).getBytes(US_ASCII);
    ByteBuffer hash = ByteBuffer.wrap(sha256().digest(text));
    return plus(new IdSum(hash.getLong(), hash.getLong()));
  }

  /** The sum of both. */
  public IdSum plus(IdSum other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new IdSum(high + other.high + carry, sum);
  }

  /** As 32 hexadecimal digits. */
  public String text() {
    return String.format("%016x%016x", high, low);
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static IdSum parse(String text) {
    if (!text.matches("[0-9a-f]{" + HEX_LENGTH + "}")) {
      throw new IllegalArgumentException(
          "is not a digest of " + HEX_LENGTH + " hexadecimal digits");
    }
    return new IdSum(
        Long.parseUnsignedLong(text, 0, HEX_LENGTH / 2, 16),
        Long.parseUnsignedLong(text, HEX_LENGTH / 2, HEX_LENGTH, 16));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
