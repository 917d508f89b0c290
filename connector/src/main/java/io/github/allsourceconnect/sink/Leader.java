package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.CommitTracker;
import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderSettings;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.listener.BufferShares;
import io.github.allsourceconnect.sink.listener.FollowerListener;
import io.github.allsourceconnect.sink.listener.HistorySender;
import io.github.allsourceconnect.sink.listener.PartitionLeader;
import io.github.allsourceconnect.sink.log.Converters;
import io.github.allsourceconnect.sink.log.HistoryWriter;
import io.github.allsourceconnect.sink.log.LineEncoder;
import io.github.allsourceconnect.sink.log.LogConsumer;
import io.github.allsourceconnect.sink.log.LogConsumer.Bounds;
import io.github.allsourceconnect.sink.log.LogConsumer.Stretch;
import io.github.allsourceconnect.sink.log.LogIdentities;
import io.github.allsourceconnect.sink.log.OlderReaders;
import io.github.allsourceconnect.sink.log.RecordPipeline;
import io.github.allsourceconnect.sink.log.TailReader;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Everything that a task owns: event loops, readers of the topic, and for each assigned partition
 * its decisions, listener and history. Built whole or not at all. Used by the task's thread.
 */
public final class Leader implements AutoCloseable {
  private static final Duration PROBE = Duration.ofSeconds(10);
  private static final int SNAPSHOT_THREADS = 2;
  private static final int SNAPSHOTS_AT_ONCE = 16;
  private static final long OLDER_BYTES = 32L << 20;

  private final SinkConfig config;
  private final LeaderParts parts;
  private final String name;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CompletableFuture<Converters.Choice> converters = new CompletableFuture<>();
  private final Converters.Choice configured;
  private final MessageCodec codec = new MessageCodec();
  private final MultiThreadIoEventLoopGroup loops;
  private final ExecutorService snapshotThreads;
  private final TailReader tail;
  private final OlderReaders older;
  private final BufferShares buffers;
  private final boolean passOverBad;
  private final Map<Integer, Served> partitions = new ConcurrentHashMap<>();

  /** What serves one partition. */
  private record Served(PartitionLeader leader, FollowerListener listener, HistoryWriter history) {}

