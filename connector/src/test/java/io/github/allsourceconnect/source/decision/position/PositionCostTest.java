package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is stored of positions under exactly-once at a steady rate, beside the events: the benchmark
 * measures it, this reckons it.
 */
class PositionCostTest {
  /** A transaction each 100 ms, of which there is word 30 ms later. */
  private static final long LINGER_MICROS = 100_000;

  private static final long WORD_MICROS = 30_000;
  private static final long BEGIN_MICROS = 2_000_000;
  private static final long END_MICROS = 7_000_000;

  /** An event of 330 bytes as a record with all headers. */
  private static final long EVENT_BYTES = 555;

  /** Key, lengths, times and checksum of a stored offset; a transaction's markers. */
  private static final long RECORD_BYTES = 110;

  private static final long TRANSACTION_BYTES = 140;

  private final ProducedEvents events = new ProducedEvents(1 << 20);
  private final Map<Integer, SourcePosition> newest = new HashMap<>();
  private long number;
  private long stored;

  @ParameterizedTest
  @CsvSource({"400", "1500", "2500", "4000", "10000"})
  void offsetsTakeATenthOfTheEventsAtMost(int rate) {
    Lateness lateness = new Lateness(2_000, 3);
    SplittableRandom random = new SplittableRandom(rate);
    events.storedTogether();
    long word = Long.MAX_VALUE;
    StoredOffsets told = null;
    long produced = 0;
    long step = 1_000_000 / rate;
    for (long now = 0; now < END_MICROS; now += step) {
      if (now >= word) {
        word = Long.MAX_VALUE;
        events.stored(told);
      }
      Event one = event(random, now);
      lateness.at(now / 1000);
      events.inOrder(one, lateness);
      events.add(one, null, lateness.allowedMicros(), Long.MAX_VALUE);
      boolean last = (now + step) / LINGER_MICROS > now / LINGER_MICROS;
      SourcePosition position = position(events.takePosition(++number, last), lateness);
      newest.put(position.produced().slot(), position);
      produced += now >= BEGIN_MICROS ? 1 : 0;
      if (last) {
        told = commit(now >= BEGIN_MICROS);
        word = now + WORD_MICROS;
      }
    }
    double share = 100.0 * stored / (produced * EVENT_BYTES);
    assertTrue(share < 10.0, rate + " events/s: " + share + " %");
    assertEquals(events.watermark(), events.exactFrom(), "all that was produced is told");
  }

  private StoredOffsets commit(boolean counts) {
    Map<Integer, Long> numbers = new HashMap<>();
    newest.forEach((slot, position) -> numbers.put(slot, position.number()));
    if (counts) {
      stored += TRANSACTION_BYTES;
      newest.values().forEach(position -> stored += RECORD_BYTES + json(position));
    }
    newest.clear();
    return new StoredOffsets(numbers, number);
  }

  private static long json(SourcePosition position) {
    long length = 2;
    for (Map.Entry<String, Object> one : SourceOffsets.encode(position).entrySet()) {
      length += one.getKey().length() + 4 + one.getValue().toString().length();
      length += one.getValue() instanceof String ? 2 : 0;
    }
    return length;
  }

  private static Event event(SplittableRandom random, long micros) {
    long time = 1_767_323_045_000_000L + micros - random.nextInt(2_000);
    return new Event(
        "e",
        random.nextLong(),
        random.nextLong(),
        "t",
        "e",
        null,
        JsonText.NULL,
        "",
        time,
        null,
        1);
  }

  private SourcePosition position(SourcePosition.Produced produced, Lateness lateness) {
    return new SourcePosition(
        number,
        0,
        0,
        SourcePosition.Missing.NONE,
        produced,
        lateness.micros(),
        lateness.places(),
        true,
        "leader.example:3910",
        number,
        Losses.NONE,
        false);
  }
}
