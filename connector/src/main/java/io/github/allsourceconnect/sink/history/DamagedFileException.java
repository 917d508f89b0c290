package io.github.allsourceconnect.sink.history;

/** A file of the history is lost or damaged; the message says which offsets it held. */
final class DamagedFileException extends DamagedHistoryException {
  private static final long serialVersionUID = 1L;

  private final transient HistoryFile file;
  private final String what;

  DamagedFileException(HistoryFile file, String what, String storage, Throwable cause) {
    super(
        "the file "
            + file.name()
            + " of the history in "
            + storage
            + " is "
            + what
            + ": WAL offsets "
            + (file.after() + 1)
            + " to "
            + file.upTo()
            + " are gone; bring the file back and restart the task",
        cause);
    this.file = file;
    this.what = what;
  }

  HistoryFile file() {
    return file;
  }

  /** Why the offsets are gone, in words. */
  String why() {
    return "file " + file.name() + " is " + what;
  }
}
