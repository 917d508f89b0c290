package io.github.allsourceconnect.tool.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Writes records, some hundred in a transaction, which is open only while these are sent: the
 * events may lie minutes apart in the history. Whatever an earlier writer of the same name has left
 * open is aborted when this is made, and that writer is fenced. One thread.
 */
final class RepairWriter implements AutoCloseable {
  private static final int BATCH = 500;
  private static final long BATCH_BYTES = 8 << 20;

  private final Producer<byte[], byte[]> producer;
  private final Duration stall;
  private final List<ProducerRecord<byte[], byte[]>> waiting = new ArrayList<>();
  private long waitingBytes;
  private long written;

  /**
   * @param name of the writer: the same for the same topic
   * @throws Unjudgeable if the cluster takes no transactions
   */
  RepairWriter(Brokers brokers, String name) throws Unjudgeable {
    producer = brokers.producer(name);
    stall = brokers.stall();
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
    waiting.add(record);
    waitingBytes += length(record.key()) + length(record.value());
    if (waiting.size() == BATCH || waitingBytes >= BATCH_BYTES) {
      commit();
    }
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /**
   * Commits what was written.
   *
   * @throws Unjudgeable if that fails, or nobody tells whether it has
   */
  void commit() throws Unjudgeable {
    if (waiting.isEmpty()) {
      return;
    }
    try {
      producer.beginTransaction();
      send();
    } catch (ExecutionException e) {
      throw failed(e.getCause(), false);
    } catch (KafkaException e) {
      throw failed(e, false);
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
    written += waiting.size();
    waiting.clear();
    waitingBytes = 0;
  }

  private void send() throws ExecutionException, InterruptedException {
    List<Future<?>> sent = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> record : waiting) {
      Future<?> one = producer.send(record);
      sent.add(one);
      if (one.isDone()) {
        // refused at once, perhaps after a long wait, which each of the others would have, too
        one.get();
      }
    }
    for (Future<?> one : sent) {
      try {
        one.get(stall.toMillis(), TimeUnit.MILLISECONDS);
      } catch (java.util.concurrent.TimeoutException e) {
        // a producer that looks for its coordinator forgets delivery.timeout.ms
        throw new TimeoutException("No record was taken for " + stall.toMillis() + " ms.", e);
      }
    }
  }

  private Unjudgeable failed(Throwable cause, boolean inDoubt) {
    return new Unjudgeable(
        "Kafka did not take the repair: "
            + KafkaTrouble.text(cause)
            + ". "
            + committed()
            + "; "
            + (inDoubt
                ? "whether the " + waiting.size() + " behind them are is not known"
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
    producer.close(Brokers.CLOSE_MAX);
  }
}