  /**
   * @param name of threads and clients
   * @param passOverBad whether records that are no events are reported by the task, and passed over
   *     here
   */
  public Leader(SinkConfig config, LeaderParts parts, String name, boolean passOverBad) {
    this.config = config;
    this.parts = parts;
    this.name = name;
    this.configured = Converters.Choice.of(config.log());
    if (configured.complete()) {
      converters.complete(configured);
    }
    this.buffers =
        new BufferShares(
            config.listener().followerBufferBytes(), Runtime.getRuntime().maxMemory() / 8);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            config.listener().threads(), threads("-followers"), NioIoHandler.newFactory());
    this.snapshotThreads = Executors.newFixedThreadPool(SNAPSHOT_THREADS, threads("-snapshots"));
    this.tail =
        new TailReader(
            name + "-tail",
            () -> parts.consumer(name + "-tail"),
            new LateEncoder(passOverBad),
            this::fail);
    this.older =
        new OlderReaders(
            name + "-older",
            config.log().consumersMax(),
            number -> parts.consumer(name + "-older-" + number),
            () -> new LateEncoder(passOverBad),
            config.log().pollTimeout(),
            this::fail);
    this.passOverBad = passOverBad;
    tail.start();
    older.start();
  }

  private ThreadFactory threads(String suffix) {
    LogContext context = LogContext.here();
    ThreadFactory made = new DefaultThreadFactory(name + suffix, true);
    return work -> made.newThread(context.around(work));
  }

  /** Whether a broker was connected when the topic was read last. Any thread. */
  public boolean brokersAnswer() {
    return tail.isAnswering();
  }

  /** A thread's pipeline, made when its first record comes: by then the converters are known. */
  private final class LateEncoder implements LineEncoder {
    private final boolean passOver;
    private RecordPipeline pipeline;

    LateEncoder(boolean passOver) {
      this.passOver = passOver;
    }

    @Override
    public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
      if (pipeline == null) {
        pipeline = pipeline(passOver);
      }
      return pipeline.entry(record);
    }

    @Override
    public byte[] line(WalEntry entry) {
      return pipeline.line(entry);
    }
  }

  private RecordPipeline pipeline(boolean passOver) {
    try {
      return new RecordPipeline(new Converters(converters.get()), parts.mapper(), codec, passOver);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while the converters were not known yet", e);
    } catch (ExecutionException e) {
      throw new ConnectException(e.getCause().getMessage(), e.getCause());
    }
  }

  private void fail(Throwable cause) {
    failure.compareAndSet(null, cause);
  }

  /** Throws when something in the background has failed, with its cause and the addresses. */
  public void check() {
    Throwable cause = failure.get();
    if (cause != null) {
      StringBuilder where = new StringBuilder();
      partitions.forEach(
          (p, served) ->
              where.append(where.isEmpty() ? "" : ", ").append(served.listener().address()));
      throw new ConnectException(
          "The sink can't go on serving followers at ["
              + where
              + "]: "
              + (cause.getMessage() == null ? cause : cause.getMessage()),
          cause);
    }
  }

  /** Begins to serve a partition; its port may come a little later. */
  public void open(int partition) {
    String log = config.topic() + "-" + partition;
    History kept = parts.history(partition);
    HistorySender sender =
        kept == null ? null : new HistorySender(p -> kept, snapshotThreads, codec);
    PartitionLeader leader =
        new PartitionLeader(
            partition,
            settings(log, kept != null),
            loops.next(),
            older,
            codec,
            sender,
            buffers,
            this::fail);
    FollowerListener listener =
        new FollowerListener(
            config.listener(), config.port(partition), leader, parts.tls(), log, this::fail);
    HistoryWriter history =
        kept == null
            ? null
            : new HistoryWriter(
                name + "-history-" + partition,
                log,
                partition,
                kept,
                new HistoryWriter.FileLimits(
                    config.snapshot().fileMaxAge().toMillis(), config.snapshot().fileMaxBytes()),
                new HistoryTopicParts(name + "-history-" + partition),
                leader::history,
                this::fail);
    if (history != null) {
      leader.feed(history.feed());
    }
    partitions.put(partition, new Served(leader, listener, history));
    tail.add(leader);
    listener.start();
    if (history != null) {
      history.start();
    }
  }

  /** What a history's writer needs of the topic. */
  private final class HistoryTopicParts implements HistoryWriter.Topic {
    private final String client;

    HistoryTopicParts(String client) {
      this.client = client;
    }

    @Override
    public LogConsumer consumer() {
      return parts.consumer(client);
    }

    @Override
    public LineEncoder mapping() {
      return pipeline(passOverBad);
    }

    @Override
    public LogIdentity identity() {
      try (LogIdentities identities = parts.identities(client)) {
        return identities.ask();
      }
    }

    @Override
    public TopicRetention retention() {
      return parts.retention(client);
    }
  }

  private LeaderSettings settings(String log, boolean historyKept) {
    return new LeaderSettings(
        log,
        config.listener().followerMax(),
        config.listener().subscribeTimeout().toMillis(),
        config.listener().followerIdleTimeout().toMillis(),
        LeaderSettings.SnapshotMode.valueOf(config.snapshot().mode().name()),
        historyKept,
        LeaderSettings.GapPolicy.valueOf(config.history().gapPolicy().name()),
        SNAPSHOTS_AT_ONCE,
        config.commitAcks().orElse(CommitTracker.ALL),
        config.log().tailBytes(),
        Math.min(OLDER_BYTES, config.log().tailBytes()));
  }

  /** Serves a partition no longer: followers are closed, the port is free afterwards. */
  public void close(int partition, String why) {
    Served served = partitions.remove(partition);
    if (served != null) {
      tail.remove(served.leader());
      served.listener().close();
      served.leader().close(why);
      if (served.history() != null) {
        served.history().close();
      }
    }
  }

  /** The highest WAL offset that may be committed of a partition now; -1 for nothing. */
  public long committable(int partition) {
    Served served = partitions.get(partition);
    return served == null ? -1 : served.leader().committable();
  }

  /** Where followers of a partition connect to; null when it is not served. Any thread. */
  public String address(int partition) {
    Served served = partitions.get(partition);
    return served == null ? null : served.listener().address();
  }

  /** The port that a partition is served on now, 0 while it is not. Any thread. */
  public int port(int partition) {
    Served served = partitions.get(partition);
    return served == null ? 0 : served.listener().boundPort();
  }

  /** The figures of a partition; null when it is not served. Any thread. */
  LeaderFigures figures(int partition) {
    Served served = partitions.get(partition);
    return served == null ? null : served.leader().figures();
  }

  /** The figures of a partition by name, for the metrics. Any thread. */
  public Map<String, Supplier<Object>> metrics(int partition) {
    Map<String, Supplier<Object>> shown = new HashMap<>();
    shown.put("topic", config::topic);
    shown.put("address", () -> address(partition));
    shown.put("port", () -> port(partition));
    shown.put("listening", () -> port(partition) > 0 ? 1L : 0L);
    shown.put("bytesSent", () -> number(partition, served -> served.leader().bytesSent()));
    figure(shown, partition, "followers", LeaderFigures::followers);
    figure(shown, partition, "followersCatchingUp", LeaderFigures::catchingUp);
    figure(shown, partition, "followersRefused", LeaderFigures::refused);
    figure(shown, partition, "followersIncomplete", LeaderFigures::incomplete);
    figure(shown, partition, "lag", LeaderFigures::lag);
    figure(shown, partition, "logBegin", LeaderFigures::logBegin);
    figure(shown, partition, "logEnd", LeaderFigures::logEnd);
    figure(shown, partition, "memoryBytes", LeaderFigures::memoryBytes);
    figure(shown, partition, "ackedLowest", LeaderFigures::lowestAcked);
    figure(shown, partition, "ackedHighest", LeaderFigures::highestAcked);
    figure(shown, partition, "committable", LeaderFigures::committable);
    figure(shown, partition, "snapshotsRunning", LeaderFigures::snapshots);
    figure(shown, partition, "historyAfter", LeaderFigures::historyAfter);
    figure(shown, partition, "historyUpTo", LeaderFigures::historyUpTo);
    figure(shown, partition, "historyMissing", LeaderFigures::historyMissing);
    return shown;
  }

  private void figure(
      Map<String, Supplier<Object>> shown,
      int partition,
      String name,
      ToLongFunction<LeaderFigures> figure) {
    shown.put(
        name, () -> number(partition, served -> figure.applyAsLong(served.leader().figures())));
  }

  private Long number(int partition, ToLongFunction<Served> figure) {
    Served served = partitions.get(partition);
    return served == null ? -1L : figure.applyAsLong(served);
  }

  /** Whether the worker's default converters are still to be found out: {@link #learn}. */
  public boolean mustLearn() {
    return !converters.isDone();
  }

  /**
   * Finds the worker's converters by a record that Connect handed over.
   *
   * @throws ConnectException when that can't be done; the message says what to set
   */
  public void learn(SinkRecord seen) {
    if (seen.value() == null) {
      return;
    }
    int partition = seen.originalKafkaPartition();
    try (LogConsumer consumer = parts.consumer(name + "-probe")) {
      consumer.seek(Map.of(partition, seen.originalKafkaOffset()));
      long deadline = System.nanoTime() + PROBE.toNanos();
      while (System.nanoTime() < deadline) {
        for (Stretch stretch : consumer.poll(Duration.ofMillis(500))) {
          for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
            if (raw.offset() == seen.originalKafkaOffset()) {
              converters.complete(Converters.guess(configured, raw, seen));
            }
          }
          // a record that is not there was aborted: the next one will do
          return;
        }
      }
    }
  }

  /** The offset of a record at the end of a partition to learn from; -1 when it is empty. */
  public long lastRecord(int partition) {
    try (LogConsumer consumer = parts.consumer(name + "-probe")) {
      Bounds bounds = consumer.bounds(partition);
      long from = Math.max(bounds.begin(), bounds.end() - 100);
      long last = -1;
      long deadline = System.nanoTime() + PROBE.toNanos();
      consumer.seek(Map.of(partition, from));
      while (consumer.position(partition) < bounds.end() && System.nanoTime() < deadline) {
        for (Stretch stretch : consumer.poll(Duration.ofMillis(500))) {
          for (ConsumerRecord<byte[], byte[]> raw : stretch.records()) {
            last = raw.value() == null ? last : raw.offset();
          }
        }
      }
      return last;
    }
  }

  /** Closes everything; what can't be closed in a few seconds is left behind. */
  @Override
  public void close() {
    for (int partition : partitions.keySet()) {
      close(partition, "the sink stops");
    }
    tail.close();
    older.close();
    snapshotThreads.shutdownNow();
    loops.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    parts.close();
  }
}
