package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.ShapeSettings.PayloadFormat;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.EventRecords;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Produces what an audit found missing, as the connector would have, with a header that tells. What
 * has come since the topic was read is left out; that nothing is in doubt is waited for. One
 * thread.
 */
final class Repair {
  private static final String HEADER = "allsource.repaired";
  private static final String BY_AUDIT = "audit";

  /** As it is, or as JsonConverter writes it, with or without a schema. */
  private static final Pattern BROUGHT =
      Pattern.compile("audit|\"audit\"|\\{\"schema\":\\{.*},\"payload\":\"audit\"}");

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(90);
  private static final long ASK_MS = 200;
  private static final int SEEN_MAX = 2_000_000;

  private record Id(long high, long low) {}

  private final Target target;
  private final LeaderAudit audit;
  private final RepairWriter writer;
  private final Progress progress;
  private final EventRecords records;
  private final Set<Id> come = new HashSet<>();
  private final Set<String> topics = new HashSet<>();
  private long hadCome;
  private String unusable;
  private RecordConversion conversion;
  private Iterator<Fingerprint> missing;
  private Fingerprint next;

  Repair(Target target, LeaderAudit audit, RepairWriter writer, Progress progress) {
    this.target = target;
    this.audit = audit;
    this.writer = writer;
    this.progress = progress;
    records = new EventRecords(target.config(), System::currentTimeMillis);
  }

  /**
   * Whether it can be done at all.
   *
   * @throws Unjudgeable if not
   */
  static void check(Target target) throws Unjudgeable {
    if (!target.known()) {
      throw new Unjudgeable(
          "--repair needs the connector's settings, to produce as it would: --connector"
              + " http://HOST:8083/connectors/NAME");
    }
    String transforms = target.setting("transforms");
    if (transforms != null && !transforms.isBlank()) {
      throw new Unjudgeable(
          "--repair can't produce as the connector would, for it has transformations ("
              + transforms
              + ")");
    }
  }

  /** The name of the writer: whoever repairs the same topics fences who did so before. */
  static String writerName(Target target) {
    return "allsource_audit_" + target.config().connectorName();
  }

  /** Whether a record was brought by a repair. */
  static boolean hasBrought(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(HEADER);
    return header != null
        && header.value() != null
        && BROUGHT.matcher(new String(header.value(), UTF_8)).matches();
  }

  /**
   * What a repair has done.
   *
   * @param produced how many events it has brought
   * @param come how many of the others the topic had by then
   * @param unusable why the first one was not produced that can't be; null if all could
   */
  record Done(long produced, long come, String unusable) {
    /** For people. */
    String text(long missing) {
      long left = missing - produced - come;
      return String.format(Locale.ROOT, "REPAIRED: %,d events were produced", produced)
          + (come == 0 ? "" : String.format(Locale.ROOT, ", %,d had come meanwhile", come))
          + (left == 0 ? "" : String.format(Locale.ROOT, ", %,d are missing still", left))
          + (unusable == null ? "" : ", such as " + unusable);
    }

    /** The command's: what the repair has not mended counts. */
    int exitStatus(Tally tally) {
      if (tally.of(Kind.Weight.WRONG) > produced + come) {
        return Outcome.Verdict.WRONG.exitStatus;
      }
      return (tally.of(Kind.Weight.UNSURE) > 0 ? Outcome.Verdict.NOT_JUDGED : Outcome.Verdict.WHOLE)
          .exitStatus;
    }
  }

  /**
   * Produces.
   *
   * @throws Unjudgeable if Kafka does not take them
   */
  Done run() throws Exception {
    conversion = new RecordConversion(audit.reader().choice());
    lookForWhatHasCome();
    audit.scope().partitions().forEach(partition -> topics.add(partition.topic()));
    missing = audit.missing();
    next = missing.hasNext() ? missing.next() : null;
    Map<Id, Fingerprint> ofMoment = new HashMap<>();
    long[] moment = {Long.MIN_VALUE};
    // with what was produced before, as the connector's schemas have
    boolean schemasGrow = target.config().shape().format() == PayloadFormat.STRUCT;
    audit
        .store()
        .readInTimeOrder(
            schemasGrow ? Long.MIN_VALUE : audit.oldestMissing(),
            progress,
            row -> {
              if (row.event().micros() != moment[0]) {
                moment[0] = row.event().micros();
                collect(moment[0], ofMoment);
              }
              Id id = new Id(row.event().idHigh(), row.event().idLow());
              Fingerprint wanted = ofMoment.remove(id);
              if (wanted != null && come.contains(id)) {
                hadCome++;
              } else if (wanted != null) {
                produce(row, audit.tenantOf(wanted));
              } else if (schemasGrow) {
                learn(row);
              }
            });
    writer.commit();
    return new Done(writer.written(), hadCome, unusable);
  }

