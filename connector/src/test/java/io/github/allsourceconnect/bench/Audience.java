package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Many followers at the log's end that take what comes and look at nothing; one thread for all. */
final class Audience implements AutoCloseable {
  private final Selector selector = Selector.open();
  private final AtomicInteger caughtUp = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Thread thread = new Thread(this::listen, "bench-audience");
  private volatile long lastNanos;
  private volatile boolean closed;

  /** Returns when all are at the end. */
  Audience(int port, int followers, long end) throws IOException {
    byte[] subscribe = new MessageCodec().encode(new FollowerMessage.Subscribe(end));
    for (int i = 0; i < followers; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.write(ByteBuffer.wrap(subscribe));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, new boolean[1]);
    }
    thread.setDaemon(true);
    thread.start();
    Await.until("all hear", Await.LIMIT, () -> caughtUp.get() == followers);
  }

  /** What has come to all of them together so far. */
  long bytes() {
    return bytes.get();
  }

  /** When something came last, by {@link System#nanoTime}. */
  long lastNanos() {
    return lastNanos;
  }

  private void listen() {
    ByteBuffer block = ByteBuffer.allocateDirect(1 << 16);
    try {
      while (!closed) {
        selector.select(
            key -> {
              block.clear();
              boolean[] heard = (boolean[]) key.attachment();
              try {
                int read = ((SocketChannel) key.channel()).read(block);
                lastNanos = System.nanoTime();
                bytes.addAndGet(read);
              } catch (IOException e) {
                throw new IllegalStateException("one of the audience lost the sink", e);
              }
              if (!heard[0]) {
                heard[0] = true;
                caughtUp.incrementAndGet();
              }
            },
            100);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the audience can't listen", e);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
