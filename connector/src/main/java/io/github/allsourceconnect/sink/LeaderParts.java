package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.LogIdentities;
import io.github.allsourceconnect.transport.TlsContext;
import java.util.function.LongSupplier;

/** What a {@link Leader} is made of; tests put their own in. Any thread. */
interface LeaderParts extends AutoCloseable {
  /** A new consumer of the topic. */
  LogConsumer consumer(String clientId);

  /** The same for what is known to be there, and is much. */
  default LogConsumer olderConsumer(String clientId) {
    return consumer(clientId);
  }

  /** What tells which log stands under the topic's name. */
  LogIdentities identities(String clientId);

  /** A mapper for one thread. */
  EntryMapper mapper();

  /**
   * The history of a partition; null when none is kept.
   *
   * @param room how many bytes a file that is written may take in memory now
   */
  History history(int partition, LongSupplier room);

  /** When the topic deletes its records; throws a RetriableException when that is not known. */
  TopicRetention retention(String clientId);

  /** Makes the TLS engines of connections; null without TLS. */
  TlsContext tls();

  @Override
  void close();
}
