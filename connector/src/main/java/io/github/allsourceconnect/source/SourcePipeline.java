package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.RefusalSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.files.PrivateFiles;
import io.github.allsourceconnect.files.TaskFolder;
import io.github.allsourceconnect.metrics.PluginFigures;
import io.github.allsourceconnect.metrics.SourceMetrics;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.fetch.SnapshotDownload;
import io.github.allsourceconnect.source.link.AckWriter;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.link.Probe;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import io.github.allsourceconnect.source.readahead.SpillFiles;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import io.github.allsourceconnect.source.record.SourceOffsets;
import io.github.allsourceconnect.source.record.Transaction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a source task runs: built whole or not at all, closed whole. The data's way: live
 * connection (its thread) → {@link ReceiveBuffer} → {@link FollowShell} ({@link FollowLoop}'s
 * thread, with the decisions) → {@link OutgoingBatches} → {@link BatchQueue} → {@link #poll}
 * (Connect's thread) → {@link #committed} (Connect's threads) → follow loop → acks (their thread).
 */
final class SourcePipeline implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourcePipeline.class);
  private static final long POLL_MS = 500;
  private static final String PRODUCER = "org.apache.kafka.clients.producer.";
  private static final int CALLERS = 16;

  private final ArrayDeque<AutoCloseable> opened = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Consumer<Follower>> mailbox = new ConcurrentLinkedQueue<>();
  private final BatchQueue batches;
  private final FollowShell shell;
  private final FollowLoop loop;
  private final Deliveries deliveries = new Deliveries();
  private final Object calls = new Object();
  private volatile Thread poller;
  private boolean polling;
  private boolean interrupted;
  private volatile boolean kafkaIsOver;
  private boolean committedSincePoll;
  private volatile boolean apart;
  private final Transaction transaction = new Transaction();
  private final SourceMetrics metrics;
  private final boolean tolerant;

  SourcePipeline(SourceConfig config, SourcePosition position) {
    this(config, position, List.of());
  }

  /**
   * @param shapes the schemas of payloads that are stored, in parts
   */
  SourcePipeline(SourceConfig config, SourcePosition position, List<String> shapes) {
    String name = Printable.name(config.connectorName());
    tolerant = config.getBoolean(RefusalSettings.ERRORS_TOLERANCE_ACCEPTED);
    batches =
        new BatchQueue(config.batches().inFlightBytes(), config.batches().transactionMs() > 0);
    try {
      MessageCodec codec = new MessageCodec();
      Dialer dialer = open(new Dialer(config.leader(), config.security()));
      TaskFolder folder =
          open(
              TaskFolder.create(
                  BufferSettings.DISK_DIR,
                  config.buffers().dir(),
                  "allsource-" + PrivateFiles.nameOf(config.connectorName()) + "-"));
      Path path = folder.path();
      metrics = open(new SourceMetrics(config.connectorName()));
      FollowLoop[] made = new FollowLoop[1];
      Runnable wake = () -> made[0].wake();
      Consumer<Consumer<Follower>> post =
          input -> {
            mailbox.add(input);
            made[0].wake();
          };
      Consumer<Throwable> fail = batches::fail;
      ReceiveBuffer buffer =
          open(
              new ReceiveBuffer(
                  config.buffers().memoryBytes(),
                  new SpillFiles(path, config.buffers().diskBytes()),
                  wake));
      LiveConnection live =
          new LiveConnection(name, config.leader(), dialer, codec, buffer, post, fail);
      SnapshotDownload snapshots =
          new SnapshotDownload(
              name,
              config.leader(),
              config.buffers(),
              dialer,
              codec,
              path,
              config.records().corrupt() != CorruptPolicy.FAIL,
              post,
              fail);
      AckWriter acks = new AckWriter(name, live, codec, fail);
      Probe probe = new Probe(name, config.leader(), dialer, codec, live, post, fail);
      shell =
          new FollowShell(
              config,
              position,
              shapes,
              codec,
              mailbox,
              buffer,
              live,
              acks,
              probe,
              snapshots,
              batches,
              deliveries,
              metrics,
              wake,
              this::interruptConnect);
      loop = new FollowLoop(name, shell, batches);
      made[0] = loop;
      opened.push(acks);
      opened.push(probe);
      opened.push(snapshots);
      opened.push(live);
      opened.push(loop);
      live.start();
      snapshots.start();
      acks.start();
      probe.start();
      loop.start();
    } catch (IOException | RuntimeException e) {
      ConnectException failure =
          e instanceof ConnectException known
              ? known
              : new ConnectException("The source " + name + " can't start: " + e.getMessage(), e);
      closeAll(failure);
      throw failure;
    }
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Shows the figures among the worker's metrics, too. */
  void showIn(PluginFigures worker) {
    metrics.showIn(worker);
  }

  /**
   * The next records, or null when none come for a while.
   *
   * @throws ConnectException what ended the work, with its cause
   */
  List<SourceRecord> poll() throws InterruptedException {
    synchronized (calls) {
      poller = Thread.currentThread();
      polling = true;
      forgetInterrupt();
    }
    try {
      return next();
    } finally {
      synchronized (calls) {
        polling = false;
      }
    }
  }

  /**
   * Ends what Connect's thread waits for, if that is the producer: a send without an end. Nowhere
   * else is it interrupted, for Connect takes that for its own wish to end the task, and says so to
   * nobody: while the connector is paused, or between two attempts to look for a topic. There a
   * batch that is tried again fails by itself, see {@link RetriedRecords}.
   */
  private void interruptConnect() {
    synchronized (calls) {
      kafkaIsOver = true;
      if (!polling && poller != null && isInProducer(poller)) {
        interrupted = true;
        poller.interrupt();
      }
    }
  }

  static boolean isInProducer(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith(PRODUCER));
  }

  /** What Connect closes should not suffer from it. */
  private void forgetInterrupt() {
    synchronized (calls) {
      if (interrupted && Thread.currentThread() == poller) {
        interrupted = !Thread.interrupted();
      }
    }
  }

  private List<SourceRecord> next() throws InterruptedException {
    shell.polled();
    if (committedSincePoll) {
      committedSincePoll = false;
      StoredOffsets stored = transaction.take();
      if (stored.numbers().containsKey(SourcePosition.FIRST_SLOT)) {
        shell.outgoing().stores(true);
      }
      mailbox.add(
          told -> {
            told.onStoredTogether();
            told.onStored(stored);
          });
      deliveries.filtered(batches.polledCommitted());
      shell.outgoing().storedTogether();
      loop.wake();
    }
    Batch batch = batches.poll(POLL_MS);
    if (batch != null) {
      transaction.polled(batch);
      loop.wake();
      return new RetriedRecords(batch.records(), () -> kafkaIsOver ? batches.failure() : null);
    }
    Throwable failure = batches.failure();
    if (failure != null) {
      throw RetriedRecords.thrown(failure);
    }
    return null;
  }

  /**
   * Connect has committed. If it does so between two polls and on the thread that polls, it stores
   * records and offsets in one transaction (exactly-once), and has done with all that was polled.
   * Otherwise it does so on another thread, or after the last poll.
   */
  void committed() {
    if (Thread.currentThread() == poller) {
      committedSincePoll = true;
    }
  }

  /** Kafka has this record, or (without metadata) the worker has left it out. */
  void committed(SourceRecord record, RecordMetadata metadata) {
    boolean polling = Thread.currentThread() == poller;
    Batch.Offset offset = record.sourceOffset() instanceof Batch.Offset known ? known : null;
    if (polling && offset != null && metadata != null) {
      transaction.had(offset.position());
    }
    if (metadata == null
        && record.sourcePartition().get(SourceOffsets.SHAPES) instanceof Long part) {
      shell.outgoing().lostShapes(part.intValue());
    }
    if (metadata != null) {
      deliveries.confirmed();
      if (!polling && !apart) {
        apart = true;
        shell.outgoing().stores(false);
        mailbox.add(Follower::onStoredApart);
      }
    } else if (offset != null && offset.batch().isSettled()) {
      return; // counted already, when Connect had nothing to commit
    } else if (polling && !(tolerant && isInSend())) {
      deliveries.filtered();
    } else {
      deliveries.dropped();
    }
    if (offset != null && offset.batch().committed()) {
      batches.committed(offset.batch());
      loop.wake();
    }
  }

  /** Whether the producer is telling this: it refuses what is too large on the caller's thread. */
  private static boolean isInSend() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames.limit(CALLERS).anyMatch(frame -> frame.getClassName().startsWith(PRODUCER)));
  }

  private void closeAll(Throwable suppressTo) {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        if (suppressTo != null) {
          suppressTo.addSuppressed(e);
        } else {
          LOG.warn("While closing the source", e);
        }
      }
    }
  }

  @Override
  public void close() {
    synchronized (calls) {
      forgetInterrupt();
      poller = null;
    }
    closeAll(null);
  }
}
