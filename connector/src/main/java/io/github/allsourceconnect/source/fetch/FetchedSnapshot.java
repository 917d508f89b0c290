package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.config.BufferSettings;
import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.Wire;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * All of a leader's snapshot, fetched once on the caller's thread and kept until it is closed. The
 * leader is acknowledged nothing. One thread.
 */
public final class FetchedSnapshot implements AutoCloseable {
  /** What the leader answered. */
  public enum Answer {
    /** A snapshot; all of it is stored. */
    FILES,
    /** That it has no snapshot. */
    NONE,
    /** With its log, which it replays: it is no store. */
    REPLAYS
  }

  private final Answer answer;
  private final SnapshotAssembler assembler;

  private FetchedSnapshot(Answer answer, SnapshotAssembler assembler) {
    this.answer = answer;
    this.assembler = assembler;
  }

  /**
   * Fetches.
   *
   * @param folder exists; the files go into a folder of their own in it
   * @throws IOException naming the address, or the file that is damaged, and why
   */
  public static FetchedSnapshot fetch(
      LeaderSettings leader, BufferSettings buffers, Dialer dialer, HostPort address, Path folder)
      throws IOException {
    SnapshotTransfer transfer = new SnapshotTransfer(leader, buffers, folder);
    MessageCodec codec = new MessageCodec();
    SnapshotAssembler assembler =
        new SnapshotAssembler(folder, buffers.snapshotDiskBytes(), Set.of());
    long deadline = dialer.deadline();
    try (Wire wire = dialer.dial(address, deadline, begun -> {})) {
      wire.resetOnClose();
      transfer.checkDisk();
      wire.write(codec.encode(new FollowerMessage.Subscribe(0)));
      SnapshotLines lines = new SnapshotLines(codec, assembler, false);
      transfer.read(address, wire, lines, deadline);
      Answer answer =
          switch (lines.outcome()) {
            case COMPLETE -> lines.isOfLog() ? Answer.REPLAYS : Answer.FILES;
            case NONE -> Answer.NONE;
            case REPLAYS -> Answer.REPLAYS;
          };
      return new FetchedSnapshot(answer, assembler);
    } catch (IOException | RuntimeException e) {
      assembler.close();
      throw e;
    }
  }

  /** What the leader answered. */
  public Answer answer() {
    return answer;
  }

  /** The files, in the leader's order; none unless there is a snapshot. */
  public List<SnapshotFile> files() {
    return answer == Answer.FILES ? assembler.files() : List.of();
  }

  /** Bytes of all files. */
  public long bytes() {
    return assembler.bytes();
  }

  /** Deletes the files. */
  @Override
  public void close() throws IOException {
    assembler.close();
  }
}
