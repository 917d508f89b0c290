package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.SecuritySettings;
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

  /**
   * Reads the key and trust stores.
   *
   * @throws org.apache.kafka.common.KafkaException if they can't be read or do not fit
   */
  public Dialer(LeaderSettings leader, SecuritySettings security) {
    this.connectTimeoutMs = (int) leader.connectTimeout().toMillis();
    this.deadTimeoutMs = (int) leader.deadTimeout().toMillis();
    this.tls = security.encrypted() ? TlsContext.client(security.ssl()) : null;
  }

  /**
   * Connects, and shakes hands if the connection is encrypted; blocks for two connect timeouts at
   * most, and for as long as the look-up of the name takes.
   *
   * @param begun gets what ends the attempt when it is closed, before it begins
   * @throws IOException saying what was tried
   */
  public Wire dial(HostPort address, Consumer<Closeable> begun) throws IOException {
    return dial(address, connectTimeoutMs, begun);
  }

  /** As {@link #dial(HostPort, Consumer)}, with another timeout, if that is shorter. */
  public Wire dial(HostPort address, int timeoutMs, Consumer<Closeable> begun) throws IOException {
    int timeout = Math.min(timeoutMs, connectTimeoutMs);
    Socket socket = new Socket();
    begun.accept(socket);
    try {
      socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      connect(socket, address, timeout);
      socket.setTcpNoDelay(true);
      keepAlive(socket);
      if (tls == null) {
        return new Wire(socket, socket);
      }
      socket.setSoTimeout(timeout);
      return new Wire(socket, tls.overlay(socket, address));
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          address
              + " can't be reached: "
              + e.getClass().getSimpleName()
              + ": "
              + Printable.of(e.getMessage()));
    }
  }

  private static void connect(Socket socket, HostPort address, int timeoutMs) throws IOException {
    InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
    if (resolved.isUnresolved()) {
      throw new UnknownHostException("no such host: " + address.host());
    }
    socket.connect(resolved, timeoutMs);
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
          "This system can't set {}: a dead connection is noticed as late as it sees fit",
          option.name());
    }
  }

  @Override
  public void close() throws IOException {
    if (tls != null) {
      tls.close();
    }
  }
}
