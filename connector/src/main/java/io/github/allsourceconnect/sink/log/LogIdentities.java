package io.github.allsourceconnect.sink.log;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.io.Closeable;
import java.util.Optional;

/** Knows what Kafka keeps about the topic beside its records. Any thread. */
public interface LogIdentities extends Closeable {
  /**
   * Which log the topic's name stands for now.
   *
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now, or there
   *     is no such topic now
   */
  LogIdentity ask();

  /**
   * The offset that is committed of a partition, with what was noted beside it.
   *
   * @return empty when nothing is committed, or when the connector's user may not ask for it
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  Optional<Committed> committed(int partition);

  @Override
  void close();

  /**
   * A committed offset.
   *
   * @param offset Kafka's
   * @param note empty when there is none
   */
  record Committed(long offset, String note) {}
}
