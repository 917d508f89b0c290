package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches snapshots, one after the other, over connections of their own and on a thread of its own,
 * into files. {@link #request} and {@link #abandon} are for any thread and return at once.
 */
final class SnapshotDownload implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDownload.class);
  private static final int BLOCK = 256 << 10;
  private static final int LEAST_LINE = 1 << 20;
  private static final long DISK_RESERVE = 64L << 20;
  private static final long DISK_CHECK_EVERY = 16L << 20;

  /** What comes of a request; called on the downloading thread. */
  interface Results {
    /** The files are there; whoever takes them closes the assembler. */
    void complete(int snapshot, SnapshotAssembler files);

    void none(int snapshot, long currentOffset);

    void replays(int snapshot);

    void failed(int snapshot, String why);
  }

  private record Request(int snapshot, HostPort address) {}

  /** Ends the reading of lines when the answer is known. */
  private static final class AnsweredException extends IOException {
    private final Runnable report;

    AnsweredException(Runnable report) {
      super("answered");
      this.report = report;
    }
  }

  private final LeaderSettings leader;
  private final BufferSettings limits;
  private final Path folder;
  private final Dialer dialer;
  private final MessageCodec codec;
  private final Results results;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;

  private Request next;
  private int current;
  private int abandoned;
  private Closeable opened;
  private boolean closed;
  private volatile long bytes;
  private volatile int filesStored;
  private volatile int filesAnnounced;

  /**
   * @param folder where the files go
   * @param onFailure told what no retry can mend: the disk share is too small
   */
  SnapshotDownload(
      String name,
      LeaderSettings leader,
      BufferSettings limits,
      Path folder,
      Dialer dialer,
      MessageCodec codec,
      Results results,
      Consumer<Throwable> onFailure) {
    this.leader = leader;
    this.limits = limits;
    this.folder = folder;
    this.dialer = dialer;
    this.codec = codec;
    this.results = results;
    this.onFailure = onFailure;
    thread = new Thread(this::run, "allsource-" + name + "-snapshot");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  synchronized void request(int snapshot, int address) {
    next = new Request(snapshot, leader.addresses().get(address));
    notifyAll();
  }

  /** No result of this one or earlier ones is wanted any more. */
  synchronized void abandon(int snapshot) {
    abandoned = Math.max(abandoned, snapshot);
    if (next != null && next.snapshot <= snapshot) {
      next = null;
    }
    if (current <= snapshot) {
      closeQuietly(opened);
    }
  }

  private void run() {
    try {
      for (Request request = await(); request != null; request = await()) {
        serve(request);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  private synchronized Request await() throws InterruptedException {
    while (next == null && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    Request request = next;
    next = null;
    current = request.snapshot;
    opened = null;
    return request;
  }

  private void serve(Request request) {
    LOG.info("Fetching snapshot {} from {}", request.snapshot, request.address);
    bytes = 0;
    filesStored = 0;
    filesAnnounced = 0;
    SnapshotAssembler files = null;
    try {
      checkDisk();
      files = new SnapshotAssembler(folder, limits.snapshotDiskBytes());
      fetch(request, files);
    } catch (AnsweredException e) {
      boolean taken = files != null && files.ended() && !isAbandoned(request.snapshot);
      if (!taken) {
        close(files);
      }
      if (!isAbandoned(request.snapshot)) {
        e.report.run();
      }
    } catch (IOException e) {
      close(files);
      if (isAbandoned(request.snapshot)) {
        LOG.info("Snapshot {} was given up", request.snapshot);
      } else if (e instanceof ProtocolException wrong
          && wrong.kind() == ProtocolException.Kind.TOO_LONG
          && bytes > 0) {
        onFailure.accept(new ConnectException(e.getMessage(), e));
      } else {
        results.failed(
            request.snapshot, e.getMessage() == null ? e.toString() : e.getMessage());
      }
    }
  }

  private void fetch(Request request, SnapshotAssembler files) throws IOException {
    try (Wire wire = dialer.dial(request.address, this::opened)) {
      wire.readTimeout(
          (int) Math.max(leader.connectTimeout().toMillis(), leader.deadTimeout().toMillis()));
      wire.write(codec.encode(new FollowerMessage.Subscribe(0)));
      LineFramer framer = new LineFramer(Math.max(leader.lineMaxBytes(), LEAST_LINE));
      byte[] block = new byte[BLOCK];
      long[] nextCheck = {DISK_CHECK_EVERY};
      while (true) {
        int read;
        try {
          read = wire.read(block, 0, block.length);
        } catch (SocketTimeoutException e) {
          throw new IOException(
              request.address + " sent nothing for a while in the middle of its answer", e);
        }
        if (read < 0) {
          throw new IOException(
              request.address
                  + (framer.lines() == 0
                      ? " closed without an answer"
                      : " closed before the snapshot's end"));
        }
        framer.feed(
            block,
            0,
            read,
            (buf, off, len, number) -> {
              take(request, files, codec.decodeLeader(buf, off, len, number), number);
              if (bytes >= nextCheck[0]) {
                nextCheck[0] = bytes + DISK_CHECK_EVERY;
                checkDisk();
              }
            });
      }
    }
  }

  private void take(Request request, SnapshotAssembler files, LeaderMessage message, long number)
      throws IOException {
    int snapshot = request.snapshot;
    if (message instanceof LeaderMessage.SnapshotChunk chunk) {
      files.chunk(chunk);
      bytes = files.bytes();
      filesStored = files.filesStored();
    } else if (message instanceof LeaderMessage.SnapshotStart start) {
      filesAnnounced = start.parquetFiles().size();
      files.start(start);
    } else if (message instanceof LeaderMessage.SnapshotEnd) {
      files.end();
      throw new AnsweredException(() -> results.complete(snapshot, files));
    } else if (number > 1) {
      throw new ProtocolException(
          ProtocolException.Kind.SNAPSHOT,
          "line " + number + " of the snapshot is something else than a part of it",
          number,
          0);
    } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
      throw new AnsweredException(() -> results.none(snapshot, caughtUp.currentOffset()));
    } else {
      throw new AnsweredException(() -> results.replays(snapshot));
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

  private synchronized void opened(Closeable closeable) {
    opened = closeable;
    if (closed || abandoned >= current) {
      closeQuietly(closeable);
    }
  }

  private synchronized boolean isAbandoned(int snapshot) {
    return closed || abandoned >= snapshot;
  }

  /** Bytes of the current or last snapshot that are stored. */
  long bytes() {
    return bytes;
  }

  /** Files of it that are whole. */
  int filesStored() {
    return filesStored;
  }

  /** Files that it has. */
  int filesAnnounced() {
    return filesAnnounced;
  }

  private static void close(SnapshotAssembler files) {
    if (files != null) {
      closeQuietly(files::close);
    }
  }

  private static void closeQuietly(Closeable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (IOException e) {
        LOG.warn("While giving up a snapshot: {}", e.toString());
      }
    }
  }

  /** Ends the thread; waits a bounded time for it. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      closeQuietly(opened);
      notifyAll();
    }
    Threads.join(thread);
  }
}
