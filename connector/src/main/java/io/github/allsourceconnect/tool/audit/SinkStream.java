package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.ListedRows;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import io.github.allsourceconnect.source.link.Dialer;
import io.github.allsourceconnect.source.link.Wire;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import org.apache.kafka.common.KafkaException;

/**
 * What a sink sends to a new follower of a partition: the history, then its log, up to where it
 * says that this is all, or that it has come far enough. It is acknowledged nothing. One thread.
 */
final class SinkStream implements LineFramer.Lines {
  private static final int SILENCE_MS = 30_000;
  private static final int READ = 256 << 10;
  private static final int CHUNK_LINE = 1 << 20;

  /** Takes what comes, in its order. */
  interface Each {
    /** A row of the history. */
    void row(SnapshotRow row) throws IOException;

    /** An entry of the log. */
    void entry(WalEntry entry) throws IOException;
  }

  private final SourceConfig config;
  private final MessageCodec codec = new MessageCodec();
  private final Path folder;
  private final long enough;
  private final Each each;
  private SnapshotAssembler files;
  private boolean done;
  private long reached;
  private long historyEnd = -1;

  /**
   * @param enough the WAL offset from which on nothing more is wanted
   */
  SinkStream(SourceConfig config, Path folder, long enough, Each each) {
    this.config = config;
    this.folder = folder;
    this.enough = enough;
    this.each = each;
  }

  /**
   * Follows.
   *
   * @throws Unjudgeable if the sink refuses, ends, or says nothing
   */
  void follow(HostPort address) throws Unjudgeable {
    LineFramer framer = new LineFramer(Math.max(config.leader().lineMaxBytes(), CHUNK_LINE));
    byte[] block = new byte[READ];
    try (Dialer dialer = new Dialer(config.leader(), config.security());
        Wire wire = dialer.dial(address, dialer.deadline(), begun -> {})) {
      wire.write(codec.encode(new FollowerMessage.Subscribe(0)));
      wire.readTimeout(SILENCE_MS);
      while (!done) {
        int read = wire.read(block, 0, block.length);
        if (read < 0) {
          throw new Unjudgeable(
              "the sink at "
                  + address
                  + " closed the connection: its log says why (a history with a hole, another log,"
                  + " or too many followers)");
        }
        framer.feed(block, 0, read, this);
      }
    } catch (SocketTimeoutException e) {
      throw new Unjudgeable(
          "the sink at "
              + address
              + " has sent nothing for "
              + SILENCE_MS / 1000
              + " s; is the connector running?",
          e);
    } catch (ScratchException e) {
      throw Unjudgeable.full(e);
    } catch (IOException | KafkaException e) {
      throw new Unjudgeable(
          "the sink at " + address + " can't be followed: " + Printable.message(e.getMessage()), e);
    } finally {
      close();
    }
  }

  private void close() {
    if (files != null) {
      try {
        files.close();
      } catch (IOException e) {
        // the folder that it is in is deleted at the end
        files = null;
      }
    }
  }

  @Override
  public void line(byte[] buf, int off, int len, long number) throws IOException {
    if (done) {
      return;
    }
    LeaderMessage message = codec.decodeLeader(buf, off, len, number);
    if (message instanceof LeaderMessage.Entry entry) {
      each.entry(entry.data());
      came(entry.offset());
    } else if (message instanceof LeaderMessage.SnapshotStart start) {
      files = new SnapshotAssembler(folder, config.buffers().snapshotDiskBytes());
      files.start(start);
    } else if (message instanceof LeaderMessage.SnapshotChunk chunk && files != null) {
      files.chunk(chunk);
    } else if (message instanceof LeaderMessage.SnapshotEnd end && files != null) {
      files.end();
      readHistory();
      historyEnd = end.walOffsetAfterSnapshot();
      came(historyEnd);
    } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
      reached = Math.max(reached, caughtUp.currentOffset());
      done = true;
    }
  }

  private void came(long offset) {
    reached = Math.max(reached, offset);
    done = reached >= enough;
  }

  private void readHistory() throws IOException {
    try (SnapshotRows rows = new ListedRows(files.files(), ReadLimits.DEFAULT)) {
      for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
        each.row(row);
      }
    }
  }

  /** Up to which WAL offset the sink has sent all that there is. */
  long reached() {
    return reached;
  }

  /** Where the history ends; -1 if there was none. */
  long historyEnd() {
    return historyEnd;
  }
}
