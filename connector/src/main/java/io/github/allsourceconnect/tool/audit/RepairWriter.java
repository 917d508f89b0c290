package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.sink.topic.Converters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.ConverterConfig;
import org.apache.kafka.connect.storage.ConverterType;
import org.apache.kafka.connect.storage.HeaderConverter;

/**
 * Writes records as a worker would, some hundred in a transaction. Whatever an earlier writer of
 * the same name has left open is aborted when this is made, and that writer is fenced. One thread.
 */
final class RepairWriter implements AutoCloseable {
  private static final int BATCH = 500;
  private static final String SIMPLE = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

  private final KafkaProducer<byte[], byte[]> producer;
  private Converter key;
  private Converter value;
  private HeaderConverter header;
  private final List<Future<?>> sent = new ArrayList<>();
  private long written;

  /**
   * @param name of the writer: the same for the same topic
   * @throws Unjudgeable if the cluster takes no transactions
   */
  RepairWriter(Map<String, Object> kafka, String name) throws Unjudgeable {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("transactional.id", name);
    settings.put("acks", "all");
    settings.put("max.request.size", Integer.MAX_VALUE);
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      producer.close();
      throw new Unjudgeable(
          "nothing can be produced, for the cluster begins no transaction: " + KafkaTrouble.text(e),
          e);
    }
  }

  /**
   * How records are written.
   *
   * @throws Unjudgeable if a converter is not known, or can't be used
   */
  void use(Converters.Choice choice) throws Unjudgeable {
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
   * Writes a record, sooner or later.
   *
   * @throws Unjudgeable if Kafka does not take it; nothing of its transaction is there then
   */
  void write(SourceRecord record) throws Unjudgeable {
    try {
      if (sent.isEmpty()) {
        producer.beginTransaction();
      }
      RecordHeaders headers = new RecordHeaders();
      for (Header one : record.headers()) {
        headers.add(
            one.key(),
            header.fromConnectHeader(record.topic(), one.key(), one.schema(), one.value()));
      }
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  record.topic(),
                  record.kafkaPartition(),
                  record.timestamp(),
                  key.fromConnectData(record.topic(), headers, record.keySchema(), record.key()),
                  value.fromConnectData(
                      record.topic(), headers, record.valueSchema(), record.value()),
                  headers)));
    } catch (KafkaException e) {
      throw failed(e);
    }
    if (sent.size() == BATCH) {
      commit();
    }
  }

  /** Commits what was written. */
  void commit() throws Unjudgeable {
    if (sent.isEmpty()) {
      return;
    }
    try {
      for (Future<?> one : sent) {
        one.get();
      }
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw failed(e);
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(e);
    }
    written += sent.size();
    sent.clear();
  }

  private Unjudgeable failed(Throwable cause) {
    return new Unjudgeable(
        "Kafka did not take the repair: "
            + KafkaTrouble.text(cause)
            + ". "
            + written
            + " events are committed, nothing of the others is; the command can be run again",
        cause);
  }

  /** How many are committed. */
  long written() {
    return written;
  }

  /** An open transaction is aborted. */
  @Override
  public void close() {
    if (!sent.isEmpty()) {
      try {
        producer.abortTransaction();
      } catch (KafkaException e) {
        // the broker does so by itself when its time is over, or the next writer comes
        sent.clear();
      }
    }
    producer.close();
  }
}
