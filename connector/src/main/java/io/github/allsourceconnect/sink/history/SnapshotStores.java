package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SnapshotSettings;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/** Makes the history that the settings ask for. */
public final class SnapshotStores {
  private SnapshotStores() {}

  /**
   * The history of a partition, not opened yet.
   *
   * @return empty when neither {@code snapshot.dir} nor {@code snapshot.topic} is set
   */
  public static Optional<SnapshotStore> create(SinkConfig config, int partition) {
    SnapshotSettings settings = config.snapshot();
    String connector = URLEncoder.encode(config.connectorName(), UTF_8).replace("*", "%2A");
    String log = config.topic() + "-" + partition;
    Optional<HistoryStorage> storage =
        settings
            .dir()
            .<HistoryStorage>map(dir -> new FolderStorage(folder(dir, connector, log)))
            .or(
                () ->
                    settings
                        .topic()
                        .map(
                            topic ->
                                new TopicStorage(
                                    new SnapshotTopic(
                                        topic,
                                        settings.topicReplication(),
                                        settings.timeout(),
                                        settings.clientOverrides()),
                                    partition,
                                    connector + "/" + log,
                                    settings.tempDir(),
                                    settings.timeout())));
    HistoryDecisions decisions =
        new HistoryDecisions(
            settings.fileMaxRows(),
            settings.fileMaxBytes(),
            settings.fileMaxAge().toMillis(),
            settings.mergeMinFiles(),
            settings.mergeMaxBytes());
    return storage.map(
        kept ->
            new KeptHistory(
                kept, decisions, System::currentTimeMillis, new SecureRandom()::nextLong));
  }

  /**
   * A folder of its own for each connector and partition: {@code dir/connector/topic-partition}.
   */
  private static Path folder(Path dir, String connector, String log) {
    // "." and ".." are no names; URL encoding leaves dots alone
    return dir.resolve("connector-" + connector).resolve(log);
  }
}
