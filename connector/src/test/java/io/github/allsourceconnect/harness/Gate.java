package io.github.allsourceconnect.harness;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Stands between clients and a server on loopback, and can be shut: then connections stay, new ones
 * are taken, and no byte passes, as with a process that is stopped (SIGSTOP) or a network that says
 * nothing. Any thread.
 */
public final class Gate implements AutoCloseable {
  private static final int NEVER = -1;

  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object state = new Object();
  private boolean shut;
  private boolean closed;
  private int shutsAt = NEVER;
  private int requestsLeft;
  private volatile int target;

  /** On a free port. */
  public Gate() {
    try {
      listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("gate-accept", this::accept);
  }

  /** Where clients connect to. */
  public int port() {
    return listening.getLocalPort();
  }

  /** Where the server is. */
  void leadsTo(int port) {
    target = port;
  }

  /** Nothing passes from now on. */
  public void shut() {
    synchronized (state) {
      shut = true;
    }
  }

  /**
   * Shuts itself when a client asks for something of a Kafka broker, before that passes.
   *
   * @param request the request's number in Kafka's protocol
   * @param times how many such requests it takes
   */
  public void shutAt(ApiKeys request, int times) {
    synchronized (state) {
      shutsAt = request.id;
      requestsLeft = times;
    }
  }

  /** Whether nothing passes. */
  public boolean isShut() {
    synchronized (state) {
      return shut;
    }
  }

  /** What waits passes, and what comes. */
  public void open() {
    synchronized (state) {
      shut = false;
      shutsAt = NEVER;
      state.notifyAll();
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listening.accept();
        sockets.add(client);
        start("gate-client", () -> connect(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client) {
    try {
      awaitOpen();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(server);
      start("gate-server", () -> pass(server, client, (block, count) -> {}));
      pass(client, server, new Requests(this::asked)::take);
    } catch (IOException e) {
      close(client);
    }
  }

  private void asked(int request) {
    synchronized (state) {
      if (request == shutsAt && --requestsLeft == 0) {
        shut = true;
      }
    }
  }

  /** Tells the requests of a connection, each of which begins with its length and its number. */
  private static final class Requests {
    private final IntConsumer each;
    private final ByteBuffer head = ByteBuffer.allocate(Integer.BYTES + Short.BYTES);
    private int rest;

    Requests(IntConsumer each) {
      this.each = each;
    }

    void take(byte[] block, int count) {
      for (int at = 0; at < count; ) {
        if (rest > 0) {
          int skipped = Math.min(rest, count - at);
          rest -= skipped;
          at += skipped;
          continue;
        }
        head.put(block[at++]);
        if (!head.hasRemaining()) {
          rest = head.getInt(0) - Short.BYTES;
          each.accept(head.getShort(Integer.BYTES));
          head.clear();
        }
      }
    }
  }

  private void pass(Socket from, Socket to, ObjIntConsumer<byte[]> seen) {
    byte[] block = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        seen.accept(block, count);
        awaitOpen();
        out.write(block, 0, count);
      }
    } catch (IOException e) {
      // one end is gone, so the other goes
    } finally {
      close(from);
      close(to);
    }
  }

  private void awaitOpen() throws IOException {
    synchronized (state) {
      while (shut && !closed) {
        try {
          state.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted at the gate", e);
        }
      }
      if (closed) {
        throw new IOException("the gate is gone");
      }
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    closeQuietly(socket);
  }

  private static void closeQuietly(Closeable what) {
    try {
      what.close();
    } catch (IOException e) {
      // it is gone in any case
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    synchronized (state) {
      closed = true;
      state.notifyAll();
    }
    closeQuietly(listening);
    sockets.forEach(Gate::closeQuietly);
  }
}
