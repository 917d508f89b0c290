package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.RefusalSettings;
import io.github.allsourceconnect.config.RefusalSettings.Policy;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.record.Refusal.Reason;
import java.util.Map;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of events that get no record: a policy decides; each is counted. One thread. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long LOG_NANOS = 10_000_000_000L;

  private final RefusalSettings settings;
  private final String deadLetterTopic;
  private long toDeadLetters;
  private long skipped;
  private long loggedAt = System.nanoTime() - LOG_NANOS;

  Refusals(RefusalSettings settings, String deadLetterTopic) {
    this.settings = settings;
    this.deadLetterTopic = deadLetterTopic;
  }

  /** The note that takes the record's place. */
  record Note(Event event, long walOffset, Refusal refusal) {}

  /**
   * @param walOffset 0 if it is not known
   * @return the note to be produced, or null if nothing is
   * @throws RefusedEventException if the task is to fail
   */
  Note refused(Event event, long walOffset, Refusal refusal) {
    Policy policy = policy(refusal);
    String what =
        "Event "
            + event.id()
            + (walOffset > 0 ? " (WAL offset " + walOffset + ")" : "")
            + " can't be produced: its "
            + refusal.field()
            + " "
            + refusal.why();
    if (policy == Policy.FAIL) {
      throw new RefusedEventException(
          what
              + ". The position stays before it. To go on without it set "
              + key(refusal)
              + (isOfName(refusal) ? "=dlq with dlq.topic" : "=skip, or dlq with dlq.topic")
              + ", or change the setting that it offends.");
    }
    if (policy == Policy.DLQ) {
      toDeadLetters++;
    } else {
      skipped++;
    }
    long now = System.nanoTime();
    if (now - loggedAt >= LOG_NANOS) {
      loggedAt = now;
      LOG.error(
          "{}. {} ({} since the start, {} of them noted in the dead-letter topic)",
          what,
          policy == Policy.DLQ ? "A note goes to " + deadLetterTopic : "It is skipped",
          toDeadLetters + skipped,
          toDeadLetters);
    }
    return policy == Policy.DLQ ? new Note(event, walOffset, refusal) : null;
  }

  private static boolean isOfName(Refusal refusal) {
    return refusal.reason() == Reason.TOPIC_NAME;
  }

  /** What becomes of an event that is so refused. */
  Policy policy(Refusal refusal) {
    return isOfName(refusal) ? settings.topicInvalid() : settings.refused();
  }

  /** The setting that says so. */
  static String key(Refusal refusal) {
    return isOfName(refusal)
        ? RefusalSettings.TOPIC_INVALID_POLICY
        : RefusalSettings.RECORD_REFUSED_POLICY;
  }

  /** The note as a record: everything about the event but what is in it. */
  SourceRecord record(
      Note note, RecordMapper mapper, Map<String, ?> partition, Map<String, ?> offset) {
    ConnectHeaders headers = new ConnectHeaders();
    headers.addString("allsource.error", note.refusal.field() + " " + note.refusal.why());
    headers.addString("allsource.error_kind", note.refusal.reason().name());
    headers.addString("allsource.error_field", note.refusal.field());
    headers.addString("allsource.event_id", note.event.id());
    if (note.walOffset > 0) {
      headers.addLong("allsource.wal_offset", note.walOffset);
    }
    return mapper.deadLetter(
        "Event " + note.event.id() + " was refused; its payload is at the leader only",
        // its entity's name may be what is too large
        note.event.id(),
        System.currentTimeMillis(),
        headers,
        deadLetterTopic,
        partition,
        offset);
  }
}
