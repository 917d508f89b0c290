package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A follower of the sink: takes each entry, looks at its checksum and its order, hands it to the
 * check, and acks. Connects again when the connection ends, with what it has.
 */
final class CheckingFollower implements AutoCloseable {
  private static final int LINE_BYTES_MAX = 64 << 20;
  private static final int CONNECT_TIMEOUT_MS = 1_000;
  private static final long PAUSE_MS = 200;

  private final MessageCodec codec = new MessageCodec();
  private final Consumer<Event> each;
  private final int port;
  private final Thread thread;
  private volatile Socket socket;
  private volatile long offset;
  private volatile long received;
  private volatile boolean connected;
  private volatile String fault;
  private volatile boolean closed;

  CheckingFollower(int port, Consumer<Event> each) {
    this.port = port;
    this.each = each;
    thread = new Thread(this::run, "checking-follower");
    thread.setDaemon(true);
    thread.start();
  }

  long received() {
    return received;
  }

  boolean connected() {
    return connected;
  }

  /** What the sink did that no leader may do, or null. */
  String fault() {
    return fault;
  }

  private void run() {
    while (!closed) {
      try (Socket fresh = new Socket()) {
        socket = fresh;
        fresh.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MS);
        fresh.getOutputStream().write(codec.encode(new FollowerMessage.Subscribe(offset)));
        connected = true;
        follow(fresh);
      } catch (IOException e) {
        // the sink is not there yet, or moves
      }
      connected = false;
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void follow(Socket from) throws IOException {
    LineFramer framer = new LineFramer(LINE_BYTES_MAX);
    byte[] block = new byte[64 << 10];
    for (int count; (count = from.getInputStream().read(block)) >= 0; ) {
      framer.feed(
          Arrays.copyOf(block, count),
          0,
          count,
          (line, off, len, number) -> {
            try {
              if (codec.decodeLeader(line, off, len, number) instanceof LeaderMessage.Entry entry) {
                WalChecksum.verify(entry.data(), number);
                take(entry);
              }
            } catch (ProtocolException e) {
              fault = e.getMessage();
              throw e;
            }
          });
      from.getOutputStream().write(codec.encode(new FollowerMessage.Ack(offset)));
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread only
  private void take(LeaderMessage.Entry entry) throws IOException {
    if (entry.offset() <= offset) {
      fault = "offset " + entry.offset() + " came after " + offset;
      throw new IOException(fault);
    }
    each.accept(entry.data().event());
    offset = entry.offset();
    received++;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    thread.interrupt();
    Socket open = socket;
    if (open != null) {
      open.close();
    }
  }
}
