package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A topic against the marks of its ledger topic. The topic is read first, so that each event of a
 * mark that is read then has been. What must be remembered of events is sorted on disk. One thread.
 */
final class LedgerAudit {
  private static final String MARK = "allsource.mark";
  private static final String EVENT_ID = "allsource.event_id";
  private static final int KEY = 2 * Long.BYTES + Integer.BYTES + Long.BYTES;
  private static final int WIDTH = KEY + Integer.BYTES + Long.BYTES;

  /**
   * What was found.
   *
   * @param proof what it was found by
   * @param wrong the marks that are wrong
   * @param unmarked records that tell no mark
   * @param stray those of them that stand behind one that does, and are of no repair
   * @param overdue events that no mark covers although they are older than the patience
   * @param once whether an event that is there twice is wrong
   */
  record Found(
      LedgerProof proof,
      List<LedgerProof.Wrong> wrong,
      long unmarked,
      long stray,
      long overdue,
      boolean once) {
    int status() {
      if (!wrong.isEmpty() || (once && proof.repeatedEvents() > 0)) {
        return 1;
      }
      return proof.covered() == 0 || stray > 0 || overdue > 0 ? 2 : 0;
    }

    /** The last line. */
    String verdict() {
      return switch (status()) {
        case 0 -> "WHOLE: the topic has what the marks cover, once";
        case 1 ->
            "WRONG: "
                + wrong.size()
                + " marks do not agree with the topic"
                + (once && proof.repeatedEvents() > 0
                    ? ", " + proof.repeatedEvents() + " records repeat an event"
                    : "");
        default ->
            proof.covered() == 0
                ? "NOT JUDGED: no mark covers an event"
                : "NOT JUDGED: what the marks cover is there, but there are "
                    + String.format(Locale.ROOT, "%,d", stray + overdue)
                    + " events more that no mark covers, although it should";
      };
    }
  }

  private final Options options;
  private final Target target;
  private final Path folder;
  private final Progress progress;
  private final List<String> series = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final LedgerProof proof = new LedgerProof();
  private final List<String> firstMarks = new ArrayList<>();

  /** Of each mark that events name, the time of the newest, milliseconds since 1970. */
  private final Map<String, Long> newest = new HashMap<>();

  private long unmarked;
  private long stray;

  LedgerAudit(Options options, Target target, Path folder, Progress progress) {
    this.options = options;
    this.target = target;
    this.folder = folder;
    this.progress = progress;
  }

  Found run() throws Exception {
    String ledger = options.need(Option.LEDGER);
    long memory = options.memory();
    long patienceMs = options.number(Option.PATIENCE, 60, 0, 1 << 20) * 1000;
    try (ExternalSort events = new ExternalSort(folder, "events", WIDTH, KEY, memory / 2)) {
      try (TopicScope scope =
          new TopicScope(target.kafka(), name -> !name.equals(ledger) && target.has(name))) {
        readEvents(scope, events);
      }
      if (events.count() == 0) {
        throw new Unjudgeable(
            "no record of the topic tells its mark (header allsource.mark): either"
                + " record.headers=none is set, or ledger.topic was not when they were written");
      }
      try (TopicScope scope = new TopicScope(target.kafka(), ledger::equals)) {
        readMarks(scope);
        if (Arrays.stream(scope.begin()).allMatch(begin -> begin == 0)) {
          proof.marksFromTheBeginning();
        }
      }
      firstMarks.forEach(proof::from);
      hand(events.read());
    }
    boolean once = "required".equals(target.setting("exactly.once.support"));
    long due = System.currentTimeMillis() - patienceMs - target.config().ledger().intervalMs();
    long overdue = proof.uncovered(mark -> newest.get(mark) < due);
    return new Found(proof, proof.wrong(), unmarked, stray, overdue, once);
  }

