package io.github.allsourceconnect.protocol;

import java.io.IOException;

/**
 * The other side sent something that the protocol does not allow, or a snapshot file is not what it
 * should be. The message says what is wrong, where (line number or WAL offset, or file) and what to
 * do; it is one printable line, and it never holds a part of a payload.
 */
public class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What sort of mistake it is. */
  public enum Kind {
    /** A line that is no message: no JSON, a missing field, a wrong type, a value out of range. */
    MALFORMED,
    /** A line above the limit. */
    TOO_LONG,
    /** An entry whose checksum does not match. */
    CHECKSUM,
    /** Chunks out of order, missing, or of a file that was not announced. */
    SNAPSHOT,
    /** A snapshot file that can't be read: truncated, altered, of another layout. */
    FILE
  }

  private final Kind kind;
  private final long lineNumber;
  private final long walOffset;

  /**
   * About a line.
   *
   * @param kind what sort of mistake
   * @param message what, where, why and what to do, without a part of a payload
   * @param lineNumber the line of the connection, from 1; 0 when it is no line
   * @param walOffset the WAL offset that the line is about, 0 when not known
   */
  public ProtocolException(Kind kind, String message, long lineNumber, long walOffset) {
    super(Printable.message(message));
    this.kind = kind;
    this.lineNumber = lineNumber;
    this.walOffset = walOffset;
  }

  /** As the other constructor, of no line and no offset, with a cause that holds no payload. */
  public ProtocolException(Kind kind, String message, Throwable cause) {
    super(Printable.message(message), cause);
    this.kind = kind;
    this.lineNumber = 0;
    this.walOffset = 0;
  }

  /** What sort of mistake it is. */
  public Kind kind() {
    return kind;
  }

  /** The line of the connection, from 1; 0 when it is no line. */
  public long lineNumber() {
    return lineNumber;
  }

  /** The WAL offset that the line is about; 0 when not known. */
  public long walOffset() {
    return walOffset;
  }
}
