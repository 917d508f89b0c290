package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.harness.Await;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What a sink can't do without, and nothing else: a producer's records are stored, and Connect
 * hands them to a sink that does nothing, while a plain loop writes their lines to the followers.
 * One thread.
 */
final class IdleTopic implements AutoCloseable {
  private static final byte[] KEY = "order".getBytes(UTF_8);

  private final Stage stage;
  private final PreparedLines lines;
  private final String name;
  private final AtomicLong taken = new AtomicLong();
  private long written;

  IdleTopic(Stage stage, PreparedLines lines) {
    this.stage = stage;
    this.lines = lines;
    name = stage.newTopic();
    IdleSink.TAKEN.put(name, taken);
    stage
        .rest()
        .create(
            name,
            Map.of(
                Stage.CLASS,
                IdleSink.class.getName(),
                "topics",
                name,
                "key.converter",
                Stage.STRINGS,
                Stage.VALUES,
                Stage.STRINGS,
                "consumer.override.auto.offset.reset",
                "earliest"));
  }

  /** Produces records, and writes their lines to the followers meanwhile. */
  void write(KafkaProducer<byte[], byte[]> producer, PlainLoop loop, int records, byte[] bytes)
      throws Exception {
    Thread producing =
        new Thread(
            () -> {
              for (int n = 0; n < records; n++) {
                byte[] value = lines.value(1 + n % lines.count());
                producer.send(new ProducerRecord<>(name, 0, KEY, value));
              }
              producer.flush();
            },
            "bench-producer");
    producing.start();
    loop.write(bytes);
    producing.join();
    written += records;
  }

  /** All that was written has been handed over. */
  void settle() {
    Await.until("all is handed over", Stage.LIMIT, () -> taken.get() >= written);
  }

  @Override
  public void close() {
    stage.delete(name);
    stage.deleteTopic(name);
    IdleSink.TAKEN.remove(name);
  }
}
