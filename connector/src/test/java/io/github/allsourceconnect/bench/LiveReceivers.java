package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A follower of the sink and a bare consumer of its topic, both at the end: each says when an entry
 * came. Two threads of its own; made and closed by a third.
 */
final class LiveReceivers implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final long first;
  private final long[] follower;
  private final long[] consumer;
  private final AtomicInteger followerCount = new AtomicInteger();
  private final AtomicInteger consumerCount = new AtomicInteger();
  private final AtomicInteger ready = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Socket socket;
  private final Thread following;
  private final Thread consuming;

  /**
   * Returns when both are at the end.
   *
   * @param end the WAL offset that the topic ends with
   * @param count how many entries will come
   */
  LiveReceivers(int port, long end, int count, Broker broker, String topic) throws IOException {
    first = end + 1;
    follower = new long[count];
    consumer = new long[count];
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    following = new Thread(this::follow, "bench-live-follower");
    consuming = new Thread(() -> consume(broker, topic), "bench-live-consumer");
    following.setDaemon(true);
    consuming.setDaemon(true);
    following.start();
    consuming.start();
    Await.until("both are at the end", Await.LIMIT, () -> ready.get() == 2);
  }

  private void follow() {
    MessageCodec codec = new MessageCodec();
    LineFramer framer = new LineFramer(1 << 20);
    byte[] block = new byte[1 << 16];
    long[] last = {first - 1};
    try {
      socket.getOutputStream().write(codec.encode(new FollowerMessage.Subscribe(first - 1)));
      InputStream in = socket.getInputStream();
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        framer.feed(
            block,
            0,
            read,
            (buf, off, len, number) -> {
              LeaderMessage message = codec.decodeLeader(buf, off, len, number);
              if (message instanceof LeaderMessage.Entry entry) {
                follower[(int) (entry.offset() - first)] = System.nanoTime();
                followerCount.incrementAndGet();
                last[0] = entry.offset();
              } else if (message instanceof LeaderMessage.CaughtUp) {
                ready.incrementAndGet();
              }
            });
        socket.getOutputStream().write(codec.encode(new FollowerMessage.Ack(last[0])));
      }
    } catch (IOException e) {
      if (!closed.get()) {
        throw new IllegalStateException("the live follower lost the sink", e);
      }
    }
  }

  private void consume(Broker broker, String topic) {
    try (KafkaConsumer<byte[], byte[]> kafka = new Topics(broker.bootstrap()).consumer()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      kafka.assign(List.of(partition));
      kafka.seek(partition, first - 1);
      kafka.poll(POLL);
      ready.incrementAndGet();
      while (!closed.get()) {
        for (ConsumerRecord<byte[], byte[]> record : kafka.poll(POLL)) {
          consumer[(int) (record.offset() + 1 - first)] = System.nanoTime();
          consumerCount.incrementAndGet();
        }
      }
    }
  }

  /** Waits until all entries have come to both. */
  void await(Duration limit) {
    Await.until(
        "all live entries have come",
        limit,
        () -> followerCount.get() == follower.length && consumerCount.get() == consumer.length,
        () -> "but " + followerCount + " and " + consumerCount + " have");
  }

  /** When each came to the follower, by {@link System#nanoTime}; not to be written to. */
  long[] follower() {
    return follower.clone();
  }

  /** When each came to the consumer. */
  long[] consumer() {
    return consumer.clone();
  }

  @Override
  public void close() throws IOException {
    closed.set(true);
    socket.close();
    try {
      following.join();
      consuming.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
