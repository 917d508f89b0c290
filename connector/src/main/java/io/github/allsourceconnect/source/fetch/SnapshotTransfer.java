package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.ReadPace;
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
    LineFramer framer = LineFramer.reusing(Math.max(leader.lineMaxBytes(), CHUNK_LINE));
    ReadPace pace =
        new ReadPace(leader, address, leader.deadTimeout(), nowMs() + Dialer.leftMs(deadline));
    byte[] block = new byte[READ];
    long checkAt = DISK_CHECK_EVERY;
    while (lines.outcome() == null) {
      ReadPace.Overrun overrun = pace.overrun(nowMs());
      if (overrun != null) {
        throw new IOException(overrun.why());
      }
      wire.readTimeout(pace.readTimeoutMs(nowMs()));
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
      pace.beginning(read, true, nowMs());
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
