package io.github.allsourceconnect.leader;

/** Decides at each message boundary of each connection what goes wrong; called by many threads. */
@FunctionalInterface
public interface Faults {
  /** Nothing ever goes wrong. */
  Faults NONE = (connection, message, type) -> Fault.NONE;

  /**
   * Called before each message.
   *
   * @param connection the connection's number, from 1, in the order of arrival
   * @param message the message's number within the connection, from 1
   * @param type its {@code type} on the wire
   */
  Fault before(int connection, long message, String type);
}
