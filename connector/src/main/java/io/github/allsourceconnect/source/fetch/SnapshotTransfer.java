package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.LeastProgress;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.link.Wire;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes a snapshot's lines off a connection, within the limits of time, length and disk. One
 * thread; {@link #received} is for any.
 */
final class SnapshotTransfer {
  private static final int READ = 256 << 10;
  private static final int CHUNK_LINE = 1 << 20;
  private static final long DISK_RESERVE = 64L << 20;
  private static final long DISK_CHECK_EVERY = 16L << 20;

  private final LeaderSettings leader;
  private final BufferSettings buffers;
  private final Path folder;
  private final AtomicLong received = new AtomicLong();

  /**
   * @param folder where the files are stored
   */
  SnapshotTransfer(LeaderSettings leader, BufferSettings buffers, Path folder) {
    this.leader = leader;
    this.buffers = buffers;
    this.folder = folder;
  }

  /** Another one begins. */
  void begin() {
    received.set(0);
  }

  /** Bytes of the one that is being, or was last, taken. */
  long received() {
    return received.get();
  }

  /**
   * Whether there is room.
   *
   * @throws IOException if there is not
   */
  void checkDisk() throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < DISK_RESERVE) {
      throw ScratchException.full(folder, "has only " + usable + " bytes left", null);
    }
  }

  /**
   * Reads until it is clear what the leader has.
   *
   * @param deadline when the first bytes must have come, by {@link System#nanoTime}
   * @throws IOException saying what came too late, or not at all
   */
  void read(HostPort address, Wire wire, SnapshotLines lines, long deadline) throws IOException {
    LineFramer framer = new LineFramer(Math.max(leader.lineMaxBytes(), CHUNK_LINE));
    LeastProgress progress = null;
    long end = Long.MAX_VALUE;
    byte[] block = new byte[READ];
    long checkAt = DISK_CHECK_EVERY;
    while (lines.outcome() == null) {
      long now = nowMs();
      if (progress == null && System.nanoTime() - deadline >= 0) {
        throw new IOException(
            address
                + " did not answer within connect.timeout.ms="
                + leader.connectTimeout().toMillis());
      } else if (progress != null && progress.isTooSlow(now)) {
        throw new IOException(
            address
                + " sent less than "
                + LeaderSettings.SNAPSHOT_BYTES_PER_SECOND
                + "="
                + leader.snapshotBytesPerSecond()
                + " over "
                + leader.deadTimeout().toMillis()
                + " ms in the middle of its answer");
      } else if (now >= end) {
        throw new IOException(LiveConnection.endless(address, leader));
      }
      wire.readTimeout(progress == null ? Dialer.leftMs(deadline) : progress.patienceMs(now));
      int read;
      try {
        read = wire.read(block, 0, block.length);
      } catch (SocketTimeoutException e) {
        continue;
      }
      if (read < 0) {
        throw new IOException(address + " closed the connection before the snapshot was complete");
      }
      received.addAndGet(read);
      if (received.get() >= checkAt) {
        checkAt = received.get() + DISK_CHECK_EVERY;
        checkDisk();
      }
      checkLength();
      framer.feed(block, 0, read, lines);
      if (progress == null) {
        end = LiveConnection.snapshotEnd(leader, now);
        progress =
            new LeastProgress(
                leader.snapshotBytesPerSecond(), leader.deadTimeout().toMillis(), now);
      }
      progress.received(read);
    }
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** What is passed over takes no disk, and could go on for ever. */
  private void checkLength() throws ProtocolException {
    if (received.get() / 2 - CHUNK_LINE > buffers.snapshotDiskBytes()) {
      throw new ProtocolException(
          ProtocolException.Kind.TOO_LONG,
          "the leader has sent "
              + received
              + " bytes of a snapshot that has not ended, more than twice snapshot.disk.bytes="
              + buffers.snapshotDiskBytes()
              + "; raise that if it is in order.",
          0,
          0);
    }
  }
}
