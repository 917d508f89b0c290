package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.Histories;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.KafkaLogConsumer;
import io.github.allsourceconnect.sink.topic.KafkaLogIdentities;
import io.github.allsourceconnect.sink.topic.KafkaTopicRetention;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.LogIdentities;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real parts, by the settings. */
final class KafkaLeaderParts implements LeaderParts {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLeaderParts.class);

  /** Kafka's own default. */
  private static final int FETCH_LEAST = 1 << 20;

  private static final int FETCH_MOST = 2 << 20;

  private final SinkConfig config;
  private final TlsContext tls;

  KafkaLeaderParts(SinkConfig config) {
    this.config = config;
    this.tls = tls(config);
  }

  /** What accepts TLS by the settings; null without TLS. */
  static TlsContext tls(SinkConfig config) {
    return config.security() == SinkConfig.ListenerSecurity.SSL
        ? TlsContext.server(config.values(), config.clientAuth().name().toLowerCase(Locale.ROOT))
        : null;
  }

  @Override
  public LogConsumer consumer(String clientId) {
    return consumer(clientId, config.log().consumerOverrides());
  }

  @Override
  public LogConsumer olderConsumer(String clientId) {
    return consumer(clientId, olderSettings());
  }

  /**
   * The system's receive buffer, for with Kafka's 64 KiB the broker waits for the reader within
   * each answer; larger answers where the heap has room for those of all readers, for each is
   * waited for; and a short wait for what comes next, for until then it can't read elsewhere.
   */
  Map<String, Object> olderSettings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes());
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    settings.putAll(config.log().consumerOverrides());
    return settings;
  }

  private int fetchBytes() {
    return fetchBytes(
        Runtime.getRuntime().maxMemory() / config.tasksMax() / config.log().consumersMax());
  }

  /**
   * @param share bytes of the heap for each reader of each task, if nothing else were there
   */
  static int fetchBytes(long share) {
    return (int) Math.max(FETCH_LEAST, Math.min(FETCH_MOST, share / 64));
  }

  private LogConsumer consumer(String clientId, Map<String, Object> settings) {
    return new KafkaLogConsumer(
        config.topic(), config.log().bootstrapServers(), settings, clientId);
  }

  @Override
  public LogIdentities identities(String clientId) {
    LogSettings log = config.log();
    return new KafkaLogIdentities(
        config.topic(),
        config.consumerGroup(),
        log.bootstrapServers(),
        log.consumerOverrides(),
        clientId);
  }

  @Override
  public EntryMapper mapper() {
    return new RecordEntryMapper(config.mapping());
  }

  @Override
  public History history(int partition, LongSupplier room) {
    return Histories.create(config, partition, room).orElse(null);
  }

  @Override
  public TopicRetention retention(String clientId) {
    LogSettings log = config.log();
    return KafkaTopicRetention.ask(
        config.topic(), log.bootstrapServers(), log.consumerOverrides(), clientId);
  }

  @Override
  public TlsContext tls() {
    return tls;
  }

  @Override
  public void close() {
    if (tls != null) {
      try {
        tls.close();
      } catch (IOException e) {
        LOG.warn("The TLS settings could not be released", e);
      }
    }
  }
}
