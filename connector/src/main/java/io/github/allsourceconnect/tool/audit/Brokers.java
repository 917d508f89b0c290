package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.input.UsageException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The topic's cluster. What its clients wait for, whatever it is, is over after one limit.
 *
 * @param settings of all clients
 * @param stall how long it may bring or take nothing
 */
record Brokers(Map<String, Object> settings, Duration stall) {
  /** How long a client may take to close, in which brokers need not be there. */
  static final Duration CLOSE_MAX = Duration.ofSeconds(5);

  private static final long STALL_S = 60;

  /**
   * As options say.
   *
   * @param settings of --kafka-config, if there are any
   */
  static Brokers of(Options options, Map<String, Object> settings) throws UsageException {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("bootstrap.servers", options.need(Option.BOOTSTRAP));
    return new Brokers(
        Map.copyOf(all), Duration.ofSeconds(options.number(Option.STALL, STALL_S, 1, 3600)));
  }

  /** The limit for people. */
  String stalled() {
    return stall.toSeconds() + " s";
  }

  /**
   * A client for administration.
   *
   * @throws Unjudgeable if the settings are such that there is none
   */
  Admin admin() throws Unjudgeable {
    Map<String, Object> all = limited();
    try {
      return Admin.create(all);
    } catch (KafkaException e) {
      throw KafkaTrouble.unusable(e);
    }
  }

  /**
   * A consumer of no group.
   *
   * @param own its settings; those with which {@code settings} begin are stronger
   */
  Consumer<byte[], byte[]> consumer(Map<String, Object> own) throws Unjudgeable {
    Map<String, Object> all = new HashMap<>(own);
    all.putAll(limited());
    all.put("isolation.level", "read_committed");
    all.put("enable.auto.commit", "false");
    all.put("auto.offset.reset", "none");
    all.put("allow.auto.create.topics", "false");
    all.remove("group.id");
    try {
      return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw KafkaTrouble.unusable(e);
    }
  }

  /**
   * A producer of transactions.
   *
   * @param name its transactional id
   */
  Producer<byte[], byte[]> producer(String name) throws Unjudgeable {
    Map<String, Object> all = limited();
    all.put("transactional.id", name);
    all.put("acks", "all");
    all.put("max.request.size", Integer.MAX_VALUE);
    all.put("linger.ms", "0");
    all.put("max.block.ms", Long.toString(stall.toMillis()));
    all.put("delivery.timeout.ms", Long.toString(stall.toMillis()));
    try {
      return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    } catch (KafkaException e) {
      throw KafkaTrouble.unusable(e);
    }
  }

  private Map<String, Object> limited() {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("default.api.timeout.ms", Long.toString(stall.toMillis()));
    all.put("request.timeout.ms", Long.toString(stall.toMillis() / 2));
    return all;
  }
}