  private void collect(long micros, Map<Id, Fingerprint> to) {
    to.clear();
    while (next != null && next.micros() <= micros) {
      if (next.micros() == micros) {
        to.put(new Id(next.idHigh(), next.idLow()), next);
      }
      next = missing.hasNext() ? missing.next() : null;
    }
  }

  private void produce(SnapshotRow row, String tenant) throws Unjudgeable {
    EventRecords.Fate fate = records.of(row, tenant, false);
    if (!(fate instanceof EventRecords.Produced produced)) {
      unusable(row, fate instanceof EventRecords.Refused no ? "its " + no.why() : "it is left out");
      return;
    }
    SourceRecord record = produced.record();
    record.headers().remove(HEADER);
    record.headers().addString(HEADER, BY_AUDIT);
    if (!topics.contains(record.topic())) {
      throw new Unjudgeable(
          "the event "
              + row.event().id()
              + " is missing, and the connector would produce it to the topic "
              + record.topic()
              + ", which was not read, so it may be there: --topic does not name it, or it does not"
              + " exist (then create it as the connector's topics are). "
              + writer.committed()
              + "; the command can be run again");
    }
    ProducerRecord<byte[], byte[]> converted;
    try {
      converted = conversion.of(record);
    } catch (KafkaException e) {
      unusable(row, "a converter refuses it: " + Printable.message(e.getMessage()));
      return;
    }
    if (isReadable(converted, row)) {
      writer.write(converted);
    } else {
      unusable(row, "it could not be recognised in the topic, and would be produced again");
    }
  }

  private void unusable(SnapshotRow row, String why) {
    if (unusable == null) {
      unusable = row.event().id() + ": " + why;
    }
  }

  /** Whether the next audit finds it there. */
  private boolean isReadable(ProducerRecord<byte[], byte[]> record, SnapshotRow row)
      throws Unjudgeable {
    WalEntry entry =
        audit
            .reader()
            .entry(
                new ConsumerRecord<>(
                    record.topic(),
                    0,
                    0,
                    record.timestamp() == null ? 0 : record.timestamp(),
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    record.key(),
                    record.value(),
                    record.headers(),
                    Optional.empty()));
    return entry != null
        && entry.event().idHigh() == row.event().idHigh()
        && entry.event().idLow() == row.event().idLow();
  }

  /** As a repair of the connector makes it, whose schemas grow by it. */
  private void learn(SnapshotRow row) {
    if (records.of(row, null, false) instanceof EventRecords.Produced produced) {
      produced.record();
    }
  }

  /** Reads on to what is the topic's end now, when nothing before it is undecided any more. */
  private void lookForWhatHasCome() throws Exception {
    audit.scope().refresh();
    long[] begin = audit.scope().begin();
    long[] ends = audit.ends();
    long[] from = begin.clone();
    for (int i = 0; i < ends.length; i++) {
      from[i] = Math.max(ends[i], begin[i]);
    }
    long[] to = audit.scope().written();
    long deadline = System.nanoTime() + WAIT_NANOS;
    while (!reached(audit.scope().committed(), to)) {
      if (System.nanoTime() - deadline > 0) {
        throw new Unjudgeable(
            "a transaction in the topic has been open for more than a minute, so what it brings is"
                + " not known; nothing was produced. Try again later");
      }
      TimeUnit.MILLISECONDS.sleep(ASK_MS);
    }
    TopicRecords.read(
        target.brokers(),
        audit.scope().partitions(),
        from,
        to,
        progress,
        (partition, record) -> {
          WalEntry entry = audit.reader().entry(record);
          if (entry != null) {
            come.add(new Id(entry.event().idHigh(), entry.event().idLow()));
          }
          if (come.size() > SEEN_MAX) {
            throw new Unjudgeable(
                "too much has come into the topic meanwhile; nothing was produced. Try again when"
                    + " the connector has caught up");
          }
        });
  }

  private static boolean reached(long[] committed, long[] to) {
    for (int i = 0; i < to.length; i++) {
      if (committed[i] < to[i]) {
        return false;
      }
    }
    return true;
  }
}
