package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of files and keys that tell one owner from another, whatever the owner is called: no two
 * texts have the same name, and none is longer than a file system takes. Stateless.
 */
final class OwnerNames {
  /** File systems take 255 bytes; a prefix of ten must fit in, too. */
  static final int LENGTH_MAX = 245;

  private static final int SHOWN = 200;

  private OwnerNames() {}

  /**
   * The name of a text: URL-encoded, and where that is too long, its beginning and a hash. What is
   * encoded has no tilde, so that a short name is never a long one's.
   */
  static String of(String text) {
    String encoded = URLEncoder.encode(text, UTF_8).replace("*", "%2A");
    return encoded.length() <= LENGTH_MAX
        ? encoded
        : encoded.substring(0, SHOWN) + "~" + hash(text);
  }

  /** 32 hexadecimal digits. */
  static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
