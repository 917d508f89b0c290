package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.ForgedParquet;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker with a heap of 256 MB takes in a snapshot of 300 MB, beside files that claim to be far
 * larger.
 */
class SmallWorkerIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int HEAP_MB = 256;
  private static final int ROWS = 3_000;
  private static final int LIVE = 10;
  private static final int CHUNK = 512 << 10;
  private static final String NAME = "small";

  private final MessageCodec codec = new MessageCodec();
  @TempDir Path folder;

  @Test
  void ordinaryEventsOf100KbAndHostileFiles() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("events-20260102-030406000-0.parquet", large());
    files.put("dictionary.parquet", ForgedParquet.withHugeDictionary());
    files.put("page.parquet", ForgedParquet.withHugePage());
    files.put("rows.parquet", ForgedParquet.withMillionsOfRows());
    files.put("deep.parquet", ForgedParquet.withDeepSchema());
    files.put("list.parquet", ForgedParquet.withLyingList());
    List<byte[]> snapshot = snapshot(files);
    try (Broker broker = Broker.start();
        Peer peer = leader(snapshot);
        WorkerProcess worker =
            WorkerProcess.start(WorkerSettings.of(broker, Folders.pluginPath()), HEAP_MB)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(NAME, 1, Map.of());
      worker.rest().create(NAME, config(peer));
      long[] seen = new long[1];
      try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
        TopicPartition partition = new TopicPartition(NAME, 0);
        Await.until(
            "all events are in Kafka",
            LIMIT,
            () -> {
              seen[0] = consumer.endOffsets(List.of(partition)).get(partition);
              return seen[0] >= ROWS + LIVE;
            },
            () -> "but only " + seen[0] + "; " + worker.rest().status(NAME));
      }
      assertEquals(ROWS + LIVE, seen[0]);
      worker.rest().awaitRunning(NAME, 1, LIMIT);
    }
  }

  private static Map<String, String> config(Peer peer) {
    Map<String, String> config = ConnectorSettings.source(peer.address().toString(), NAME);
    config.put("value.format", "event_json");
    config.put("corrupt.entry.policy", "skip");
    config.put("repair.min.interval.ms", "100");
    config.put("gap.timeout.ms", "100");
    return config;
  }

  /** One row group. */
  private byte[] large() throws IOException {
    Path path = folder.resolve("large.parquet");
    String text = "{\"pad\":\"" + "0123456789abcdef".repeat(6_250) + "\"}";
    try (SnapshotWriter writer = new SnapshotWriter(path, false)) {
      for (int n = 1; n <= ROWS; n++) {
        byte[] payload = text.getBytes(UTF_8);
        byte[] number = Integer.toString(n).getBytes(UTF_8);
        System.arraycopy(number, 0, payload, 100 + n, number.length);
        Event named = Events.event(n, "0");
        writer.add(
            Events.with(named, new JsonText(payload, 0, payload.length), named.timestamp(), null),
            0);
      }
      writer.commit();
    }
    return Files.readAllBytes(path);
  }

  private List<byte[]> snapshot(Map<String, byte[]> files) {
    List<byte[]> lines = new ArrayList<>();
    lines.add(codec.encode(new LeaderMessage.SnapshotStart(List.copyOf(files.keySet()), false)));
    files.forEach(
        (name, bytes) -> {
          for (int at = 0; at < bytes.length; at += CHUNK) {
            int end = Math.min(bytes.length, at + CHUNK);
            lines.add(
                codec.encode(
                    new LeaderMessage.SnapshotChunk(
                        name, Arrays.copyOfRange(bytes, at, end), at, end == bytes.length)));
          }
        });
    lines.add(codec.encode(new LeaderMessage.SnapshotEnd(ROWS)));
    return lines;
  }

  private Peer leader(List<byte[]> snapshot) throws IOException {
    return new Peer(
        call -> {
          boolean all = call.hear().endsWith(":0}");
          for (byte[] line : all ? snapshot : List.<byte[]>of()) {
            call.say(line);
          }
          call.say("{\"type\":\"caught_up\",\"current_offset\":" + ROWS + "}\n");
          for (int n = ROWS + 1; !all && n <= ROWS + LIVE; n++) {
            call.say(codec.encode(new LeaderMessage.Entry(n, Events.entry(n, "{}"))));
          }
          call.stay();
        });
  }
}
