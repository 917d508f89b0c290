package io.github.allsourceconnect.leader;

/** What a scripted leader does instead of sending a message. */
public enum Fault {
  /** It sends it. */
  NONE,
  /** It closes the connection. */
  CUT,
  /** It sends half of the line, then closes the connection. */
  TEAR,
  /** It sends nothing more and keeps the connection open. */
  HANG,
  /** It leaves this message out. */
  DROP,
  /** Of an entry it sends another checksum. */
  CORRUPT
}
