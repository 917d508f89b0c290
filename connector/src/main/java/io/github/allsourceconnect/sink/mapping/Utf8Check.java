package io.github.allsourceconnect.sink.mapping;

/** Well-formedness of UTF-8 and of strings. Stateless. */
final class Utf8Check {
  private Utf8Check() {}

  /** Length of the well-formed sequence of 2 to 4 bytes that begins here, or -1. */
  static int sequence(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xff;
    int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || at + length > end) {
      return -1;
    }
    int second = bytes[at + 1] & 0xff;
    int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return -1;
    }
    for (int i = at + 2; i < at + length; i++) {
      if ((bytes[i] & 0xc0) != 0x80) {
        return -1;
      }
    }
    return length;
  }

  /** Whether all the bytes are UTF-8. */
  static boolean isUtf8(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      if (bytes[at] >= 0) {
        at++;
      } else {
        int length = sequence(bytes, at, bytes.length);
        if (length < 0) {
          return false;
        }
        at += length;
      }
    }
    return true;
  }

  /** The text with U+FFFD in place of halves of surrogate pairs that stand alone. */
  static String wellFormed(String text) {
    StringBuilder changed = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (changed == null) {
        changed = new StringBuilder(text);
      }
      changed.setCharAt(i, '\ufffd');
    }
    return changed == null ? text : changed.toString();
  }
}
