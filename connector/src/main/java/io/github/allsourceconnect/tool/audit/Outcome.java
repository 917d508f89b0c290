package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * What an audit found.
 *
 * @param leader whose snapshot it was
 * @param files how many files it had
 * @param bytes of all files
 * @param snapshotAt when it was asked for, microseconds since 1970
 * @param readAt when the topic's ends were taken, microseconds since 1970
 * @param topics how many topics
 * @param partitions all partitions, in the order of their numbers
 * @param rows of the files
 * @param events different ones among the rows
 * @param records of the topic
 * @param matched events that both have
 * @param newestMicros the time of the newest event that both have
 * @param tally everything else
 * @param names of types and tenants
 * @param notes what is to be said besides
 */
record Outcome(
    String leader,
    int files,
    long bytes,
    long snapshotAt,
    long readAt,
    long topics,
    List<TopicPartition> partitions,
    long rows,
    long events,
    long records,
    long matched,
    long newestMicros,
    Tally tally,
    Names names,
    List<String> notes) {
  /** What it comes to; the ordinal is the exit status. */
  enum Verdict {
    WHOLE,
    WRONG,
    NOT_JUDGED
  }

  Verdict verdict() {
    if (tally.of(Kind.Weight.WRONG) > 0) {
      return Verdict.WRONG;
    }
    boolean nothing = matched == 0 && tally.of(Kind.LEFT_OUT).events() == 0;
    return nothing || tally.of(Kind.Weight.UNSURE) > 0 ? Verdict.NOT_JUDGED : Verdict.WHOLE;
  }
}
