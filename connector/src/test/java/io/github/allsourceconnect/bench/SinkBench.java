package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.AllSourceSinkConnector;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The sink's part of the benchmark, on one topic of prepared lines: how long a live entry takes
 * from the producer to a follower, alone and while many others catch up from the beginning; and how
 * fast one catches up. A bare consumer of the topic gets the same records at the same time: what it
 * waits is Kafka's and the machine's share.
 */
final class SinkBench implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String NAME = "bench-sink";
  private static final int CATCHING_UP = 50;
  private static final int LIVE = 2_000;

  /** The most that a partition serves by default, with the one that is measured. */
  private static final int AUDIENCE = 999;

  private static final int LIVE_TO_MANY = 200;
  private static final long LIVE_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(2_500);
  private static final long MANY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final String STRINGS = "org.apache.kafka.connect.storage.StringConverter";

  private final ConnectRest rest;
  private final Broker broker;
  private final PreparedLines lines;
  private final int port = Ports.free();
  private final List<Round> rounds = new ArrayList<>();
  private long end;

  /**
   * Milliseconds from the producer's send to the receipt.
   *
   * @param follower of each entry, sorted
   * @param consumer the same of the bare consumer
   */
  private record Ways(double[] follower, double[] consumer) {}

  private record Round(
      Ways alone, Ways crowded, Ways among, double oneRate, double oneBytes, double allRate) {}

  SinkBench(Broker broker, ConnectRest rest, PreparedLines lines) {
    this.broker = broker;
    this.rest = rest;
    this.lines = lines;
  }

  /** Fills the topic, starts the sink and measures so often. */
  void run(int warmups, int count) throws IOException {
    Topics topics = new Topics(broker.bootstrap());
    topics.create(NAME, 1, Map.of("retention.ms", "-1"));
    topics.write(
        () ->
            IntStream.rangeClosed(1, lines.count())
                .mapToObj(n -> record(lines.value(n)))
                .iterator());
    end = lines.count();
    rest.create(
        NAME,
        Map.of(
            "connector.class",
            AllSourceSinkConnector.class.getName(),
            "tasks.max",
            "1",
            "topics",
            NAME,
            "listener.port",
            Integer.toString(port),
            "log.bootstrap.servers",
            broker.bootstrap(),
            "key.converter",
            STRINGS,
            "value.converter",
            STRINGS));
    Await.until("the sink listens", LIMIT, () -> !Ports.isFree(port));
    for (int round = 1 - warmups; round <= count; round++) {
      Round measured = round();
      System.out.printf(
          "%8s  sink: p99 %.1f ms alone, %.1f ms while %d catch up; one catches up with %,.0f/s%n",
          round < 1 ? "warm-up" : "round " + round,
          at(measured.alone().follower(), 0.99),
          at(measured.crowded().follower(), 0.99),
          CATCHING_UP,
          measured.oneRate());
      if (round >= 1) {
        rounds.add(measured);
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(byte[] value) {
    return new ProducerRecord<>(NAME, 0, "order".getBytes(UTF_8), value);
  }

  private Round round() throws IOException {
    long began = System.nanoTime();
    long bytes;
    try (Drain one = new Drain(port)) {
      bytes = one.take(end, lines -> {});
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    double oneRate = end / seconds;
    Ways alone = live(LIVE, LIVE_PAUSE_NANOS);
    Crowd crowd = new Crowd(end);
    crowd.awaitAll();
    Ways crowded = live(LIVE, LIVE_PAUSE_NANOS);
    double allRate = crowd.stop();
    Ways among;
    try (Audience audience = new Audience(port, AUDIENCE, end)) {
      among = live(LIVE_TO_MANY, MANY_PAUSE_NANOS);
    }
    return new Round(alone, crowded, among, oneRate, bytes / seconds, allRate);
  }

  /** Followers that catch up from the beginning, again and again, until they are stopped. */
  private final class Crowd {
    private final AtomicBoolean enough = new AtomicBoolean();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final long began = System.nanoTime();

    Crowd(long entries) {
      for (int i = 0; i < CATCHING_UP; i++) {
        Thread thread = new Thread(() -> follow(entries), "bench-crowd-" + i);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
      }
    }

    private void follow(long entries) {
      boolean first = true;
      while (!enough.get()) {
        try (Drain drain = new Drain(port)) {
          boolean[] seen = {!first};
          drain.take(
              entries,
              lines -> {
                if (!seen[0]) {
                  seen[0] = true;
                  started.incrementAndGet();
                }
              });
          taken.addAndGet(entries);
          first = false;
        } catch (IOException e) {
          throw new IllegalStateException("a follower of the crowd lost the sink", e);
        }
      }
    }

    void awaitAll() {
      Await.until("all catch up", LIMIT, () -> started.get() == CATCHING_UP);
    }

    /** Lets all end what they are at; entries a second of all together. */
    double stop() {
      enough.set(true);
      for (Thread thread : threads) {
        join(thread);
      }
      return taken.get() * 1e9 / (System.nanoTime() - began);
    }
  }

  /** Writes entries one by one and takes the times. */
  private Ways live(int count, long pauseNanos) throws IOException {
    long[] sent = new long[count];
    try (LiveReceivers receivers = new LiveReceivers(port, end, count, broker, NAME);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer.partitionsFor(NAME);
      long next = System.nanoTime();
      for (int i = 0; i < count; i++) {
        next += pauseNanos;
        while (System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
        sent[i] = System.nanoTime();
        producer.send(record(lines.value(1 + i % lines.count())));
      }
      producer.flush();
      receivers.await(LIMIT);
      end += count;
      return new Ways(millis(sent, receivers.follower()), millis(sent, receivers.consumer()));
    }
  }

  private static double[] millis(long[] sent, long[] received) {
    return IntStream.range(0, sent.length)
        .mapToDouble(i -> (received[i] - sent[i]) / 1e6)
        .sorted()
        .toArray();
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.round(share * sorted.length))];
  }

  private double median(ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Prints the second table. */
  void print() {
    System.out.printf(
        "%n%-55s %9s %9s %9s%n",
        "sink, medians, ms from producer to receipt", "p50", "p99", "most");
    line("a follower", round -> round.alone().follower());
    line("a bare consumer at the same time", round -> round.alone().consumer());
    line(
        "a follower, while " + CATCHING_UP + " others catch up",
        round -> round.crowded().follower());
    line("a bare consumer at the same time", round -> round.crowded().consumer());
    line("a follower among " + (AUDIENCE + 1), round -> round.among().follower());
    line("a bare consumer at the same time", round -> round.among().consumer());
    double one = AckCost.nanos(1);
    double many = AckCost.nanos(AUDIENCE + 1);
    System.out.printf(
        "an ack, with what may be committed after it: %.0f ns with 1 follower, %.0f ns with %d%n",
        one, many, AUDIENCE + 1);
    System.out.printf(
        "while %d catch up / alone: follower p50 %.2f, p99 %.2f; bare consumer p50 %.2f, p99 %.2f%n",
        CATCHING_UP,
        median(r -> at(r.crowded().follower(), 0.5) / at(r.alone().follower(), 0.5)),
        median(r -> at(r.crowded().follower(), 0.99) / at(r.alone().follower(), 0.99)),
        median(r -> at(r.crowded().consumer(), 0.5) / at(r.alone().consumer(), 0.5)),
        median(r -> at(r.crowded().consumer(), 0.99) / at(r.alone().consumer(), 0.99)));
    System.out.printf(
        "one follower catching up: %,.0f entries/s, %.0f MB/s; %d at once: %,.0f entries/s%n",
        median(Round::oneRate), median(Round::oneBytes) / 1e6, CATCHING_UP, median(Round::allRate));
  }

  private void line(String name, Function<Round, double[]> ways) {
    System.out.printf(
        "%-55s %9.2f %9.2f %9.2f%n",
        name,
        median(r -> at(ways.apply(r), 0.5)),
        median(r -> at(ways.apply(r), 0.99)),
        median(r -> at(ways.apply(r), 1)));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    rest.delete(NAME);
  }
}
