package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task goes on with the schemas of the one before it, and no position that Connect may have
 * stored meanwhile is ahead of what Kafka has. Connect is the test itself, in both its ways.
 */
@Timeout(300)
class KeptShapesTest {
  private static final String NAME = "kept";

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();
  private BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Map<Map<String, ?>, Map<String, Object>> stored = new HashMap<>();
  private int sent;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private void send(String payload) {
    sent++;
    lines.add(
        new String(
            codec.encode(new LeaderMessage.Entry(sent, Events.entry(sent, payload))), UTF_8));
  }

  private void play(Peer.Call call) throws Exception {
    BlockingQueue<String> own = lines;
    call.hear();
    call.say("{\"type\":\"caught_up\",\"current_offset\":" + sent + "}\n");
    while (call.number == 1) {
      call.say(own.take());
    }
    call.stay();
  }

  private SourcePipeline source(Peer peer) {
    return new SourcePipeline(
        PromptSource.config(
            NAME,
            peer,
            folder,
            Map.of(
                "value.format", "payload",
                "payload.format", "struct",
                "snapshot.mode", "no_data",
                "batch.max.records", "20",
                "repair.min.interval.ms", "50",
                "connect.timeout.ms", "1000")),
        SourceOffsets.decode(NAME, stored),
        SourceOffsets.shapes(NAME, stored));
  }

  private boolean isKept(String field) {
    return SourceOffsets.shapes(NAME, stored).stream().anyMatch(part -> part.contains(field));
  }

  private static long offset(SourceRecord record) {
    return (Long) record.headers().lastWithName("allsource.wal_offset").value();
  }

  @Test
  void underExactlyOnceAnyBatchKeepsThem() throws Exception {
    Schema last = null;
    try (Peer peer = new Peer(this::play);
        SourcePipeline source = source(peer)) {
      int seen = 0;
      while (!isKept("\"f9\"")) {
        send("{\"n\":1,\"f" + Math.min(9, sent / 10) + "\":\"x\"}");
        List<SourceRecord> batch = source.poll();
        for (SourceRecord record : batch == null ? List.<SourceRecord>of() : batch) {
          assertEquals(++seen, offset(record));
          source.committed(record, PromptSource.IN_KAFKA);
          last = record.valueSchema();
        }
        if (batch != null) {
          source.committed();
          assertEquals(seen, PromptSource.positionAfter(batch, stored).walOffset());
        }
      }
    }
    assertTrue(SourceOffsets.shapes("another", stored).isEmpty(), "they are of one leader.name");
    theNextTaskGoesOnWith(last);
  }

  /** What goes with a record that a transformation leaves out is not stored. */
  @Test
  void whatAFilteredRecordHadGoesWithAnother() throws Exception {
    Schema last = null;
    try (Peer peer = new Peer(this::play);
        SourcePipeline source = source(peer)) {
      int left = 5;
      while (!isKept("\"g\"")) {
        send(left == 5 && sent < 30 ? "{\"n\":1}" : "{\"n\":1,\"g\":2}");
        List<SourceRecord> batch = source.poll();
        List<SourceRecord> passed = new ArrayList<>();
        for (SourceRecord record : batch == null ? List.<SourceRecord>of() : batch) {
          boolean filed = record.sourcePartition().containsKey(SourceOffsets.SHAPES);
          boolean out = filed && record.sourceOffset().toString().contains("\"g\"") && left-- > 0;
          source.committed(record, out ? null : PromptSource.IN_KAFKA);
          if (!out) {
            passed.add(record);
          }
          last = record.valueSchema();
        }
        if (batch != null) {
          source.committed();
          if (!passed.isEmpty()) {
            PromptSource.positionAfter(passed, stored);
          }
        }
      }
    }
    theNextTaskGoesOnWith(last);
  }

  /** Each source partition is stored by itself, as far as its records are confirmed in order. */
  @Test
  void withoutExactlyOnceNoPositionIsAheadOfWhatIsConfirmed() throws Exception {
    System.out.println("KeptShapesTest, seed " + seed);
    ExecutorService callbacks = Executors.newSingleThreadExecutor();
    Map<Map<String, ?>, ArrayDeque<SourceRecord>> submitted = new HashMap<>();
    List<SourceRecord> pending = new ArrayList<>();
    Set<Long> confirmed = new HashSet<>();
    Set<SourceRecord> acked = new HashSet<>();
    Schema last = null;
    try (Peer peer = new Peer(this::play);
        SourcePipeline source = source(peer)) {
      int seen = 0;
      while (!isKept("\"f29\"") || !pending.isEmpty() || seen < sent) {
        if (pending.isEmpty() || random.nextInt(3) == 0) {
          for (int more = isKept("\"f29\"") ? 0 : random.nextInt(30); more > 0; more--) {
            send("{\"n\":1,\"f" + Math.min(29, sent / 20) + "\":\"x\"}");
          }
          List<SourceRecord> batch = source.poll();
          for (SourceRecord record : batch == null ? List.<SourceRecord>of() : batch) {
            assertEquals(++seen, offset(record));
            last = record.valueSchema();
            pending.add(record);
            @SuppressWarnings("unchecked")
            Map<String, ?> partition = (Map<String, ?>) record.sourcePartition();
            submitted.computeIfAbsent(partition, one -> new ArrayDeque<>()).add(record);
          }
        }
        for (int more = random.nextInt(Math.min(25, pending.size() + 1)); more > 0; more--) {
          SourceRecord record = pending.remove(random.nextInt(pending.size()));
          acked.add(record);
          confirmed.add(offset(record));
          callbacks.submit(() -> source.committed(record, PromptSource.IN_KAFKA)).get();
          flush(submitted, acked);
          SourcePosition position = SourceOffsets.decode(NAME, stored);
          for (long each = 1; each <= position.walOffset(); each++) {
            assertTrue(confirmed.contains(each), each + " is not confirmed, seed " + seed);
          }
        }
      }
      assertEquals(seen, SourceOffsets.decode(NAME, stored).walOffset());
    } finally {
      callbacks.shutdownNow();
    }
    theNextTaskGoesOnWith(last);
  }

  /** What Connect would store now, of any of the partitions. */
  @SuppressWarnings("unchecked")
  private void flush(
      Map<Map<String, ?>, ArrayDeque<SourceRecord>> submitted, Set<SourceRecord> acked) {
    submitted.forEach(
        (partition, records) -> {
          while (!records.isEmpty() && acked.contains(records.peek())) {
            stored.put(
                partition, new HashMap<>((Map<String, Object>) records.poll().sourceOffset()));
          }
        });
  }

  private void theNextTaskGoesOnWith(Schema schema) throws Exception {
    lines = new LinkedBlockingQueue<>();
    try (Peer peer = new Peer(this::play);
        SourcePipeline source = source(peer)) {
      while (peer.heard.isEmpty()) {
        assertNull(source.poll());
      }
      send("{\"n\":2}");
      List<SourceRecord> next = null;
      while (next == null) {
        next = source.poll();
      }
      assertEquals(sent, offset(next.get(0)), "nothing twice");
      assertEquals(schema, next.get(0).valueSchema());
    }
  }
}
