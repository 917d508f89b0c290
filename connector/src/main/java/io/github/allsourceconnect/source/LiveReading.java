package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.link.LiveConnection;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongSupplier;

/**
 * The entries of the live stream, as they come from the read-ahead, and what {@code
 * corrupt.entry.policy} says of lines that are none. Nothing here waits. The follower's thread.
 */
final class LiveReading implements LiveLines.Taker {
  private final CorruptPolicy policy;
  private final ReceiveBuffer buffer;
  private final LiveConnection live;
  private final LiveLines lines;
  private final Follower follower;
  private final OutgoingBatches outgoing;
  private final LongSupplier clock;
  private final SkippedLog skippedLog = new SkippedLog();

  /**
   * @param clock milliseconds that only go forward
   */
  LiveReading(
      SourceConfig config,
      MessageCodec codec,
      ReceiveBuffer buffer,
      LiveConnection live,
      Follower follower,
      OutgoingBatches outgoing,
      LongSupplier clock) {
    policy = config.records().corrupt();
    this.buffer = buffer;
    this.live = live;
    lines = new LiveLines(config.leader().lineMaxBytes(), codec, live);
    this.follower = follower;
    this.outgoing = outgoing;
    this.clock = clock;
  }

  /** Whether everything that was received has been handed in. */
  boolean isEmpty() {
    return lines.isEmpty() && buffer.isEmpty();
  }

  /**
   * About how many bytes the next line takes in a batch; 0 if that is not known yet, -1 if there is
   * none.
   *
   * @param reports hands in what connections have reported: what was reported of one came before
   *     its bytes
   */
  long nextBytes(Runnable reports) {
    if (lines.isEmpty()) {
      ReceiveBuffer.Block block = take();
      if (block == null) {
        return -1;
      }
      if (lines.isNew(block)) {
        reports.run();
      }
      lines.decode(block);
    }
    return lines.nextBytes();
  }

  private ReceiveBuffer.Block take() {
    try {
      return buffer.take();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands in the next line. */
  void next() {
    lines.next(this);
  }

  @Override
  public void entry(Epoch of, WalEntry entry) {
    follower.onEntry(of, entry);
  }

  @Override
  public void caughtUp(Epoch of) {
    follower.onLogEnd(of);
  }

  @Override
  public void bad(Epoch of, LiveLines.BadLine bad) {
    ProtocolException cause = bad.cause();
    String where = live.address() + ", line " + cause.lineNumber() + " of the connection";
    if (policy == CorruptPolicy.FAIL) {
      follower.fail(
          "Corrupt entry from "
              + where
              + (cause.walOffset() > 0 ? ", offset " + cause.walOffset() : "")
              + ": "
              + cause.getMessage()
              + ". The position stays before it. To go on set corrupt.entry.policy=skip, or dlq"
              + " with dlq.topic.");
      return;
    }
    skippedLog.skipped(where, cause, clock.getAsLong());
    if (policy == CorruptPolicy.DLQ) {
      outgoing.addDeadLetter(bad.line(), cause);
    }
    follower.onCorruptSkipped(of, cause.walOffset());
  }
}
