package io.github.allsourceconnect.tool.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes records, some hundred in a transaction. Whatever an earlier writer of the same name has
 * left open is aborted when this is made, and that writer is fenced. One thread.
 */
final class RepairWriter implements AutoCloseable {
  private static final int BATCH = 500;
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Future<?>> sent = new ArrayList<>();
  private long written;

  /**
   * @param name of the writer: the same for the same topic
   * @throws Unjudgeable if the cluster takes no transactions
   */
  RepairWriter(Map<String, Object> kafka, String name) throws Unjudgeable {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("transactional.id", name);
    settings.put("acks", "all");
    settings.put("max.request.size", Integer.MAX_VALUE);
    try {
      producer =
          new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    } catch (KafkaException e) {
      throw KafkaTrouble.unusable(e);
    }
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      close();
      throw new Unjudgeable(
          "nothing can be produced, for the cluster begins no transaction: "
              + KafkaTrouble.text(e, "WRITE on the transactional id " + name),
          e);
    }
  }

  /**
   * Writes a record, sooner or later.
   *
   * @throws Unjudgeable if Kafka does not take it; nothing of its transaction is there then
   */
  void write(ProducerRecord<byte[], byte[]> record) throws Unjudgeable {
    try {
      if (sent.isEmpty()) {
        producer.beginTransaction();
      }
      sent.add(producer.send(record));
    } catch (KafkaException e) {
      throw failed(e, false);
    }
    if (sent.size() == BATCH) {
      commit();
    }
  }

  /**
   * Commits what was written.
   *
   * @throws Unjudgeable if that fails, or nobody tells whether it has
   */
  void commit() throws Unjudgeable {
    if (sent.isEmpty()) {
      return;
    }
    try {
      for (Future<?> one : sent) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw failed(e.getCause(), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(e, false);
    }
    try {
      producer.commitTransaction();
    } catch (TimeoutException | InterruptException e) {
      throw failed(e, true);
    } catch (KafkaException e) {
      throw failed(e, false);
    }
    written += sent.size();
    sent.clear();
  }

  private Unjudgeable failed(Throwable cause, boolean inDoubt) {
    return new Unjudgeable(
        "Kafka did not take the repair: "
            + KafkaTrouble.text(cause)
            + ". "
            + committed()
            + "; "
            + (inDoubt
                ? "whether the " + sent.size() + " behind them are is not known"
                : "nothing of the others is")
            + ". Run the command again: it produces what is missing then",
        cause);
  }

  /** How many are committed, for people. */
  String committed() {
    return written == 1 ? "1 event is committed" : written + " events are committed";
  }

  /** How many are committed. */
  long written() {
    return written;
  }

  /**
   * An open transaction is aborted: now, or if no broker answers by the next writer, or when its
   * time is over.
   */
  @Override
  public void close() {
    producer.close(CLOSE_MAX);
  }
}
