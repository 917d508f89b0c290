package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.Printable;
import java.io.IOException;

/** A kept file is lost or damaged; the message says which offsets it held. */
final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient HistoryFile file;

  DamagedFileException(HistoryFile file, String what, String storage, Throwable cause) {
    super(
        "the kept file "
            + Printable.of(file.name())
            + " in "
            + storage
            + " is "
            + what
            + ": WAL offsets "
            + (file.after() + 1)
            + " to "
            + file.upTo()
            + " are gone, and so the history before them; bring the file back and restart the task",
        cause);
    this.file = file;
  }

  HistoryFile file() {
    return file;
  }
}
