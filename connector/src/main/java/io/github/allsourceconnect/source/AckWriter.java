package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.transport.HostPort;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends acks, the newest only, on a thread of its own: a leader that does not read its acks blocks
 * nobody else.
 *
 * <p>It also watches for a peer that is gone without a word while an ack is under way, when TCP's
 * keep-alive is silent: if nothing was received for half the dead-connection timeout after an ack,
 * it looks once whether anybody still accepts connections there.
 */
final class AckWriter implements AutoCloseable {
  private final LiveConnection connection;
  private final MessageCodec codec;
  private final long suspicionNanos;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;

  private int generation;
  private long newest;
  private boolean pending;
  private boolean closed;
  private long sent;

  AckWriter(
      String name,
      LiveConnection connection,
      MessageCodec codec,
      long deadTimeoutMs,
      Consumer<Throwable> onFailure) {
    this.connection = connection;
    this.codec = codec;
    this.suspicionNanos = TimeUnit.MILLISECONDS.toNanos(deadTimeoutMs) / 2;
    this.onFailure = onFailure;
    thread = new Thread(this::run, "allsource-" + name + "-ack");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Orders an ack; returns at once. A lower offset than the newest of the connection (0, say) sends
   * the newest once more.
   */
  synchronized void ack(int of, long offset) {
    newest = of == generation ? Math.max(newest, offset) : offset;
    generation = of;
    pending = true;
    notifyAll();
  }

  private void run() {
    long suspectAt = 0;
    boolean watching = false;
    int watched = 0;
    try {
      while (true) {
        int to;
        long offset;
        boolean write;
        synchronized (this) {
          while (!closed && !pending && !(watching && System.nanoTime() - suspectAt >= 0)) {
            if (watching) {
              wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(suspectAt - System.nanoTime()) + 1));
            } else {
              wait();
            }
          }
          if (closed) {
            return;
          }
          write = pending;
          pending = false;
          to = generation;
          offset = newest;
        }
        if (write) {
          watching = connection.send(to, codec.encode(new FollowerMessage.Ack(offset)));
          watched = to;
          if (watching) {
            synchronized (this) {
              sent = offset;
            }
          }
          suspectAt = System.nanoTime() + suspicionNanos;
        } else {
          watching = false;
          suspect(watched, suspectAt - suspicionNanos);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  private void suspect(int of, long ackedAt) {
    HostPort address = connection.address();
    if (connection.state() != LiveConnection.State.LIVE
        || connection.receivedAt() - ackedAt > 0
        || address == null) {
      return;
    }
    String reason = Dialer.knock(address, (int) TimeUnit.NANOSECONDS.toMillis(suspicionNanos));
    if (reason != null && connection.receivedAt() - ackedAt <= 0) {
      connection.lost(
          of,
          "nothing came from "
              + address
              + " since the last ack, and nobody accepts connections there ("
              + reason
              + ")");
    }
  }

  /** The offset that was sent last. */
  synchronized long sent() {
    return sent;
  }

  /** Ends the thread; waits a bounded time for it. Close the connection first. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    Threads.join(thread);
  }
}
