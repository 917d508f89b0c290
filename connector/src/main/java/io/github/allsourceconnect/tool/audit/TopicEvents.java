package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The events of a topic that the source writes, as fingerprints. One thread. */
final class TopicEvents {
  private static final String WAL_OFFSET = "allsource.wal_offset";
  private static final String OWN_TYPES = "allsource.ledger.";
  private static final long NONE = Long.MAX_VALUE;

  private final Target target;
  private final TopicScope scope;
  private final RecordReader reader;
  private final Prints prints;
  private long[] firstMicros = {};
  private long noEvents;
  private long own;

  TopicEvents(Target target, TopicScope scope, Prints prints) {
    this.target = target;
    this.scope = scope;
    this.prints = prints;
    reader = RecordReader.ofSource(target.settings(), target.writesStructures());
  }

  /**
   * Reads from the topic's beginning.
   *
   * @param ends up to these offsets
   * @param to gets them
   * @throws Unjudgeable if no record at all is an event whose id is told
   */
  void read(long[] ends, Layout.Sort to, Progress progress) throws Exception {
    firstMicros = new long[ends.length];
    Arrays.fill(firstMicros, NONE);
    TopicRecords.read(
        target.brokers(),
        scope.partitions(),
        scope.begin(),
        ends,
        progress,
        (partition, record) -> {
          WalEntry entry = reader.entry(record);
          if (entry == null) {
            noEvents++;
          } else {
            int fate = fate(record, entry);
            if (fate == Fingerprint.OWN) {
              own++;
            } else if (firstMicros[partition] == NONE) {
              firstMicros[partition] = entry.event().micros();
            }
            to.add(prints.of(entry, partition, record.offset(), walOffset(record), fate));
          }
        });
    if (noEvents > 0 && to.count() == own) {
      throw new Unjudgeable(
          reader.firstTrouble()
              + ". Nor does any other record tell an event and its id: with value.format=payload"
              + " the id is in a header, which a transformation or header.converter may have"
              + " removed; if another converter than Connect's own wrote them, name it"
              + " (--connector, or --set value.converter=...)");
    }
  }

  /** Whoever writes events may give them the connector's own types; then the store has them. */
  private static int fate(ConsumerRecord<byte[], byte[]> record, WalEntry entry) {
    if (entry.event().eventType().startsWith(OWN_TYPES)) {
      return Fingerprint.OWN;
    }
    return Repair.hasBrought(record) ? Fingerprint.REPAIRED : Fingerprint.EXPECTED;
  }

  private static long walOffset(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader(WAL_OFFSET);
    if (header == null || header.value() == null) {
      return 0;
    }
    ByteBuffer bytes = ByteBuffer.wrap(header.value());
    String text = StandardCharsets.ISO_8859_1.decode(bytes).toString();
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /** How many records are no events, or tell no id. */
  long noEvents() {
    return noEvents;
  }

  /**
   * The time of a partition's first event.
   *
   * @param otherwise if it has none
   */
  long firstMicros(int partition, long otherwise) {
    return firstMicros[partition] == NONE ? otherwise : firstMicros[partition];
  }

  RecordReader reader() {
    return reader;
  }
}
