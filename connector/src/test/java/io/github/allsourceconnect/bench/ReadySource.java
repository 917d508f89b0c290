package io.github.allsourceconnect.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * A source that only hands ready records to Connect, in batches like the source's: what the
 * framework itself can do. For a worker in this JVM.
 */
public final class ReadySource extends SourceConnector {
  static final String RECORDS = "records";
  private static final int BATCH = 2_000;

  /** What is handed on, by the name of the connector. */
  static final Map<String, List<SourceRecord>> READY = new ConcurrentHashMap<>();

  private Map<String, String> settings = Map.of();

  @Override
  public void start(Map<String, String> props) {
    settings = Map.copyOf(props);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return ReadyTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(settings);
  }

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return new ConfigDef()
        .define(RECORDS, ConfigDef.Type.STRING, "", ConfigDef.Importance.LOW, "What is handed on.");
  }

  @Override
  public String version() {
    return "1";
  }

  /** Its task. */
  public static final class ReadyTask extends SourceTask {
    private static final long IDLE_MS = 100;
    private final AtomicInteger next = new AtomicInteger();
    private List<SourceRecord> records = List.of();

    @Override
    public void start(Map<String, String> props) {
      records = READY.getOrDefault(props.get(RECORDS), List.of());
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
      int from = next.get();
      int to = Math.min(records.size(), from + BATCH);
      if (from == to) {
        Thread.sleep(IDLE_MS);
        return null;
      }
      next.set(to);
      return records.subList(from, to);
    }

    @Override
    public void stop() {}

    @Override
    public String version() {
      return "1";
    }
  }
}
