package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.CommitTracker;
import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.listener.FollowerListener;
import io.github.allsourceconnect.sink.listener.Handshakes;
import io.github.allsourceconnect.sink.listener.HistorySender;
import io.github.allsourceconnect.sink.listener.MemoryShares;
import io.github.allsourceconnect.sink.listener.PartitionLeader;
import io.github.allsourceconnect.sink.topic.Deadline;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.HistoryWriter;
import io.github.allsourceconnect.sink.topic.LineEncoder;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.Recognition;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a task owns: event loops, readers of the topic, and for each assigned partition
 * its decisions, listener and history. Built whole or not at all. Used by the task's thread.
 */
public final class Leader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leader.class);
  private static final int HISTORY_THREADS = 2;
  private static final int SENDING_AT_ONCE = 16;

  /** For partitions to be let go of, all together. */
  private static final long CLOSE_MS = 3_300;

  /** For the rest of a task after them. */
  private static final long LAST_MS = 1_200;

  private final SinkConfig config;
  private final LeaderParts parts;
  private final String name;
  private final BackgroundFailure failure = new BackgroundFailure();
  private final MessageCodec codec = new MessageCodec();
  private final MemoryShares memory;
  private final boolean passOverBad;
  private final Map<Integer, ServedPartition> partitions = new ConcurrentHashMap<>();
  private TopicReaders readers;
  private MultiThreadIoEventLoopGroup loops;
  private Handshakes handshakes;
  private ExecutorService historyThreads;

  /**
   * @param parts closed with this, also when it can't be built
   * @param name of threads and clients
   * @param passOverBad whether records that are no events are passed over
   */
  public Leader(SinkConfig config, LeaderParts parts, String name, boolean passOverBad) {
    this.config = config;
    this.parts = parts;
    this.name = name;
    this.passOverBad = passOverBad;
    this.memory =
        new MemoryShares(
            Runtime.getRuntime().maxMemory() / config.tasksMax(),
            config.log().tailBytes(),
            config.listener().followerBufferBytes());
    try {
      build();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void build() {
    readers =
        new TopicReaders(config.topic(), config.log(), parts, codec, name, passOverBad, failure);
    loops =
        new MultiThreadIoEventLoopGroup(
            config.listener().threads(), threads("-followers"), NioIoHandler.newFactory());
    handshakes = new Handshakes(threads("-handshakes"));
    historyThreads = Executors.newFixedThreadPool(HISTORY_THREADS, threads("-snapshots"));
  }

  private ThreadFactory threads(String suffix) {
    LogContext context = LogContext.here();
    ThreadFactory made = new DefaultThreadFactory(name + suffix, true);
    return work -> made.newThread(context.around(work));
  }

  /** Whether a broker was connected when the topic was read last. Any thread. */
  public boolean brokersAnswer() {
    return readers.tail().isAnswering();
  }

  /** Throws when something in the background has failed, with its cause and the addresses. */
  public void check() {
    failure.check(
        () ->
            partitions.values().stream()
                .map(served -> served.listener().address())
                .collect(Collectors.joining(", ")));
  }

  /**
   * Begins to serve a partition; its port may come a little later.
   *
   * @param connectIsLost whether Connect does not know from where it hands over
   */
  public void open(int partition, boolean connectIsLost) {
    String log = config.topic() + "-" + partition;
    History history = parts.history(partition, memory::file);
    HistoryFeed feed = history == null ? null : new HistoryFeed(memory::feed);
    PartitionLeader leader =
        new PartitionLeader(
            partition,
            settings(log, history != null),
            loops.next(),
            readers.older(),
            codec,
            history == null ? null : new HistorySender(history, historyThreads, codec),
            feed,
            memory,
            failure);
    FollowerListener listener =
        new FollowerListener(
            config.listener(),
            config.port(partition),
            leader,
            parts.tls(),
            handshakes,
            log,
            failure);
    HistoryWriter writer = history == null ? null : writer(partition, log, history, feed, leader);
    ServedPartition served = new ServedPartition(leader, listener, writer);
    partitions.put(partition, served);
    if (connectIsLost) {
      leader.connectIsLost();
    }
    served.start(readers.tail());
  }

  private HistoryWriter writer(
      int partition, String log, History history, HistoryFeed feed, PartitionLeader leader) {
    String client = name + "-history-" + partition;
    return new HistoryWriter(
        client,
        log,
        partition,
        history,
        feed,
        new HistoryWriter.FileLimits(
            config.snapshot().fileMaxAge().toMillis(), config.snapshot().fileMaxBytes()),
        new HistoryTopicParts(client, partition),
        leader,
        failure);
  }

  /** What a history's writer needs of the topic. */
  private final class HistoryTopicParts implements HistoryWriter.Topic {
    private final String client;
    private final int partition;

    HistoryTopicParts(String client, int partition) {
      this.client = client;
      this.partition = partition;
    }

    @Override
    public LogConsumer consumer() {
      return parts.consumer(client);
    }

    @Override
    public LineEncoder mapping() {
      return readers.encoder();
    }

    @Override
    public LogIdentity identity() {
      return readers.watch().now().identity();
    }

    @Override
    public boolean isEarlierNoted() {
      return readers.watch().isEarlierNoted(partition);
    }

    @Override
    public TopicRetention retention() {
      return parts.retention(client);
    }
  }

  private PartitionSettings settings(String log, boolean historyKept) {
    return new PartitionSettings(
        log,
        config.listener().followerMax(),
        config.listener().newcomersMax(),
        config.listener().subscribeTimeout().toMillis(),
        config.listener().followerIdleTimeout().toMillis(),
        PartitionSettings.SnapshotMode.valueOf(config.snapshot().mode().name()),
        historyKept,
        PartitionSettings.GapPolicy.valueOf(config.history().gapPolicy().name()),
        SENDING_AT_ONCE,
        config.commitAcks().orElse(CommitTracker.ALL),
        config.log().tailBytes(),
        config.log().tailBytes());
  }

  /**
   * Serves partitions no longer: followers are closed, the ports are free afterwards. All are told
   * first, then waited for, a few seconds in all.
   */
  public void close(Collection<Integer> leaving, String why) {
    Deadline deadline = Deadline.in(CLOSE_MS);
    List<ServedPartition> closing = new ArrayList<>();
    List<Future<?>> waited = new ArrayList<>();
    for (int partition : leaving) {
      ServedPartition served = partitions.remove(partition);
      if (served != null) {
        closing.add(served);
        readers.recognition().forget(partition);
        readers.watch().remember(partition, served.leader().lastNote(), System.currentTimeMillis());
        waited.addAll(served.stop(readers.tail(), why));
      }
    }
    waited.forEach(future -> await(future, deadline));
    HistoryWriter.closeAll(
        closing.stream().map(ServedPartition::history).filter(Objects::nonNull).toList(), deadline);
  }

  private static void await(Future<?> future, Deadline deadline) {
    try {
      future.get(deadline.left(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("A partition could not be closed properly", e);
    }
  }

  /** What may be committed of a partition now. Never waits. */
  CommitPoint commitPoint(int partition) {
    ServedPartition served = partitions.get(partition);
    return served == null ? CommitPoint.NONE : served.leader().commitPoint();
  }

  /** Connect has handed over what lies before a Kafka offset: {@link PartitionLeader#handed}. */
  void handed(int partition, int epoch, long position) {
    ServedPartition served = partitions.get(partition);
    if (served != null) {
      served.leader().handed(epoch, position);
    }
  }

  /** Where followers of a partition connect to; null when it is not served. Any thread. */
  public String address(int partition) {
    ServedPartition served = partitions.get(partition);
    return served == null ? null : served.listener().address();
  }

  /** The port that a partition is served on now, 0 while it is not. Any thread. */
  public int port(int partition) {
    ServedPartition served = partitions.get(partition);
    return served == null ? 0 : served.listener().boundPort();
  }

  /** The figures of a partition; null when it is not served. Any thread. */
  LeaderFigures figures(int partition) {
    ServedPartition served = partitions.get(partition);
    return served == null ? null : served.leader().figures();
  }

  /** Bytes written to followers of a partition; -1 when it is not served. Any thread. */
  long bytesSent(int partition) {
    ServedPartition served = partitions.get(partition);
    return served == null ? -1 : served.leader().bytesSent();
  }

  /** How many reads and questions wait. Any thread. */
  int readsWaiting() {
    return readers.older().waiting();
  }

  /** How many partitions share the memory. Any thread. */
  int shares() {
    return memory.partitions();
  }

  /** Finds what Connect hands over in the topic. */
  Recognition recognition() {
    return readers.recognition();
  }

  /** Closes everything; what can't be closed in a few seconds is left behind. */
  @Override
  public void close() {
    if (readers != null) {
      readers.stop();
    }
    close(List.copyOf(partitions.keySet()), "the sink stops");
    Deadline deadline = Deadline.in(LAST_MS);
    if (readers != null) {
      readers.close(deadline);
    }
    if (historyThreads != null) {
      historyThreads.shutdownNow();
    }
    if (handshakes != null) {
      handshakes.close(deadline);
    }
    if (loops != null) {
      long left = deadline.left();
      loops.shutdownGracefully(0, left, TimeUnit.MILLISECONDS).awaitUninterruptibly(left);
    }
    parts.close();
  }
}
