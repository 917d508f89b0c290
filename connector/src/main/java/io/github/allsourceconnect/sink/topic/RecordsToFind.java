package io.github.allsourceconnect.sink.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * What is to be looked for in the topic, and what was found. Any thread.
 *
 * <p>Bounded, see {@link Question}. Each partition has its own, so one that brings much takes
 * nothing from one that brings little.
 */
final class RecordsToFind {
  private final Map<Subject, Question> questions = new LinkedHashMap<>();
  private final Map<Integer, Long> last = new HashMap<>();
  private final Map<Integer, Integer> forgotten = new HashMap<>();
  private final Set<Integer> recognised = new HashSet<>();

  private record Subject(int partition, boolean end) {}

  /**
   * One look at a partition: for any of the records that were handed over, or for the last one that
   * it has. Kept of those that were handed over since the last look: offset and time of 32 at most,
   * evenly spread, and of the newest, so that aborted records before, between or behind others do
   * not hide those; and whole the first and the newest that tell the converters. Belongs to whoever
   * has taken it.
   */
  static final class Question {
    private static final int MARKS = 32;

    private final Subject subject;
    private final int log;
    private final NavigableMap<Long, Optional<Long>> spread = new TreeMap<>();
    private final List<SinkRecord> teachers = new ArrayList<>();
    private Map.Entry<Long, Optional<Long>> newest;
    private int stride = 1;
    private int seen;
    private boolean tried;

    private Question(Subject subject, int log) {
      this.subject = subject;
      this.log = log;
    }

    int partition() {
      return subject.partition();
    }

    /** Whether it is the last record that the partition has which is asked for. */
    boolean end() {
      return subject.end();
    }

    /** Whether it was looked for in vain before. */
    boolean tried() {
      return tried;
    }

    /** Times by offset, ascending; a record may have none. */
    NavigableMap<Long, Optional<Long>> marks() {
      NavigableMap<Long, Optional<Long>> all = new TreeMap<>(spread);
      if (newest != null) {
        all.put(newest.getKey(), newest.getValue());
      }
      return all;
    }

    /** Records that tell the converters. */
    List<SinkRecord> teachers() {
      return teachers;
    }

    private void add(long offset, Optional<Long> timestamp) {
      newest = Map.entry(offset, timestamp);
      if (seen++ % stride == 0) {
        spread.put(offset, timestamp);
        if (spread.size() > MARKS) {
          stride *= 2;
          boolean goes = false;
          for (Iterator<Long> each = spread.keySet().iterator(); each.hasNext(); goes = !goes) {
            each.next();
            if (goes) {
              each.remove();
            }
          }
        }
      }
    }

    private void teach(SinkRecord record) {
      if (teachers.size() == 2) {
        teachers.remove(1);
      }
      teachers.add(record);
    }

    private void absorb(Question later) {
      later.marks().forEach(this::add);
      later.teachers.forEach(this::teach);
    }
  }

  /**
   * A record to be looked for.
   *
   * @param teaches whether it tells the converters
   */
  synchronized void show(SinkRecord record, boolean teaches) {
    Question question = ask(new Subject(record.originalKafkaPartition(), false));
    question.add(record.originalKafkaOffset(), Optional.ofNullable(record.timestamp()));
    if (teaches) {
      question.teach(record);
    }
  }

  /** The last record of a partition; null when it is looked for now. Told once. */
  synchronized Long last(int partition) {
    Long known = last.remove(partition);
    if (known == null) {
      ask(new Subject(partition, true));
    }
    return known;
  }

  private Question ask(Subject subject) {
    notifyAll();
    return questions.computeIfAbsent(subject, s -> new Question(s, log(s.partition())));
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
    return question.log == log(question.partition());
  }

  /** There was no answer: it is looked for again, behind all others. */
  synchronized void again(Question question) {
    if (counts(question)) {
      question.tried = true;
      Question later = questions.remove(question.subject);
      if (later != null) {
        question.absorb(later);
      }
      questions.put(question.subject, question);
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
