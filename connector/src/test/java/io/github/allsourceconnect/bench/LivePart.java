package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Await;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Followers at the end of the sink's log that all get what is written next: bytes a second in
 * total, beside a plain loop that writes the same bytes to as many sockets.
 */
final class LivePart implements Part {
  private static final String PLAIN = "plain loop, same bytes, sockets";
  private static final String IDLE = "... if the sink did nothing but that";
  private static final int TOTAL = 5_000_000;

  /** Kafka's default batches of 16 KiB would make the producer the limit, one at a time. */
  private static final Map<String, Object> BATCH = Map.of("batch.size", 256 << 10);

  /**
   * Of one run.
   *
   * @param rate bytes a second, of all
   * @param cpu CPU time of the process, microseconds for a megabyte
   */
  private record Sent(double rate, double cpu) {}

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    int[] followers = settings.brief() ? new int[] {1, 5} : new int[] {1, 10, 100, 1_000};
    Stage stage = stages.plain();
    PreparedLines lines = PreparedLines.generate(Math.min(100_000, settings.records()));
    try (SinkTopic topic = new SinkTopic(stage, lines, 10);
        IdleTopic idle = new IdleTopic(stage, lines)) {
      for (int many : followers) {
        int records = settings.brief() ? 200 : Math.max(1_000, Math.min(100_000, TOTAL / many));
        String of = String.format("sink, live, %,d followers", many);
        byte[][] same = new byte[1][];
        Rounds<Sent> all =
            new Rounds<Sent>()
                .with(of, () -> sink(stage, topic, many, records, same))
                .with(PLAIN, () -> plain(many, records, same[0]))
                .with(IDLE, () -> idle(stage, idle, many, records, same[0]))
                .run(1, settings.rounds(), sent -> sent.rate() / 1e6, "MB/s");
        report.add(
            new Line(
                "sink.live." + many,
                of,
                "MB/s",
                PLAIN,
                many >= 10 ? Goal.ratioAtLeast(0.8) : Goal.NONE,
                all.of(of, sent -> sent.rate() / 1e6),
                all.of(PLAIN, sent -> sent.rate() / 1e6)));
        report.add(
            new Line(
                "sink.live." + many + ".idle",
                IDLE,
                "MB/s",
                PLAIN,
                Goal.NONE,
                all.of(IDLE, sent -> sent.rate() / 1e6),
                all.of(PLAIN, sent -> sent.rate() / 1e6)));
        report
            .plot("followers", "Live followers: bytes to all of them", "followers", "see legend")
            .add("sink, MB/s", many, all.median(of, Sent::rate) / 1e6)
            .add("plain loop, MB/s", many, all.median(PLAIN, Sent::rate) / 1e6)
            .add("sink, CPU us/MB (process)", many, all.median(of, Sent::cpu))
            .add("plain loop, CPU us/MB", many, all.median(PLAIN, Sent::cpu));
      }
    }
  }

  private static Sent sink(Stage stage, SinkTopic topic, int followers, int records, byte[][] same)
      throws Exception {
    List<ProducerRecord<byte[], byte[]>> ready = new ArrayList<>(records);
    for (int n = 1; n <= records; n++) {
      ready.add(topic.record(n));
    }
    try (KafkaProducer<byte[], byte[]> producer =
        BareProducer.open(stage.broker().bootstrap(), "live-producer", BATCH)) {
      producer.partitionsFor(topic.name());
      Callable<Void> write =
          () -> {
            ready.forEach(producer::send);
            producer.flush();
            return null;
          };
      Sent sent = measure(topic.port(), topic.end(), followers, records, write, same);
      topic.written(records);
      return sent;
    }
  }

  private static Sent plain(int followers, int records, byte[] bytes) throws Exception {
    try (PlainLoop loop = new PlainLoop(followers)) {
      Callable<Void> write =
          () -> {
            loop.write(bytes);
            return null;
          };
      return measure(loop.port(), 0, followers, records, write, new byte[1][]);
    }
  }

  /** The same while a producer writes and Connect reads: the least that goes with any sink. */
  private static Sent idle(Stage stage, IdleTopic topic, int followers, int records, byte[] bytes)
      throws Exception {
    try (PlainLoop loop = new PlainLoop(followers);
        KafkaProducer<byte[], byte[]> producer =
            BareProducer.open(stage.broker().bootstrap(), "live-producer", BATCH)) {
      Callable<Void> write =
          () -> {
            topic.write(producer, loop, records, bytes);
            return null;
          };
      Sent sent = measure(loop.port(), 0, followers, records, write, new byte[1][]);
      topic.settle();
      return sent;
    }
  }

  private static Sent measure(
      int port, long end, int followers, int records, Callable<Void> write, byte[][] kept)
      throws Exception {
    try (Drain one = new Drain(port, end);
        Audience others = new Audience(port, followers - 1, end)) {
      one.take(1, lines -> {});
      long before = others.bytes();
      Sample from = Sample.now(0);
      Throwable[] failure = new Throwable[1];
      Thread writer =
          new Thread(
              () -> {
                try {
                  write.call();
                } catch (Exception e) {
                  failure[0] = e;
                }
              },
              "live-writer");
      writer.start();
      ByteArrayOutputStream keep = new ByteArrayOutputStream(1 << 20);
      long bytes = one.take(records, lines -> {}, keep);
      long oneNanos = System.nanoTime();
      long all = bytes * (followers - 1);
      Await.until(
          "all have all", Stage.LIMIT, () -> others.bytes() - before >= all || failure[0] != null);
      long last = followers == 1 ? oneNanos : Math.max(oneNanos, others.lastNanos());
      long nanos = last - one.firstNanos();
      writer.join();
      if (failure[0] != null) {
        throw new IllegalStateException(failure[0]);
      }
      double cpu = Sample.between(from, Sample.now(1)).processCpu();
      one.ack(end + records);
      kept[0] = keep.toByteArray();
      return new Sent(
          bytes * (double) followers * 1e9 / nanos, cpu / (bytes * (double) followers / 1e6));
    }
  }
}
