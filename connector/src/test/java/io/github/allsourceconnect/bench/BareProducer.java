package io.github.allsourceconnect.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer with the settings that Connect gives its own, and nothing before it. */
final class BareProducer {
  private final Stage stage;

  BareProducer(Stage stage) {
    this.stage = stage;
  }

  /** Settings of a producer as Connect makes them for a source without exactly-once. */
  static Map<String, Object> settings(String bootstrap, String clientId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("client.id", clientId);
    settings.put("max.block.ms", Long.MAX_VALUE);
    settings.put("enable.idempotence", false);
    settings.put("acks", "all");
    settings.put("max.in.flight.requests.per.connection", 1);
    settings.put("delivery.timeout.ms", Integer.MAX_VALUE);
    return settings;
  }

  /**
   * @param more settings besides
   */
  static KafkaProducer<byte[], byte[]> open(
      String bootstrap, String clientId, Map<String, Object> more) {
    Map<String, Object> settings = settings(bootstrap, clientId);
    settings.putAll(more);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Writes the records of another topic, keys and headers included, to a topic of its own. */
  Sample.Result write(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
    String name = stage.newTopic();
    try (KafkaProducer<byte[], byte[]> producer =
        open(stage.broker().bootstrap(), name, Map.of())) {
      List<ProducerRecord<byte[], byte[]>> ready = new ArrayList<>(records.size());
      for (ConsumerRecord<byte[], byte[]> record : records) {
        ready.add(
            new ProducerRecord<>(
                name, null, record.timestamp(), record.key(), record.value(), record.headers()));
      }
      Thread thread =
          new Thread(
              () -> {
                ready.forEach(producer::send);
                producer.flush();
              },
              "bench-producer");
      thread.start();
      Sample.Result result = stage.growth(name, records.size());
      thread.join();
      return result;
    } finally {
      stage.deleteTopic(name);
    }
  }
}
