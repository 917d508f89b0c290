package io.github.allsourceconnect.sink.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A live entry waits for no more than one turn of one who catches up, however many do; and they
 * have their turns although there is always a live entry that waits. The leader's event loop, its
 * sessions and the followers' ends of the connections share one thread, so that what is delivered
 * has one order, the same in every run; bytes are counted, time is not looked at.
 */
class TurnsTest {
  private static final SeenLog LOG = new SeenLog(new LogIdentity("cluster", "topic"), 1);
  private static final int BLOCK = 64 << 10;

  /** A turn ends with the block that brings it to 128 KiB. */
  private static final int TURN = 128 << 10;

  private static final int BACKLOG_BLOCKS = 64;
  private static final int BEHIND = 8;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final LocalAddress address = new LocalAddress(TurnsTest.class);
  private MultiThreadIoEventLoopGroup loops;
  private EventLoop loop;
  private OlderReaders older;
  private PartitionLeader leader;
  private long end;

  @BeforeEach
  void start() throws InterruptedException {
    loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("test-turns", true), LocalIoHandler.newFactory());
    loop = loops.next();
    // not started: all that is served is in memory, and the test itself says where the log ends
    older = MemoryServed.older(failure::set);
    MessageCodec codec = new MessageCodec();
    leader =
        new PartitionLeader(
            0,
            MemoryServed.settings(0, 1 << 20),
            loop,
            older,
            codec,
            null,
            null,
            new MemoryShares(8L << 30, 64 << 20, 16 << 20),
            failure::set);
    new ServerBootstrap()
        .group(loop, loop)
        .channel(LocalServerChannel.class)
        .childHandler(
            new ChannelInitializer<LocalChannel>() {
              @Override
              protected void initChannel(LocalChannel connection) {
                connection.pipeline().addLast(leader.connections().session(1 << 16));
              }
            })
        .bind(address)
        .sync();
    leader.readers().tailStart(LOG, 0);
    leader.handed(0, Long.MAX_VALUE);
    for (int i = 0; i < BACKLOG_BLOCKS; i++) {
      leader.readers().tail(1, block(BLOCK));
    }
  }

  @AfterEach
  void stop() throws Exception {
    assertNull(leader.stop("the test is over").get(5, TimeUnit.SECONDS));
    loops.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
  }

  /** The next stretch of the log: one line of so many bytes. */
  private LogBlock block(int bytes) {
    byte[] line = new byte[bytes];
    Arrays.fill(line, (byte) 'x');
    line[bytes - 1] = '\n';
    LogBlock.Builder builder = new LogBlock.Builder(end);
    builder.add(end, line);
    end++;
    return builder.build(end);
  }

  /** A follower's end of its connection; does what the test does with what it gets. */
  private abstract static class End extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf got) throws Exception {
      got(got.readableBytes(), got.getByte(got.readerIndex()) == 'x');
    }

    abstract void got(int bytes, boolean entries) throws Exception;
  }

  private Channel subscribe(long lastOffset, End follower) throws InterruptedException {
    Channel channel =
        new Bootstrap()
            .group(loop)
            .channel(LocalChannel.class)
            .handler(follower)
            .connect(address)
            .sync()
            .channel();
    String line = "{\"type\":\"subscribe\",\"last_offset\":" + lastOffset + "}\n";
    channel.writeAndFlush(Unpooled.copiedBuffer(line, UTF_8)).sync();
    return channel;
  }

  /**
   * What one of those who are behind has got, in all, and of the backlog since the last live entry.
   */
  private static final class Behind extends End {
    private long all;
    private long sinceLive;

    @Override
    void got(int bytes, boolean entries) {
      if (entries) {
        all += bytes;
        // whoever has caught up gets the live entries, too
        sinceLive += bytes < BLOCK ? 0 : bytes;
      }
    }
  }

  /** As soon as one entry is there, the next is written; so an entry always waits for its turn. */
  private final class Live extends End {
    private final List<Behind> others;
    private final long backlog;
    private int delivered;
    private long mostToOne;
    private long mostToAll;
    private boolean over;

    Live(List<Behind> others, long backlog) {
      this.others = others;
      this.backlog = backlog;
    }

    @Override
    void got(int bytes, boolean entries) throws InterruptedException {
      if (!entries || over) {
        return;
      }
      boolean begun = others.stream().allMatch(other -> other.all > other.sinceLive);
      long toOne = others.stream().mapToLong(other -> other.sinceLive).max().orElse(0);
      long toAll = others.stream().mapToLong(other -> other.sinceLive).sum();
      others.forEach(other -> other.sinceLive = 0);
      if (begun) { // before that no live entry was there to wait for its turn
        delivered++;
        mostToOne = Math.max(mostToOne, toOne);
        mostToAll = Math.max(mostToAll, toAll);
      }
      over = others.stream().allMatch(other -> other.all >= backlog);
      if (!over) {
        leader.readers().tail(1, block(16));
      }
    }
  }

  /** What readers bring faster than the loop takes it waits with them, not in memory. */
  @Test
  void whatIsReadForThoseBehindIsBoundedOnItsWay() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    Future<?> unused =
        loop.submit(
            () -> {
              busy.await();
              return null;
            });
    List<LogBlock> blocks = List.of(block(1 << 20));
    AtomicInteger handed = new AtomicInteger();
    Thread reader =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 100; i++) {
                  leader.readers().older(i, blocks);
                  handed.incrementAndGet();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    reader.start();
    try {
      Await.until(
          "the reader waits, or has ended",
          Await.LIMIT,
          () -> reader.getState() == Thread.State.WAITING || !reader.isAlive());
      assertTrue(handed.get() <= 16, handed.get() + " MiB are on their way");
    } finally {
      busy.countDown();
      reader.join();
    }
    assertEquals(100, handed.get());
  }

  @Test
  void liveEntriesAndThoseWhoCatchUpTakeTurns() throws Exception {
    long backlog = (long) BACKLOG_BLOCKS * BLOCK;
    List<Behind> behind = new ArrayList<>();
    for (int i = 0; i < BEHIND; i++) {
      behind.add(new Behind());
    }
    Live live = new Live(behind, backlog);
    subscribe(end, live);
    leader.readers().bounds(LOG, 0, end);
    for (Behind each : behind) {
      subscribe(0, each);
    }
    // asked for the first of them, then for those who came meanwhile
    leader.readers().bounds(LOG, 0, end);
    leader.readers().bounds(LOG, 0, end);
    leader.readers().tail(1, block(16));
    Await.until(
        "all have caught up, and the live one was served",
        Await.LIMIT,
        () -> loop.submit(() -> live.over).get(),
        () -> "failure: " + failure.get());
    assertEquals(null, failure.get());
    assertTrue(live.mostToOne <= TURN, "one got " + live.mostToOne + " bytes in one go");
    assertTrue(live.mostToAll <= TURN, "all together got " + live.mostToAll + " bytes in between");
    long turns = BEHIND * (backlog / TURN - 2);
    assertTrue(live.delivered >= turns, live.delivered + " live entries in " + turns + " turns");
  }
}
