package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.config.Cidr;
import io.github.allsourceconnect.config.ListenerSettings;
import io.github.allsourceconnect.transport.TlsContext;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for the followers of one partition. A port that is in use is tried again and again, for
 * the task that had the partition before may not have left yet.
 */
public final class FollowerListener {
  private static final Logger LOG = LoggerFactory.getLogger(FollowerListener.class);
  private static final int BACKLOG = 1024;

  private final ListenerSettings settings;
  private final int port;
  private final Connections connections;
  private final EventLoop loop;
  private final TlsContext tls;
  private final Handshakes handshakes;
  private final String log;
  private final Consumer<Throwable> failure;
  private final long startedAt = System.nanoTime();
  private final ServerBootstrap bootstrap;
  private boolean said;
  private boolean closed;

  /** The last attempt to bind the port; null before the first. */
  private ChannelFuture binding;

  private volatile int boundPort;

  /**
   * @param port 0 for any
   * @param tls makes the engines of connections; null without TLS
   * @param handshakes where the work of TLS is done
   * @param log what messages call the partition
   * @param failure told when the port stays in use for too long
   */
  public FollowerListener(
      ListenerSettings settings,
      int port,
      PartitionLeader leader,
      TlsContext tls,
      Handshakes handshakes,
      String log,
      Consumer<Throwable> failure) {
    this.settings = settings;
    this.port = port;
    this.connections = leader.connections();
    this.loop = connections.loop().eventLoop();
    this.tls = tls;
    this.handshakes = handshakes;
    this.log = log;
    this.failure = failure;
    this.bootstrap =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            // a peer that is gone without a word is noticed after about a minute
            .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), 30)
            .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), 10)
            .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), 3)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel connection) {
                    accept(connection);
                  }
                });
  }

  /** Begins to listen, now or as soon as the port is free. */
  public void start() {
    loop.execute(this::bind);
  }

  /** The address that followers connect to. Any thread. */
  public String address() {
    int known = boundPort;
    return settings.advertisedHost() + ":" + (known == 0 ? port : known);
  }

  /** The port that is listened on; 0 as long as it is not. Any thread. */
  public int boundPort() {
    return boundPort;
  }

  private void bind() {
    if (!closed) {
      binding = bootstrap.bind(new InetSocketAddress(settings.host(), port));
      ChannelFuture unused = binding.addListener(future -> bound((ChannelFuture) future));
    }
  }

  private void bound(ChannelFuture future) {
    if (closed) {
      return;
    }
    if (future.isSuccess()) {
      boundPort = ((InetSocketAddress) future.channel().localAddress()).getPort();
      LOG.info("{}: followers connect to {}{}", log, address(), tls == null ? "" : " with TLS");
      return;
    }
    long timeout = settings.portRetryTimeout().toMillis();
    String what = log + ": can't listen on " + settings.host() + ":" + port;
    if (timeout > 0 && System.nanoTime() - startedAt > timeout * 1_000_000) {
      failure.accept(
          new ConnectException(
              what
                  + ", where followers would connect to "
                  + address()
                  + ": "
                  + future.cause().getMessage()
                  + ". Free the port or change "
                  + ListenerSettings.PORT,
              future.cause()));
      return;
    }
    if (!said) {
      said = true;
      LOG.warn(
          "{} ({}); trying again every {} ms until it is free",
          what,
          future.cause().getMessage(),
          settings.portRetry().toMillis());
    }
    Future<?> unused =
        loop.schedule(this::bind, settings.portRetry().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void accept(SocketChannel connection) {
    InetAddress peer = connection.remoteAddress().getAddress();
    if (settings.allowed().stream().noneMatch((Cidr block) -> block.contains(peer))) {
      connections.stranger(connection.remoteAddress());
      ChannelFuture unused = connection.close();
      return;
    }
    FollowerSession session = connections.session(settings.followerLineMaxBytes());
    if (tls != null) {
      SslHandler handler =
          new SslHandler(
              tls.serverEngine(peer.getHostAddress(), connection.remoteAddress().getPort()),
              handshakes.connection(
                  peer.getHostAddress(), session::isGone, () -> connections.answered(session)));
      handler.setHandshakeTimeoutMillis(settings.subscribeTimeout().toMillis());
      connection.pipeline().addLast(handler);
    }
    connection.pipeline().addLast(session);
  }

  /**
   * Begins to listen no longer. Any thread.
   *
   * @return done when the port is free
   */
  public Future<?> stop() {
    boundPort = 0;
    CompletableFuture<Void> free = new CompletableFuture<>();
    loop.execute(
        () -> {
          closed = true;
          if (binding == null) {
            free.complete(null);
          } else {
            // it may be on its way yet: only then there is a socket to be closed
            ChannelFuture unused =
                binding.addListener(
                    bound -> binding.channel().close().addListener(gone -> letGo(free)));
          }
        });
    return free;
  }

  /** The socket itself is let go with the loop's next select. */
  private void letGo(CompletableFuture<Void> free) {
    Future<?> unused = loop.schedule(() -> free.complete(null), 10, TimeUnit.MILLISECONDS);
  }
}
