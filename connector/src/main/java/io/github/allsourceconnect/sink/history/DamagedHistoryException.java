package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.Printable;
import java.io.IOException;

/** What the storage gave back is not what a history wrote there; the message says where it is. */
public class DamagedHistoryException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedHistoryException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }

  /**
   * A list of files that can't be read.
   *
   * @param place the file, or topic, partition and key
   */
  static DamagedHistoryException manifest(String place, Exception cause) {
    return new DamagedHistoryException(
        "the list of files in "
            + place
            + " can't be read: "
            + cause.getMessage()
            + "; bring back the one before, or move the history away",
        cause);
  }
}
