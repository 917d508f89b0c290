package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import java.util.List;

/**
 * What is at a connection's other end. {@code cutsSeen} tells how many cuts of the log the sender
 * knew of when it sent.
 */
public interface Peer {
  /** Its number, for messages. */
  int number();

  /** The WAL offset up to which it has everything: what it acks. */
  long has();

  /** It subscribes now. */
  void subscribes();

  /** An entry. */
  void entry(long walOffset, long content, int cutsSeen);

  /** {@code caught_up}. */
  void caughtUp(long walOffset, int cutsSeen);

  /** A whole snapshot. */
  void snapshot(TopicModel.Snapshot snapshot, int cutsSeen);

  /** Whether it takes more now. */
  boolean reads();

  /** The leader has logged what it serves this follower without. */
  default void lacks(List<Hole> gone) {}

  /** The leader has logged that it serves this follower only when it begins anew. */
  void mustBeReset();

  /** The leader's end closed. */
  void closed(String why);
}
