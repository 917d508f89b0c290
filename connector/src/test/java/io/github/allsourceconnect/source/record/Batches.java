package io.github.allsourceconnect.source.record;

import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/** Batches for tests of other packages. */
public final class Batches {
  private Batches() {}

  /** Puts a batch of one record that has no value. */
  public static void put(BatchQueue queue, long emission) {
    Batch batch = new Batch();
    batch.add(new SourceRecord(Map.of(), Map.of(), "t", null, null, null));
    batch.close(emission);
    queue.put(batch);
  }
}
