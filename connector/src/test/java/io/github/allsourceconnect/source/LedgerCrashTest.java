package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.ledger.LedgerConsumer;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ledger topic of a worker without exactly-once that crashes again and again: Kafka has more
 * records than the position that is stored tells of, and what came after it comes again.
 */
@Timeout(300)
class LedgerCrashTest {
  private static final String LEDGER = "events-ledger";
  private static final int CRASHES = 6;

  @TempDir Path folder;
  private final long seed = Long.getLong("seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final LedgerConsumer proof = new LedgerConsumer(false);
  private final Map<Map<String, ?>, Map<String, Object>> stored = new HashMap<>();
  private final Set<String> produced = new HashSet<>();
  private SourcePosition position = SourcePosition.START;
  private int repeated;
  private JsonNode firstWhole;
  private long firstAccountedFor;
  private long gained;

  private SourceConfig config(ScriptedLeader leader, String name) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", name);
    settings.put("leader.name", "main");
    settings.put("leader.addresses", leader.address());
    settings.put("buffer.disk.dir", folder.toString());
    settings.put("reconnect.backoff.ms", "20");
    settings.put("gap.timeout.ms", "200");
    settings.put("repair.min.interval.ms", "100");
    settings.put("topic", "events");
    settings.put("value.format", "payload");
    settings.put("key.converter", ConnectorSettings.STRING);
    settings.put("value.converter", ConnectorSettings.STRING);
    settings.put("batch.max.records", "20");
    settings.put("batch.linger.ms", "0");
    settings.put("include.event.types", "order\\..*");
    settings.put("record.max.bytes", "3000");
    settings.put("record.refused.policy", "skip");
    settings.put("ledger.topic", LEDGER);
    settings.put("ledger.interval.ms", "100");
    return new SourceConfig(settings);
  }

  /** What is produced, what the settings leave out, and what Kafka would refuse. */
  private void write(ScriptedLeader leader, int events) {
    for (int i = 0; i < events; i++) {
      String type = random.nextInt(3) == 0 ? "audit.seen" : "order.placed";
      String payload = random.nextInt(10) == 0 ? "\"" + "x".repeat(4_000) + "\"" : "{\"n\":1}";
      leader.write("acme", "order-" + i % 7, type, JsonText.of(payload), null);
    }
  }

  private static boolean isWhole(JsonNode mark) {
    return mark != null
        && mark.get("snapshot_done").asBoolean()
        && mark.get("missing").asLong() == 0
        && mark.get("wal_offset").asLong() > 0;
  }

  /** Kafka has it. */
  private void arrived(SourceRecord record) {
    if (record.topic().equals(LEDGER)) {
      proof.ledger((String) record.value());
      JsonNode mark = proof.lastMark();
      if (firstWhole == null && isWhole(mark)) {
        firstWhole = mark;
        firstAccountedFor = accountedFor();
      } else if (firstWhole != null && isWhole(mark)) {
        gained = mark.get("wal_offset").asLong() - firstWhole.get("wal_offset").asLong();
        assertEquals(
            gained,
            accountedFor() - firstAccountedFor,
            "seed " + seed + ": from " + firstWhole + " to " + mark);
      }
      return;
    }
    String id = header(record, "allsource.event_id");
    proof.event(id, header(record, "allsource.mark"));
    repeated += produced.add(id) ? 0 : 1;
  }

  private static String header(SourceRecord record, String name) {
    return record.headers().lastWithName(name).value().toString();
  }

  /** What the last mark says of: in records, left out, refused. */
  private long accountedFor() {
    JsonNode last = proof.lastMark();
    return last == null
        ? 0
        : last.get("total_events").asLong()
            + last.get("total_left_out").asLong()
            + last.get("refused").asLong();
  }

  @Test
  void marksAddUpAfterEachCrash() throws Exception {
    System.out.println("seed " + seed);
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(5))) {
      write(leader, 150);
      for (int life = 0; life <= CRASHES; life++) {
        boolean last = life == CRASHES;
        write(leader, 60);
        try (SourcePipeline source =
            new SourcePipeline(config(leader, "crash-" + life), position)) {
          // the last task ends when all is accounted for, the others in the middle of something
          int left = last ? Integer.MAX_VALUE : 20 + random.nextInt(80);
          int behind = random.nextInt(40);
          // what is written live tells where the leader's numbering stands
          int more = last ? 3 : 0;
          while (left > 0 && !(last && more == 0 && whole(leader))) {
            if (more > 0 && whole(leader)) {
              more--;
              write(leader, 30);
            }
            List<SourceRecord> batch = source.poll();
            if (batch == null) {
              continue;
            }
            for (SourceRecord record : batch) {
              if (left-- <= 0) {
                break;
              }
              arrived(record);
              source.committed(record, PromptSource.IN_KAFKA);
              if (last || left >= behind) {
                position = PromptSource.positionAfter(List.of(record), stored);
              }
            }
          }
        }
      }
      assertEquals(List.of(), proof.wrong(), "seed " + seed);
      JsonNode mark = proof.lastMark();
      assertEquals(leader.events(), accountedFor(), "seed " + seed + ": " + mark);
      assertEquals(proof.events(), mark.get("total_events").asLong(), "seed " + seed);
      assertTrue(mark.get("total_left_out").asLong() > 50, mark.toString());
      assertTrue(mark.get("refused").asLong() > 5, mark.toString());
      assertTrue(repeated > 0, "nothing came twice: the crashes were none; seed " + seed);
      assertEquals(0, mark.get("unaccounted").asLong());
      assertTrue(gained > 0, "offsets were compared; seed " + seed);
      assertEquals(produced.size(), proof.covered(), "seed " + seed);
      assertTrue(mark.toString().getBytes(UTF_8).length < 1_000, mark.toString());
    }
  }

  private boolean whole(ScriptedLeader leader) {
    return accountedFor() == leader.events() && proof.lastMark().get("missing").asLong() == 0;
  }
}
