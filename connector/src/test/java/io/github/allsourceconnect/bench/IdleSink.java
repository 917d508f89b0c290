package io.github.allsourceconnect.bench;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** A sink that does nothing with what Connect hands over. For a worker in this JVM. */
public final class IdleSink extends SinkConnector {
  /** How many records were handed over, by the name of the connector. */
  static final Map<String, AtomicLong> TAKEN = new ConcurrentHashMap<>();

  private Map<String, String> settings = Map.of();

  @Override
  public void start(Map<String, String> props) {
    settings = Map.copyOf(props);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return IdleTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(settings);
  }

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return new ConfigDef();
  }

  @Override
  public String version() {
    return "1";
  }

  /** Its task. */
  public static final class IdleTask extends SinkTask {
    private AtomicLong taken = new AtomicLong();

    @Override
    public void start(Map<String, String> props) {
      taken = TAKEN.get(props.get("name"));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
      taken.addAndGet(records.size());
    }

    @Override
    public void stop() {}

    @Override
    public String version() {
      return "1";
    }
  }
}
