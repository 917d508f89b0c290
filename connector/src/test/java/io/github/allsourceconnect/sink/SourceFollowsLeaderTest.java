package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The source follows the sink, over real sockets, from a topic in memory whose offsets have holes
 * and whose records are deleted: what the topic no longer has comes from the kept history. All
 * events have the same time, so nothing but the WAL offset tells their order.
 */
@Timeout(300)
class SourceFollowsLeaderTest {
  @TempDir Path folder;
  private final MemoryTopic topic = new MemoryTopic("orders");
  private final int port = Ports.free(1);
  private final Map<String, String> sinkSettings = MemoryParts.settings(port);
  private final Map<String, String> sourceSettings = new HashMap<>();
  private final List<String> produced = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();
  private final Map<Map<String, ?>, Map<String, ?>> stored = new HashMap<>();
  private Leader leader;
  private AllSourceSourceTask source;
  private int written;

  @BeforeEach
  void settings() {
    sinkSettings.put("snapshot.dir", folder.resolve("history").toString());
    sinkSettings.put("snapshot.file.max.rows", "7");
    sinkSettings.put("snapshot.file.max.age.ms", "300");
    sourceSettings.put("name", "source");
    sourceSettings.put("leader.addresses", "127.0.0.1:" + port);
    sourceSettings.put("buffer.disk.dir", folder.toString());
    sourceSettings.put("value.format", "event_json");
    sourceSettings.put("gap.timeout.ms", "100");
    sourceSettings.put("repair.min.interval.ms", "100");
    sourceSettings.put("reconnect.backoff.ms", "20");
    sourceSettings.put("reconnect.backoff.max.ms", "100");
  }

  @AfterEach
  void close() {
    stopSource();
    stopLeader();
    assertEquals(0, topic.openConsumers());
  }

  private void startLeader() {
    leader = MemoryParts.leader(topic, sinkSettings);
    MemoryParts.open(leader, 0);
  }

  private void stopLeader() {
    if (leader != null) {
      leader.close();
      leader = null;
    }
  }

  private void startSource() {
    source = new AllSourceSourceTask();
    source.initialize(new Context());
    source.start(sourceSettings);
  }

  private void stopSource() {
    if (source != null) {
      source.stop();
      source = null;
    }
  }

  /** Events with holes behind some of them, as transactions and compaction leave them. */
  private void write(int count) {
    for (int i = 0; i < count; i++) {
      topic.append(0, "order-" + written, Events.json(written));
      expected.add("00000000-0000-4000-8000-" + String.format("%012d", written));
      written++;
      if (written % 3 == 0) {
        topic.hole(0, 1 + written % 4);
      }
    }
  }

  /** Where no follower finds it, a leader fills the history; then the topic loses its records. */
  private void forget() {
    stopLeader();
    sinkSettings.put("listener.port", "0");
    startLeader();
    Await.until(
        "the history has all", Await.LIMIT, () -> leader.figures(0).historyUpTo() == topic.end(0));
    topic.retain(0, topic.end(0) - 2);
    stopLeader();
    sinkSettings.put("listener.port", Integer.toString(port));
    startLeader();
  }

  private void takeAll() throws InterruptedException {
    while (produced.size() < expected.size()) {
      take(source.poll());
    }
    assertEquals(expected, produced);
  }

  private void take(List<SourceRecord> records) {
    if (records != null) {
      for (SourceRecord record : records) {
        produced.add((String) record.headers().lastWithName("allsource.event_id").value());
        source.commitRecord(record, null);
        stored.put(record.sourcePartition(), record.sourceOffset());
      }
    }
  }

  /** Nothing comes twice. */
  private void assertNothingMore() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertNull(source.poll());
    }
  }

  @Test
  void whatTheTopicHasNoLongerComesFromTheHistory() throws Exception {
    write(50);
    forget();
    startSource();
    takeAll(); // the first start
    write(30);
    takeAll(); // live
    stopSource();
    write(40);
    forget();
    startSource();
    takeAll(); // after a pause
    write(10);
    takeAll();
    stopLeader();
    write(20);
    startLeader();
    takeAll(); // the leader was away
    stopLeader();
    write(20);
    forget();
    write(20);
    takeAll(); // and came back without the records
    assertNothingMore();
  }

  @Test
  void aNewFollowerIsGivenTheHistoryAtOnce() throws Exception {
    sinkSettings.put("snapshot.mode", "initial");
    write(20);
    forget();
    write(11);
    startSource();
    takeAll();
    for (int round = 0; round < 3; round++) {
      stopLeader();
      write(25);
      forget();
      takeAll();
    }
    stopSource();
    startSource();
    write(3);
    takeAll();
    assertNothingMore();
  }

  private final class Context implements SourceTaskContext {
    @Override
    public Map<String, String> configs() {
      return sourceSettings;
    }

    @Override
    public PluginMetrics pluginMetrics() {
      return null;
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
      return new OffsetStorageReader() {
        @Override
        @SuppressWarnings("unchecked")
        public <T> Map<String, Object> offset(Map<String, T> partition) {
          return (Map<String, Object>) stored.get(partition);
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(
            Collection<Map<String, T>> partitions) {
          Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
          partitions.forEach(partition -> found.put(partition, offset(partition)));
          return found;
        }
      };
    }
  }
}
