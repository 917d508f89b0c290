package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.LogSettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.sink.history.SnapshotStore;
import io.github.allsourceconnect.sink.log.KafkaLogConsumer;
import io.github.allsourceconnect.sink.log.LogConsumer;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/** The real parts, by the settings. */
final class KafkaLeaderParts implements LeaderParts {
  private final SinkConfig config;

  KafkaLeaderParts(SinkConfig config) {
    this.config = config;
  }

  @Override
  public LogConsumer consumer(String clientId) {
    LogSettings log = config.log();
    return new KafkaLogConsumer(
        config.topic(), log.bootstrapServers(), log.consumerOverrides(), clientId);
  }

  @Override
  public EntryMapper mapper() {
    throw new UnsupportedOperationException("no mapper yet");
  }

  @Override
  public SnapshotStore store(int partition) {
    return null;
  }

  @Override
  public Supplier<SSLEngine> tls() {
    return null;
  }
}
