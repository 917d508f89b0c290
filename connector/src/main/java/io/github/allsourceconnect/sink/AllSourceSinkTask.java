package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.Version;
import io.github.allsourceconnect.config.ListenerSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.metrics.PluginFigures;
import io.github.allsourceconnect.metrics.SinkMetrics;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.topic.Recognition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adapts Connect's calls to a {@link Leader}. Which partitions are served follows {@link #open} and
 * {@link #close}; what is committed follows the followers' acks. Followers are fed from the topic
 * itself; {@link #put} checks that every record is an event, and moves two bounds: what may be
 * committed, and what followers may be sent. So a paused connector sends nothing new.
 *
 * <p>After a restart Connect hands over again what no follower had acked; nothing else happens to
 * it.
 */
public final class AllSourceSinkTask extends SinkTask {
  /** Set by the connector: the task's number. */
  public static final String TASK_ID = "allsource.task.id";

  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSinkTask.class);
  private static final long WAKE_MS = 500;

  private final Function<SinkConfig, LeaderParts> partsMaker;
  private SinkConfig config;
  private Leader leader;
  private Recognition recognition;
  private RecordCheck check;
  private SinkMetrics metrics;
  private final Map<TopicPartition, Position> positions = new HashMap<>();
  private final MissedPartitions missed = new MissedPartitions();

  /** For Connect. */
  public AllSourceSinkTask() {
    this(KafkaLeaderParts::new);
  }

  AllSourceSinkTask(Function<SinkConfig, LeaderParts> partsMaker) {
    this.partsMaker = partsMaker;
  }

  @Override
  public String version() {
    return Version.plugin();
  }

  @Override
  public void start(Map<String, String> properties) {
    LOG.info("AllSource sink task {}", Version.described());
    config = new SinkConfig(properties);
    String task = properties.getOrDefault(TASK_ID, "0");
    LeaderParts parts = partsMaker.apply(config);
    warnOpenDoor();
    String name = Printable.name(config.connectorName()) + "-" + task;
    leader = new Leader(config, parts, name, config.passesOverBad());
    try {
      recognition = leader.recognition();
      check =
          new RecordCheck(
              parts.mapper(), config.log(), config.passesOverBad(), context.errantRecordReporter());
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
      if (positions.putIfAbsent(tp, new Position(nowMs())) == null) {
        leader.open(tp.partition(), missed.isTakenUp(tp));
        metrics.add(tp.partition(), LeaderMetrics.of(leader, config.topic(), tp.partition()));
      }
    }
    context.timeout(WAKE_MS);
    // brings the position from which Connect will hand over, also when there is nothing to hand
    // over
    context.requestCommit();
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    List<Integer> leaving = new ArrayList<>();
    for (TopicPartition tp : partitions) {
      missed.closed(tp);
      if (positions.remove(tp) != null) {
        metrics.remove(tp.partition());
        recognition.forget(tp.partition());
        check.forget(tp);
        leaving.add(tp.partition());
      }
    }
    leader.close(leaving, "the partition goes to another task, or the connector stops");
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    // wakes this task soon, so that failures in the background show
    context.timeout(WAKE_MS);
    leader.check();
    check.failIfLost();
    takeUp();
    hasRewound();
    beginAnew();
    goBack();
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (SinkRecord record : records) {
      TopicPartition tp = partition(record);
      Position position = known(tp);
      if (position != null && ends.put(tp, record.originalKafkaOffset() + 1) == null) {
        position.begins(record.originalKafkaOffset());
      }
    }
    ends.forEach(
        (tp, end) -> {
          Position position = positions.get(tp);
          if (!position.isRewinding()) {
            position.sawRecord();
            handed(tp, position, end);
          }
        });
    for (SinkRecord record : records) {
      Position position = known(partition(record));
      if (position != null && !position.isRewinding()) {
        recognition.show(record, position.log());
        check.check(record);
      }
    }
    if (!recognition.knowsConverters()) {
      positions.forEach(this::askAgain);
    }
  }

  /** Serves what Connect's consumer has but Connect never opens, nor closes. */
  private void takeUp() {
    Set<TopicPartition> assigned = context.assignment();
    if (assigned == null) {
      return; // no worker, but something that plays one
    }
    List<TopicPartition> unopened = missed.toOpen(assigned, positions.keySet(), nowMs());
    if (!unopened.isEmpty()) {
      LOG.warn(
          "Connect's consumer has {} although Connect did not open it; the sink serves it from the"
              + " committed offset on",
          unopened);
      open(unopened);
    }
    List<TopicPartition> gone = missed.toClose(assigned);
    if (!gone.isEmpty()) {
      close(gone);
    }
  }

  private void handed(TopicPartition tp, Position position, long end) {
    if (position.handed(end)) {
      leader.handed(tp.partition(), position.epoch(), end);
    }
  }

  private static TopicPartition partition(SinkRecord record) {
    return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
  }

  /** Null where Connect does not know from where it reads: it will hand that over again. */
  private Position known(TopicPartition tp) {
    Position position = positions.get(tp);
    return position != null && missed.isTakenUp(tp) && position.epoch() == 0 ? null : position;
  }

  /** What was asked of Connect before is done with the next records, or with none. */
  private void hasRewound() {
    for (Position position : positions.values()) {
      if (position.isRewinding()) {
        position.hasRewound();
        context.requestCommit();
      }
    }
  }

  /** Where another log is served than Connect has read, Connect reads it from its beginning. */
  private void beginAnew() {
    positions.forEach(
        (tp, position) -> {
          CommitPoint point = leader.commitPoint(tp.partition());
          if (position.mustBeginAnew(point)) {
            String why =
                known(tp) == null
                    ? "Connect did not know from where it read"
                    : position.log() == point.log()
                        ? "the log was cut, or more of it was committed than it has"
                        : "another log is served now than the one that was read";
            long from = position.beginsAnew(point);
            LOG.warn("{} is read again from offset {}: {}", tp, from, why);
            recognition.forget(tp.partition());
            context.offset(tp, from);
          } else {
            position.reads(point);
          }
        });
  }

  /** What could not be compared with the log that it is of is handed over again. */
  private void goBack() {
    positions.forEach(
        (tp, position) -> {
          if (!position.isRewinding() && recognition.wantsAgain(tp.partition())) {
            context.offset(tp, position.goesBack());
          }
        });
  }

  /** With everything committed nothing comes by itself: one record is asked for once more. */
  private void askAgain(TopicPartition tp, Position position) {
    if (position.isQuiet(nowMs())) {
      Long last = recognition.lastRecord(tp.partition(), position.log());
      if (last != null) {
        position.askedAgain(nowMs());
        long place = position.placeFor(last);
        if (place >= 0) {
          context.offset(tp, place);
        }
      }
    }
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> current) {
    Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> unmoved = new HashMap<>();
    current.forEach(
        (tp, consumed) -> {
          Position position = known(tp);
          if (position == null || position.isRewinding()) {
            return;
          }
          position.begins(consumed.offset());
          handed(tp, position, consumed.offset());
          CommitPoint point = leader.commitPoint(tp.partition());
          // whether what was handed over is of this log at all is not known before it is recognised
          OffsetAndMetadata commit =
              position.sawRecords() && !recognition.recognises(tp.partition(), point.log())
                  ? null
                  : position.commit(point, System.currentTimeMillis());
          OffsetAndMetadata place =
              commit == null ? position.unmoved(point, System.currentTimeMillis()) : null;
          if (commit != null) {
            result.put(tp, upTo(check.safeUpTo(tp), commit));
          } else if (place != null) {
            unmoved.put(tp, place);
          }
        });
    if (!result.isEmpty()) {
      result.putAll(unmoved);
    }
    return result;
  }

  private static OffsetAndMetadata upTo(long most, OffsetAndMetadata commit) {
    return commit.offset() <= most ? commit : new OffsetAndMetadata(most, commit.metadata());
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
