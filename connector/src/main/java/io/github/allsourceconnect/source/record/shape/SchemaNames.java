package io.github.allsourceconnect.source.record.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Names of schemas, which Avro, Java and others must be able to take: what is no name there is made
 * one, with a digest of the whole behind it, so that two remain two. Stateless.
 */
public final class SchemaNames {
  private static final String WORD = "[A-Za-z_][A-Za-z0-9_]*";
  private static final Pattern NAME = Pattern.compile(WORD + "(\\." + WORD + ")*");
  private static final Pattern FIELD = Pattern.compile(WORD);
  private static final Pattern ILLEGAL = Pattern.compile("[^A-Za-z0-9]+");
  private static final String SEAM = "__";
  private static final Pattern MADE = Pattern.compile("_.*_[0-9a-f]{16}");

  private SchemaNames() {}

  /** Whether every format takes a field of this name: letters, digits and underscores. */
  static boolean isLegal(String field) {
    return FIELD.matcher(field).matches();
  }

  /** The last part of the names of an event type's schemas. */
  public static String ofType(String eventType) {
    return NAME.matcher(eventType).matches() && !MADE.matcher(eventType).matches()
        ? eventType
        : made(eventType);
  }

  /** The name of an object's schema within another's. */
  static String within(String outer, String field) {
    boolean legal =
        isLegal(field) && !field.contains(SEAM) && !field.startsWith("_") && !field.endsWith("_");
    return outer + SEAM + (legal ? field : made(field));
  }

  private static String made(String text) {
    String digest = UUID.nameUUIDFromBytes(text.getBytes(UTF_8)).toString().replace("-", "");
    return "_" + ILLEGAL.matcher(text).replaceAll("_") + "_" + digest.substring(16);
  }
}
