package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.history.HistoryReader;
import io.github.allsourceconnect.sink.history.HistoryReader.Chunk;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * Sends the kept history to followers: the files are read on a few threads of its own, one chunk
 * ahead of what the connection takes, and written on the follower's event loop.
 */
public final class HistorySender {
  private final History history;
  private final ExecutorService readers;
  private final MessageCodec codec;
  private final Map<FollowerSession, Sending> running = new ConcurrentHashMap<>();

  /**
   * @param readers runs what blocks; stopped by whoever made it
   */
  public HistorySender(History history, ExecutorService readers, MessageCodec codec) {
    this.history = history;
    this.readers = readers;
    this.codec = codec;
  }

  /** Begins; on the event loop. */
  void begin(Connections connections, FollowerSession session, long after, boolean acrossHoles) {
    Sending sending = new Sending(connections, session);
    running.put(session, sending);
    readers.execute(() -> sending.open(after, acrossHoles));
  }

  /**
   * The connection takes more; on the event loop.
   *
   * @return whether the history is being sent on it
   */
  boolean resume(FollowerSession session) {
    Sending sending = running.get(session);
    if (sending == null) {
      return false;
    }
    sending.resume();
    return true;
  }

  /** The connection is no more; on the event loop. */
  void stop(FollowerSession session) {
    Sending sending = running.remove(session);
    if (sending != null) {
      sending.stop();
    }
  }

  /** The history on its way to one follower. Fields but {@code reader} belong to the event loop. */
  private final class Sending {
    private final Connections connections;
    private final FollowerSession session;
    private HistoryReader reader;
    private boolean reading = true;
    private boolean stopped;

    Sending(Connections connections, FollowerSession session) {
      this.connections = connections;
      this.session = session;
    }

    void open(long after, boolean acrossHoles) {
      try {
        reader = history.read(after, acrossHoles);
        write(codec.encode(new LeaderMessage.SnapshotStart(reader.files(), true)), false);
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    private void next() {
      try {
        Chunk chunk = reader.next();
        if (chunk == null) {
          write(codec.encode(new LeaderMessage.SnapshotEnd(reader.endOffset())), true);
        } else {
          write(
              codec.encode(
                  new LeaderMessage.SnapshotChunk(
                      chunk.file(), chunk.data(), chunk.offset(), chunk.last())),
              false);
        }
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    private void write(byte[] line, boolean last) {
      connections.loop().eventLoop().execute(() -> written(line, last));
    }

    private void written(byte[] line, boolean last) {
      reading = false;
      if (stopped) {
        release();
        return;
      }
      boolean more = session.write(line, 0, line.length);
      connections.historyProgress(session, line.length);
      if (last) {
        running.remove(session);
        long end = reader.endOffset();
        release();
        connections.historySent(session, end);
      } else if (more) {
        resume();
      }
    }

    void resume() {
      if (!reading && !stopped && session.writable()) {
        reading = true;
        readers.execute(this::next);
      }
    }

    private void fail(Exception e) {
      connections
          .loop()
          .eventLoop()
          .execute(
              () -> {
                reading = false;
                release();
                if (!stopped) {
                  running.remove(session);
                  connections.historyFailed(session, String.valueOf(e.getMessage()));
                }
              });
    }

    void stop() {
      stopped = true;
      if (!reading) {
        release();
      }
    }

    private void release() {
      if (reader != null) {
        HistoryReader done = reader;
        reader = null;
        try {
          readers.execute(done::close);
        } catch (RejectedExecutionException e) {
          // the sink stops: there is no other thread left to do it
          done.close();
        }
      }
    }
  }
}
