package io.github.allsourceconnect.source;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The records of a batch as Connect gets them. Connect tries a batch again and again while Kafka
 * can't be asked for its topic, and polls no more: the only call that the task gets then is for the
 * next record, and it fails once the task has. Any thread.
 */
final class RetriedRecords extends AbstractList<SourceRecord> implements RandomAccess {
  private final List<SourceRecord> records;
  private final Supplier<Throwable> over;

  /**
   * @param over what has ended the work; null while nothing has
   */
  RetriedRecords(List<SourceRecord> records, Supplier<Throwable> over) {
    this.records = records;
    this.over = over;
  }

  @Override
  public SourceRecord get(int index) {
    Throwable failure = over.get();
    if (failure != null) {
      throw thrown(failure);
    }
    return records.get(index);
  }

  @Override
  public int size() {
    return records.size();
  }

  /** As Connect is told of it. */
  static ConnectException thrown(Throwable failure) {
    return failure instanceof ConnectException known
        ? known
        : new ConnectException("The source failed: " + failure, failure);
  }
}
