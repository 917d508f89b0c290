package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.record.EventRecords;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/** What tests of audits have in common: topics as the source fills them, and answers. */
final class Audited {
  private Audited() {}

  /** Of a source that has such a leader and such a topic. */
  static Map<String, String> settings(ScriptedLeader leader, String topic) {
    return new HashMap<>(
        Map.of(
            "name",
            topic,
            "leader.addresses",
            leader.address(),
            "topic",
            topic,
            "value.format",
            "event_json",
            "key.converter",
            "org.apache.kafka.connect.storage.StringConverter",
            "value.converter",
            "org.apache.kafka.connect.storage.StringConverter"));
  }

  /** Writes events, and produces them as the connector does, but for the first {@code dropped}. */
  static void fill(
      Map<String, Object> producing,
      ScriptedLeader leader,
      Map<String, String> settings,
      int events,
      int dropped)
      throws ExecutionException, InterruptedException {
    EventRecords records = new EventRecords(new SourceConfig(settings), System::currentTimeMillis);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < events; i++) {
        WalEntry entry =
            leader.write("acme", "order-" + i % 7, "order.placed", JsonText.of("{}"), null);
        if (i >= dropped) {
          producer.send(sent(((EventRecords.Produced) records.of(entry)).record())).get();
        }
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> sent(SourceRecord record) {
    ProducerRecord<byte[], byte[]> sent =
        new ProducerRecord<>(
            record.topic(),
            0,
            record.timestamp(),
            record.key().toString().getBytes(UTF_8),
            record.value().toString().getBytes(UTF_8));
    for (Header header : record.headers()) {
      sent.headers().add(header.key(), header.value().toString().getBytes(UTF_8));
    }
    return sent;
  }

  /** It says so in one line that has all this, and no more. */
  static void notJudged(AuditRun run, String... says) {
    String said = run.err();
    assertEquals(2, run.status(), said + run.out());
    assertEquals("", run.out());
    List<String> lines = said.lines().filter(line -> line.startsWith("NOT JUDGED: ")).toList();
    assertEquals(1, lines.size(), said);
    for (String part : says) {
      assertTrue(lines.get(0).contains(part), said);
    }
    assertFalse(said.contains("\tat ") || said.contains("Exception"), said);
  }

  /**
   * Audits, with files that are written for it.
   *
   * @param clients for {@code --kafka-config}
   * @param source the connector's settings
   */
  static AuditRun audit(
      Path folder, Map<String, ?> clients, Map<String, String> source, String... more)
      throws IOException {
    List<String> args = new ArrayList<>();
    args.add("--kafka-config=" + file(folder.resolve("clients.properties"), clients));
    args.add("--connector=" + file(folder.resolve("source.properties"), source));
    args.addAll(List.of("--patience=0", "--settle=0"));
    args.addAll(List.of(more));
    return AuditRun.of(args.toArray(String[]::new));
  }

  private static Path file(Path file, Map<String, ?> settings) throws IOException {
    Properties properties = new Properties();
    settings.forEach((key, value) -> properties.setProperty(key, value.toString()));
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    return file;
  }
}
