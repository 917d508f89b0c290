package io.github.allsourceconnect.source;

import io.github.allsourceconnect.Version;
import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.metrics.PluginFigures;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adapts Connect's calls to a {@link SourcePipeline}. A restart goes on from the stored position.
 */
public final class AllSourceSourceTask extends SourceTask {
  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSourceTask.class);

  private volatile SourcePipeline pipeline;

  @Override
  public String version() {
    return Version.plugin();
  }

  @Override
  public void start(Map<String, String> properties) {
    LOG.info("AllSource source task {}", Version.described());
    SourceConfig config = new SourceConfig(properties);
    String leader = config.leader().name();
    Map<?, Map<String, Object>> stored =
        context.offsetStorageReader().offsets(SourceOffsets.partitions(leader));
    SourcePosition position = SourceOffsets.decode(leader, stored);
    LOG.info("Leader {}: {}", Printable.of(leader), position.summary());
    if (!config.records().keepsEntitiesTogether()) {
      LOG.warn(
          "Events of one entity may go to several partitions, where their order is lost: neither {}"
              + " nor {} is of the entity alone",
          RecordSettings.RECORD_KEY,
          RecordSettings.PARTITION_BY);
    }
    if (config.records().mayPartEntities()) {
      LOG.warn(
          "Events of one entity may go to several topics, and have no order between those: {} has"
              + " what is not of the entity alone",
          RecordSettings.TOPIC);
    }
    if (config.records().asksForTenants()) {
      LOG.info(
          "Rows of snapshots whose tenant is not known go where {}={} leads, and have no order with"
              + " later events of their entities",
          RecordSettings.TENANT_UNKNOWN,
          config.records().tenantUnknown());
    }
    SourcePipeline made =
        new SourcePipeline(config, position, SourceOffsets.shapes(leader, stored));
    pipeline = made;
    made.showIn(PluginFigures.of(context));
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
      running.committed(record, metadata);
    }
  }

  @Override
  public void commit() {
    SourcePipeline running = pipeline;
    if (running != null) {
      running.committed();
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