  private void readEvents(TopicScope scope, ExternalSort events) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(WIDTH);
    boolean[] begun = new boolean[scope.partitions().size()];
    long[] begin = scope.begin();
    TopicRecords.read(
        target.kafka(),
        scope.partitions(),
        begin,
        scope.committed(),
        progress,
        (partition, record) -> {
          String id = header(record, EVENT_ID);
          String mark = header(record, MARK);
          int slash = mark == null ? -1 : mark.lastIndexOf('/');
          if (id == null
              || !EventIds.isValid(id)
              || slash < 0
              || !mark.substring(slash + 1).matches("[0-9]{1,18}")) {
            unmarked++;
            stray += begun[partition] && !Repair.hasBrought(record) ? 1 : 0;
            return;
          }
          if (!begun[partition] && begin[partition] > 0) {
            firstMarks.add(mark);
          }
          begun[partition] = true;
          newest.merge(mark, record.timestamp(), Math::max);
          buffer.clear();
          buffer.putLong(EventIds.high(id)).putLong(EventIds.low(id));
          buffer.putInt(partition).putLong(record.offset());
          buffer.putInt(number(mark.substring(0, slash)));
          buffer.putLong(Long.parseLong(mark.substring(slash + 1)));
          events.add(buffer.array());
        });
  }

  private int number(String name) {
    return numbers.computeIfAbsent(
        name,
        first -> {
          series.add(first);
          return series.size() - 1;
        });
  }

  /** A header's text; JsonConverter's has quotes. */
  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? null
        : ISO_8859_1.decode(ByteBuffer.wrap(header.value())).toString().replace("\"", "");
  }

  private void readMarks(TopicScope scope) throws Exception {
    RecordReader reader = RecordReader.ofSource(target.settings());
    ObjectMapper mapper = new ObjectMapper();
    TopicRecords.read(
        target.kafka(),
        scope.partitions(),
        scope.begin(),
        scope.committed(),
        progress,
        (partition, record) -> {
          WalEntry entry = reader.entry(record);
          if (entry != null && entry.event().eventType().equals("allsource.ledger.mark")) {
            mark(mapper, entry.event().payload());
          }
        });
    if (proof.marks() == 0) {
      throw new Unjudgeable(
          "there is no mark in the ledger topic"
              + (reader.firstTrouble() == null ? "" : ": " + reader.firstTrouble()));
    }
  }

  private void mark(ObjectMapper mapper, JsonText json) throws Unjudgeable {
    try {
      JsonNode mark = mapper.readTree(new String(json.toBytes(), UTF_8));
      proof.mark(
          Printable.of(mark.path("series").asText()),
          mark.path("mark").asLong(),
          mark.path("events").asLong(),
          mark.path("digest").asText(),
          Printable.of(mark.path("at").asText()));
    } catch (JsonProcessingException e) {
      throw new Unjudgeable("a mark of the ledger topic is no JSON", e);
    }
  }

  /** Each event once, with the mark of its last record. */
  private void hand(Iterator<byte[]> events) {
    String id = null;
    String mark = null;
    long times = 0;
    while (events.hasNext()) {
      ByteBuffer one = ByteBuffer.wrap(events.next());
      String next = EventIds.text(one.getLong(), one.getLong());
      if (id != null && !next.equals(id)) {
        proof.event(id, mark, times);
        times = 0;
      }
      id = next;
      times++;
      one.position(KEY);
      mark = series.get(one.getInt()) + "/" + one.getLong();
    }
    if (id != null) {
      proof.event(id, mark, times);
    }
  }

  /** For people. */
  static String text(Found found) {
    StringBuilder out = new StringBuilder();
    LedgerProof proof = found.proof();
    line(out, "marks in the ledger", proof.marks());
    line(out, "events that they cover", proof.covered());
    line(out, "events in the topic", proof.events());
    line(out, "  not covered yet", proof.uncovered());
    line(out, "    and should be", found.overdue());
    line(out, "  there again", proof.repeatedEvents());
    line(out, "records without a mark", found.unmarked());
    line(out, "  behind some with one", found.stray());
    line(out, "marks that are wrong", found.wrong().size());
    for (LedgerProof.Wrong wrong : found.wrong()) {
      out.append(
          String.format(
              Locale.ROOT,
              "%n  %s%n    written %s%s%n",
              wrong.text(),
              wrong.after() == null ? "" : "after " + wrong.after() + ", ",
              "until " + wrong.at()));
    }
    return out.append('\n').append(found.verdict()).toString();
  }

  private static void line(StringBuilder out, String what, long events) {
    out.append(String.format(Locale.ROOT, "  %-28s %,15d%n", what, events));
  }

  /** For machines. */
  static String json(Found found) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("verdict", List.of("whole", "wrong", "not_judged").get(found.status()));
    root.put("marks", found.proof().marks());
    root.put("covered", found.proof().covered());
    root.put("events", found.proof().events());
    root.put("uncovered", found.proof().uncovered());
    root.put("repeated", found.proof().repeatedEvents());
    root.put("overdue", found.overdue());
    root.put("unmarked", found.unmarked());
    root.put("stray", found.stray());
    ArrayNode wrong = root.putArray("wrong");
    for (LedgerProof.Wrong one : found.wrong()) {
      wrong
          .addObject()
          .put("fault", one.fault().name().toLowerCase(Locale.ROOT))
          .put("series", one.series())
          .put("mark", one.mark())
          .put("to", one.to())
          .put("events", one.events())
          .put("there", one.there())
          .put("after", one.after())
          .put("at", one.at());
    }
    return root.toString();
  }
}
