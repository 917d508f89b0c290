package io.github.allsourceconnect.protocol;

/**
 * A peer's text, made fit for log lines, messages and REST answers: one line of bounded length that
 * shows what is in it, whoever reads it with whatever terminal. Stateless; for any thread.
 */
public final class Printable {
  /** Characters of the text that {@link #of(CharSequence)} shows. */
  public static final int LENGTH_MAX = 200;

  /** Characters of a whole message that {@link #message} shows. */
  public static final int MESSAGE_MAX = 4_000;

  /** Characters of a name that {@link #name} shows. */
  public static final int NAME_MAX = 100;

  private Printable() {}

  /**
   * What may be shown of a name or value that a peer chose. Whatever is not printable becomes
   * {@code \}{@code uXXXX}: control characters (C0, DEL and C1), line and paragraph separators,
   * format characters (the ones that turn the direction of writing and the byte order mark among
   * them), lone surrogates, characters of private use, and code points that stand for none. Text
   * beyond {@link #LENGTH_MAX} characters is cut, and its length said. Text that is printable and
   * short is returned as it is.
   *
   * @param text may be null, which is shown as {@code null}
   */
  public static String of(CharSequence text) {
    return of(text, LENGTH_MAX);
  }

  /** As {@link #of(CharSequence)}, for a whole message that holds a peer's texts somewhere. */
  public static String message(CharSequence text) {
    return of(text, MESSAGE_MAX);
  }

  /** As {@link #of(CharSequence)}, for a part of a name: of a thread, of a client of Kafka's. */
  public static String name(CharSequence text) {
    return of(text, NAME_MAX);
  }

  /** Whether there is nothing in it that would be escaped, however long it is. */
  public static boolean isPrintable(CharSequence text) {
    return text.codePoints().allMatch(Printable::isPrintable);
  }

  private static String of(CharSequence text, int most) {
    if (text == null) {
      return "null";
    }
    int end = Math.min(text.length(), most);
    if (end < text.length()
        && Character.isHighSurrogate(text.charAt(end - 1))
        && Character.isLowSurrogate(text.charAt(end))) {
      end--;
    }
    StringBuilder shown = new StringBuilder(end + 32);
    for (int at = 0; at < end; ) {
      int codePoint = Character.codePointAt(text, at);
      int chars = Character.charCount(codePoint);
      if (isPrintable(codePoint)) {
        shown.appendCodePoint(codePoint);
      } else {
        for (int i = at; i < at + chars; i++) {
          escape(shown, text.charAt(i));
        }
      }
      at += chars;
    }
    if (end < text.length()) {
      shown.append("... (").append(text.length()).append(" characters)");
    }
    return shown.toString();
  }

  private static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void escape(StringBuilder shown, char c) {
    shown.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      shown.append(Character.toUpperCase(Character.forDigit(c >> shift & 0xF, 16)));
    }
  }
}
