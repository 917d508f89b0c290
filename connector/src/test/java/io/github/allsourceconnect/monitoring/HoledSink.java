package io.github.allsourceconnect.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A sink with a history and a follower that takes its time to catch up. Then it is stopped, and
 * retention deletes what its history does not have yet.
 */
final class HoledSink {
  static final String NAME = "holed";

  private static final TopicPartition LOG = new TopicPartition(NAME, 0);
  private static final int EVENTS = 60;
  private static final int GONE = 7;
  private static final String EVENT =
      "{\"id\":\"00000000-0000-4000-8000-%012d\",\"event_type\":\"order.placed\",\"entity_id\":"
          + "\"order-1\",\"tenant_id\":\"t\",\"payload\":{\"text\":\""
          + "x".repeat(400_000) // more than what lies between sink and follower takes
          + "\"},\"timestamp\":\"2025-01-02T03:04:05.123456789Z\",\"metadata\":null,\"version\":1}";

  private final Map<String, String> config;
  private final int port;
  private final Supplier<Scrapes> scrape;

  /**
   * @param config of a sink
   * @param history an empty folder
   * @param scrape what the exporter has said up to now
   */
  HoledSink(Map<String, String> config, Path history, Supplier<Scrapes> scrape) {
    this.config = config;
    this.scrape = scrape;
    port = Integer.parseInt(config.get("listener.port"));
    config.put("topics", LOG.topic());
    config.put("snapshot.dir", history.toString());
    config.put("snapshot.file.max.rows", "10");
    config.put("snapshot.file.max.age.ms", "200");
    config.put("history.gap.policy", "continue");
  }

  void run(ConnectRest rest, Broker broker, Topics topics) throws Exception {
    topics.create(LOG.topic(), 1, Map.of());
    write(topics, 0);
    rest.createTried(NAME, config);
    await("historyupto", EVENTS);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(8 << 10);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Acking.subscribe(socket);
      await("followers", 1);
      await("followerscatchingup", 1);
      Acking.follow(socket);
      await("followerscatchingup", 0);
      await("ackedlowest", EVENTS);
    }
    rest.stop(NAME);
    Await.until("it has stopped", Await.LIMIT, () -> Ports.isFree(port));
    write(topics, EVENTS);
    try (Admin admin = broker.admin()) {
      Map<TopicPartition, RecordsToDelete> upTo =
          Map.of(LOG, RecordsToDelete.beforeOffset(EVENTS + GONE));
      admin.deleteRecords(upTo).all().get();
    }
    rest.resume(NAME);
    await("historymissing", GONE);
  }

  private void await(String series, long value) {
    double[] last = new double[1];
    Await.until(
        series + " is " + value,
        Await.LIMIT,
        () -> {
          last[0] = scrape.get().last("allsource_sink_partition_" + series);
          return last[0] == value;
        },
        () -> "but is " + last[0]);
  }

  private static void write(Topics topics, int from) {
    topics.write(
        IntStream.range(from, from + EVENTS)
            .mapToObj(
                n ->
                    new ProducerRecord<byte[], byte[]>(
                        LOG.topic(), 0, null, String.format(EVENT, n).getBytes(UTF_8)))
            .toList());
  }
}
