package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.Version;
import io.github.allsourceconnect.config.ListenerSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.metrics.PluginFigures;
import io.github.allsourceconnect.metrics.SinkMetrics;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adapts Connect's calls to a {@link Leader}. Which partitions are served follows {@link #open} and
 * {@link #close}; what is committed follows the followers' acks. Followers are fed from the topic
 * itself; {@link #put} checks that every record is an event, and moves the position up to which may
 * be committed.
 *
 * <p>After a restart Connect hands over again what no follower had acked; nothing else happens to
 * it.
 */
public final class AllSourceSinkTask extends SinkTask {
  /** Set by the connector: the task's number. */
  public static final String TASK_ID = "allsource.task.id";

  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSinkTask.class);
  private static final long WAKE_MS = 500;
  private static final long LEARN_AFTER_MS = 2_000;

  private final Function<SinkConfig, LeaderParts> partsMaker;
  private SinkConfig config;
  private Leader leader;
  private EntryMapper mapper;
  private ErrantRecordReporter reporter;
  private SinkMetrics metrics;
  private final Set<TopicPartition> assigned = new HashSet<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private final List<Future<Void>> reported = new ArrayList<>();
  private long openedAt;
  private boolean rewound;

  /** For Connect. */
  public AllSourceSinkTask() {
    this(KafkaLeaderParts::new);
  }

  AllSourceSinkTask(Function<SinkConfig, LeaderParts> partsMaker) {
    this.partsMaker = partsMaker;
  }

  @Override
  public String version() {
    return Version.number();
  }

  @Override
  public void start(Map<String, String> properties) {
    LOG.info("AllSource sink task {}", Version.described());
    config = new SinkConfig(properties);
    String task = properties.getOrDefault(TASK_ID, "0");
    reporter = context.errantRecordReporter();
    LeaderParts parts = partsMaker.apply(config);
    mapper = parts.mapper();
    warnOpenDoor();
    String name = config.connectorName() + "-" + task;
    leader = new Leader(config, parts, name, reporter != null);
    try {
      metrics =
          new SinkMetrics(
              config.connectorName(), task, PluginFigures.of(context), leader::brokersAnswer);
    } catch (RuntimeException e) {
      leader.close();
      leader = null;
      throw e;
    }
  }

  private void warnOpenDoor() {
    if (!config.listener().loopbackOnly()
        && config.security() == SinkConfig.ListenerSecurity.PLAINTEXT) {
      LOG.warn(
          "{} is {} and security.protocol is PLAINTEXT: whoever reaches the port from an address in"
              + " {} reads every event of the topic, unencrypted, and moves the committed offsets"
              + " by its acks. Use SSL with client certificates, or listen on loopback",
          ListenerSettings.HOST,
          config.listener().host(),
          ListenerSettings.ALLOWED_CIDRS);
    }
  }

  @Override
  public void open(Collection<TopicPartition> partitions) {
    for (TopicPartition tp : partitions) {
      if (assigned.add(tp)) {
        leader.open(tp.partition());
        metrics.add(tp.partition(), leader.metrics(tp.partition()));
      }
    }
    openedAt = System.nanoTime();
    rewound = false;
    context.timeout(WAKE_MS);
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    for (TopicPartition tp : partitions) {
      if (assigned.remove(tp)) {
        metrics.remove(tp.partition());
        leader.close(tp.partition(), "the partition goes to another task, or the connector stops");
        committed.remove(tp);
      }
    }
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    // wakes this task soon, so that failures in the background show
    context.timeout(WAKE_MS);
    leader.check();
    for (SinkRecord record : records) {
      if (leader.mustLearn()) {
        leader.learn(record);
      }
      check(record);
    }
    if (records.isEmpty() && leader.mustLearn()) {
      rewindToLearn();
    }
  }

  private void check(SinkRecord record) {
    try {
      mapper.map(record);
    } catch (DataException e) {
      if (reporter == null) {
        throw new ConnectException(
            "The record at "
                + record.topic()
                + "-"
                + record.kafkaPartition()
                + ", offset "
                + record.kafkaOffset()
                + " is no event. Correct the mapping (event.mapping), or let Connect pass over such"
                + " records: errors.tolerance=all, with errors.deadletterqueue.topic.name to keep"
                + " them",
            e);
      }
      reported.add(reporter.report(record, e));
    }
  }

  /** With everything committed nothing comes by itself: one record is asked for once more. */
  private void rewindToLearn() {
    if (rewound || (System.nanoTime() - openedAt) / 1_000_000 < LEARN_AFTER_MS) {
      return;
    }
    rewound = true;
    for (TopicPartition tp : assigned) {
      long last = leader.lastRecord(tp.partition());
      if (last >= 0) {
        context.offset(tp, last);
        return;
      }
    }
  }

  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> current) {
    awaitReported();
    Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
    current.forEach(
        (tp, consumed) -> {
          // WAL offset n is Kafka's n - 1: acked up to n means that n is the next one for Kafka
          long offset = Math.min(leader.committable(tp.partition()), consumed.offset());
          if (offset >= 0 && offset > committed.getOrDefault(tp, -1L)) {
            committed.put(tp, offset);
          }
          if (committed.containsKey(tp)) {
            result.put(tp, new OffsetAndMetadata(committed.get(tp)));
          }
        });
    return result;
  }

  /** No offset passes a record that is not safe in the dead-letter topic. */
  private void awaitReported() {
    try {
      for (Future<Void> each : reported) {
        each.get();
      }
      reported.clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while bad records were being reported", e);
    } catch (ExecutionException e) {
      throw new ConnectException("A bad record could not be reported", e.getCause());
    }
  }

  /** Nothing is buffered here: what is not acked by followers is not committed. */
  @Override
  public void flush(Map<TopicPartition, OffsetAndMetadata> current) {}

  @Override
  public void stop() {
    if (metrics != null) {
      metrics.close();
    }
    if (leader != null) {
      leader.close();
    }
  }
}
