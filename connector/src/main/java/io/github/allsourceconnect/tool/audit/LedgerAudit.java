package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
  private long lastMarkMs;

  LedgerAudit(Options options, Target target, Path folder, Progress progress) {
    this.options = options;
    this.target = target;
    this.folder = folder;
    this.progress = progress;
  }

  LedgerFound run() throws Exception {
    String ledger = options.need(Option.LEDGER);
    long memory = options.memory();
    long patienceMs = options.number(Option.PATIENCE, 60, 0, 1 << 20) * 1000;
    // before a large topic is read for nothing
    marks(ledger).close();
    try (ExternalSort events = new ExternalSort(folder, "events", WIDTH, KEY, memory / 2)) {
      try (TopicScope scope =
          new TopicScope(
              target.brokers(), Option.TOPIC, name -> !name.equals(ledger) && target.has(name))) {
        readEvents(scope, events);
      }
      if (events.count() == 0) {
        throw new Unjudgeable(
            "no record of the topic tells its mark (header allsource.mark): either"
                + " record.headers=none is set, or ledger.topic was not when they were written");
      }
      try (TopicScope scope = marks(ledger)) {
        readMarks(scope);
        if (Arrays.stream(scope.begin()).allMatch(begin -> begin == 0)) {
          proof.marksFromTheBeginning();
        }
      }
      firstMarks.forEach(proof::from);
      hand(events.read());
    }
    boolean once = "required".equals(target.setting("exactly.once.support"));
    long now = System.currentTimeMillis();
    long due = now - patienceMs - target.config().ledger().intervalMs();
    long overdue = proof.uncovered(mark -> newest.get(mark) < due);
    return new LedgerFound(
        proof, proof.wrong(), unmarked, stray, overdue, once, lastMarkMs, lastMarkMs < due);
  }

  private TopicScope marks(String ledger) throws Unjudgeable {
    return new TopicScope(target.brokers(), Option.LEDGER, ledger::equals);
  }

  private void readEvents(TopicScope scope, ExternalSort events) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(WIDTH);
    boolean[] begun = new boolean[scope.partitions().size()];
    long[] begin = scope.begin();
    TopicRecords.read(
        target.brokers(),
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
    RecordReader reader = RecordReader.ofSource(target.settings(), target.writesStructures());
    ObjectMapper mapper = new ObjectMapper();
    TopicRecords.read(
        target.brokers(),
        scope.partitions(),
        scope.begin(),
        scope.committed(),
        progress,
        (partition, record) -> {
          WalEntry entry = reader.entry(record);
          if (entry != null && entry.event().eventType().equals("allsource.ledger.mark")) {
            mark(mapper, entry.event().payload());
            lastMarkMs = Math.max(lastMarkMs, record.timestamp());
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
      throw new Unjudgeable("a mark of the ledger topic is not JSON", e);
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
}
