package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.sink.topic.Converters;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.ConverterType;
import org.apache.kafka.connect.storage.HeaderConverter;

/** Records as a worker writes them for the connector. One thread. */
final class RecordConversion {
  private static final String SIMPLE = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

  private final Converter key;
  private final Converter value;
  private final HeaderConverter header;

  /**
   * Makes the converters.
   *
   * @throws Unjudgeable if one is not known, or can't be used
   */
  RecordConversion(Converters.Choice choice) throws Unjudgeable {
    if (!choice.complete()) {
      throw new Unjudgeable(
          "with which converters the connector writes is not known, and the topic has no record"
              + " that shows it: say so with --set key.converter=... --set value.converter=...");
    }
    try {
      key = converter(choice.key(), true);
      value = converter(choice.value(), false);
      String name = choice.header().className() == null ? SIMPLE : choice.header().className();
      header = Utils.newInstance(name, HeaderConverter.class);
      Map<String, Object> config = new HashMap<>(choice.header().config());
      config.put(ConverterConfig.TYPE_CONFIG, ConverterType.HEADER.getName());
      header.configure(config);
    } catch (ClassNotFoundException | KafkaException e) {
      throw new Unjudgeable(
          "a converter of the connector can't be used: " + Printable.message(e.toString()), e);
    }
  }

  private static Converter converter(ConverterSettings settings, boolean isKey)
      throws ClassNotFoundException {
    Converter converter = Utils.newInstance(settings.className(), Converter.class);
    converter.configure(settings.config(), isKey);
    return converter;
  }

  /**
   * The record as the connector's converters write it.
   *
   * @throws KafkaException if one of them refuses it
   */
  ProducerRecord<byte[], byte[]> of(SourceRecord record) {
    RecordHeaders headers = new RecordHeaders();
    for (Header one : record.headers()) {
      headers.add(
          one.key(),
          header.fromConnectHeader(record.topic(), one.key(), one.schema(), one.value()));
    }
    return new ProducerRecord<>(
        record.topic(),
        record.kafkaPartition(),
        record.timestamp(),
        key.fromConnectData(record.topic(), headers, record.keySchema(), record.key()),
        value.fromConnectData(record.topic(), headers, record.valueSchema(), record.value()),
        headers);
  }
}
