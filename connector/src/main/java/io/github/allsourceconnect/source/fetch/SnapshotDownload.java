package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.ListedRows;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.LinkTroubles;
import io.github.allsourceconnect.source.link.OrderThread;
import io.github.allsourceconnect.source.link.Wire;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches snapshots over a connection of their own, one at a time, on a thread of its own: {@code
 * subscribe}, then the files into the work folder. The outcome goes to the follower's mailbox. The
 * same thread opens and reads the files of the snapshot that is complete ({@link #read}), and
 * deletes those that are not wanted any more, so that whoever orders never waits for a disk.
 */
public final class SnapshotDownload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDownload.class);

  /** What the thread does next. */
  private sealed interface Order {}

  private record Fetch(Request request, HostPort address, long lastOffset) implements Order {}

  private record Read(RowFeed feed, RowFeed.Opener opener, List<SnapshotFile> files)
      implements Order {}

  private record CleanUp() implements Order {}

  private final LeaderSettings leader;
  private final BufferSettings buffers;
  private final Dialer dialer;
  private final MessageCodec codec;
  private final Path folder;
  private final ReadLimits limits;
  private final DamagedFiles damaged;
  private final Consumer<Consumer<Follower>> mailbox;
  private final Consumer<Throwable> onFailure;
  private final OrderThread<Order> orders;

  /** Of the thread that fetches. */
  private final LinkTroubles troubles;

  private int leftOut;

  /** The snapshot that is fetched, or was and is wanted; null for none. */
  private Request current;

  private Closeable opened;
  private SnapshotAssembler stored;
  private RowFeed feed;
  private final List<SnapshotAssembler> abandoned = new ArrayList<>();
  private final SnapshotTransfer transfer;

  /**
   * @param leavesOut whether a file that could not be used twice is passed over in later snapshots
   */
  public SnapshotDownload(
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
    this.damaged = new DamagedFiles(leavesOut);
    limits =
        new ReadLimits(
            buffers.snapshotMemoryBytes(), leader.lineMaxBytes(), buffers.snapshotDiskBytes());
    this.mailbox = mailbox;
    this.onFailure = onFailure;
    transfer = new SnapshotTransfer(leader, buffers, folder);
    troubles = new LinkTroubles(0, leader.sameFailureTimeout().toMillis(), nowMs());
    orders =
        new OrderThread<>(
            "allsource-" + name + "-snapshot", this, this::taken, this::carryOut, onFailure);
  }

  public void start() {
    orders.start();
  }

  /**
   * Orders a snapshot; the one before is given up.
   *
   * @param lastOffset what to subscribe with
   */
  public synchronized void request(Request request, long lastOffset) {
    discard();
    HostPort address = leader.addresses().get(request.epoch().leader());
    orders.order(new Fetch(request, address, lastOffset));
  }

  /** Gives up what is being fetched or read; what is stored is deleted soon. */
  public synchronized void discard() {
    orders.withdraw(order -> true);
    current = null;
    closeQuietly(opened);
    if (feed != null) {
      feed.close();
      feed = null;
    }
    if (stored != null) {
      abandoned.add(stored);
      stored = null;
    }
    if (!abandoned.isEmpty()) {
      orders.order(new CleanUp());
    }
  }

  /**
   * Reads the rows of the snapshot that is complete in time order, those of the files to be left
   * out left out; what was read before is given up.
   *
   * @param fromMicros older rows are left out
   * @param idsOnly as {@link TimeOrderedRows} has it
   * @param onRows called by the reading thread when there is something to take
   */
  public RowFeed readInTimeOrder(long fromMicros, boolean idsOnly, Runnable onRows) {
    return read(files -> new TimeOrderedRows(files, fromMicros, idsOnly, limits), onRows);
  }

  /** The same, all rows as they stand in the files. */
  public RowFeed readAsTheyStand(Runnable onRows) {
    return read(files -> new ListedRows(files, limits), onRows);
  }

  private synchronized RowFeed read(RowFeed.Opener opener, Runnable onRows) {
    if (feed != null) {
      feed.close();
    }
    feed = new RowFeed(onRows);
    List<SnapshotFile> files = stored == null ? List.of() : damaged.without(stored.files());
    orders.order(new Read(feed, opener, files));
    return feed;
  }

  /**
   * A file of the complete snapshot could not be read. One that this happens to twice (a transfer
   * may have altered it once) is left out of later snapshots, where that is wanted.
   *
   * @return whether the next snapshot will do without it
   */
  public synchronized boolean unreadable(String file) {
    return stored != null
        && stored.files().stream().anyMatch(known -> known.name().equals(file))
        && damaged.add(List.of(file));
  }

  /** What can be done when a file can't be read again and again. */
  public String advice() {
    return damaged.advice(true);
  }

  /** How many files of the last snapshot were left out. */
  public synchronized int leftOut() {
    return leftOut;
  }

  /** Whether a snapshot is being fetched, or is there to be read. */
  public synchronized boolean isRunning() {
    return current != null && !orders.isClosed();
  }

  /** Bytes of the snapshot that is being, or was last, fetched. */
  public long received() {
    return transfer.received();
  }

  private void taken(Order order) {
    if (order instanceof Fetch fetch) {
      current = fetch.request;
    }
  }

  private void carryOut(Order order) throws InterruptedException {
    cleanUp();
    if (order instanceof Fetch fetch) {
      fetch(fetch);
    } else if (order instanceof Read read) {
      read.feed.fill(read.opener, read.files);
    }
  }

  private void cleanUp() {
    List<SnapshotAssembler> unwanted;
    synchronized (this) {
      unwanted = List.copyOf(abandoned);
      abandoned.clear();
    }
    unwanted.forEach(SnapshotDownload::closeQuietly);
  }

  private void fetch(Fetch order) {
    Request request = order.request;
    transfer.begin();
    SnapshotAssembler assembler = null;
    SnapshotLines lines = null;
    boolean kept = false;
    long deadline = dialer.deadline();
    try (Wire wire = dialer.dial(order.address, deadline, this::opened)) {
      wire.resetOnClose();
      transfer.checkDisk();
      wire.write(codec.encode(new FollowerMessage.Subscribe(order.lastOffset)));
      assembler = new SnapshotAssembler(folder, buffers.snapshotDiskBytes(), damaged.toLeaveOut());
      lines = new SnapshotLines(codec, assembler, damaged.leavesOut());
      transfer.read(order.address, wire, lines, deadline);
      troubles.done();
      long offset = lines.offset();
      switch (lines.outcome()) {
        case COMPLETE -> kept = complete(request, assembler, offset);
        case NONE -> mailbox.accept(follower -> follower.onSnapshotNone(request, offset));
        default -> mailbox.accept(follower -> follower.onSnapshotReplays(request));
      }
    } catch (ProtocolException e) {
      if (e.kind() == ProtocolException.Kind.TOO_LONG && e.lineNumber() == 0 && isWanted(request)) {
        // no other attempt can end otherwise
        onFailure.accept(new ConnectException(e.getMessage() + " The position is kept.", e));
      } else {
        boolean better = damaged.add(lines.toLeaveOut());
        reportDamage(order, order.address + ": " + e.getMessage(), lines.leavingOutHelps(), better);
      }
    } catch (IOException e) {
      String why = Printable.message(e.getMessage() == null ? e.toString() : e.getMessage());
      String harm = assembler == null ? null : assembler.harm();
      if (harm != null) {
        // it may end so each time because of what came before
        reportDamage(order, why + "; before that, " + harm, false, false);
      } else if (isWanted(request)) {
        String over =
            transfer.received() == 0 ? null : troubles.protocolError("", order.lastOffset, nowMs());
        if (over != null) {
          onFailure.accept(
              new ConnectException(
                  over + " while it sent snapshots; the last: " + why + ". The position is kept.",
                  e));
        }
        mailbox.accept(follower -> follower.onSnapshotFailed(request, why));
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

  private void reportDamage(Fetch order, String why, boolean leavingOutHelps, boolean better) {
    if (isWanted(order.request)) {
      mailbox.accept(
          follower ->
              follower.onSnapshotDamaged(
                  order.request, why, damaged.advice(leavingOutHelps), better));
    }
  }

  private boolean complete(Request request, SnapshotAssembler assembler, long endOffset) {
    List<String> names;
    long bytes = assembler.bytes();
    synchronized (this) {
      names = damaged.without(assembler.files()).stream().map(SnapshotFile::name).toList();
      leftOut = assembler.filesLeftOut().size();
      if (orders.isClosed() || !request.equals(current)) {
        return false;
      }
      stored = assembler;
    }
    if (leftOut() > 0) {
      LOG.error(
          "Snapshot {}: {} files are left out by corrupt.entry.policy, they could not be read {}"
              + " times: {}",
          request.number(),
          leftOut(),
          DamagedFiles.FAILURES_MAX,
          Printable.message(assembler.filesLeftOut().toString()));
    }
    if (assembler.unreadableLines() > 0) {
      LOG.error(
          "Snapshot {}: {} lines of it can't be read and are skipped by corrupt.entry.policy;"
              + " every file that is not left out came whole. The first: {}",
          request.number(),
          assembler.unreadableLines(),
          assembler.harm());
    }
    LOG.info("Snapshot {}: {} files, {} bytes", request.number(), names.size(), bytes);
    mailbox.accept(follower -> follower.onSnapshotComplete(request, names, bytes, endOffset));
    return true;
  }

  private synchronized boolean isWanted(Request request) {
    return request.equals(current) && !orders.isClosed();
  }

  private synchronized void opened(Closeable closeable) {
    opened = closeable;
    if (orders.isClosed() || current == null) {
      closeQuietly(closeable);
    }
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
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
      orders.close();
      discard();
    }
    orders.join();
    cleanUp();
  }
}
