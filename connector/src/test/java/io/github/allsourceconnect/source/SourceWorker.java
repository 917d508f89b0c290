package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A worker in this process that runs packaged sources, its broker, and what can be seen of both.
 */
final class SourceWorker implements AutoCloseable {

  final ConnectRest rest;
  final Topics topics;
  private final Broker broker;
  private final InProcessWorker worker;

  private SourceWorker(UnaryOperator<WorkerSettings> settings) {
    broker = Broker.start();
    worker = InProcessWorker.start(settings.apply(WorkerSettings.of(broker, Folders.pluginPath())));
    rest = worker.rest();
    topics = new Topics(broker.bootstrap());
  }

  static SourceWorker start(UnaryOperator<WorkerSettings> settings) {
    return new SourceWorker(settings);
  }

  /** The ids of the events in a topic, in order, once there are so many. */
  List<String> await(String topic, int count) {
    List<String> ids = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.await(topic, count, Await.LIMIT)) {
      ids.add(new String(record.headers().lastHeader("allsource.event_id").value(), UTF_8));
    }
    assertEquals(count, ids.size());
    return ids;
  }

  /** The ids of the events in a topic now, each once, in the order of their first record. */
  List<String> distinct(String topic) {
    return topics.read(topic).stream()
        .map(r -> new String(r.headers().lastHeader("allsource.event_id").value(), UTF_8))
        .distinct()
        .toList();
  }

  /** A metric of a connector. */
  Object figure(String name, String figure) throws Exception {
    return PromptSource.figure(name, figure);
  }

  void awaitFigure(String name, String figure, Object value) {
    PromptSource.awaitFigure(name, figure, value);
  }

  /** Waits for the failure of a connector's task; its text. */
  String failure(String name) {
    rest.awaitState(name, 1, "FAILED", Await.LIMIT);
    return rest.status(name).path("tasks").path(0).path("trace").asText();
  }

  @Override
  public void close() {
    worker.close();
    broker.close();
  }
}
