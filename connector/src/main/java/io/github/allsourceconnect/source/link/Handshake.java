package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.util.Arrays;

/**
 * The beginning of a live connection: reads lines until the live stream begins. A snapshot that
 * comes first is drained, its chunks unread. One thread.
 *
 * <p>What follows {@code caught_up} is the stream. An entry as the first line means that the leader
 * replays its log; that line is the stream's first. The store, which does not replay, always says
 * {@code caught_up} or {@code snapshot_start} first, whatever was subscribed with
 * (docs/protocol.md), so no entry of its live stream can be taken for that. An entry straight
 * behind a drained snapshot is the stream's first, too, but does not count as a replay from where
 * the follower stands: what lies between is in the snapshot.
 */
final class Handshake implements LineFramer.Lines {
  private static final int SNAPSHOT_LINE = 1 << 20;

  /** What the leader begins with. */
  interface Answers {
    void caughtUp(long currentOffset);

    /**
     * A snapshot begins.
     *
     * @param replays whether the leader says that it replays
     */
    void snapshotStart(boolean replays);

    void replays();
  }

  private final MessageCodec codec;
  private final int lineMax;
  private final Answers answers;
  private LineFramer framer;
  private long lines;
  private boolean snapshot;
  private long snapshotOffset = -1;
  private boolean done;
  private byte[] firstOfStream = new byte[0];
  private long linesBefore;

  Handshake(MessageCodec codec, int lineMax, Answers answers) {
    this.codec = codec;
    this.lineMax = lineMax;
    this.answers = answers;
    framer = new LineFramer(lineMax);
  }

  /**
   * Takes what was received.
   *
   * @return where in the array the stream goes on once {@link #done()}, otherwise {@code end}
   */
  int feed(byte[] block, int off, int end) throws IOException {
    int at = off;
    while (at < end && !done) {
      // line by line: what follows the beginning is not for this framer
      int newline = LineFramer.indexOfNewline(block, at, end);
      int next = newline < 0 ? end : newline + 1;
      try {
        framer.feed(block, at, next - at, this);
      } catch (ProtocolException e) {
        if (!done) {
          throw e;
        }
        return at;
      }
      at = next;
    }
    return at;
  }

  private void snapshotBegins(boolean replays) {
    snapshot = true;
    framer = new LineFramer(Math.max(lineMax, SNAPSHOT_LINE), lines);
    answers.snapshotStart(replays);
  }

  @Override
  public void line(byte[] buf, int off, int len, long number) throws ProtocolException {
    lines = number;
    if (snapshot && snapshotOffset < 0 && MessageCodec.looksLikeChunk(buf, off, len)) {
      return;
    }
    byte[] line = Arrays.copyOfRange(buf, off, off + len);
    LeaderMessage message;
    try {
      message = codec.decodeLeader(line, 0, len, lines);
    } catch (ProtocolException e) {
      if (unreadableSnapshotLine(line)) {
        return;
      }
      if ((snapshot && snapshotOffset < 0) || !MessageCodec.looksLikeEntry(line, 0, len)) {
        throw e;
      }
      // an entry that can't be read is the stream's affair: a setting decides what becomes of it
      begin(line);
      beginsWithEntry();
      return;
    }
    if (message instanceof LeaderMessage.CaughtUp caughtUp) {
      done = true;
      linesBefore = lines;
      if (caughtUp.replays() && !snapshot) {
        answers.replays();
      }
      answers.caughtUp(caughtUp.currentOffset());
    } else if (message instanceof LeaderMessage.Entry && (!snapshot || snapshotOffset >= 0)) {
      begin(line);
      beginsWithEntry();
    } else if (message instanceof LeaderMessage.SnapshotStart start && !snapshot) {
      snapshotBegins(start.replays());
    } else if (message instanceof LeaderMessage.SnapshotEnd end && snapshot) {
      snapshotOffset = end.walOffsetAfterSnapshot();
    } else if (!(message instanceof LeaderMessage.SnapshotChunk) || !snapshot) {
      throw new ProtocolException(
          ProtocolException.Kind.MALFORMED,
          "line "
              + lines
              + " is a message that can't come there: a connection begins with snapshot_start,"
              + " caught_up or entries; check that the address is that of a leader",
          lines,
          0);
    }
  }

  /** What is wrong with a snapshot is for the one who fetches it to judge. */
  private boolean unreadableSnapshotLine(byte[] line) {
    if (snapshot) {
      return snapshotOffset < 0 && !MessageCodec.looksLikeEntry(line, 0, line.length);
    }
    if (!MessageCodec.looksLikeSnapshotStart(line, 0, line.length)) {
      return false;
    }
    snapshotBegins(false);
    return true;
  }

  /** So is one that is too long to be read: what has come of it is the stream's beginning. */
  @Override
  public boolean tooLong(ProtocolException why, byte[] beginning) {
    if ((!snapshot || snapshotOffset >= 0)
        && MessageCodec.looksLikeEntry(beginning, 0, beginning.length)) {
      done = true;
      linesBefore = lines;
      firstOfStream = framer.pending();
      beginsWithEntry();
    }
    return false;
  }

  private void beginsWithEntry() {
    if (snapshot) {
      answers.caughtUp(snapshotOffset);
    } else {
      answers.replays();
    }
  }

  private void begin(byte[] line) {
    done = true;
    linesBefore = lines - 1;
    firstOfStream = Arrays.copyOf(line, line.length + 1);
    firstOfStream[line.length] = '\n';
  }

  /** Whether a whole line has come. */
  boolean answered() {
    return lines > 0;
  }

  /** How many lines of the connection came before the stream's first. */
  long linesBefore() {
    return linesBefore;
  }

  /** Whether the stream begins. */
  boolean done() {
    return done;
  }

  /** The part of the stream that was read with the beginning; it comes first. */
  byte[] firstOfStream() {
    return firstOfStream;
  }
}
