package io.github.allsourceconnect.source.record.shape;

/**
 * Where something is in a JSON text.
 *
 * @param outer null: the outermost value
 * @param step a member's name or an element's number
 */
record Pointer(Pointer outer, String step) {
  /** As RFC 6901 writes it. */
  @Override
  public String toString() {
    return (outer == null ? "" : outer.toString())
        + "/"
        + step.replace("~", "~0").replace("/", "~1");
  }
}
