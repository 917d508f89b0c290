package io.github.allsourceconnect.bench;

import java.util.Locale;

/**
 * What a figure is held against.
 *
 * @param kind what of the line it looks at
 * @param limit the number
 */
record Goal(Kind kind, double limit) {
  static final Goal NONE = new Goal(Kind.NONE, 0);

  enum Kind {
    /** Nothing. */
    NONE,
    /** The ratio, from below. */
    RATIO_AT_LEAST,
    /** The ratio, from above. */
    RATIO_AT_MOST,
    /** The figure itself, from above. */
    AT_MOST,
    /** The figure less the peer's, from above. */
    ADDED_AT_MOST
  }

  static Goal ratioAtLeast(double limit) {
    return new Goal(Kind.RATIO_AT_LEAST, limit);
  }

  static Goal ratioAtMost(double limit) {
    return new Goal(Kind.RATIO_AT_MOST, limit);
  }

  static Goal atMost(double limit) {
    return new Goal(Kind.AT_MOST, limit);
  }

  static Goal addedAtMost(double limit) {
    return new Goal(Kind.ADDED_AT_MOST, limit);
  }

  /** Whether a line reaches it. */
  boolean isMet(double mine, double theirs) {
    return switch (kind) {
      case NONE -> true;
      case RATIO_AT_LEAST -> mine / theirs >= limit;
      case RATIO_AT_MOST -> mine / theirs <= limit;
      case AT_MOST -> mine <= limit;
      case ADDED_AT_MOST -> mine - theirs <= limit;
    };
  }

  /** For the table. */
  String text() {
    return switch (kind) {
      case NONE -> "";
      case RATIO_AT_LEAST -> String.format(Locale.ROOT, ">= %.2f x", limit);
      case RATIO_AT_MOST -> String.format(Locale.ROOT, "<= %.2f x", limit);
      case AT_MOST -> String.format(Locale.ROOT, "<= %.4g", limit);
      case ADDED_AT_MOST -> String.format(Locale.ROOT, "<= + %.4g", limit);
    };
  }
}
