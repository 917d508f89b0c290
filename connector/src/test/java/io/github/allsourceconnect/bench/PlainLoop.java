package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** What the sink stands beside: a loop that writes the same bytes to as many sockets. */
final class PlainLoop implements AutoCloseable {
  private static final int WRITE = 64 << 10;

  private final ServerSocket server;
  private final List<Socket> sockets = new ArrayList<>();
  private final Thread accepting;

  /**
   * @param followers how many it waits for; each is told {@code caught_up}
   */
  PlainLoop(int followers) throws IOException {
    server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    byte[] caughtUp = new MessageCodec().encode(new LeaderMessage.CaughtUp(0));
    accepting =
        new Thread(
            () -> {
              try {
                while (sockets.size() < followers) {
                  Socket socket = server.accept();
                  socket.setTcpNoDelay(true);
                  socket.getOutputStream().write(caughtUp);
                  sockets.add(socket);
                }
              } catch (IOException e) {
                throw new IllegalStateException("the plain loop lost a follower", e);
              }
            },
            "bench-plain-accept");
    accepting.setDaemon(true);
    accepting.start();
  }

  int port() {
    return server.getLocalPort();
  }

  /** Writes them to all, a piece to each in turn. */
  void write(byte[] bytes) throws IOException, InterruptedException {
    accepting.join();
    for (int at = 0; at < bytes.length; at += WRITE) {
      int length = Math.min(WRITE, bytes.length - at);
      for (Socket socket : sockets) {
        socket.getOutputStream().write(bytes, at, length);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }
}
