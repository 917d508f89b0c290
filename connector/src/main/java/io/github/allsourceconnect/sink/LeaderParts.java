package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.history.SnapshotStore;
import io.github.allsourceconnect.sink.log.LogConsumer;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/** What a {@link Leader} is made of; tests put their own in. Any thread. */
interface LeaderParts {
  /** A new consumer of the topic. */
  LogConsumer consumer(String clientId);

  /** A mapper for one thread. */
  EntryMapper mapper();

  /** The history of a partition; null when none is kept. */
  SnapshotStore store(int partition);

  /** Makes the TLS engine of a connection; null without TLS. */
  Supplier<SSLEngine> tls();
}
