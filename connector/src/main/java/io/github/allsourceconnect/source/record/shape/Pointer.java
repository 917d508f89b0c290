package io.github.allsourceconnect.source.record.shape;

/**
 * Where something is in a JSON text.
 *
 * @param outer null: in the outermost value
 * @param step a member's name or an element's number
 * @param length of all steps together, in characters
 */
record Pointer(Pointer outer, String step, long length) {
  Pointer(Pointer outer, String step) {
    this(outer, step, (outer == null ? 0 : outer.length) + 1 + step.length());
  }

  /** As RFC 6901 writes it. */
  @Override
  public String toString() {
    return (outer == null ? "" : outer.toString())
        + "/"
        + step.replace("~", "~0").replace("/", "~1");
  }
}
