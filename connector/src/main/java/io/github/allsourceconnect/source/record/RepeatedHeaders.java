package io.github.allsourceconnect.source.record;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;

/**
 * Headers of one key whose values come again and again: each is made once, so that the records that
 * wait for Kafka share it. Knows a bounded number of values; others are made anew. One thread.
 */
final class RepeatedHeaders {
  private static final int VALUES_MAX = 1000;
  private static final int LENGTH_MAX = 256;

  private final String key;
  private final Map<String, Header> known = new HashMap<>();

  RepeatedHeaders(String key) {
    this.key = key;
  }

  Header of(String value) {
    Header header = known.get(value);
    if (header == null) {
      header = header(key, value);
      if (known.size() < VALUES_MAX && value.length() <= LENGTH_MAX) {
        known.put(value, header);
      }
    }
    return header;
  }

  static Header header(String key, String value) {
    return new ConnectHeaders().addString(key, value).lastWithName(key);
  }
}
