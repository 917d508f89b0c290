package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.io.Closeable;
import java.util.List;

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
   * What the connector's group has committed of the partitions of this number, with what was noted
   * beside it: of the topic, and of others that the connector served before.
   *
   * @return empty when nothing is committed, or when the connector's user may not ask for it
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  List<Committed> committed(int partition);

  @Override
  void close();

  /**
   * A committed offset.
   *
   * @param served whether it is of the topic that is served now
   * @param offset Kafka's
   * @param note empty when there is none
   */
  record Committed(boolean served, long offset, String note) {}
}
