package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * What an audit found.
 *
 * @param with with what the topic was compared
 * @param peer the address of it
 * @param files how many files the snapshot had
 * @param bytes of all files
 * @param askedAt when it was asked, microseconds since 1970
 * @param readAt when the topic's ends were taken, microseconds since 1970
 * @param partitions all partitions, in the order of their numbers
 * @param rows of the files
 * @param events different ones of the leader, or what the sink has sent
 * @param records of the topic
 * @param matched events that both have
 * @param tally everything else
 * @param names of types and tenants
 * @param notes what is to be said besides
 */
record Outcome(
    Peer with,
    String peer,
    int files,
    long bytes,
    long askedAt,
    long readAt,
    List<TopicPartition> partitions,
    long rows,
    long events,
    long records,
    long matched,
    Tally tally,
    Names names,
    List<String> notes) {
  /** With what a topic is compared. */
  enum Peer {
    LEADER,
    SINK,
    STORE
  }

  /** What it comes to; the ordinal is the exit status. */
  enum Verdict {
    WHOLE(0),
    WRONG(1),
    NOT_JUDGED(2);

    /** The command's. */
    final int exitStatus;

    Verdict(int exitStatus) {
      this.exitStatus = exitStatus;
    }
  }

  Verdict verdict() {
    if (tally.of(Kind.Weight.WRONG) > 0) {
      return Verdict.WRONG;
    }
    long settled = tally.of(Kind.LEFT_OUT).events() + tally.of(Kind.REFUSED).events();
    boolean nothing = matched == 0 && (settled == 0 || settled < events);
    return nothing || tally.of(Kind.Weight.UNSURE) > 0 ? Verdict.NOT_JUDGED : Verdict.WHOLE;
  }
}
