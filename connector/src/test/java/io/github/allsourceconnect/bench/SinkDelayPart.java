package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How long a live entry takes from the producer to a follower of the sink: alone, while many others
 * catch up from the beginning, and among as many live ones as a partition serves by default. A bare
 * consumer of the topic gets the same records at the same time: what it waits is Kafka's and the
 * machine's share.
 */
final class SinkDelayPart implements Part {
  private static final String CONSUMER = "bare consumer at the same time";
  private static final long LIVE_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(2_500);
  private static final long MANY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  /**
   * Milliseconds from the producer's send to the receipt, sorted.
   *
   * @param follower of each entry
   * @param consumer the same of the bare consumer
   */
  record Ways(double[] follower, double[] consumer) {}

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    int live = settings.sized(2_000, 50);
    int crowd = settings.sized(50, 3);
    int audience = settings.sized(999, 4);
    List<Ways> alone = new ArrayList<>();
    List<Ways> crowded = new ArrayList<>();
    List<Ways> among = new ArrayList<>();
    Stage stage = stages.plain();
    try (SinkTopic topic =
        new SinkTopic(stage, PreparedLines.generate(settings.records()), settings.records())) {
      for (int round = 1 - Math.min(1, settings.warmups()); round <= settings.rounds(); round++) {
        Report.progress("%-9s sink, live entries", round < 1 ? "warm-up" : "round " + round);
        Ways first = live(stage, topic, live, LIVE_PAUSE_NANOS);
        Ways second;
        try (Crowd others = new Crowd(topic, crowd)) {
          others.awaitAll();
          second = live(stage, topic, live, LIVE_PAUSE_NANOS);
        }
        Ways third;
        try (Audience others = new Audience(topic.port(), audience, topic.end())) {
          third = live(stage, topic, live / 10, MANY_PAUSE_NANOS);
        }
        if (round >= 1) {
          alone.add(first);
          crowded.add(second);
          among.add(third);
        }
      }
    }
    add(report, "sink.delay.alone", "sink, live entry, one follower", alone);
    add(report, "sink.delay.crowd", "... while " + crowd + " others catch up", crowded);
    add(report, "sink.delay.among", "... among " + (audience + 1) + " live", among);
    report.add(
        new Line(
            "sink.ack",
            "an ack and what may be committed, " + (audience + 1) + " followers",
            "ns",
            "1 follower",
            Goal.NONE,
            List.of(AckCost.nanos(audience + 1)),
            List.of(AckCost.nanos(1))));
  }

  private static void add(Report report, String key, String what, List<Ways> ways) {
    for (Map.Entry<String, Double> share :
        new TreeMap<>(Map.of("p50", 0.5, "p99", 0.99)).entrySet()) {
      report.add(
          new Line(
              key + "." + share.getKey(),
              what + ", " + share.getKey(),
              "ms",
              CONSUMER,
              Goal.NONE,
              ways.stream().map(way -> at(way.follower(), share.getValue())).toList(),
              ways.stream().map(way -> at(way.consumer(), share.getValue())).toList()));
    }
  }

  static double at(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.round(share * sorted.length))];
  }

  /** Followers that catch up from the beginning, again and again, until this is closed. */
  private static final class Crowd implements AutoCloseable {
    private final SinkTopic topic;
    private final int followers;
    private final long entries;
    private final AtomicBoolean enough = new AtomicBoolean();
    private final AtomicInteger started = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();

    Crowd(SinkTopic topic, int followers) {
      this.topic = topic;
      this.followers = followers;
      this.entries = topic.end();
      for (int i = 0; i < followers; i++) {
        Thread thread = new Thread(this::follow, "bench-crowd-" + i);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
      }
    }

    private void follow() {
      boolean[] seen = new boolean[1];
      while (!enough.get()) {
        try (Drain drain = new Drain(topic.port())) {
          drain.take(
              entries,
              lines -> {
                if (!seen[0]) {
                  seen[0] = true;
                  started.incrementAndGet();
                }
              });
          drain.ack(entries);
        } catch (IOException e) {
          throw new IllegalStateException("a follower of the crowd lost the sink", e);
        }
      }
    }

    void awaitAll() {
      Await.until("all catch up", Stage.LIMIT, () -> started.get() == followers);
    }

    /** Lets all end what they are at. */
    @Override
    public void close() throws InterruptedException {
      enough.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  /** Writes entries one by one and takes the times. */
  static Ways live(Stage stage, SinkTopic topic, int count, long pauseNanos) throws IOException {
    long[] sent = new long[count];
    try (LiveReceivers receivers =
            new LiveReceivers(topic.port(), topic.end(), count, stage.broker(), topic.name());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", stage.broker().bootstrap(), "linger.ms", "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer.partitionsFor(topic.name());
      long next = System.nanoTime();
      for (int i = 0; i < count; i++) {
        next += pauseNanos;
        while (System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
        sent[i] = System.nanoTime();
        producer.send(topic.record(1 + i));
      }
      producer.flush();
      receivers.await(Stage.LIMIT);
      topic.written(count);
      return new Ways(millis(sent, receivers.follower()), millis(sent, receivers.consumer()));
    }
  }

  private static double[] millis(long[] sent, long[] received) {
    return IntStream.range(0, sent.length)
        .mapToDouble(i -> (received[i] - sent[i]) / 1e6)
        .sorted()
        .toArray();
  }
}
