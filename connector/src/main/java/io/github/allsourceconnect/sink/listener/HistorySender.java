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
import java.util.function.IntFunction;

/**
 * Sends the kept history to followers: the files are read on a few threads of its own, one chunk
 * ahead of what the connection takes, and written on the follower's event loop.
 */
public final class HistorySender {
  private final IntFunction<History> stores;
  private final ExecutorService readers;
  private final MessageCodec codec;
  private final Map<FollowerSession, Sending> running = new ConcurrentHashMap<>();

  /**
   * @param stores the history of a partition; null while there is none
   * @param readers runs what blocks; stopped by whoever made it
   */
  public HistorySender(IntFunction<History> stores, ExecutorService readers, MessageCodec codec) {
    this.stores = stores;
    this.readers = readers;
    this.codec = codec;
  }

  /** Begins; on the event loop. */
  void begin(
      PartitionLeader leader,
      FollowerSession session,
      int partition,
      long after,
      boolean acrossHoles) {
    Sending sending = new Sending(leader, session);
    running.put(session, sending);
    readers.execute(() -> sending.open(partition, after, acrossHoles));
  }

  /**
   * The connection takes more; on the event loop.
   *
   * @return whether a snapshot is being sent on it
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

  /** One snapshot on its way. Fields but {@code history} belong to the event loop. */
  private final class Sending {
    private final PartitionLeader leader;
    private final FollowerSession session;
    private HistoryReader history;
    private boolean reading = true;
    private boolean stopped;

    Sending(PartitionLeader leader, FollowerSession session) {
      this.leader = leader;
      this.session = session;
    }

    void open(int partition, long after, boolean acrossHoles) {
      try {
        History store = stores.apply(partition);
        if (store == null) {
          throw new IOException("the history is not open");
        }
        history = store.read(after, acrossHoles);
        write(codec.encode(new LeaderMessage.SnapshotStart(history.files(), true)), false);
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    private void read() {
      try {
        Chunk chunk = history.next();
        if (chunk == null) {
          write(codec.encode(new LeaderMessage.SnapshotEnd(history.endOffset())), true);
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
      leader.loop().execute(() -> written(line, last));
    }

    private void written(byte[] line, boolean last) {
      reading = false;
      if (stopped) {
        release();
        return;
      }
      boolean more = session.write(line, 0, line.length);
      leader.snapshotProgress(session, line.length);
      if (last) {
        running.remove(session);
        long end = history.endOffset();
        release();
        leader.snapshotSent(session, end);
      } else if (more) {
        resume();
      }
    }

    void resume() {
      if (!reading && !stopped && session.writable()) {
        reading = true;
        readers.execute(this::read);
      }
    }

    private void fail(Exception e) {
      leader
          .loop()
          .execute(
              () -> {
                reading = false;
                release();
                if (!stopped) {
                  running.remove(session);
                  leader.snapshotFailed(session, String.valueOf(e.getMessage()));
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
      if (history != null) {
        HistoryReader done = history;
        history = null;
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
