package io.github.allsourceconnect.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/**
 * The broker stops under both connectors, and says nothing for a while: topic, sink, source
 * (exactly-once), topic. All that went in comes out, in order and once, and nothing has failed.
 */
class BrokerAwayIT {
  private static final String SINK = "sink";
  private static final String SOURCE = "source";
  private static final String BEFORE = "before";
  private static final String AFTER = "after";
  private static final int STEP = 300;

  private int written;

  private void write(Topics topics) {
    int from = written;
    written += STEP;
    topics.write(() -> IntStream.range(from, written).mapToObj(BrokerAwayIT::record).iterator());
  }

  private static ProducerRecord<byte[], byte[]> record(int n) {
    String json =
        "{\"id\":\""
            + new UUID(0x4000, 0x8000000000000000L | n)
            + "\",\"event_type\":\"counted\",\"entity_id\":\"one\",\"payload\":"
            + n
            + ",\"timestamp\":\"2026-01-02T03:04:05.000000001Z\",\"metadata\":null,\"version\":1}";
    return new ProducerRecord<>(BEFORE, 0, "one".getBytes(UTF_8), json.getBytes(UTF_8));
  }

  private void arrived(Topics topics) {
    List<String> expected = IntStream.range(0, written).mapToObj(Integer::toString).toList();
    topics.await(AFTER, written, Await.LIMIT);
    assertEquals(
        expected,
        topics.read(AFTER).stream().map(record -> new String(record.value(), UTF_8)).toList());
  }

  private static Map<String, String> sink(Broker broker, int port) {
    return ConnectorSettings.sink(broker, BEFORE, port, "key.converter", ConnectorSettings.STRING);
  }

  private static Map<String, String> source(int port) {
    Map<String, String> config = ConnectorSettings.source("127.0.0.1:" + port, AFTER);
    config.put("exactly.once.support", "required");
    config.put("reconnect.backoff.ms", "100");
    config.put("reconnect.backoff.max.ms", "500");
    return config;
  }

  @Test
  void stoppedAndSilentBrokersLoseAndRepeatNothing() throws Exception {
    try (Gate gate = new Gate();
        Broker broker = Broker.behind(gate);
        Admin direct = broker.admin();
        InProcessWorker worker =
            InProcessWorker.start(
                WorkerSettings.of(broker, Folders.pluginPath())
                    .exactlyOnce()
                    // the group must notice soon that its member is silent
                    .with("consumer.session.timeout.ms", "6000")
                    .with("consumer.heartbeat.interval.ms", "1000"))) {
      Topics topics = new Topics(broker.direct());
      topics.create(BEFORE, 1, Map.of("retention.ms", "-1"));
      topics.create(AFTER, 1, Map.of("retention.ms", "-1"));
      ConnectRest rest = worker.rest();
      int port = Ports.free();
      rest.create(SINK, sink(broker, port));
      rest.awaitRunning(SINK, 1, Await.LIMIT);
      Await.until("the sink listens", Await.LIMIT, () -> !Ports.isFree(port));
      rest.create(SOURCE, source(port));
      write(topics);
      arrived(topics);

      gate.shut();
      write(topics);
      Await.until(
          "the sink's group has lost its member",
          Await.LIMIT,
          () ->
              direct
                  .describeConsumerGroups(List.of("connect-" + SINK))
                  .all()
                  .get()
                  .get("connect-" + SINK)
                  .members()
                  .isEmpty());
      write(topics);
      gate.open();
      arrived(topics);

      broker.pause();
      broker.resume();
      write(topics);
      arrived(topics);
      rest.awaitRunning(SINK, 1, Await.LIMIT);
      rest.awaitRunning(SOURCE, 1, Await.LIMIT);
    }
  }
}
