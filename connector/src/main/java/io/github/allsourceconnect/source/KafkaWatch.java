package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Deliveries;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when Kafka confirms nothing any more, and ends the task where a setting wants that.
 * Connect's producer waits for ever, for brokers as well as for a topic that there is not and that
 * nobody creates; the task is RUNNING meanwhile. The follower's thread.
 */
final class KafkaWatch {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaWatch.class);
  private static final int TOPICS_SAID = 5;

  /** How long Connect may take to ask for more and be told of the failure. */
  private static final long ASKING_MS = 2_000;

  private final BatchQueue batches;
  private final Deliveries deliveries;
  private final long mostMs;
  private final Unconfirmed unconfirmed;
  private final Runnable interrupt;
  private long overAtMs = -1;

  /**
   * @param interrupt ends what Connect's thread waits for, if that is Kafka
   */
  KafkaWatch(
      RecordSettings records, BatchQueue batches, Deliveries deliveries, Runnable interrupt) {
    this.batches = batches;
    this.deliveries = deliveries;
    this.interrupt = interrupt;
    mostMs = records.produceTimeoutMs();
    unconfirmed = new Unconfirmed(mostMs, records.transactionMs());
  }

  /** To be asked now and then; how long nothing was confirmed, 0 when nothing waits. */
  long look(long nowMs) {
    long confirmed = deliveries.confirmedCount() + deliveries.droppedCount();
    long lasted = unconfirmed.look(batches.isUnconfirmed(), confirmed, nowMs);
    if (overAtMs >= 0) {
      if (nowMs - overAtMs >= ASKING_MS) {
        overAtMs = nowMs;
        interrupt.run();
      }
    } else if (unconfirmed.isTooLong()) {
      overAtMs = nowMs;
      String why = said(lasted) + " (" + RecordSettings.PRODUCE_TIMEOUT_MS + "=" + mostMs + ")";
      // a producer that waits for a topic is interrupted, and its trace would not say why
      LOG.error("The task fails: {}", why);
      batches.fail(new ConnectException(why));
    } else if (unconfirmed.isToBeSaid()) {
      LOG.warn("{}", said(lasted));
    }
    return lasted;
  }

  private String said(long lastedMs) {
    return "Kafka has confirmed nothing for "
        + lastedMs
        + " ms, and records for "
        + batches.unconfirmedTopics(TOPICS_SAID)
        + " wait. Either the brokers do not answer, or a topic does not exist and is not created:"
        + " create it, or let Connect do that (topic.creation.default.partitions and"
        + " .replication.factor on the connector, topic.creation.enable on the worker, and the"
        + " right to create it)";
  }
}
