package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;

/**
 * A snapshot file is not what it should be: truncated, altered, of another layout, or needing more
 * memory than it may take. Says which file it is, so that nobody has to search the message.
 */
public final class SnapshotFileException extends ProtocolException {
  private static final long serialVersionUID = 1L;

  private final String file;

  /**
   * About a file.
   *
   * @param file its name
   * @param why what is wrong with it and what to do, without a part of a payload
   * @param cause null for none
   */
  SnapshotFileException(String file, String why, Throwable cause) {
    super(Kind.FILE, "snapshot file " + Printable.of(file) + " " + why, cause);
    this.file = file;
  }

  /** The file's name as the leader gave it. */
  public String file() {
    return file;
  }
}
