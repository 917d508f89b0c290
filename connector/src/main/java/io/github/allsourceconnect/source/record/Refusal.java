package io.github.allsourceconnect.source.record;

/**
 * Why an event gets no record.
 *
 * @param reason what sort
 * @param field the event's field that is to blame
 * @param why a sentence without its subject, printable
 */
record Refusal(Reason reason, String field, String why) {
  /** What an event is refused for. */
  enum Reason {
    /** The name of its topic is none that it may have. */
    TOPIC_NAME,
    /** The record would be larger than Kafka takes. */
    TOO_LARGE,
    /** Its time lies further ahead than Kafka takes. */
    TIME
  }
}
