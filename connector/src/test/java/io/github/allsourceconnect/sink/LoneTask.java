package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.sink.history.FencedException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Tasks without a worker, which no group tells that their partition went to another one. */
final class LoneTask {
  private LoneTask() {}

  /**
   * Starts a task that serves {@code orders-0}.
   *
   * @param more settings beside those that every task has
   */
  static AllSourceSinkTask serving(Broker broker, int port, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(MemoryParts.settings(port));
    settings.put("name", "leader");
    settings.put("log.bootstrap.servers", broker.bootstrap());
    settings.putAll(more);
    AllSourceSinkTask task = new AllSourceSinkTask();
    task.initialize(
        (SinkTaskContext)
            Proxy.newProxyInstance(
                LoneTask.class.getClassLoader(),
                new Class<?>[] {SinkTaskContext.class},
                (proxy, method, arguments) -> null));
    task.start(settings);
    TopicPartition partition = new TopicPartition("orders", 0);
    task.open(List.of(partition));
    // as if Connect had read all that comes
    task.preCommit(Map.of(partition, new OffsetAndMetadata(Long.MAX_VALUE)));
    return task;
  }

  /** Waits until a task learns that its partition is served by another one, and fails. */
  static void awaitFenced(AllSourceSinkTask task) {
    awaitFailure(task, failure -> failure.getCause() instanceof FencedException);
  }

  /** Waits until a task that is given nothing more fails in this way. */
  static void awaitFailure(AllSourceSinkTask task, Predicate<ConnectException> expected) {
    Await.until(
        "put throws",
        Await.LIMIT,
        () -> {
          try {
            task.put(List.of());
            return false;
          } catch (ConnectException e) {
            return expected.test(e);
          }
        });
  }
}
