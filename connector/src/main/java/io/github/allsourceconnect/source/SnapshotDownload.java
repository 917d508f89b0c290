package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches snapshots over a connection of their own, one at a time, on a thread of its own: {@code
 * subscribe 0}, then the files into the work folder. The outcome goes to the follower's mailbox.
 */
final class SnapshotDownload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDownload.class);
  private static final int READ = 256 << 10;
  private static final int CHUNK_LINE = 1 << 20;

  private record Order(int snapshot, HostPort address) {}

  private enum Outcome {
    COMPLETE,
    NONE,
    REPLAYS
  }

  private final LeaderSettings leader;
  private final BufferSettings buffers;
  private final Dialer dialer;
  private final MessageCodec codec;
  private final Path folder;
  private final Consumer<Consumer<Follower>> mailbox;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;

  private Order next;
  private int current;
  private boolean wanted;
  private Closeable opened;
  private SnapshotAssembler stored;
  private boolean closed;
  private volatile long received;

  SnapshotDownload(
      String name,
      LeaderSettings leader,
      BufferSettings buffers,
      Dialer dialer,
      MessageCodec codec,
      Path folder,
      Consumer<Consumer<Follower>> mailbox,
      Consumer<Throwable> onFailure) {
    this.leader = leader;
    this.buffers = buffers;
    this.dialer = dialer;
    this.codec = codec;
    this.folder = folder;
    this.mailbox = mailbox;
    this.onFailure = onFailure;
    thread = new Thread(this::run, "allsource-" + name + "-snapshot");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Orders a snapshot; the one before is given up. */
  synchronized void request(int snapshot, int address) {
    discard();
    next = new Order(snapshot, leader.addresses().get(address));
    notifyAll();
  }

  /** Deletes what is stored and gives up what is being fetched. */
  synchronized void discard() {
    next = null;
    wanted = false;
    closeQuietly(opened);
    closeQuietly(stored);
    stored = null;
  }

  /** The files of the snapshot that is complete. */
  synchronized List<SnapshotFile> files() {
    return stored == null ? List.of() : stored.files();
  }

  /** Bytes of the snapshot that is being, or was last, fetched. */
  long received() {
    return received;
  }

  private void run() {
    try {
      for (Order order = await(); order != null; order = await()) {
        fetch(order);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  private synchronized Order await() throws InterruptedException {
    while (next == null && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    Order order = next;
    next = null;
    current = order.snapshot;
    wanted = true;
    return order;
  }

  private void fetch(Order order) {
    int snapshot = order.snapshot;
    received = 0;
    long[] currentOffset = new long[1];
    SnapshotAssembler assembler = null;
    boolean kept = false;
    try (Wire wire = dialer.dial(order.address, this::opened)) {
      wire.write(codec.encode(new FollowerMessage.Subscribe(0)));
      assembler = new SnapshotAssembler(folder, buffers.snapshotDiskBytes());
      switch (read(order, wire, assembler, currentOffset)) {
        case COMPLETE -> kept = complete(snapshot, assembler);
        case NONE -> {
          long offset = currentOffset[0];
          mailbox.accept(follower -> follower.onSnapshotNone(snapshot, offset));
        }
        default -> mailbox.accept(follower -> follower.onSnapshotReplays(snapshot));
      }
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      if (isWanted(snapshot)) {
        mailbox.accept(follower -> follower.onSnapshotFailed(snapshot, why));
      }
    } finally {
      synchronized (this) {
        opened = null;
      }
      if (!kept) {
        closeQuietly(assembler);
      }
    }
  }

  private boolean complete(int snapshot, SnapshotAssembler assembler) {
    List<String> names = assembler.files().stream().map(SnapshotFile::name).toList();
    long bytes = assembler.bytes();
    synchronized (this) {
      if (closed || !wanted || current != snapshot) {
        return false;
      }
      stored = assembler;
    }
    LOG.info("Snapshot {}: {} files, {} bytes", snapshot, names.size(), bytes);
    mailbox.accept(follower -> follower.onSnapshotComplete(snapshot, names, bytes));
    return true;
  }

  private synchronized boolean isWanted(int snapshot) {
    return wanted && current == snapshot && !closed;
  }

  private synchronized void opened(Closeable closeable) {
    opened = closeable;
    if (closed || !wanted) {
      closeQuietly(closeable);
    }
  }

  private Outcome read(Order order, Wire wire, SnapshotAssembler assembler, long[] currentOffset)
      throws IOException {
    LineFramer framer = new LineFramer(Math.max(leader.lineMaxBytes(), CHUNK_LINE));
    Outcome[] outcome = new Outcome[1];
    boolean[] began = new boolean[1];
    wire.readTimeout((int) leader.connectTimeout().toMillis());
    byte[] block = new byte[READ];
    while (outcome[0] == null) {
      int read = wire.read(block, 0, block.length);
      if (read < 0) {
        throw new IOException(
            order.address + " closed the connection before the snapshot was complete");
      }
      received += read;
      framer.feed(
          block,
          0,
          read,
          (buf, off, len, line) -> {
            if (outcome[0] != null) {
              return;
            }
            LeaderMessage message = codec.decodeLeader(buf, off, len, line);
            if (message instanceof LeaderMessage.SnapshotStart start) {
              began[0] = true;
              assembler.start(start);
            } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
              assembler.chunk(chunk);
            } else if (message instanceof LeaderMessage.SnapshotEnd) {
              assembler.end();
              outcome[0] = Outcome.COMPLETE;
            } else if (began[0]) {
              throw new ProtocolException(
                  ProtocolException.Kind.SNAPSHOT,
                  "line " + line + " from " + order.address + " interrupts the snapshot",
                  line,
                  0);
            } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
              currentOffset[0] = caughtUp.currentOffset();
              outcome[0] = Outcome.NONE;
            } else {
              outcome[0] = Outcome.REPLAYS;
            }
          });
      wire.readTimeout((int) leader.deadTimeout().toMillis());
    }
    return outcome[0];
  }

  private static void closeQuietly(AutoCloseable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.debug("While closing a snapshot", e);
      }
    }
  }

  /** Ends the thread, deletes what is stored. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      discard();
      notifyAll();
    }
    Threads.join(thread);
  }
}
