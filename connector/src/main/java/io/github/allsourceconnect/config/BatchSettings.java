package io.github.allsourceconnect.config;

import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * How records are handed to Connect, and how long Kafka may leave them unconfirmed.
 *
 * @param maxRecords a batch is handed to Connect when it has so many records
 * @param maxBytes or when its values have so many bytes
 * @param inFlightBytes unconfirmed bytes at Connect from which on the next batch waits
 * @param lingerMs how long after the last batch one that is not full is handed to Connect
 * @param lingerTogetherMs the same where Connect stores each batch in a transaction
 * @param produceTimeoutMs how long Kafka may confirm nothing; 0: for ever
 * @param transactionMs how long it confirms nothing anyway: Connect's transactions by interval
 */
public record BatchSettings(
    int maxRecords,
    int maxBytes,
    long inFlightBytes,
    int lingerMs,
    int lingerTogetherMs,
    long produceTimeoutMs,
    long transactionMs) {
  public static final String MAX_RECORDS = "batch.max.records";
  public static final String MAX_BYTES = "batch.max.bytes";
  public static final String IN_FLIGHT_BYTES = "in.flight.max.bytes";
  public static final String LINGER_MS = "batch.linger.ms";
  public static final String PRODUCE_TIMEOUT_MS = "produce.timeout.ms";

  private static final String GROUP = "Batches";
  private static final int LINGER_TOGETHER_MS = 100;

  /** The worker's offset.flush.interval.ms, of which a connector knows nothing: its default. */
  private static final long USUAL_TRANSACTION_MS = 60_000;

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        MAX_RECORDS,
        ConfigDef.Type.INT,
        2000,
        Range.between(1, 100_000),
        Importance.LOW,
        "A batch is handed to Connect when it has so many records, or when nothing more is there."
            + " It is also what may come twice after a crash without exactly-once support.",
        GROUP,
        ++order,
        Width.SHORT,
        "Records of a batch");
    def.define(
        MAX_BYTES,
        ConfigDef.Type.INT,
        2 << 20,
        Range.between(1024, 1 << 30),
        Importance.LOW,
        "A batch is handed to Connect when its values have so many bytes, as the leader sent them;"
            + " under payload.format=struct with the schemas that JsonConverter writes, where it is"
            + " set on the connector.",
        GROUP,
        ++order,
        Width.SHORT,
        "Bytes of a batch");
    def.define(
        IN_FLIGHT_BYTES,
        ConfigDef.Type.LONG,
        4L << 20,
        Range.atLeast(1024),
        Importance.LOW,
        "While Kafka has not yet confirmed so many bytes of the batches handed to Connect, the next"
            + " one waits; with transaction.boundary=interval a tenth of a second at most, for such a"
            + " transaction may end only with the next batch. Records that wait in the producer"
            + " instead cost the worker's collector"
            + " far more. Raise it for a cluster that is far away, and with"
            + " transaction.boundary=interval to what a transaction is to hold.",
        GROUP,
        ++order,
        Width.SHORT,
        "Unconfirmed bytes");
    def.define(
        LINGER_MS,
        ConfigDef.Type.INT,
        -1,
        Range.between(-1, 60_000),
        Importance.LOW,
        "How long after the last batch one that is not full is handed to Connect. -1: at once, and "
            + LINGER_TOGETHER_MS
            + " under exactly-once, where each batch is a transaction and stores a position. An"
            + " event that comes after a pause does not wait; in a steady stream events wait half"
            + " of it on average. Set 0 for a semi-synchronous leader with few writers: each write"
            + " waits for its ack, and with it for the batch.",
        GROUP,
        ++order,
        Width.SHORT,
        "Linger (ms)");
    def.define(
        PRODUCE_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.between(0, 604_800_000),
        Importance.LOW,
        "After how long without a single confirmation, while records wait for one, the task fails."
            + " Connect's producer waits for ever, for brokers as well as for a topic that there is"
            + " not and that nobody creates. Make it longer than a restart of the brokers takes."
            + " With transaction.boundary=interval, transaction.boundary.interval.ms comes on top,"
            + " a minute if it is not set. Where some are confirmed and the oldest are not, for want"
            + " of one partition, it fails after six times as long. 0: it waits for ever; the log"
            + " says so once a minute, and"
            + " the metric unconfirmedMs tells.",
        GROUP,
        ++order,
        Width.SHORT,
        "Produce timeout (ms)");
  }

  static BatchSettings from(AbstractConfig config) {
    return new BatchSettings(
        config.getInt(MAX_RECORDS),
        config.getInt(MAX_BYTES),
        config.getLong(IN_FLIGHT_BYTES),
        Math.max(0, config.getInt(LINGER_MS)),
        config.getInt(LINGER_MS) < 0 ? LINGER_TOGETHER_MS : config.getInt(LINGER_MS),
        config.getLong(PRODUCE_TIMEOUT_MS),
        transactionMs(config.originalsStrings()));
  }

  /** How long a transaction of Connect's lasts that ends by time; 0 for none. */
  private static long transactionMs(Map<String, String> all) {
    if (!"interval".equalsIgnoreCase(all.get("transaction.boundary"))) {
      return 0;
    }
    try {
      // Connect refuses what is no number
      return Long.parseLong(all.getOrDefault("transaction.boundary.interval.ms", "").trim());
    } catch (NumberFormatException e) {
      return USUAL_TRANSACTION_MS;
    }
  }
}
