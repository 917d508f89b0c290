package io.github.allsourceconnect.sink.topic;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * JSON of which it is not known whether the worker takes it for a value, or for a schema and a
 * payload: the latter where it can be. What can't be is a value, for a worker that wants schemas
 * does not hand such a record over. One thread.
 */
public final class EitherJson implements Converter {
  private final Converter withSchema = Converters.json();
  private final Converter plain = Converters.json();

  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    withSchema.configure(with(settings, "true"), isKey);
    plain.configure(with(settings, "false"), isKey);
  }

  private static Map<String, Object> with(Map<String, ?> settings, String schemas) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put(Converters.SCHEMAS, schemas);
    return all;
  }

  @Override
  public SchemaAndValue toConnectData(String topic, byte[] value) {
    try {
      return withSchema.toConnectData(topic, value);
    } catch (DataException e) {
      return plain.toConnectData(topic, value);
    }
  }

  @Override
  public byte[] fromConnectData(String topic, Schema schema, Object value) {
    throw new UnsupportedOperationException("nothing is written");
  }
}
