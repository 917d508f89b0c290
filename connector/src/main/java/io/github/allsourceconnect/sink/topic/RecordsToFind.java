package io.github.allsourceconnect.sink.topic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * What is to be looked for in the topic, and what was found. Any thread.
 *
 * <p>Bounded, see {@link Question}. Each partition has its own, so one that brings much takes
 * nothing from one that brings little.
 *
 * <p>Invariant: a question is of one log, and so is its answer. What was handed over of another
 * log, or before the partition was closed or Connect sent back, is neither compared nor counted.
 */
final class RecordsToFind {
  private final Map<Subject, Question> questions = new LinkedHashMap<>();
  private final Map<Integer, Long> last = new HashMap<>();

  /** By partition, the offset of the last record when that was found. */
  private final Map<Integer, Long> sure = new HashMap<>();

  private final Map<Integer, Integer> epochs = new HashMap<>();

  /** By partition, the number of the log of which a record was found. */
  private final Map<Integer, Integer> recognised = new HashMap<>();

  /** Of which partitions something is not what was handed over; true once Connect was sent back. */
  private final Map<Integer, Boolean> doubted = new HashMap<>();

  private record Subject(int partition, boolean end) {}

  /**
   * One look at a partition: for any of the records that were handed over, or for the last one that
   * it has. Kept of those that were handed over since the last look: offset and time of 32 at most,
   * evenly spread, and of the newest, so that aborted records before, between or behind others do
   * not hide those; and whole, of those that tell the converters, the first, the newest, and the
   * last that the partition has, once that is known. Belongs to whoever has taken it.
   */
  static final class Question {
    private static final int MARKS = 32;

    private final Subject subject;
    private final int epoch;

    /** The log's number; 0 as long as nobody knows it. */
    private int log;

    private final NavigableMap<Long, Optional<Long>> spread = new TreeMap<>();
    private final List<SinkRecord> teachers = new ArrayList<>();
    private LookBack lookBack;
    private Map.Entry<Long, Optional<Long>> newest;
    private int stride = 1;
    private int seen;
    private boolean tried;

    private Question(Subject subject, int epoch, int log) {
      this.subject = subject;
      this.epoch = epoch;
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

    /** Whether it is of the log of this number; of which it is, is known from then on. */
    boolean isOf(int number) {
      log = log == 0 ? number : log;
      return number == 0 || log == number;
    }

    /** Where the last record is looked for: from here on, if it was not begun before. */
    LookBack looksBackFrom(long end) {
      if (lookBack == null) {
        lookBack = new LookBack(end);
      }
      return lookBack;
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

    /**
     * @param sure the offset of one that is in the topic; -1 when none is known
     */
    private void teach(SinkRecord record, long sure) {
      int newest = teachers.size() - 1;
      if (newest > 0 && teachers.get(newest).originalKafkaOffset() != sure) {
        teachers.remove(newest);
      } else if (newest > 1) {
        teachers.remove(newest - 1);
      }
      teachers.add(record);
    }

    private void absorb(Question later, long sure) {
      later.marks().forEach(this::add);
      later.teachers.forEach(each -> teach(each, sure));
    }
  }

  /**
   * A record to be looked for.
   *
   * @param log the number of the log that it was handed over of; 0 when that is not known
   * @param teaches whether it tells the converters
   */
  synchronized void show(SinkRecord record, int log, boolean teaches) {
    Question question = ask(new Subject(record.originalKafkaPartition(), false), log);
    question.add(record.originalKafkaOffset(), Optional.ofNullable(record.timestamp()));
    if (teaches) {
      question.teach(record, sure(question));
    }
  }

  /** The last record of a partition; null when it is looked for now. Told once. */
  synchronized Long last(int partition, int log) {
    Long known = last.remove(partition);
    if (known == null) {
      ask(new Subject(partition, true), log);
    }
    return known;
  }

  private Question ask(Subject subject, int log) {
    notifyAll();
    Question known = questions.get(subject);
    if (known == null || !known.isOf(log)) {
      known = new Question(subject, epoch(subject.partition()), log);
      questions.put(subject, known);
    }
    return known;
  }

  /** Whether one was found in the log of this number; 0 for any. */
  synchronized boolean recognises(int partition, int log) {
    Integer found = recognised.get(partition);
    return found != null && (log == 0 || found == log);
  }

  synchronized boolean isFound(Question question) {
    return recognises(question.partition(), question.log);
  }

  /** What was handed over, asked and found of a partition is of no log that counts now. */
  synchronized void forget(int partition) {
    doubted.remove(partition);
    forgetAsked(partition);
  }

  private void forgetAsked(int partition) {
    epochs.merge(partition, 1, Integer::sum);
    questions.remove(new Subject(partition, false));
    questions.remove(new Subject(partition, true));
    last.remove(partition);
    sure.remove(partition);
    recognised.remove(partition);
  }

  private long sure(Question question) {
    return sure.getOrDefault(question.partition(), -1L);
  }

  private int epoch(int partition) {
    return epochs.getOrDefault(partition, 0);
  }

  /** What to look for next; waits for it. */
  synchronized Question take() throws InterruptedException {
    while (questions.isEmpty()) {
      wait();
    }
    return questions.remove(questions.keySet().iterator().next());
  }

  /** Whether a question is still of what counts. */
  synchronized boolean counts(Question question) {
    return question.epoch == epoch(question.partition());
  }

  /** There was no answer: it is looked for again, behind all others. */
  synchronized void again(Question question) {
    Question later = questions.get(question.subject);
    if (counts(question) && (later == null || question.isOf(later.log))) {
      question.tried = true;
      questions.remove(question.subject);
      if (later != null) {
        question.absorb(later, sure(question));
      }
      questions.put(question.subject, question);
    }
  }

  /**
   * What was handed over is not what the topic has. It is to be handed over again: a broker may
   * have been behind, or the log was cut.
   *
   * @return whether it has been, so that it is no chance
   */
  synchronized boolean differs(Question question) {
    return counts(question)
        && Boolean.TRUE.equals(doubted.putIfAbsent(question.partition(), false));
  }

  /** It is of a log that is no more. */
  synchronized void gone(Question question) {
    if (counts(question) && !question.end()) {
      doubted.put(question.partition(), false);
    }
  }

  /** Whether Connect is to hand over again from where it began; told once. */
  synchronized boolean wantsAgain(int partition) {
    boolean wants = doubted.replace(partition, false, true);
    if (wants) {
      forgetAsked(partition);
    }
    return wants;
  }

  /** One of its records is in the topic. */
  synchronized void found(Question question) {
    if (counts(question)) {
      recognised.put(question.partition(), question.log);
      doubted.remove(question.partition());
    }
  }

  /** The offset of the last record; -1 when there is none. */
  synchronized void foundLast(Question question, long offset) {
    if (counts(question)) {
      last.put(question.partition(), offset);
      sure.put(question.partition(), offset);
    }
  }
}
