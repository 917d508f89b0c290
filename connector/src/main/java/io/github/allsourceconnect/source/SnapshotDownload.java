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
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches snapshots over a connection of their own, one at a time, on a thread of its own: {@code
 * subscribe}, then the files into the work folder. The outcome goes to the follower's mailbox.
 */
final class SnapshotDownload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDownload.class);
  private static final int READ = 256 << 10;
  private static final int CHUNK_LINE = 1 << 20;
  private static final int FAILURES_MAX = 2;
  private static final int FAILURES_KEPT = 1000;
  private static final long DISK_RESERVE = 64L << 20;
  private static final long DISK_CHECK_EVERY = 16L << 20;

  private record Order(int snapshot, HostPort address, long lastOffset) {}

  /** What the leader told besides the files: where it is, or where the snapshot ends. */
  private static final class Told {
    long offset;

    /** The snapshot is the older part of a log that is replayed. */
    private boolean ofLog;
  }

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
  private final boolean leavesOut;
  private final Consumer<Consumer<Follower>> mailbox;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;

  private final Map<String, Integer> failures = new HashMap<>();
  private int leftOut;
  private Order next;
  private int current;
  private boolean wanted;
  private Closeable opened;
  private SnapshotAssembler stored;
  private boolean closed;
  private final AtomicLong received = new AtomicLong();

  /**
   * @param leavesOut whether a file that could not be used twice is passed over in later snapshots
   */
  SnapshotDownload(
      String name,
      LeaderSettings leader,
      BufferSettings buffers,
      Dialer dialer,
      MessageCodec codec,
      Path folder,
      boolean leavesOut,
      Consumer<Consumer<Follower>> mailbox,
      Consumer<Throwable> onFailure) {
    this.leader = leader;
    this.buffers = buffers;
    this.dialer = dialer;
    this.codec = codec;
    this.folder = folder;
    this.leavesOut = leavesOut;
    this.mailbox = mailbox;
    this.onFailure = onFailure;
    thread = new Thread(this::run, "allsource-" + name + "-snapshot");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Orders a snapshot; the one before is given up.
   *
   * @param lastOffset what to subscribe with
   */
  synchronized void request(int snapshot, int address, long lastOffset) {
    discard();
    next = new Order(snapshot, leader.addresses().get(address), lastOffset);
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

  /** The files of the snapshot that is complete, those to be left out left out. */
  synchronized List<SnapshotFile> files() {
    return stored == null ? List.of() : readable(stored.files());
  }

  /**
   * The complete snapshot's files could not be read. One that this happens to twice (a transfer may
   * have altered it once) is left out of later snapshots.
   *
   * @param why names the file
   */
  synchronized void unreadable(String why) {
    if (stored != null) {
      for (SnapshotFile file : stored.files()) {
        if (why.contains(file.name())) {
          failed(file.name());
        }
      }
    }
  }

  private synchronized void failed(String file) {
    if (leavesOut && file != null && failures.size() < FAILURES_KEPT) {
      failures.merge(file, 1, Integer::sum);
    }
  }

  private synchronized Set<String> namesToLeaveOut() {
    return failures.entrySet().stream()
        .filter(file -> file.getValue() >= FAILURES_MAX)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  private List<SnapshotFile> readable(List<SnapshotFile> all) {
    return all.stream().filter(f -> failures.getOrDefault(f.name(), 0) < FAILURES_MAX).toList();
  }

  /** How many files of the last snapshot were left out. */
  synchronized int leftOut() {
    return leftOut;
  }

  /** Bytes of the snapshot that is being, or was last, fetched. */
  long received() {
    return received.get();
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
    received.set(0);
    Told told = new Told();
    SnapshotAssembler assembler = null;
    boolean kept = false;
    try (Wire wire = dialer.dial(order.address, this::opened)) {
      checkDisk();
      wire.write(codec.encode(new FollowerMessage.Subscribe(order.lastOffset)));
      assembler = new SnapshotAssembler(folder, buffers.snapshotDiskBytes(), namesToLeaveOut());
      switch (read(order, wire, assembler, told)) {
        case COMPLETE -> kept = complete(snapshot, assembler, told.offset);
        case NONE -> {
          long offset = told.offset;
          mailbox.accept(follower -> follower.onSnapshotNone(snapshot, offset));
        }
        default -> mailbox.accept(follower -> follower.onSnapshotReplays(snapshot));
      }
    } catch (ProtocolException e) {
      if (e.kind() == ProtocolException.Kind.TOO_LONG
          && e.lineNumber() == 0
          && isWanted(snapshot)) {
        // no other attempt can end otherwise
        onFailure.accept(new ConnectException(e.getMessage() + " The position is kept.", e));
      } else if (assembler != null && assembler.begun()) {
        if (!told.ofLog) {
          // one left out of a log's snapshot would not be missed: its rows are not counted
          failed(assembler.damagedFile());
        }
        if (isWanted(snapshot)) {
          String why = order.address + ": " + e.getMessage();
          mailbox.accept(follower -> follower.onSnapshotDamaged(snapshot, why));
        }
      } else {
        report(snapshot, e);
      }
    } catch (SocketTimeoutException e) {
      report(
          snapshot,
          new IOException(
              order.address + " sent nothing for a while in the middle of its answer", e));
    } catch (IOException e) {
      report(snapshot, e);
    } finally {
      synchronized (this) {
        opened = null;
      }
      if (!kept) {
        closeQuietly(assembler);
      }
    }
  }

  private void report(int snapshot, IOException e) {
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    if (isWanted(snapshot)) {
      mailbox.accept(follower -> follower.onSnapshotFailed(snapshot, why));
    }
  }

  private void checkDisk() throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < DISK_RESERVE) {
      throw new IOException(
          "the disk of buffer.disk.dir ("
              + folder
              + ") has only "
              + usable
              + " bytes left; free some, or set another folder");
    }
  }

  private boolean complete(int snapshot, SnapshotAssembler assembler, long endOffset) {
    List<String> names;
    long bytes = assembler.bytes();
    synchronized (this) {
      names = readable(assembler.files()).stream().map(SnapshotFile::name).toList();
      leftOut = assembler.filesLeftOut().size();
      if (closed || !wanted || current != snapshot) {
        return false;
      }
      stored = assembler;
    }
    if (leftOut() > 0) {
      LOG.error(
          "Snapshot {}: {} files are left out by corrupt.entry.policy, they could not be read {}"
              + " times: {}",
          snapshot,
          leftOut(),
          FAILURES_MAX,
          assembler.filesLeftOut());
    }
    LOG.info("Snapshot {}: {} files, {} bytes", snapshot, names.size(), bytes);
    mailbox.accept(follower -> follower.onSnapshotComplete(snapshot, names, bytes, endOffset));
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

  private Outcome read(Order order, Wire wire, SnapshotAssembler assembler, Told told)
      throws IOException {
    LineFramer framer = new LineFramer(Math.max(leader.lineMaxBytes(), CHUNK_LINE));
    Outcome[] outcome = new Outcome[1];
    boolean[] began = new boolean[1];
    wire.readTimeout((int) leader.connectTimeout().toMillis());
    byte[] block = new byte[READ];
    long checkAt = DISK_CHECK_EVERY;
    while (outcome[0] == null) {
      int read = wire.read(block, 0, block.length);
      if (read < 0) {
        throw new IOException(
            order.address + " closed the connection before the snapshot was complete");
      }
      received.addAndGet(read);
      if (received.get() >= checkAt) {
        checkAt = received.get() + DISK_CHECK_EVERY;
        checkDisk();
      }
      framer.feed(
          block,
          0,
          read,
          (buf, off, len, line) -> {
            if (outcome[0] != null) {
              return;
            }
            if (!began[0] && MessageCodec.looksLikeEntry(buf, off, len)) {
              outcome[0] = Outcome.REPLAYS;
              return;
            }
            LeaderMessage message = codec.decodeLeader(buf, off, len, line);
            if (message instanceof LeaderMessage.SnapshotStart start) {
              began[0] = true;
              told.ofLog = start.replays();
              assembler.start(start);
            } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
              assembler.chunk(chunk);
            } else if (message instanceof LeaderMessage.SnapshotEnd end) {
              assembler.end();
              told.offset = end.walOffsetAfterSnapshot();
              outcome[0] = Outcome.COMPLETE;
            } else if (began[0]) {
              throw new ProtocolException(
                  ProtocolException.Kind.SNAPSHOT,
                  "line " + line + " from " + order.address + " interrupts the snapshot",
                  line,
                  0);
            } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
              told.offset = caughtUp.currentOffset();
              outcome[0] = caughtUp.replays() ? Outcome.REPLAYS : Outcome.NONE;
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
