package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.config.HistorySettings;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SnapshotSettings;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Makes the history that the settings ask for. */
public final class Histories {
  private Histories() {}

  /**
   * The history of a partition, not opened yet.
   *
   * @param room how many bytes a file that is written may take in memory now
   * @return empty when neither {@code snapshot.dir} nor {@code snapshot.topic} is set
   */
  public static Optional<History> create(SinkConfig config, int partition, LongSupplier room) {
    SnapshotSettings settings = config.snapshot();
    HistorySettings history = config.history();
    HistoryPlan plan =
        new HistoryPlan(
            settings.fileMaxRows(),
            settings.fileMaxBytes(),
            settings.fileMaxAge().toMillis(),
            settings.mergeMinFiles(),
            settings.mergeMaxBytes(),
            history.retentionMs(),
            history.retentionBytes());
    return storage(config, partition)
        .map(
            kept ->
                new History(
                    kept, plan, room, System::currentTimeMillis, new SecureRandom()::nextLong));
  }

  private static Optional<HistoryStorage> storage(SinkConfig config, int partition) {
    SnapshotSettings settings = config.snapshot();
    String connector = OwnerNames.of(config.connectorName());
    String log = OwnerNames.of(config.topic() + "-" + partition);
    if (settings.dir().isPresent()) {
      return Optional.of(new FolderStorage(settings.dir().get(), connector, log));
    }
    return settings
        .topic()
        .map(
            name ->
                new TopicStorage(
                    new HistoryTopic(
                        name,
                        settings.topicReplication(),
                        settings.timeout(),
                        settings.clientOverrides()),
                    partition,
                    connector + "/" + log,
                    settings.tempDir(),
                    settings.timeout()));
  }
}
