package io.github.allsourceconnect.protocol;

/** Names by which values that are made of JSON tell what they can't hold; both connectors' own. */
public final class ValueNames {
  /**
   * The field of a payload's structure for what the others have no place for: a JSON object whose
   * names are JSON pointers (RFC 6901) and whose values are what is there. Where it is, null
   * members are not there.
   */
  public static final String REST = "allsource_rest";

  /** The name of the schema of a text that is a JSON number. */
  public static final String NUMBER = "io.github.allsourceconnect.Number";

  /** Header: which texts in a payload are JSON themselves; a JSON array of pointers. */
  public static final String PAYLOAD_TEXTS = "allsource.payload_texts";

  /** As {@link #PAYLOAD_TEXTS}, of metadata. */
  public static final String METADATA_TEXTS = "allsource.metadata_texts";

  private ValueNames() {}
}
