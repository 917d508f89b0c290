package io.github.allsourceconnect.sink.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link LogConsumer} over Kafka's own consumer, without a group. */
public final class KafkaLogConsumer implements LogConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogConsumer.class);

  /** How long the brokers may take to let a session go; while they are away nobody waits for it. */
  private static final Duration CLOSE = Duration.ofSeconds(1);

  /**
   * Kafka's consumer unpacks so many records at once, however large they are: a megabyte that it
   * has fetched may be a hundred of them.
   */
  private static final int AT_ONCE = 50;

  /** More is taken of what it has fetched until it is so many records, or so many bytes. */
  private static final int STRETCH_RECORDS = 2000;

  private static final int STRETCH_BYTES = 1 << 20;

  private final String topic;
  private final List<String> servers;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<Integer, Long> positions = new HashMap<>();
  private final int atOnce;
  private boolean woken;

  /**
   * @param servers brokers
   * @param overrides the {@code log.consumer.} settings
   * @param clientId what brokers call it
   */
  public KafkaLogConsumer(
      String topic, List<String> servers, Map<String, Object> overrides, String clientId) {
    this(
        topic,
        servers,
        new KafkaConsumer<>(
            settings(servers, overrides, clientId),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer()),
        (Integer)
            ConfigDef.parseType(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                overrides.getOrDefault(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, AT_ONCE),
                ConfigDef.Type.INT));
  }

  /**
   * @param atOnce how many records a poll of the consumer gives at most
   */
  KafkaLogConsumer(
      String topic, List<String> servers, Consumer<byte[], byte[]> consumer, int atOnce) {
    this.topic = topic;
    this.servers = List.copyOf(servers);
    this.consumer = consumer;
    this.atOnce = atOnce;
  }

  private static Map<String, Object> settings(
      List<String> servers, Map<String, Object> overrides, String clientId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, AT_ONCE);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    settings.putAll(overrides);
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  @Override
  public String described() {
    return "topic " + topic + " at " + String.join(",", servers);
  }

  @Override
  public Bounds bounds(int partition) {
    return bounds(partition, consumer::beginningOffsets, consumer::endOffsets);
  }

  @Override
  public Bounds bounds(int partition, Duration limit) {
    return bounds(
        partition,
        asked -> consumer.beginningOffsets(asked, limit),
        asked -> consumer.endOffsets(asked, limit));
  }

  private Bounds bounds(
      int partition,
      Function<List<TopicPartition>, Map<TopicPartition, Long>> begins,
      Function<List<TopicPartition>, Map<TopicPartition, Long>> ends) {
    TopicPartition tp = new TopicPartition(topic, partition);
    Set<TopicPartition> read = Set.copyOf(consumer.assignment());
    if (!read.contains(tp)) {
      // Kafka's consumer complains when it is asked for what is not assigned to it
      Set<TopicPartition> asked = positions.isEmpty() ? new HashSet<>() : new HashSet<>(read);
      asked.add(tp);
      consumer.assign(asked);
    }
    try {
      long begin = unwoken(() -> begins.apply(List.of(tp))).get(tp);
      long end = unwoken(() -> ends.apply(List.of(tp))).get(tp);
      return new Bounds(begin, Math.max(begin, end));
    } finally {
      if (!positions.isEmpty() && !read.contains(tp)) {
        // what is read keeps its place; what has none must not be polled
        consumer.assign(read);
      }
    }
  }

  /** A wake-up is for {@link #poll}; one that comes earlier is kept for it. */
  private <T> T unwoken(Supplier<T> question) {
    while (true) {
      try {
        return question.get();
      } catch (WakeupException e) {
        woken = true;
      }
    }
  }

  @Override
  public void seek(Map<Integer, Long> wanted) {
    if (!positions.keySet().equals(wanted.keySet())) {
      List<TopicPartition> assignment = new ArrayList<>();
      wanted.keySet().forEach(p -> assignment.add(new TopicPartition(topic, p)));
      consumer.assign(assignment);
    }
    wanted.forEach(
        (partition, position) -> {
          if (!position.equals(positions.get(partition))) {
            consumer.seek(new TopicPartition(topic, partition), position);
          }
        });
    positions.clear();
    positions.putAll(wanted);
  }

  @Override
  public long position(int partition) {
    return positions.get(partition);
  }

  @Override
  public List<Stretch> poll(Duration timeout) {
    if (woken) {
      woken = false;
      return List.of();
    }
    try {
      return stretches(records(timeout));
    } catch (WakeupException e) {
      return List.of();
    } catch (OffsetOutOfRangeException e) {
      TopicPartition tp = e.offsetOutOfRangePartitions().keySet().iterator().next();
      long position = positions.get(tp.partition());
      long divergedAt =
          e instanceof LogTruncationException cut && cut.divergentOffsets().containsKey(tp)
              ? Math.min(position, cut.divergentOffsets().get(tp).offset())
              : position;
      OutOfRangeException told =
          new OutOfRangeException(
              tp.partition(), position, e instanceof LogTruncationException, divergedAt, e);
      forgetPlaces();
      throw told;
    } catch (RuntimeException e) {
      forgetPlaces();
      throw e;
    }
  }

  /** What has come of some partitions was not handed out: whoever seeks next really has to. */
  private void forgetPlaces() {
    positions.replaceAll((partition, any) -> -1L);
  }

  /** What the consumer has, some of it at a time. */
  private Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records(Duration timeout) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> all = new HashMap<>();
    ConsumerRecords<byte[], byte[]> some = consumer.poll(timeout);
    int count = 0;
    long bytes = 0;
    while (true) {
      for (TopicPartition tp : some.partitions()) {
        all.computeIfAbsent(tp, any -> new ArrayList<>()).addAll(some.records(tp));
      }
      for (ConsumerRecord<byte[], byte[]> each : some) {
        bytes += Math.max(0, each.serializedKeySize()) + Math.max(0, each.serializedValueSize());
      }
      bytes += some.count() * firstHeaders(some);
      count += some.count();
      if (some.count() < atOnce || count >= STRETCH_RECORDS || bytes >= STRETCH_BYTES) {
        return all;
      }
      some = unwoken(() -> consumer.poll(Duration.ZERO));
    }
  }

  /**
   * The bytes of the first one's headers: to look at those of all takes longer than it is worth.
   */
  private static long firstHeaders(ConsumerRecords<byte[], byte[]> some) {
    long bytes = 0;
    if (!some.isEmpty()) {
      for (Header each : some.iterator().next().headers()) {
        bytes += each.key().length() + (each.value() == null ? 0 : each.value().length);
      }
    }
    return bytes;
  }

  private List<Stretch> stretches(
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records) {
    List<Stretch> stretches = new ArrayList<>();
    Map<Integer, Long> reached = new HashMap<>();
    positions.forEach(
        (partition, from) -> {
          TopicPartition tp = new TopicPartition(topic, partition);
          List<ConsumerRecord<byte[], byte[]>> batch = records.getOrDefault(tp, List.of());
          long to = reached(tp, batch, from);
          if (to > from) {
            stretches.add(new Stretch(partition, from, to, batch));
            reached.put(partition, to);
          }
        });
    positions.putAll(reached);
    return stretches;
  }

  /**
   * Past the last record, offsets may hold nothing that is for us: aborted, or a marker. While the
   * consumer asks a partition's leader whether it still has the place where it reads, there is no
   * such place: nobody waits for that.
   */
  private long reached(TopicPartition tp, List<ConsumerRecord<byte[], byte[]>> batch, long from) {
    try {
      return unwoken(() -> consumer.position(tp, Duration.ZERO));
    } catch (TimeoutException e) {
      return batch.isEmpty() ? from : batch.get(batch.size() - 1).offset() + 1;
    }
  }

  @Override
  public boolean isConnected() {
    for (Map.Entry<MetricName, ? extends Metric> each : consumer.metrics().entrySet()) {
      if (each.getKey().name().equals("connection-count")) {
        return each.getValue().metricValue() instanceof Double count && count > 0;
      }
    }
    return true;
  }

  @Override
  public void wakeUp() {
    consumer.wakeup();
  }

  @Override
  @SuppressWarnings("deprecation") // before Kafka 4.1 there is no other way to give a limit
  public void close() {
    try {
      consumer.close(CLOSE);
    } catch (InterruptException e) {
      // whoever waits for this thread waits no longer; everything was let go of all the same
      LOG.debug("Closed without a word to the brokers", e);
    }
  }
}
