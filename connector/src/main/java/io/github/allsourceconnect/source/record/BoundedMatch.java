package io.github.allsourceconnect.source.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Matches expressions of the settings against texts of whoever writes events, which may be chosen
 * so that an expression takes for ever, or all the stack. Both end in {@link Undecided}.
 */
final class BoundedMatch {
  /** How many characters a match may look at, beside those of the text itself. */
  private static final int LOOKS_LEAST = 100_000;

  private static final int LOOKS_EACH = 100;

  /** The expression can't be matched against this text within bounds. */
  static final class Undecided extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undecided(String why) {
      super(why, null, false, false);
    }
  }

  private BoundedMatch() {}

  /**
   * Whether the expression matches the whole of the text.
   *
   * @throws Undecided if that takes too long or too deep a stack
   */
  static boolean matches(Pattern expression, String text) {
    try {
      return matcher(expression, text).matches();
    } catch (StackOverflowError e) {
      throw new Undecided("the expression " + expression + " needs too deep a stack");
    }
  }

  /** A matcher that throws {@link Undecided} when it takes too long; the stack is its caller's. */
  static Matcher matcher(Pattern expression, String text) {
    return expression.matcher(new Counted(text, 0, text.length(), new Looks(text)));
  }

  /** How many characters may still be looked at. */
  private static final class Looks {
    private long left;

    Looks(String text) {
      left = LOOKS_LEAST + (long) LOOKS_EACH * text.length();
    }
  }

  private record Counted(String text, int start, int end, Looks looks) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (--looks.left < 0) {
        throw new Undecided("the expression takes too long");
      }
      return text.charAt(start + index);
    }

    @Override
    public int length() {
      return end - start;
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Counted(text, start + from, start + to, looks);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
