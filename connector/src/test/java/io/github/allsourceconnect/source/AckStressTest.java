package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.link.AckWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ack path with all its threads: records are committed by four threads in any order, and the
 * leader hears rising acks only, none of them before everything up to it was committed. Not with
 * Lincheck: the path goes through {@link FollowLoop}'s and {@link AckWriter}'s own threads and a
 * socket.
 */
@Timeout(300)
public class AckStressTest {
  private static final int ENTRIES = 20_000;
  private static final int THREADS = 4;

  @TempDir Path folder;

  @Test
  void noAckComesBeforeTheCommitsThatItStandsFor() throws Exception {
    long seed = new SplittableRandom().nextLong();
    AtomicIntegerArray committed = new AtomicIntegerArray(ENTRIES + 1);
    List<String> wrong = new CopyOnWriteArrayList<>();
    MessageCodec codec = new MessageCodec();
    long[] acked = new long[1];
    int[] acks = new int[1];
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  StringBuilder lines = new StringBuilder();
                  for (int i = 1; i <= ENTRIES; i++) {
                    lines.append(
                        new String(
                            codec.encode(new LeaderMessage.Entry(i, Events.entry(i, "{}"))),
                            UTF_8));
                  }
                  call.say(lines.toString());
                  call.say("{\"type\":\"caught_up\",\"current_offset\":" + ENTRIES + "}\n");
                  for (String line = call.hear(); line != null; line = call.hear()) {
                    long offset = Long.parseLong(line.replaceAll("\\D+", ""));
                    synchronized (acked) {
                      if (offset <= acked[0]) {
                        wrong.add("ack " + offset + " after ack " + acked[0]);
                      }
                      for (long i = acked[0] + 1; i <= offset; i++) {
                        if (committed.get((int) i) == 0) {
                          wrong.add("ack " + offset + ", but " + i + " was not committed");
                        }
                      }
                      acked[0] = offset;
                      acks[0]++;
                    }
                  }
                });
        SourcePipeline source = new SourcePipeline(config(peer), SourcePosition.START)) {
      ExecutorService committing = Executors.newFixedThreadPool(THREADS);
      List<Future<?>> all = new ArrayList<>();
      Random random = new Random(seed);
      List<SourceRecord> polled = new ArrayList<>();
      int taken = 0;
      while (taken < ENTRIES) {
        List<SourceRecord> some = source.poll();
        if (some != null) {
          taken += some.size();
          polled.addAll(some);
        }
        // the first ones at once: until there is word of some, a task produces few
        boolean first = all.isEmpty() && !polled.isEmpty();
        if (first || polled.size() >= 3_000 || taken == ENTRIES) {
          Collections.shuffle(polled, random);
          for (SourceRecord record : polled) {
            all.add(
                committing.submit(
                    () -> {
                      long offset =
                          (Long) record.headers().lastWithName("allsource.wal_offset").value();
                      committed.set((int) offset, 1);
                      source.committed(record, PromptSource.IN_KAFKA);
                    }));
          }
          polled.clear();
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
      committing.shutdown();
      Await.until(
          "the last is acked",
          Await.LIMIT,
          () -> {
            synchronized (acked) {
              return acked[0] == ENTRIES;
            }
          });
    }
    assertEquals(List.of(), wrong, "seed " + seed);
    assertTrue(acks[0] > 1, "one ack shows nothing");
  }

  private SourceConfig config(Peer peer) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "acks");
    settings.put("leader.addresses", peer.address().toString());
    settings.put("buffer.disk.dir", folder.toString());
    settings.put("batch.max.records", "100");
    return new SourceConfig(settings);
  }
}
