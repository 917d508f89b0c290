package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.demo.Comparison.Station;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalChecksum;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/**
 * A follower of the sink: subscribes with what it has, checks every entry's checksum and offset,
 * compares the event, and acks. Comes back when the connection breaks. A thread of its own.
 */
final class DemoFollower implements AutoCloseable {
  private static final int LINE_MAX = 64 << 20;
  private static final int CONNECT_MS = 2000;
  private static final long AGAIN_MS = 200;
  private static final long JOIN_MS = 10_000;

  private final int port;
  private final Comparison comparison;
  private final MessageCodec codec = new MessageCodec();
  private final Thread thread = new Thread(this::run, "demo-follower");
  private final Object lock = new Object();
  private Socket socket;
  private volatile boolean stopped;
  private volatile Exception failure;
  private volatile long lastOffset;
  private volatile boolean connected;

  DemoFollower(int port, Comparison comparison) {
    this.port = port;
    this.comparison = comparison;
    thread.setDaemon(true);
    thread.start();
  }

  /** What it can't go on after, null while there is nothing such. */
  Exception failure() {
    return failure;
  }

  /** The last WAL offset that it has. */
  long lastOffset() {
    return lastOffset;
  }

  boolean connected() {
    return connected;
  }

  private void run() {
    while (!stopped && failure == null) {
      try (Socket opened = new Socket()) {
        synchronized (lock) {
          socket = opened;
        }
        opened.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
        follow(opened);
      } catch (IOException e) {
        // not there yet, or gone: subscribing again with what it has is all that is needed
      } catch (IllegalStateException e) {
        failure = e;
      }
      connected = false;
      try {
        TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void follow(Socket opened) throws IOException {
    send(opened, new FollowerMessage.Subscribe(lastOffset));
    LineFramer framer = new LineFramer(LINE_MAX);
    InputStream in = opened.getInputStream();
    while (!stopped) {
      byte[] block = new byte[64 << 10];
      int count = in.read(block);
      if (count < 0) {
        return;
      }
      long before = lastOffset;
      framer.feed(
          block,
          0,
          count,
          (buf, off, len, number) -> take(codec.decodeLeader(buf, off, len, number)));
      if (lastOffset > before) {
        send(opened, new FollowerMessage.Ack(lastOffset));
      }
    }
  }

  private void take(LeaderMessage message) {
    if (message instanceof LeaderMessage.Entry entry) {
      if (entry.offset() <= lastOffset) {
        throw new IllegalStateException(
            "the sink sent entry " + entry.offset() + " after entry " + lastOffset);
      }
      if (!WalChecksum.matches(entry.data())) {
        throw new IllegalStateException("the checksum of entry " + entry.offset() + " is wrong");
      }
      comparison.arrived(Station.FOLLOWER, entry.data().event());
      lastOffset = entry.offset();
    } else if (message instanceof LeaderMessage.CaughtUp) {
      connected = true;
    } else {
      throw new IllegalStateException(
          "the sink sent a " + message.getClass().getSimpleName() + ", though it keeps no files");
    }
  }

  private void send(Socket to, FollowerMessage message) throws IOException {
    to.getOutputStream().write(codec.encode(message));
  }

  @Override
  public void close() {
    stopped = true;
    synchronized (lock) {
      try {
        if (socket != null) {
          socket.close();
        }
      } catch (IOException e) {
        // gone is what it shall be
      }
    }
    try {
      thread.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
