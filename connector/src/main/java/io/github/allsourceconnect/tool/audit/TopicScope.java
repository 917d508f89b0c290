package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.audit.Options.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Which partitions there are, and where they begin and end at a moment. One thread. */
final class TopicScope implements AutoCloseable {

  private final Brokers brokers;
  private final Admin admin;
  private final Option named;
  private final Predicate<String> chosen;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private long[] begin;
  private final Map<String, Long> retentionMs = new HashMap<>();

  /**
   * Looks at all topics.
   *
   * @param named the option that names those that are chosen
   * @throws Unjudgeable if there are none, or one that is compacted
   */
  TopicScope(Brokers brokers, Option named, Predicate<String> chosen) throws Unjudgeable {
    this.named = named;
    this.chosen = chosen;
    this.brokers = brokers;
    admin = brokers.admin();
    try {
      refresh();
    } catch (Unjudgeable | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Looks again: at where they begin now, and for partitions and topics that have come since. Those
   * stand behind the others.
   *
   * @throws Unjudgeable as at first, or if a topic is gone
   */
  void refresh() throws Unjudgeable {
    Set<String> topics = new TreeSet<>(ask("DESCRIBE on topics", admin.listTopics().names()));
    topics.removeIf(topic -> !chosen.test(topic));
    for (TopicPartition known : partitions) {
      if (!topics.contains(known.topic())) {
        throw new Unjudgeable(
            "the topic " + known.topic() + " is gone, deleted while it was audited: audit again");
      }
    }
    if (topics.isEmpty()) {
      throw new Unjudgeable(
          "the cluster has no topic as "
              + named.dashed()
              + " says, or none that this user may see");
    }
    checkCompaction(topics);
    List<TopicPartition> come = new ArrayList<>();
    for (TopicDescription topic :
        ask("DESCRIBE on " + some(topics), admin.describeTopics(topics).allTopicNames()).values()) {
      topic
          .partitions()
          .forEach(partition -> come.add(new TopicPartition(topic.name(), partition.partition())));
    }
    come.removeAll(Set.copyOf(partitions));
    come.sort(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    partitions.addAll(come);
    begin = offsets(OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
  }

  private static String some(Set<String> topics) {
    String first = topics.iterator().next();
    return topics.size() == 1
        ? "the topic " + first
        : topics.size() + " topics, " + first + " among them";
  }

  private void checkCompaction(Set<String> topics) throws Unjudgeable {
    List<ConfigResource> resources =
        topics.stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
    for (Map.Entry<ConfigResource, Config> topic :
        ask("DESCRIBE_CONFIGS on " + some(topics), admin.describeConfigs(resources).all())
            .entrySet()) {
      retentionMs.put(topic.getKey().name(), retentionMs(topic.getValue()));
      ConfigEntry policy = topic.getValue().get("cleanup.policy");
      if (policy != null && policy.value() != null && policy.value().contains("compact")) {
        throw new Unjudgeable(
            "the topic "
                + topic.getKey().name()
                + " is compacted (cleanup.policy="
                + policy.value()
                + "): Kafka deletes events that have a later one of the same key, so nothing can be"
                + " said of what is not there"
                + (topics.size() == 1 ? "" : "; --topic names those that are to be audited"));
      }
    }
  }

  /** How long events are kept at least; 0 if that is not known, for sizes count. */
  private static long retentionMs(Config config) {
    ConfigEntry bytes = config.get("retention.bytes");
    ConfigEntry time = config.get("retention.ms");
    if (bytes == null || !"-1".equals(bytes.value()) || time == null || time.value() == null) {
      return 0;
    }
    long ms = Long.parseLong(time.value());
    return ms < 0 ? Long.MAX_VALUE : ms;
  }

  /** How long a partition's events are kept at least, in milliseconds; 0 if that is not known. */
  long retentionMs(int partition) {
    return retentionMs.getOrDefault(partitions.get(partition).topic(), 0L);
  }

  private <T> T ask(String wanted, KafkaFuture<T> answer) throws Unjudgeable {
    try {
      return answer.get(brokers.stall().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new Unjudgeable(KafkaTrouble.text(e.getCause(), wanted), e);
    } catch (TimeoutException e) {
      throw new Unjudgeable(
          KafkaTrouble.text(
              new org.apache.kafka.common.errors.TimeoutException(
                  "not within " + brokers.stalled())),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unjudgeable("interrupted", e);
    }
  }

  private long[] offsets(OffsetSpec spec, IsolationLevel level) throws Unjudgeable {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, spec));
    Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> answer =
        ask("DESCRIBE on the topic", admin.listOffsets(asked, new ListOffsetsOptions(level)).all());
    return partitions.stream().mapToLong(partition -> answer.get(partition).offset()).toArray();
  }

  /** All partitions; a number of one is its place here. */
  List<TopicPartition> partitions() {
    return List.copyOf(partitions);
  }

  /** Where each begins. */
  long[] begin() {
    return Arrays.copyOf(begin, begin.length);
  }

  /** Up to where each is committed now. */
  long[] committed() throws Unjudgeable {
    return offsets(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
  }

  /** Where each ends now, committed or not. */
  long[] written() throws Unjudgeable {
    return offsets(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
  }

  /** How many topics they are of. */
  long topics() {
    return partitions.stream().map(TopicPartition::topic).distinct().count();
  }

  @Override
  public void close() {
    admin.close(Brokers.CLOSE_MAX);
  }
}
