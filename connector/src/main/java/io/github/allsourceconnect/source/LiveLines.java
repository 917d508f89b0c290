package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The lines of the live stream: blocks of the read-ahead in, entries and unusable lines out. One
 * thread.
 */
final class LiveLines implements LineFramer.Lines {
  /** A line of the stream that is no good entry. */
  @SuppressWarnings("ArrayRecordComponent")
  record BadLine(ProtocolException cause, byte[] line) {}

  /** Who takes what has been decoded. */
  interface Taker {
    void entry(Epoch of, WalEntry entry);

    void bad(Epoch of, BadLine line);

    /** {@code caught_up} in the stream. */
    void caughtUp(Epoch of);
  }

  private final int lineMaxBytes;
  private final MessageCodec codec;
  private final LiveConnection live;
  private final ArrayDeque<Object> decoded = new ArrayDeque<>();
  private LineFramer framer;
  private Epoch epoch = Epoch.NONE;
  private Epoch broken;

  LiveLines(int lineMaxBytes, MessageCodec codec, LiveConnection live) {
    this.lineMaxBytes = lineMaxBytes;
    this.codec = codec;
    this.live = live;
  }

  boolean isEmpty() {
    return decoded.isEmpty();
  }

  /** Whether the block is of another connection than those before. */
  boolean isNew(ReceiveBuffer.Block block) {
    return block.connection() != epoch.connection();
  }

  /** About how many bytes the next one takes in a batch; 0 if there is none. */
  long nextBytes() {
    Object next = decoded.peek();
    if (next == null) {
      return 0;
    }
    if (next instanceof WalEntry entry) {
      return OutputSize.of(entry);
    }
    return next instanceof BadLine bad ? OutputSize.of(bad.line) : 0;
  }

  /** Hands the next one to {@code taker}, if there is one. */
  void next(Taker taker) {
    Object next = decoded.poll();
    if (next instanceof WalEntry entry) {
      taker.entry(epoch, entry);
    } else if (next instanceof BadLine bad) {
      taker.bad(epoch, bad);
    } else if (next != null) {
      taker.caughtUp(epoch);
    }
  }

  /** Takes in a block; only when {@link #isEmpty}. */
  void decode(ReceiveBuffer.Block block) {
    if (isNew(block)) {
      LiveConnection.Stream stream = live.stream(block.connection());
      epoch = stream.epoch();
      framer = new LineFramer(lineMaxBytes, stream.linesBefore());
    }
    if (epoch.equals(broken)) {
      return;
    }
    try {
      framer.feed(block.array(), 0, block.array().length, this);
    } catch (ProtocolException e) {
      broken("a line without an end", e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // no line is written anywhere
    }
  }

  private void broken(String what, String why) {
    broken = epoch;
    live.broken(epoch, what, why);
  }

  /** As any other that can't be used, but for its bytes, which are not kept. */
  @Override
  public boolean tooLong(ProtocolException why, byte[] beginning) {
    if (!epoch.equals(broken)) {
      decoded.add(new BadLine(why, new byte[0]));
    }
    return true;
  }

  @Override
  public void line(byte[] buf, int off, int len, long number) {
    if (epoch.equals(broken)) {
      return;
    }
    try {
      LeaderMessage message = codec.decodeLeader(buf, off, len, number);
      if (message instanceof LeaderMessage.Entry entry) {
        WalChecksum.verify(entry.data(), number);
        decoded.add(entry.data());
      } else if (message instanceof LeaderMessage.CaughtUp) {
        decoded.add(message);
      } else {
        broken(
            "a snapshot in the stream",
            "line " + number + ": a snapshot in the middle of the live stream");
      }
    } catch (ProtocolException e) {
      decoded.add(new BadLine(e, Arrays.copyOfRange(buf, off, off + len)));
    }
  }
}
