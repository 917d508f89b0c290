package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import java.io.IOException;
import java.util.Set;

/**
 * What the lines of a snapshot connection mean: the files' pieces go to the assembler, until it is
 * clear what the leader has. One thread.
 *
 * <p>An entry as the first line means that the leader replays its log. No leader that has snapshots
 * to give begins so: the store answers {@code subscribe 0} with {@code snapshot_start} or {@code
 * caught_up} and never with an entry (docs/protocol.md); this project's leader, which replays, says
 * {@code caught_up} behind what it replays. So nothing that the store could send is taken for a
 * replay here.
 *
 * <p>A line within the snapshot that can't be read is noted, and what follows shows which file
 * lacks it. Where damaged files are left out, a snapshot whose files all came whole is good in
 * spite of such a line, even if it was the snapshot's end; otherwise it is not.
 */
final class SnapshotLines implements LineFramer.Lines {
  /** What the leader has. */
  enum Outcome {
    /** A snapshot; all of it is stored. */
    COMPLETE,
    /** No snapshot. */
    NONE,
    /** Its log, which it replays. */
    REPLAYS
  }

  private final MessageCodec codec;
  private final SnapshotAssembler assembler;
  private final boolean leavesOut;

  private Outcome outcome;
  private long offset;
  private boolean ofLog;
  private boolean readToEnd;

  /**
   * @param leavesOut whether damaged files are left out of later snapshots
   */
  SnapshotLines(MessageCodec codec, SnapshotAssembler assembler, boolean leavesOut) {
    this.codec = codec;
    this.assembler = assembler;
    this.leavesOut = leavesOut;
  }

  /**
   * Takes the next line, and keeps nothing of its array; none after the outcome is clear.
   *
   * @throws ProtocolException if what came is of no use
   * @throws IOException if it can't be stored
   */
  @Override
  public void line(byte[] buf, int off, int len, long number) throws IOException {
    if (outcome != null) {
      return;
    }
    if (!assembler.begun() && MessageCodec.looksLikeEntry(buf, off, len)) {
      outcome = Outcome.REPLAYS;
      return;
    }
    LeaderMessage message;
    try {
      message = codec.decodeLeader(buf, off, len, number);
    } catch (ProtocolException e) {
      if (!assembler.begun()) {
        throw e;
      }
      assembler.unreadable(e.getMessage());
      return;
    }
    if (message instanceof LeaderMessage.SnapshotChunk chunk) {
      assembler.chunk(chunk);
    } else if (message instanceof LeaderMessage.SnapshotStart start) {
      ofLog = start.replays();
      assembler.start(start);
    } else if (message instanceof LeaderMessage.SnapshotEnd end) {
      complete(end.walOffsetAfterSnapshot());
    } else if (!assembler.begun()) {
      none(message);
    } else if (assembler.unreadableLines() > 0) {
      // the line that can't be read may have been the end
      complete(message instanceof LeaderMessage.CaughtUp caughtUp ? caughtUp.currentOffset() : 0);
    } else {
      throw unusable("line " + number + " goes on with the stream before the snapshot's end");
    }
  }

  /** An entry of a log that is replayed need not be read to be known. */
  @Override
  public boolean tooLong(ProtocolException why, byte[] beginning) {
    if (outcome == null
        && !assembler.begun()
        && MessageCodec.looksLikeEntry(beginning, 0, beginning.length)) {
      outcome = Outcome.REPLAYS;
    }
    return outcome != null;
  }

  private void none(LeaderMessage message) {
    if (message instanceof LeaderMessage.CaughtUp caughtUp && !caughtUp.replays()) {
      offset = caughtUp.currentOffset();
      outcome = Outcome.NONE;
    } else {
      outcome = Outcome.REPLAYS;
    }
  }

  private void complete(long endOffset) throws IOException {
    readToEnd = true;
    assembler.end();
    if (assembler.unreadableLines() > 0 && !mayLeaveOut()) {
      throw unusable(assembler.harm());
    }
    offset = endOffset;
    outcome = Outcome.COMPLETE;
  }

  private static ProtocolException unusable(String why) {
    return new ProtocolException(
        ProtocolException.Kind.SNAPSHOT, "the snapshot is not usable: " + why, 0, 0);
  }

  /**
   * Whether files of this snapshot may be left out. Not if it is the older part of a log that is
   * replayed: its rows are not counted, so nobody would miss them.
   */
  private boolean mayLeaveOut() {
    return leavesOut && !ofLog;
  }

  /**
   * The damaged files without which later snapshots are to be usable. None if the snapshot was not
   * read to its end, or if all of several files are damaged: then it is not the files' fault.
   */
  Set<String> toLeaveOut() {
    return mayLeaveOut() && leavingOutHelps() ? assembler.damagedFiles() : Set.of();
  }

  /**
   * Whether the snapshot would be usable if unreadable lines and damaged files were passed over.
   */
  boolean leavingOutHelps() {
    int damaged = assembler.damagedFiles().size();
    return readToEnd && (damaged <= 1 || damaged < assembler.filesWanted());
  }

  /** Whether the snapshot is the older part of a log that is replayed behind it. */
  boolean isOfLog() {
    return ofLog;
  }

  /** What the leader has; null until that is clear. */
  Outcome outcome() {
    return outcome;
  }

  /** Where the leader is if it has no snapshot, where the snapshot ends if there is one. */
  long offset() {
    return offset;
  }
}
