package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The compacted topic that holds the history, and its clients. Immutable; for any thread. */
final class HistoryTopic {
  private static final long PAUSE_MS = 100;

  /** What a record of it may have, with all that belongs to it. */
  static final int RECORD_BYTES_MAX = 2 << 20;

  private static final String RECORD_BYTES = Integer.toString(RECORD_BYTES_MAX);
  private static final int PRODUCER_MEMORY = 8 << 20;
  private static final int TRANSACTION_TIMEOUT_MS = 600_000;

  private final String name;
  private final short replication;
  private final Duration timeout;
  private final Map<String, Object> client;

  /**
   * @param client brokers and security
   * @param timeout of each request
   */
  HistoryTopic(String name, short replication, Duration timeout, Map<String, Object> client) {
    this.name = name;
    this.replication = replication;
    this.timeout = timeout;
    this.client = client;
  }

  String name() {
    return name;
  }

  /**
   * Sees to it that the topic has this partition and keeps what is written to it.
   *
   * @throws IOException when it deletes by age or size, or can't be made
   */
  void ensure(int partition) throws IOException {
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("default.api.timeout.ms", Math.toIntExact(timeout.toMillis()));
    long deadline = System.nanoTime() + timeout.toNanos();
    Admin admin = Admin.create(settings);
    try {
      while (true) {
        try {
          ensure(admin, partition);
          return;
        } catch (IOException e) {
          // a topic that was just created is not known to every broker at once
          boolean unknownYet = e.getCause() instanceof UnknownTopicOrPartitionException;
          if (!unknownYet || System.nanoTime() >= deadline) {
            throw e;
          }
          pause();
        }
      }
    } finally {
      admin.close(Duration.ZERO); // what it was asked is answered, or nobody waits for it
    }
  }

  private void ensure(Admin admin, int partition) throws IOException {
    Optional<Integer> partitions = partitions(admin);
    if (partitions.isEmpty()) {
      create(admin, partition + 1);
      partitions = partitions(admin);
    }
    if (partitions.orElse(0) <= partition) {
      grow(admin, partition + 1);
    }
    checkPolicy(admin);
  }

  private void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for snapshot.topic " + name, e);
    }
  }

  private Optional<Integer> partitions(Admin admin) throws IOException {
    try {
      return Optional.of(
          get(admin.describeTopics(List.of(name)).topicNameValues().get(name)).partitions().size());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw failed("be described", e);
    }
  }

  private void create(Admin admin, int partitions) throws IOException {
    NewTopic topic =
        new NewTopic(
                name,
                Optional.of(partitions),
                replication < 0 ? Optional.empty() : Optional.of(replication))
            .configs(
                Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_COMPACT,
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    RECORD_BYTES));
    try {
      Void unused = get(admin.createTopics(List.of(topic)).values().get(name));
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw failed("be created", e);
      }
    }
  }

  private void grow(Admin admin, int partitions) throws IOException {
    try {
      Void unused =
          get(
              admin
                  .createPartitions(Map.of(name, NewPartitions.increaseTo(partitions)))
                  .values()
                  .get(name));
    } catch (ExecutionException e) {
      // another task of the connector may have added them meanwhile
      if (!(e.getCause() instanceof InvalidPartitionsException)) {
        throw failed("get a partition for each of the log's", e);
      }
    }
  }

  private void checkPolicy(Admin admin) throws IOException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    try {
      String policy =
          get(admin.describeConfigs(List.of(resource)).values().get(resource))
              .get(TopicConfig.CLEANUP_POLICY_CONFIG)
              .value();
      if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
        throw new IOException(
            "snapshot.topic "
                + name
                + " has cleanup.policy="
                + policy
                + " and would lose the history; set it to compact");
      }
    } catch (ExecutionException e) {
      throw failed("be described", e);
    }
  }

  private <T> T get(KafkaFuture<T> future) throws IOException, ExecutionException {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking for snapshot.topic " + name, e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the brokers didn't answer about snapshot.topic " + name + " within snapshot.timeout.ms",
          e);
    }
  }

  private IOException failed(String what, ExecutionException e) {
    return new IOException(
        "snapshot.topic " + name + " can't " + what + ": " + e.getCause().getMessage(),
        e.getCause());
  }

  /** A producer with that transactional id; {@code initTransactions} shuts out an older one. */
  Producer<byte[], byte[]> producer(String transactionalId) {
    int millis = Math.toIntExact(timeout.toMillis());
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_MEMORY);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(30_000, millis));
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.parseInt(RECORD_BYTES));
    settings.putAll(client);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** A consumer of no group that sees committed records only. */
  Consumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, PRODUCER_MEMORY);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PRODUCER_MEMORY / 2);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(timeout.toMillis()));
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.putAll(client);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
