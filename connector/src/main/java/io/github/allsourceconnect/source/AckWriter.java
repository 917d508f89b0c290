package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.util.function.Consumer;

/**
 * Sends acks, the newest only, on a thread of its own: a leader that does not read its acks blocks
 * nobody else.
 */
final class AckWriter implements AutoCloseable {
  private final LiveConnection connection;
  private final MessageCodec codec;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;

  private int generation;
  private long newest;
  private boolean pending;
  private boolean closed;
  private long sent;

  AckWriter(
      String name, LiveConnection connection, MessageCodec codec, Consumer<Throwable> onFailure) {
    this.connection = connection;
    this.codec = codec;
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
    try {
      while (true) {
        int to;
        long offset;
        synchronized (this) {
          while (!closed && !pending) {
            wait();
          }
          if (closed) {
            return;
          }
          pending = false;
          to = generation;
          offset = newest;
        }
        if (connection.send(to, codec.encode(new FollowerMessage.Ack(offset)))) {
          synchronized (this) {
            sent = offset;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
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
