package io.github.allsourceconnect.tool.preview;

import java.util.Map;

/**
 * A record as its converters write it, in texts.
 *
 * @param partition null: the producer's partitioner chooses
 * @param timestampMs null for none of its own
 * @param headers in their order; no name comes twice
 * @param value null for none
 */
record ShownRecord(
    String topic,
    Integer partition,
    Long timestampMs,
    Text key,
    Map<String, Text> headers,
    Text value) {

  /**
   * What was written.
   *
   * @param text the bytes as UTF-8, or in base64 where they are none; null for none
   * @param bytes how many there are
   */
  record Text(String text, boolean base64, int bytes) {
    static final Text NONE = new Text(null, false, 0);
  }
}
