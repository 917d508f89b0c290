package io.github.allsourceconnect.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.position.IdSum;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the ledger topic as it is committed, and holds each mark against what the topic of events
 * has at that moment.
 */
final class LedgerJudge {
  /** A mistake of whoever writes the ledger topic. */
  enum PlantedLedgerFault {
    /** A mark is committed before the last events that it covers. */
    MARK_AHEAD,
    /** An event that got no record is counted. */
    REFUSED_COUNTED,
    /** What was counted is not stored with the position. */
    COUNTS_NOT_STORED,
    /** Now and then a mark is not written. */
    MARK_LEFT_OUT
  }

  /** What one batch brings. */
  record Written(List<Integer> events, String mark, List<LedgerRecord> records) {}

  private record Group(long events, IdSum digest) {
    static final Group NONE = new Group(0, IdSum.ZERO);

    Group plus(StoredEvent event) {
      return new Group(events + 1, digest.plus(event.live.idHigh(), event.live.idLow()));
    }

    @Override
    public String toString() {
      return events + " events, " + digest.text();
    }
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());

  /** Each twenty-third event is one that Kafka would refuse. */
  static boolean isRefused(int index) {
    return index % 23 == 7;
  }

  private final List<StoredEvent> truth;
  private final KafkaModel kafka;
  private final Trace trace;
  private final PlantedLedgerFault fault;
  private final Map<String, Group> byMark = new HashMap<>();
  private final Set<Integer> firstMarksRuns = new HashSet<>();
  private Group total = Group.NONE;
  private String series = "";
  private long lastMark;
  private int lastRun;
  private int runs;
  private Group marked = Group.NONE;
  private long marks;
  private final Set<Integer> takenAlong = new HashSet<>();
  private final Map<Integer, String> untoldEvents = new LinkedHashMap<>();
  private int untoldRun;

  LedgerJudge(List<StoredEvent> truth, KafkaModel kafka, Trace trace, PlantedLedgerFault fault) {
    this.truth = truth;
    this.kafka = kafka;
    this.trace = trace;
    this.fault = fault;
  }

  boolean has(PlantedLedgerFault planted) {
    return fault == planted;
  }

  /** A new task's number. */
  int newRun() {
    return ++runs;
  }

  /**
   * A leader is lost for good, and with it these events, of which the task knows nothing. The one
   * that is followed next does not have them: a mark tells nothing of them.
   */
  void leaderTookAlong(Set<Integer> events) {
    takenAlong.addAll(events);
  }

  /**
   * A task's batch is in Kafka.
   *
   * @param untold events behind the last record that was not dropped: no position tells of them, so
   *     only the task that produced them counts them, with the next record that is there
   */
  void committed(int run, Written written, Set<Integer> untold) {
    // without exactly-once a later task repeats: each one's marks are about what it wrote itself
    String place = written.mark() + (kafka.exactlyOnce() ? "" : "/" + run);
    if (run != untoldRun) {
      untoldEvents.clear();
      untoldRun = run;
    }
    if (untold.size() < written.events().size() || !written.records().isEmpty()) {
      untoldEvents.forEach(this::count);
      untoldEvents.clear();
    }
    for (int index : written.events()) {
      if (untold.contains(index)) {
        untoldEvents.put(index, place);
      } else {
        count(index, place);
      }
    }
    for (LedgerRecord record : written.records()) {
      trace.line("  ledger: %s", record.json());
      if (record.type().equals("mark")) {
        mark(run, place, json(record));
      }
    }
  }

  private void count(int index, String place) {
    total = total.plus(truth.get(index));
    byMark.put(place, byMark.getOrDefault(place, Group.NONE).plus(truth.get(index)));
  }

  private static JsonNode json(LedgerRecord record) {
    try {
      return JSON.readTree(record.json().toString());
    } catch (JsonProcessingException e) {
      throw new AssertionError(record.json().toString(), e);
    }
  }

  private void mark(int run, String place, JsonNode mark) {
    marks++;
    Group told = new Group(mark.get("events").asLong(), IdSum.parse(mark.get("digest").asText()));
    Group found = byMark.getOrDefault(place, Group.NONE);
    boolean firstOfRun = firstMarksRuns.add(run);
    boolean exact = kafka.exactlyOnce() || !firstOfRun;
    if (exact ? !told.equals(found) : told.events < found.events) {
      trace.violation("mark %s tells of %s, Kafka has %s", place, told, found);
    }
    long number = mark.get("mark").asLong();
    boolean begins = mark.get("total_events").asLong() == told.events && number == 1;
    if (kafka.exactlyOnce() || run == lastRun) {
      if (!series.isEmpty() && !series.equals(mark.get("series").asText()) && marked.events > 0) {
        trace.violation("another series begins with mark %s", place);
      }
      if (number != lastMark + 1 && !begins) {
        trace.violation("mark %d follows mark %d", number, lastMark);
      }
    }
    series = mark.get("series").asText();
    lastMark = number;
    lastRun = run;
    marked =
        new Group(
            mark.get("total_events").asLong(), IdSum.parse(mark.get("total_digest").asText()));
    if (kafka.exactlyOnce() && !marked.equals(total)) {
      trace.violation("mark %s tells of %s altogether, Kafka has %s", place, marked, total);
    }
    whole(mark);
  }

  /** Whether Kafka has everything that is older. */
  private void whole(JsonNode mark) {
    if (mark.get("whole_up_to").isNull()
        || kafka.clockWasOff
        || mark.get("missing").asLong() > 0
        || mark.get("unaccounted").asLong() > 0) {
      return;
    }
    long upTo = Micros.parse(mark.get("whole_up_to").asText());
    for (StoredEvent event : truth) {
      boolean isThere = kafka.has(event.index) || takenAlong.contains(event.index);
      if (event.micros() < upTo && !isThere) {
        trace.violation(
            "a mark tells that all before %d is there, event %d (%d) is not",
            upTo, event.index, event.micros());
        return;
      }
    }
  }

  /** Whether the last mark covers everything. */
  void checkEnd() {
    if (marks == 0) {
      trace.violation("no mark at all");
    } else if (!lastMarkTellsAll()) {
      trace.violation("the last mark tells of %s, Kafka has %s", marked, total);
    }
  }

  /** Whether nothing has come behind the last mark. */
  boolean lastMarkTellsAll() {
    return !kafka.exactlyOnce() || marked.equals(total);
  }
}
