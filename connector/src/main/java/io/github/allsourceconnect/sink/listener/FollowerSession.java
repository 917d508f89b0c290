package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import javax.net.ssl.SSLException;

/**
 * One connection: cuts and decodes what the follower says, writes what it shall get. Everything but
 * {@link #isGone} happens on the partition's event loop. Decides nothing.
 */
final class FollowerSession extends ChannelInboundHandlerAdapter {
  /**
   * What may be written in one go before others have their turn. The next turn begins when the
   * connection has taken this one, so that a live entry waits for no more than one turn of somebody
   * who catches up, however many do.
   */
  private static final int TURN_BYTES = 128 << 10;

  private final int id;
  private final Connections connections;
  private final LineFramer framer;
  private final MessageCodec codec;
  private ChannelHandlerContext context;
  private int turnBytes;
  private boolean unflushed;
  private boolean turnOver;
  private boolean resumes;
  private volatile boolean ended;
  private boolean follower;

  FollowerSession(int id, Connections connections, MessageCodec codec, int lineMaxBytes) {
    this.id = id;
    this.connections = connections;
    this.codec = codec;
    this.framer = new LineFramer(lineMaxBytes);
  }

  int id() {
    return id;
  }

  /** Whether it is closed, or being closed. Any thread. */
  boolean isGone() {
    return ended;
  }

  /** Whether it has subscribed. */
  boolean isFollower() {
    return follower;
  }

  void becomesFollower() {
    follower = true;
  }

  /**
   * Writes; flushed by {@link #flush} at the end of the turn at the latest.
   *
   * @return whether more may be written now; if not, the leader is told when it may
   */
  boolean write(byte[] data, int from, int length) {
    if (ended) {
      return false;
    }
    turnBytes += length;
    ByteBuf buffer = Unpooled.wrappedBuffer(data, from, length);
    if (turnBytes < TURN_BYTES) {
      ChannelFuture unused = context.write(buffer, context.voidPromise());
    } else {
      turnOver = true;
      ChannelFuture unused = context.write(buffer).addListener(taken -> taken());
    }
    if (!unflushed) {
      unflushed = true;
      connections.flushLater(this);
    }
    // if it is not writable, channelWritabilityChanged follows
    return !turnOver && context.channel().isWritable();
  }

  private void taken() {
    turnOver = false;
    if (!ended) {
      resumeLater();
    }
  }

  /** Whether more may be written now; for those who write large pieces. */
  boolean writable() {
    return !ended && !turnOver && context.channel().isWritable();
  }

  void flush() {
    if (unflushed && !ended) {
      unflushed = false;
      if (!turnOver) {
        turnBytes = 0;
      }
      context.flush();
    }
  }

  void setBuffer(int bytes) {
    context
        .channel()
        .config()
        .setWriteBufferWaterMark(new io.netty.channel.WriteBufferWaterMark(bytes / 2, bytes));
  }

  void end() {
    ended = true;
    SslHandler tls = context.pipeline().get(SslHandler.class);
    if (tls != null && !tls.handshakeFuture().isSuccess()) {
      // past TLS, whose farewell would wait for the handshake's work, which is not done any more
      ChannelFuture unused = context.pipeline().context(tls).close();
    } else {
      ChannelFuture unused = context.close();
    }
  }

  private void resumeLater() {
    if (!resumes) {
      resumes = true;
      connections.resumeLater(this);
    }
  }

  /** Its turn has come. */
  void resume() {
    resumes = false;
    turnBytes = 0;
    if (writable()) {
      connections.writable(this);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connections.opened(this, ctx.channel().remoteAddress());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
    try {
      if (ended) {
        return;
      }
      ByteBuf in = (ByteBuf) message;
      byte[] bytes = new byte[in.readableBytes()];
      in.readBytes(bytes);
      framer.feed(bytes, 0, bytes.length, this::line);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void line(byte[] buf, int off, int len, long number) throws ProtocolException {
    if (ended) {
      return;
    }
    FollowerMessage message = codec.decodeFollower(buf, off, len, number);
    if (message instanceof FollowerMessage.Ack ack) {
      connections.acked(this, ack.offset());
    } else if (message instanceof FollowerMessage.Subscribe subscribe) {
      connections.subscribed(this, subscribe.lastOffset());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent shaken && shaken.isSuccess() && !ended) {
      connections.answered(this);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      resumeLater();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!ended) {
      ended = true;
      connections.lost(this, "it closed the connection");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ended) {
      return;
    }
    if (cause instanceof ProtocolException) {
      connections.offended(
          this, "what it sent is not a line of the protocol: " + cause.getMessage());
    } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
      connections.offended(this, "no TLS with it: " + tlsFailure(cause.getCause()));
    } else if (cause instanceof IOException) {
      ended = true;
      ChannelFuture unused = ctx.close();
      connections.lost(this, "connection lost: " + Printable.of(cause.getMessage()));
    } else {
      connections.offended(this, "serving it failed: " + Printable.of(cause.toString()));
    }
  }

  /** Netty shows what came instead of TLS, in hex: a password may be in it. */
  private static String tlsFailure(Throwable cause) {
    return cause instanceof NotSslRecordException
        ? "what it sent is not TLS"
        : Printable.of(cause.getMessage());
  }
}
