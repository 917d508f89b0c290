package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What a source's {@code producer.override.} settings take from its promises without a word:
 * Connect reports a record as written once the producer says so. Stateless.
 */
final class ProducerCheck {
  private static final String PREFIX = "producer.override.";
  private static final String ACKS = PREFIX + "acks";
  private static final String IN_FLIGHT = PREFIX + "max.in.flight.requests.per.connection";
  private static final String IDEMPOTENCE = PREFIX + "enable.idempotence";

  private ProducerCheck() {}

  /**
   * Looks at them.
   *
   * @param error told of a key, and what is wrong with it
   */
  static void check(Map<String, String> given, BiConsumer<String, String> error) {
    String acks = text(given, ACKS);
    if (!acks.isEmpty() && !acks.equals("all") && !acks.equals("-1")) {
      error.accept(
          ACKS,
          acks
              + " lets Kafka lose an event of which the leader was told that Kafka has it. Leave it"
              + " out: Connect's own is all");
    }
    String inFlight = text(given, IN_FLIGHT);
    if (!inFlight.isEmpty()
        && !inFlight.equals("1")
        && !text(given, IDEMPOTENCE).equalsIgnoreCase("true")) {
      error.accept(
          IN_FLIGHT,
          inFlight
              + " lets a later event of an entity overtake one that the producer sends again. Leave"
              + " it out: Connect's own is 1; or set "
              + IDEMPOTENCE
              + "=true, too");
    }
  }

  private static String text(Map<String, String> given, String key) {
    String value = given.get(key);
    return value == null ? "" : value.trim();
  }
}
