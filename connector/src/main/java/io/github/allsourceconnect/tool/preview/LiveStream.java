package io.github.allsourceconnect.tool.preview;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.Wire;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * A leader's live entries as they come: not put in order, nothing fetched that is missing, nothing
 * acknowledged. A snapshot that comes first is passed over. One thread.
 */
final class LiveStream implements LineFramer.Lines {
  private static final int SNAPSHOT_LINE = 1 << 20;
  private static final int READ = 64 << 10;
  private static final int LOOK_EVERY_MS = 100;

  /** Who gets what comes. */
  interface Taker {
    /** How long more is wanted, in nanoseconds; 0 or less: no more. */
    long wantedNanos();

    /** The leader has brought what it had to bring. */
    void caughtUp();

    void entry(WalEntry entry);

    /** A line that is no good entry. */
    void bad(ProtocolException why);
  }

  private final MessageCodec codec = new MessageCodec();
  private final HostPort address;
  private final int lineMaxBytes;
  private final Taker taker;
  private boolean answered;

  LiveStream(HostPort address, LeaderSettings leader, Taker taker) {
    this.address = address;
    this.taker = taker;
    lineMaxBytes = Math.max(leader.lineMaxBytes(), SNAPSHOT_LINE);
  }

  /**
   * Reads until no more is wanted.
   *
   * @param lastOffset what to subscribe with
   * @throws IOException naming the address, if the leader goes away or is none
   */
  void read(Dialer dialer, long lastOffset) throws IOException {
    long deadline = dialer.deadline();
    try (Wire wire = dialer.dial(address, deadline, begun -> {})) {
      wire.resetOnClose();
      wire.write(codec.encode(new FollowerMessage.Subscribe(lastOffset)));
      LineFramer framer = new LineFramer(lineMaxBytes);
      byte[] block = new byte[READ];
      for (long left = taker.wantedNanos(); left > 0; left = taker.wantedNanos()) {
        wire.readTimeout(
            (int) Math.max(1, Math.min(LOOK_EVERY_MS, TimeUnit.NANOSECONDS.toMillis(left))));
        int read;
        try {
          read = wire.read(block, 0, block.length);
        } catch (SocketTimeoutException e) {
          if (!answered && System.nanoTime() - deadline > 0) {
            throw new IOException(address + " did not answer", e);
          }
          continue;
        }
        if (read < 0) {
          throw new IOException(address + " closed the connection");
        }
        framer.feed(block, 0, read, this);
        block = new byte[READ];
      }
    } catch (ProtocolException e) {
      throw new IOException(address + ": " + Printable.message(e.getMessage()), e);
    }
  }

  @Override
  public boolean tooLong(ProtocolException why, byte[] beginning) {
    taker.bad(why);
    return true;
  }

  @Override
  public void line(byte[] buf, int off, int len, long number) throws IOException {
    if (taker.wantedNanos() <= 0 || MessageCodec.looksLikeChunk(buf, off, len)) {
      return;
    }
    try {
      LeaderMessage message = codec.decodeLeader(buf, off, len, number);
      answered = true;
      if (message instanceof LeaderMessage.Entry entry) {
        WalChecksum.verify(entry.data(), number);
        taker.entry(entry.data());
      } else if (message instanceof LeaderMessage.CaughtUp) {
        taker.caughtUp();
      }
    } catch (ProtocolException e) {
      if (!answered && !MessageCodec.looksLikeEntry(buf, off, len)) {
        throw e;
      }
      taker.bad(e);
    }
  }
}
