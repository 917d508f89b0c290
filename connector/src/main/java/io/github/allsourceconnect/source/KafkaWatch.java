package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.BatchSettings;
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

  /** How many times as long it may go on where others are confirmed. */
  private static final int PARTLY_TIMES = 6;

  private static final long LATELY_MS = 30_000;

  private final BatchQueue batches;
  private final Deliveries deliveries;
  private final long mostMs;
  private final Unconfirmed unconfirmed;

  /** The same of the oldest batch, while later ones are confirmed. */
  private final Unconfirmed oldest;

  private final Runnable interrupt;
  private long overAtMs = -1;

  /**
   * @param interrupt ends what Connect's thread waits for, if that is Kafka
   */
  KafkaWatch(
      BatchSettings settings, BatchQueue batches, Deliveries deliveries, Runnable interrupt) {
    this.batches = batches;
    this.deliveries = deliveries;
    this.interrupt = interrupt;
    mostMs = settings.produceTimeoutMs();
    unconfirmed = new Unconfirmed(mostMs, settings.transactionMs());
    oldest = new Unconfirmed(PARTLY_TIMES * mostMs, settings.transactionMs());
  }

  /** To be asked now and then; how long nothing was confirmed, 0 when nothing waits. */
  long look(long nowMs) {
    long confirmed = deliveries.confirmedCount() + deliveries.droppedCount();
    boolean waits = batches.isUnconfirmed();
    long lasted = unconfirmed.look(waits, confirmed, nowMs);
    long partly = oldest.look(waits, batches.done(), nowMs);
    if (overAtMs >= 0) {
      if (nowMs - overAtMs >= ASKING_MS) {
        overAtMs = nowMs;
        interrupt.run();
      }
    } else if (unconfirmed.isTooLong()) {
      fail(said(lasted), mostMs, nowMs);
    } else if (oldest.isTooLong()) {
      fail(saidOfSome(partly), PARTLY_TIMES * mostMs, nowMs);
    } else if (unconfirmed.isToBeSaid()) {
      LOG.warn("{}", said(lasted));
    } else if (lasted < LATELY_MS && oldest.isToBeSaid()) {
      LOG.warn("{}", saidOfSome(partly));
    }
    return lasted;
  }

  private void fail(String said, long limitMs, long nowMs) {
    overAtMs = nowMs;
    String times = limitMs == mostMs ? "" : ", " + PARTLY_TIMES + " times that";
    String why = said + " (" + BatchSettings.PRODUCE_TIMEOUT_MS + "=" + mostMs + times + ")";
    // a producer that waits for a topic is interrupted, and its trace would not say why
    LOG.error("The task fails: {}", why);
    batches.fail(new ConnectException(why));
  }

  private String saidOfSome(long lastedMs) {
    return "Kafka confirms records, but some for "
        + batches.unconfirmedTopics(TOPICS_SAID)
        + " have waited for "
        + lastedMs
        + " ms, and the position with them. A partition may have no leader, or too few replicas"
        + " in sync (kafka-topics.sh --describe --unavailable-partitions,"
        + " --under-min-isr-partitions)";
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
