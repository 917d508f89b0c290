package io.github.allsourceconnect.tool.audit.decision;

import java.util.Iterator;

/** Goes over rows and records, both sorted by id, side by side. Stateless. */
public final class Join {
  /** Is told of each event once, and of what repeats it. */
  public interface Pairs {
    /**
     * An event.
     *
     * @param row its first row; null if the store has none
     * @param record its first record; null if the topic has none
     */
    void event(Fingerprint row, Fingerprint record);

    /** A further row of the event told last. */
    void rowAgain(Fingerprint row);

    /**
     * A further record of the event told last.
     *
     * @param row the event's first row; null if the store has none
     */
    void recordAgain(Fingerprint row, Fingerprint record);
  }

  private Join() {}

  /** Goes over all. */
  public static void of(Iterator<Fingerprint> rows, Iterator<Fingerprint> records, Pairs pairs) {
    Fingerprint row = next(rows);
    Fingerprint record = next(records);
    while (row != null || record != null) {
      int side = row == null ? 1 : record == null ? -1 : row.compareId(record);
      Fingerprint ofRow = side <= 0 ? row : null;
      Fingerprint ofRecord = side >= 0 ? record : null;
      pairs.event(ofRow, ofRecord);
      if (ofRow != null) {
        row = next(rows);
        while (row != null && row.isOf(ofRow)) {
          pairs.rowAgain(row);
          row = next(rows);
        }
      }
      if (ofRecord != null) {
        record = next(records);
        while (record != null && record.isOf(ofRecord)) {
          pairs.recordAgain(ofRow, record);
          record = next(records);
        }
      }
    }
  }

  private static Fingerprint next(Iterator<Fingerprint> of) {
    return of.hasNext() ? of.next() : null;
  }
}
