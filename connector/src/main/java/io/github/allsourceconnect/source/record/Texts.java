package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.JsonText;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * Values that are a text as a whole, in the form that their converter takes.
 *
 * @param bytes whether that is bytes, which saves making characters of them and bytes again
 */
record Texts(boolean bytes) {
  SchemaAndValue of(JsonText text) {
    return bytes
        ? new SchemaAndValue(Schema.BYTES_SCHEMA, text.toBytes())
        : new SchemaAndValue(Schema.STRING_SCHEMA, text.toString());
  }

  SchemaAndValue of(String text) {
    return bytes
        ? new SchemaAndValue(Schema.BYTES_SCHEMA, text.getBytes(UTF_8))
        : new SchemaAndValue(Schema.STRING_SCHEMA, text);
  }
}
