package io.github.allsourceconnect.sink.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What waits for followers, where those of another partition come and go. */
class SharedBuffersTest {
  private static final int MB = 1 << 20;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final MemoryShares memory = new MemoryShares(256 * MB, 64 * MB, 32 * MB);

  /** A partition with the connections of its followers, on one event loop. */
  private final class Served {
    private final EmbeddedChannel first = new EmbeddedChannel();
    private final PartitionLeader leader;

    Served(int partition) {
      OlderReaders older = MemoryServed.older(failure::set);
      leader =
          new PartitionLeader(
              partition,
              MemoryServed.settings(partition, 64 * MB),
              first.eventLoop(),
              older,
              new MessageCodec(),
              null,
              null,
              memory,
              failure::set);
    }

    void subscribe() {
      first.pipeline().addLast(leader.connections().session(1 << 16));
      first.pipeline().fireChannelActive();
      first.writeInbound(
          Unpooled.copiedBuffer("{\"type\":\"subscribe\",\"last_offset\":0}\n", UTF_8));
    }

    int buffer() {
      first.advanceTimeBy(1, TimeUnit.SECONDS);
      first.runPendingTasks();
      return first.config().getWriteBufferHighWaterMark();
    }

    void stop() {
      var stopped = leader.stop("test");
      first.runPendingTasks();
      assertEquals(true, stopped.isDone());
    }
  }

  @Test
  void followersOfAllPartitionsShare() {
    Served one = new Served(0);
    Served two = new Served(1);
    one.subscribe();
    assertEquals(32 * MB, one.buffer());
    two.subscribe();
    assertEquals(16 * MB, two.buffer());
    assertEquals(16 * MB, one.buffer());
    two.stop();
    assertEquals(32 * MB, one.buffer());
    one.stop();
    assertEquals(0, memory.partitions());
    assertNull(failure.get());
  }
}
