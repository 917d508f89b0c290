package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Timestamps;
import java.util.Locale;

/**
 * What may be an attribute of a CloudEvent (specification 1.0, section 3, type system): a text has
 * no control characters, no noncharacters and no half surrogate pairs. Stateless.
 */
final class CloudEventText {
  private static final int SECONDS = 17;

  private CloudEventText() {}

  /** Whether it is one as it stands; an empty one is none. */
  static boolean isLegal(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        return text.codePoints().allMatch(CloudEventText::isLegal);
      }
    }
    return !text.isEmpty();
  }

  private static boolean isLegal(int c) {
    return c >= 0x20
        && (c < 0x7f || c > 0x9f)
        && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        && (c < 0xfdd0 || c > 0xfdef)
        && (c & 0xfffe) != 0xfffe;
  }

  /** The text with what is not allowed percent-encoded, as the HTTP binding writes such. */
  static String percentEncoded(String text) {
    if (isLegal(text)) {
      return text;
    }
    StringBuilder legal = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isLegal(c)) {
                legal.appendCodePoint(c);
                return;
              }
              for (byte b : Character.toString(c).getBytes(UTF_8)) {
                legal.append(String.format("%%%02X", b & 0xff));
              }
            });
    return legal.toString();
  }

  /** The same JSON without characters that are not allowed. */
  static String json(String json) {
    if (isLegal(json)) {
      return json;
    }
    StringBuilder legal = new StringBuilder();
    for (int i = 0; i < json.length(); ) {
      int c = json.codePointAt(i);
      int chars = Character.charCount(c);
      if (isLegal(c)) {
        legal.appendCodePoint(c);
      } else if (c < 0x20) {
        // between tokens: within a text JSON has none
        legal.append(' ');
      } else {
        for (int j = i; j < i + chars; j++) {
          legal.append(String.format("\\u%04x", (int) json.charAt(j)));
        }
      }
      i += chars;
    }
    return legal.toString();
  }

  /** An event's time as every reader of RFC 3339 takes it: no space, no leap second. */
  static String time(String text, long micros) {
    if (text.startsWith("60", SECONDS)) {
      return Timestamps.ofMicros(micros);
    }
    return text.charAt(10) == 'T' && text.endsWith("Z")
        ? text
        : text.replace(' ', 'T').toUpperCase(Locale.ROOT);
  }
}
