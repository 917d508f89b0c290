package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.TopicRetention;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Kafka when a topic deletes its records. */
public final class KafkaTopicRetention {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaTopicRetention.class);
  private static final int TIMEOUT_MS = 10_000;

  private KafkaTopicRetention() {}

  /**
   * Asks; {@link TopicRetention#FOREVER} also when the connector's user may not ask.
   *
   * @param overrides the {@code log.consumer.} settings
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  public static TopicRetention ask(
      String topic, List<String> servers, Map<String, Object> overrides, String clientId) {
    Map<String, Object> settings = new HashMap<>(overrides);
    settings.keySet().retainAll(AdminClientConfig.configNames());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Admin admin = Admin.create(settings);
    try {
      Config config =
          admin
              .describeConfigs(
                  List.of(resource), new DescribeConfigsOptions().timeoutMs(TIMEOUT_MS))
              .values()
              .get(resource)
              .get(2 * TIMEOUT_MS, TimeUnit.MILLISECONDS);
      return of(config);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("Kafka's admin client did not answer", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        LOG.warn(
            "When topic {} deletes its records is not known, for the user of log.consumer. may not"
                + " describe its settings: see that snapshot.file.max.age.ms is well below"
                + " retention.ms",
            topic);
        return TopicRetention.FOREVER;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      admin.close(Duration.ZERO); // it only asks
    }
  }

  private static TopicRetention of(Config config) {
    ConfigEntry policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG);
    if (policy != null && !policy.value().contains(TopicConfig.CLEANUP_POLICY_DELETE)) {
      return TopicRetention.FOREVER;
    }
    return new TopicRetention(
        limit(config, TopicConfig.RETENTION_MS_CONFIG),
        limit(config, TopicConfig.RETENTION_BYTES_CONFIG));
  }

  private static OptionalLong limit(Config config, String name) {
    ConfigEntry entry = config.get(name);
    long value = entry == null || entry.value() == null ? -1 : Long.parseLong(entry.value());
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
