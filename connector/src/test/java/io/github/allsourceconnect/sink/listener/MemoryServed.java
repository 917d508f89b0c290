package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import java.time.Duration;
import java.util.function.Consumer;

/** Partitions of which all that is served is in memory, without a history. */
final class MemoryServed {
  private static final int TAIL_BYTES = 64 << 20;

  private MemoryServed() {}

  /** Not started: nothing is to be read. */
  static OlderReaders older(Consumer<Throwable> failure) {
    return new OlderReaders(
        "test-older",
        0,
        number -> {
          throw new AssertionError("nothing is to be read");
        },
        () -> null,
        null,
        Duration.ofSeconds(1),
        failure);
  }

  static PartitionSettings settings(int partition, int olderBytes) {
    return new PartitionSettings(
        "t-" + partition,
        100,
        100,
        60_000,
        0,
        SnapshotMode.NEVER,
        false,
        GapPolicy.REFUSE,
        1,
        1,
        TAIL_BYTES,
        olderBytes);
  }
}
