package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.SourceConfig;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Adapts Connect's calls to a {@link SourcePipeline}. */
public final class AllSourceSourceTask extends SourceTask {
  private volatile SourcePipeline pipeline;
  private String version = "";

  @Override
  public String version() {
    return version;
  }

  @Override
  public void start(Map<String, String> properties) {
    SourceConfig config = new SourceConfig(properties);
    Map<String, Object> offset =
        context
            .offsetStorageReader()
            .offset(SourceOffsets.partition(config.leader().name()));
    pipeline = SourcePipeline.start(config, offset);
  }

  @Override
  public List<SourceRecord> poll() throws InterruptedException {
    SourcePipeline running = pipeline;
    return running == null ? null : running.poll();
  }

  @Override
  public void commitRecord(SourceRecord record, RecordMetadata metadata) {
    SourcePipeline running = pipeline;
    if (running != null) {
      running.committed(record);
    }
  }

  @Override
  public void stop() {
    SourcePipeline running = pipeline;
    pipeline = null;
    if (running != null) {
      running.close();
    }
  }
}
