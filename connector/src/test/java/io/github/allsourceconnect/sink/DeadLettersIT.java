package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** Records that are no events, and brokers that do not take them. */
class DeadLettersIT {
  private static final String NAME = "letters";

  private Topics topics;

  private void write(String value) {
    topics.write(List.of(new ProducerRecord<>(NAME, 0, null, value.getBytes(UTF_8))));
  }

  /** Without a limit it would wait for ever, and so it does by default: that is Connect's own. */
  @Test
  void whatCanNotBeWrittenInTimeFailsTheTaskAndNoOffsetPassesIt() throws Exception {
    try (Gate gate = new Gate();
        Broker broker = Broker.behind(gate)) {
      InProcessWorker worker =
          InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
      topics = new Topics(broker.direct());
      topics.create(NAME, 1, Map.of());
      int port = Ports.free();
      Map<String, String> settings = ConnectorSettings.sink(broker, NAME, port);
      settings.put("errors.tolerance", "all");
      settings.put("errors.deadletterqueue.topic.name", "dead");
      settings.put("errors.deadletterqueue.topic.replication.factor", "1");
      settings.put("producer.override.delivery.timeout.ms", "3000");
      settings.put("producer.override.request.timeout.ms", "2000");
      worker.rest().create(NAME, settings);
      worker.rest().awaitRunning(NAME, 1, Await.LIMIT);
      write(Events.json(0));
      write("no event");
      write(Events.json(2));
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
        assertEquals(1, follower.nextEntry());
        assertEquals(3, follower.nextEntry());
        follower.ack(3);
        Await.until("it is committed", Await.LIMIT, () -> committed(broker) == 3);
        assertEquals(1, topics.await("dead", 1, Await.LIMIT).size());
        gate.shutAt(ApiKeys.PRODUCE, 1);
        write("no event either");
        Await.until("the brokers say nothing", Await.LIMIT, gate::isShut);
        Thread.sleep(3_500); // so long it may take, see above
        gate.open();
      }
      worker.rest().awaitState(NAME, 1, "FAILED", Await.LIMIT);
      worker.rest().delete(NAME);
      Await.until("the port is free", Await.LIMIT, () -> Ports.isFree(port));
      assertEquals(3, committed(broker));
      // what was on its way may have arrived all the same
      assertTrue(topics.read("dead").size() <= 2);
      worker.close();
    }
  }

  private static long committed(Broker broker) throws Exception {
    try (Admin admin = broker.admin()) {
      OffsetAndMetadata found =
          admin
              .listConsumerGroupOffsets("connect-" + NAME)
              .partitionsToOffsetAndMetadata()
              .get()
              .get(new TopicPartition(NAME, 0));
      return found == null ? -1 : found.offset();
    }
  }
}
