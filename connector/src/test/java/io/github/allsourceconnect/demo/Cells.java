package io.github.allsourceconnect.demo;

/** Text as a terminal shows it: some signs take two cells, some none, and some would act on it. */
final class Cells {
  private Cells() {}

  /** How many cells {@code text} takes. */
  static int of(String text) {
    return text.codePoints().map(Cells::of).sum();
  }

  /** {@code text} in at most {@code cells} cells; what is cut off shows as {@code …}. */
  static String cut(String text, int cells) {
    if (of(text) <= cells) {
      return text;
    }
    StringBuilder cut = new StringBuilder();
    int taken = 0;
    for (int sign : text.codePoints().toArray()) {
      taken += of(sign);
      if (taken > cells - 1) {
        break;
      }
      cut.appendCodePoint(sign);
    }
    return cells > 0 ? cut.append('…').toString() : "";
  }

  /** {@code text} cut to {@code cells} cells, or with blanks behind it up to so many. */
  static String pad(String text, int cells) {
    String cut = cut(text, cells);
    return cut + " ".repeat(Math.max(0, cells - of(cut)));
  }

  private static int of(int sign) {
    return switch (Character.getType(sign)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> isWide(sign) ? 2 : 1;
    };
  }

  private static boolean isWide(int sign) {
    return sign >= 0x1100
        && (sign <= 0x115F
            || sign >= 0x2E80 && sign <= 0xA4CF
            || sign >= 0xAC00 && sign <= 0xD7A3
            || sign >= 0xF900 && sign <= 0xFAFF
            || sign >= 0xFE30 && sign <= 0xFE6F
            || sign >= 0xFF00 && sign <= 0xFF60
            || sign >= 0xFFE0 && sign <= 0xFFE6
            || sign >= 0x1F300 && sign <= 0x1F9FF
            || sign >= 0x20000 && sign <= 0x3FFFD);
  }
}
