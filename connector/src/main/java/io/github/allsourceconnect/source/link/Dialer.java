package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.SecuritySettings;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.transport.HostPort;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes connections to leaders, with timeouts, keep-alive and TLS. For any thread. */
public final class Dialer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);
  private static final int RECEIVE_BUFFER = 1 << 20;

  private final int connectTimeoutMs;
  private final int deadTimeoutMs;
  private final TlsContext tls;
  private final ScheduledThreadPoolExecutor watch;

  /**
   * Reads the key and trust stores.
   *
   * @throws org.apache.kafka.common.KafkaException if they can't be read or do not fit
   */
  public Dialer(LeaderSettings leader, SecuritySettings security) {
    this.connectTimeoutMs = (int) leader.connectTimeout().toMillis();
    this.deadTimeoutMs = (int) leader.deadTimeout().toMillis();
    this.tls = security.encrypted() ? TlsContext.client(security.ssl()) : null;
    LogContext context = LogContext.here();
    String name = Printable.name(leader.name());
    watch =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(context.around(work), "allsource-" + name + "-deadline");
              thread.setDaemon(true);
              return thread;
            });
    watch.setRemoveOnCancelPolicy(true);
  }

  /** When what begins now must have ended, by {@link System#nanoTime}. */
  public long deadline() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(connectTimeoutMs);
  }

  /**
   * Connects, and shakes hands if the connection is encrypted; blocks until the deadline at most,
   * whatever the peer does, and for as long as the look-up of the name takes.
   *
   * @param deadline by {@link System#nanoTime}
   * @param begun gets what ends the attempt when it is closed, before it begins
   * @throws IOException saying what was tried
   */
  public Wire dial(HostPort address, long deadline, Consumer<Closeable> begun) throws IOException {
    Socket socket = new Socket();
    begun.accept(socket);
    AtomicBoolean late = new AtomicBoolean();
    try {
      socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      connect(socket, address, leftMs(deadline));
      socket.setTcpNoDelay(true);
      keepAlive(socket);
      if (tls == null) {
        return new Wire(socket, socket);
      }
      // a read's timeout would begin anew with each byte of the handshake
      Future<?> end =
          watch.schedule(
              () -> {
                late.set(true);
                closeQuietly(socket);
              },
              leftMs(deadline),
              TimeUnit.MILLISECONDS);
      try {
        return new Wire(socket, tls.overlay(socket, address));
      } finally {
        end.cancel(false);
      }
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          address
              + " can't be reached: "
              + (late.get()
                  ? "the TLS handshake was not done within connect.timeout.ms=" + connectTimeoutMs
                  : e.getClass().getSimpleName() + ": " + Printable.of(e.getMessage())));
    }
  }

  /** How long it is to the deadline; 1 if it is over. */
  public static int leftMs(long deadline) {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, left));
  }

  private static void connect(Socket socket, HostPort address, int timeoutMs) throws IOException {
    InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
    if (resolved.isUnresolved()) {
      throw new UnknownHostException("no such host: " + address.host());
    }
    socket.connect(resolved, timeoutMs);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("While giving up a handshake", e);
    }
  }

  /** Idle time, then as many probes as fit into the rest. */
  private void keepAlive(Socket socket) throws IOException {
    socket.setKeepAlive(true);
    int seconds = deadTimeoutMs / 1000;
    int idle = Math.max(1, seconds / 3);
    int interval = Math.max(1, seconds / 6);
    set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, idle);
    set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, interval);
    set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, Math.max(1, (seconds - idle) / interval));
  }

  private static void set(Socket socket, SocketOption<Integer> option, int value)
      throws IOException {
    if (socket.supportedOptions().contains(option)) {
      socket.setOption(option, value);
    } else {
      LOG.warn(
          "This system can't set {}: it decides itself how soon a dead connection is noticed",
          option.name());
    }
  }

  @Override
  public void close() throws IOException {
    watch.shutdownNow();
    if (tls != null) {
      tls.close();
    }
  }
}
