package io.github.allsourceconnect.sink.topic;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * What is to be looked for in the topic, and what was found. Any thread.
 *
 * <p>Bounded: of each partition two records are kept, the first one and the newest since the last
 * look. So a partition that brings much takes nothing from one that brings little, and neither
 * aborted records at the end nor retention at the beginning hide what is there in between for long.
 */
final class RecordsToFind {
  private final Map<Subject, Question> questions = new LinkedHashMap<>();
  private final Map<Integer, Long> last = new HashMap<>();
  private final Map<Integer, Integer> forgotten = new HashMap<>();
  private final Set<Integer> recognised = new HashSet<>();

  private record Subject(int partition, boolean end) {}

  /**
   * One look at a partition.
   *
   * @param log how often the partition had been forgotten
   * @param tried whether it was looked for in vain before
   * @param records any of them will do; empty for the last record that the partition has
   */
  record Question(int partition, int log, boolean tried, List<SinkRecord> records) {
    private Subject subject() {
      return new Subject(partition, records.isEmpty());
    }

    private Question after(Question earlier) {
      if (records.isEmpty()) {
        return this;
      }
      return new Question(
          partition,
          log,
          tried || earlier.tried,
          List.of(earlier.records.get(0), records.get(records.size() - 1)));
    }
  }

  /** A record to be looked for. */
  synchronized void show(SinkRecord record) {
    ask(record.originalKafkaPartition(), List.of(record));
  }

  /** The last record of a partition; null when it is looked for now. Told once. */
  synchronized Long last(int partition) {
    Long known = last.remove(partition);
    if (known == null) {
      ask(partition, List.of());
    }
    return known;
  }

  private void ask(int partition, List<SinkRecord> records) {
    Question question = new Question(partition, log(partition), false, records);
    questions.merge(question.subject(), question, (earlier, later) -> later.after(earlier));
    notifyAll();
  }

  synchronized boolean recognises(int partition) {
    return recognised.contains(partition);
  }

  /** What was handed over, asked and found of a partition is of no log that counts now. */
  synchronized void forget(int partition) {
    forgotten.merge(partition, 1, Integer::sum);
    questions.remove(new Subject(partition, false));
    questions.remove(new Subject(partition, true));
    last.remove(partition);
    recognised.remove(partition);
  }

  private int log(int partition) {
    return forgotten.getOrDefault(partition, 0);
  }

  /** What to look for next; waits for it. */
  synchronized Question take() throws InterruptedException {
    while (questions.isEmpty()) {
      wait();
    }
    return questions.remove(questions.keySet().iterator().next());
  }

  /** Whether a question is still of the log that counts. */
  synchronized boolean counts(Question question) {
    return question.log() == log(question.partition());
  }

  /** There was no answer: it is looked for again, behind all others. */
  synchronized void again(Question question) {
    if (counts(question)) {
      Question tried = new Question(question.partition(), question.log(), true, question.records());
      Question newer = questions.remove(tried.subject());
      questions.put(tried.subject(), newer == null ? tried : newer.after(tried));
    }
  }

  /** One of its records is in the topic. */
  synchronized void found(Question question) {
    if (counts(question)) {
      recognised.add(question.partition());
    }
  }

  /** The offset of the last record; -1 when there is none. */
  synchronized void foundLast(Question question, long offset) {
    if (counts(question)) {
      last.put(question.partition(), offset);
    }
  }
}
