package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.source.AckStressTest;
import io.github.allsourceconnect.source.link.AckWriter;
import java.util.ArrayDeque;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The way of batches to Connect and of commits back, which is what acks are made of, under all
 * interleavings that Lincheck tries: every result must be one that some order of the operations,
 * one after the other, gives as well. The follower's thread puts and asks what is committed;
 * Connect's polls and commits. What follows from it, the acks themselves, is in {@link
 * AckStressTest}: {@link AckWriter} owns a thread and a socket, which Lincheck can't step through.
 */
@Timeout(900)
public class BatchQueueLincheckTest {
  private static final int RECORDS = 2;

  private final BatchQueue queue = new BatchQueue(Long.MAX_VALUE, false);
  private final ArrayDeque<Batch> sent = new ArrayDeque<>();
  private long emitted;

  @Operation(nonParallelGroup = "follower")
  public long put() {
    if (!queue.hasRoom()) {
      return -1;
    }
    Batch batch = new Batch();
    for (int i = 0; i < RECORDS; i++) {
      batch.add(null);
    }
    batch.close(++emitted);
    queue.put(batch);
    return emitted;
  }

  @Operation(nonParallelGroup = "follower")
  public long takeCommitted() {
    return queue.takeCommitted();
  }

  @Operation(nonParallelGroup = "connect")
  public long poll() throws InterruptedException {
    Batch batch = queue.poll(0);
    if (batch == null) {
      return 0;
    }
    for (int i = 0; i < RECORDS; i++) {
      sent.add(batch);
    }
    return batch.lastEmission();
  }

  /** One more record that was polled is in Kafka; whether it was the last of its batch. */
  @Operation(nonParallelGroup = "connect")
  public String commit() {
    Batch batch = sent.poll();
    return batch == null ? "none" : batch.lastEmission() + " " + batch.committed();
  }

  @Test
  void isLinearizable() {
    new ModelCheckingOptions()
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(4)
        .actorsAfter(2)
        .iterations(12)
        .invocationsPerIteration(300)
        .check(BatchQueueLincheckTest.class);
  }
}
