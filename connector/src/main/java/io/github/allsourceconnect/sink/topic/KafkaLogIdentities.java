package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link LogIdentities} over Kafka's admin client. */
public final class KafkaLogIdentities implements LogIdentities {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogIdentities.class);
  private static final int TIMEOUT_MS = 10_000;

  private final String topic;
  private final String group;
  private final Admin admin;
  private volatile boolean maySeeGroup = true;

  /**
   * @param group the consumer group of the connector
   * @param servers brokers
   * @param overrides the {@code log.consumer.} settings; those that are for consumers only are left
   *     out
   * @param clientId what brokers call it
   */
  public KafkaLogIdentities(
      String topic,
      String group,
      List<String> servers,
      Map<String, Object> overrides,
      String clientId) {
    this.topic = topic;
    this.group = group;
    Map<String, Object> settings = new HashMap<>(overrides);
    settings.keySet().retainAll(AdminClientConfig.configNames());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    this.admin = Admin.create(settings);
  }

  @Override
  public LogIdentity ask() {
    KafkaFuture<String> cluster =
        admin.describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MS)).clusterId();
    KafkaFuture<TopicDescription> described =
        admin
            .describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
            .topicNameValues()
            .get(topic);
    return new LogIdentity(await(cluster), await(described).topicId().toString());
  }

  @Override
  public List<Committed> committed(int partition) {
    if (!maySeeGroup) {
      return List.of();
    }
    try {
      Map<TopicPartition, OffsetAndMetadata> found =
          await(
              admin
                  .listConsumerGroupOffsets(
                      group, new ListConsumerGroupOffsetsOptions().timeoutMs(TIMEOUT_MS))
                  .partitionsToOffsetAndMetadata());
      return found.entrySet().stream()
          .filter(each -> each.getKey().partition() == partition && each.getValue() != null)
          .map(
              each ->
                  new Committed(
                      each.getKey().topic().equals(topic),
                      each.getValue().offset(),
                      each.getValue().metadata()))
          .toList();
    } catch (GroupIdNotFoundException e) {
      return List.of();
    } catch (AuthorizationException e) {
      maySeeGroup = false;
      LOG.warn(
          "{}: what was noted beside the committed offsets of group {} can't be read ({}). A topic"
              + " that is deleted and created again while no task runs is then noticed only by"
              + " followers that are ahead of it. Let the user of log.consumer. describe the group",
          topic,
          group,
          e.getMessage());
      return List.of();
    }
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get(2 * TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("Kafka's admin client did not answer", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO); // it only asks
  }
}
