package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.AllSourceSourceConnector;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The most memory that is alive at default settings, heap and direct, above what broker, worker and
 * the benchmark's own data had before; beside what the settings add up to.
 */
final class MemoryPart implements Part {
  private static final int READ_AHEAD = 64;
  private static final int IN_FLIGHT = 4 + 2; // and a batch
  private static final int PRODUCER = 32;
  private static final int SNAPSHOT = 64;
  private static final int TAIL = 64;
  private static final int ALLOWED = 64;

  /** For a source that is to take little memory. */
  static final Map<String, String> SMALL =
      Map.of("buffer.memory.bytes", "1048576", "producer.override.buffer.memory", "4194304");

  private static final String SOURCE_LIMIT = "read-ahead, in flight, producer";

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    snapshot(settings, stages.plain(), report);
    followers(settings, stages.plain(), report);
    stages.close();
    try (Gate gate = new Gate();
        Stage stage = Stage.behind(gate)) {
      Flood flood = new Flood(settings, stage, gate, report);
      flood.run("flood", settings.sized(400_000, 1_000), 120);
      flood.run("flood, small settings", settings.sized(400_000, 1_000), 120, SMALL, 1 + 6 + 4);
      flood.run("flood of 100 KB events", settings.sized(2_500, 10), 100_000);
      flood.run("flood of 900 KB events", settings.sized(280, 3), 900_000);
    }
  }

  /** Live entries without a pause, while Kafka does not answer. */
  private record Flood(BenchSettings settings, Stage stage, Gate gate, Report report) {
    void run(String what, int events, int note) throws Exception {
      run(what, events, note, Map.of(), READ_AHEAD + IN_FLIGHT + PRODUCER);
    }

    void run(String what, int events, int note, Map<String, String> more, double limit)
        throws Exception {
      PreparedLines lines = PreparedLines.generate(events, note, 97);
      String name = stage.newTopic();
      double peak;
      try (BlastLeader leader = new BlastLeader(lines)) {
        try (MemoryWatch watch = new MemoryWatch()) {
          stage.rest().create(name, source(leader.address(), name, more));
          stage.await(name, there -> there > 0);
          gate.shut();
          Thread.sleep(settings.sized(12_000, 1_000));
          peak = watch.peak();
        }
        gate.open();
        stage.delete(name);
      }
      add(
          report,
          "memory." + what.replace(' ', '.'),
          what + ", Kafka not answering",
          peak,
          SOURCE_LIMIT,
          limit);
    }

    private static Map<String, String> source(
        String leader, String topic, Map<String, String> more) {
      Map<String, String> config = new HashMap<>(more);
      config.put(Stage.CLASS, AllSourceSourceConnector.class.getName());
      config.put("leader.addresses", leader);
      config.put("topic", topic);
      config.put("value.format", "event_json");
      config.put(Stage.VALUES, Stage.STRINGS);
      return config;
    }
  }

  private static void snapshot(BenchSettings settings, Stage stage, Report report)
      throws Exception {
    int rows = settings.sized(5 * settings.records(), 1_000);
    try (History history = new History(rows)) {
      double peak;
      try (MemoryWatch watch = new MemoryWatch()) {
        SnapshotPart.snapshot(
            stage,
            history,
            rows,
            Map.of("value.format", "event_json", Stage.VALUES, Stage.STRINGS));
        peak = watch.peak();
      }
      add(
          report,
          "memory.snapshot",
          String.format("first snapshot of %,d events", rows),
          peak,
          "snapshot, in flight, producer",
          SNAPSHOT + IN_FLIGHT + PRODUCER);
    }
  }

  /** Followers that stop reading while entries go on. */
  private static void followers(BenchSettings settings, Stage stage, Report report)
      throws Exception {
    int followers = settings.sized(1_000, 5);
    int records = settings.sized(200_000, 1_000);
    try (SinkTopic topic = new SinkTopic(stage, PreparedLines.generate(records), 10);
        Closing sockets = new Closing()) {
      double peak;
      byte[] subscribe = new MessageCodec().encode(new FollowerMessage.Subscribe(topic.end()));
      try (MemoryWatch watch = new MemoryWatch()) {
        for (int i = 0; i < followers; i++) {
          Socket socket = sockets.later(new Socket());
          socket.setReceiveBufferSize(8 << 10);
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), topic.port()));
          socket.getOutputStream().write(subscribe);
        }
        topic.write(records);
        Thread.sleep(settings.sized(12_000, 1_000));
        peak = watch.peak();
      }
      long shares = Math.min(followers * 4L, Runtime.getRuntime().maxMemory() / 8 >> 20);
      add(
          report,
          "memory.followers",
          String.format("%,d followers that do not read", followers),
          peak,
          "log tail, followers' buffers",
          TAIL + shares);
    }
  }

  private static void add(
      Report report, String key, String what, double peak, String limit, double settings) {
    report.add(
        new Line(
            key, what, "MiB", limit, Goal.addedAtMost(ALLOWED), List.of(peak), List.of(settings)));
  }
}
