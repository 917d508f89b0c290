package io.github.allsourceconnect.sink;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * What Connect's consumer has but Connect did not open. A consumer that is woken while it learns
 * its partitions, as by a pause or resume in a rebalance, keeps them, and Connect is not told again
 * (seen with 4.3.1): it never opens them, does not know from where it reads them, and does not
 * close them before it was sent to a place. Used by the task's thread.
 */
final class MissedPartitions {
  /**
   * Connect opens at once what it will open at all. With {@code group.protocol=consumer} a
   * partition may be seen a moment before it is opened, and after it was closed.
   */
  static final long PATIENCE_MS = 2_000;

  private final Map<TopicPartition, Long> since = new HashMap<>();
  private final Set<TopicPartition> takenUp = new HashSet<>();

  /**
   * What is to be opened now; it counts as taken up from now on.
   *
   * @param assigned what Connect's consumer has
   * @param open what is served
   * @param nowMs milliseconds of any clock that does not go back
   */
  List<TopicPartition> toOpen(Set<TopicPartition> assigned, Set<TopicPartition> open, long nowMs) {
    since.keySet().retainAll(assigned);
    List<TopicPartition> missed =
        assigned.stream()
            .filter(tp -> !open.contains(tp))
            .filter(tp -> nowMs - since.computeIfAbsent(tp, first -> nowMs) >= PATIENCE_MS)
            .toList();
    takenUp.addAll(missed);
    return missed;
  }

  /** What was taken up and is to be closed, for Connect's consumer no longer has it. */
  List<TopicPartition> toClose(Set<TopicPartition> assigned) {
    return takenUp.stream().filter(tp -> !assigned.contains(tp)).toList();
  }

  /** A partition is no longer open, whoever had opened it. */
  void closed(TopicPartition tp) {
    since.remove(tp);
    takenUp.remove(tp);
  }

  /** Whether a partition that is open was not opened by Connect. */
  boolean isTakenUp(TopicPartition tp) {
    return takenUp.contains(tp);
  }
}
