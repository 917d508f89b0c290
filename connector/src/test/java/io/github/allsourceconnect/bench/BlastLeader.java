package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A leader that sends prepared lines as fast as the socket takes them, from the offset subscribed
 * with, then {@code caught_up}. Ends when the last offset was acked. One follower at a time.
 */
final class BlastLeader implements AutoCloseable {
  private static final int WRITE = 1 << 20;

  private final PreparedLines lines;
  private final MessageCodec codec = new MessageCodec();
  private final ServerSocket server;
  private final Thread thread;
  private volatile long acked;
  private volatile boolean closed;

  BlastLeader(PreparedLines lines) {
    this.lines = lines;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("the leader can't listen", e);
    }
    thread = new Thread(this::accept, "bench-leader");
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** The highest offset acked. */
  long acked() {
    return acked;
  }

  private void accept() {
    while (!closed && acked < lines.count()) {
      try (Socket socket = server.accept()) {
        serve(socket);
      } catch (IOException e) {
        // the follower is gone, or the benchmark is over
      }
    }
  }

  private void serve(Socket socket) throws IOException {
    LineFramer framer = new LineFramer(WRITE);
    InputStream in = socket.getInputStream();
    byte[] block = new byte[1 << 16];
    boolean[] sending = new boolean[1];
    while (acked < lines.count()) {
      int read = in.read(block);
      if (read < 0) {
        return;
      }
      framer.feed(
          block,
          0,
          read,
          (buf, off, len, number) -> {
            FollowerMessage message = codec.decodeFollower(buf, off, len, number);
            if (message instanceof FollowerMessage.Ack ack) {
              acked = Math.max(acked, ack.offset());
            } else if (message instanceof FollowerMessage.Subscribe subscribe && !sending[0]) {
              sending[0] = true;
              Thread sender =
                  new Thread(() -> send(socket, subscribe.lastOffset()), "bench-leader-send");
              sender.setDaemon(true);
              sender.start();
            }
          });
    }
  }

  private void send(Socket socket, long after) {
    try {
      OutputStream out = socket.getOutputStream();
      byte[] bytes = lines.bytes();
      for (int at = lines.startAfter((int) after); at < bytes.length; at += WRITE) {
        out.write(bytes, at, Math.min(WRITE, bytes.length - at));
      }
      out.write(codec.encode(new LeaderMessage.CaughtUp(lines.count())));
    } catch (IOException e) {
      // the follower is gone
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the leader can't close its port", e);
    }
  }
}
