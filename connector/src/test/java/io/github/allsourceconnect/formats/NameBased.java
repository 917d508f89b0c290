package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** UUIDs of version 5, worked out a second time. */
final class NameBased {
  /** Of records without an id. */
  static final UUID RECORDS = UUID.fromString("9f1c6f5e-b7a4-5936-9900-5dd43684ef87");

  /** Of texts that are no UUID. */
  static final UUID TEXTS = UUID.fromString("1b787fea-a3e1-572b-8820-6468d939820d");

  private NameBased() {}

  static UUID of(UUID space, String name) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(
          ByteBuffer.allocate(16)
              .putLong(space.getMostSignificantBits())
              .putLong(space.getLeastSignificantBits())
              .flip());
      byte[] hash = sha1.digest(name.getBytes(UTF_8));
      hash[6] = (byte) ((hash[6] & 0x0f) | 0x50);
      hash[8] = (byte) ((hash[8] & 0x3f) | 0x80);
      ByteBuffer buffer = ByteBuffer.wrap(hash);
      return new UUID(buffer.getLong(), buffer.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
