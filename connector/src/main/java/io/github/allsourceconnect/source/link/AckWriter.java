package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import java.util.function.Consumer;

/**
 * Sends acks, the newest only, on a thread of its own: a leader that does not read its acks blocks
 * nobody else.
 */
public final class AckWriter implements AutoCloseable {
  private record Ack(Epoch epoch, long offset) {}

  private final LiveConnection connection;
  private final MessageCodec codec;
  private final OrderThread<Ack> orders;

  private Epoch epoch;
  private long newest;
  private long sent;

  public AckWriter(
      String name, LiveConnection connection, MessageCodec codec, Consumer<Throwable> onFailure) {
    this.connection = connection;
    this.codec = codec;
    orders =
        new OrderThread<>("allsource-" + name + "-ack", this, taken -> {}, this::send, onFailure);
  }

  public void start() {
    orders.start();
  }

  /**
   * Orders an ack; returns at once. A lower offset than the newest of the connection (0, say) sends
   * the newest once more.
   */
  public synchronized void ack(Epoch of, long offset) {
    newest = of.equals(epoch) ? Math.max(newest, offset) : offset;
    epoch = of;
    orders.order(new Ack(of, newest));
  }

  private void send(Ack ack) {
    byte[] message = codec.encode(new FollowerMessage.Ack(ack.offset));
    if (connection.send(ack.epoch, message)) {
      synchronized (this) {
        sent = ack.offset;
      }
    }
  }

  /** The offset that was sent last. */
  public synchronized long sent() {
    return sent;
  }

  /** Ends the thread; waits a bounded time for it. Close the connection first. */
  @Override
  public void close() {
    orders.close();
    orders.join();
  }
}
