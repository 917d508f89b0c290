package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** UUIDs of version 5 (SHA-1 of a namespace and a name): the same name, the same id. Stateless. */
final class NameUuid {
  /**
   * Namespace of ids made from {@code topic:partition:offset} (decimal numbers): itself the version
   * 5 UUID of {@code record.allsourceconnect.github.io} in the DNS namespace of RFC 9562.
   */
  static final UUID RECORDS = UUID.fromString("9f1c6f5e-b7a4-5936-9900-5dd43684ef87");

  /**
   * Namespace of ids made from an id's text that is no UUID: the version 5 UUID of {@code
   * id.allsourceconnect.github.io} in the DNS namespace.
   */
  static final UUID TEXTS = UUID.fromString("1b787fea-a3e1-572b-8820-6468d939820d");

  private NameUuid() {}

  /** The id of a record that brings none. */
  static UUID ofRecord(String topic, int partition, long offset) {
    return of(RECORDS, topic + ":" + partition + ":" + offset);
  }

  /** The id of a record whose id is a text, but no UUID. */
  static UUID ofText(String text) {
    return of(TEXTS, text);
  }

  static UUID of(UUID namespace, String name) {
    MessageDigest sha1;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
    ByteBuffer space = ByteBuffer.allocate(16);
    space.putLong(namespace.getMostSignificantBits());
    space.putLong(namespace.getLeastSignificantBits());
    sha1.update(space.array());
    ByteBuffer hash = ByteBuffer.wrap(sha1.digest(name.getBytes(UTF_8)));
    long high = hash.getLong();
    long low = hash.getLong();
    return new UUID(
        (high & 0xffff_ffff_ffff_0fffL) | 0x5000L,
        (low & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
  }
}
