package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
  private static final String ID = "d58dfd4f-d993-47e1-97aa-5016afe0b490";

  @Test
  void agreesWithTheJdkOnAnyTime() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("TimestampsTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int[] units = {1, 1000, 1_000_000, 1_000_000_000};
    for (int i = 0; i < 50_000; i++) {
      long seconds =
          random.nextLong(Timestamps.MIN_MICROS / 1_000_000, Timestamps.MAX_MICROS / 1_000_000 + 1);
      int nanos = random.nextInt(1_000_000_000);
      nanos -= nanos % units[random.nextInt(4)];
      Instant instant = Instant.ofEpochSecond(seconds, nanos);
      String text = instant.toString();
      assertEquals(text, Timestamps.of(seconds, nanos));
      assertTrue(Timestamps.isCanonical(text), text);
      long micros = seconds * 1_000_000 + nanos / 1000;
      assertEquals(micros, Timestamps.micros(text), text);
      assertEquals(instant.truncatedTo(ChronoUnit.MICROS).toString(), Timestamps.ofMicros(micros));
      if (nanos == 0) {
        assertEquals(micros, Timestamps.micros(text.replace("Z", ".00Z")));
      }
    }
  }

  @Test
  void theEndsOfTheRange() {
    assertEquals("0000-01-01T00:00:00Z", Timestamps.ofMicros(Timestamps.MIN_MICROS));
    assertEquals("9999-12-31T23:59:59.999999Z", Timestamps.ofMicros(Timestamps.MAX_MICROS));
    assertEquals(Timestamps.MIN_MICROS, Timestamps.micros("0000-01-01T00:00:00Z"));
    assertEquals(Timestamps.MAX_MICROS, Timestamps.micros("9999-12-31T23:59:59.999999999Z"));
    assertEquals(-1, Timestamps.micros("1969-12-31T23:59:59.999999999Z"));
    for (long micros :
        new long[] {
          Timestamps.MIN_MICROS - 1, Timestamps.MAX_MICROS + 1, Long.MIN_VALUE, Long.MAX_VALUE
        }) {
      assertThrows(IllegalArgumentException.class, () -> Timestamps.ofMicros(micros));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-02T03:04:05.120000Z",
        "2026-01-02T03:04:05.0Z",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05.12Z",
        "2026-01-02t03:04:05z",
        "2026-01-02 03:04:05Z"
      })
  void validButNotTheFewestDigits(String text) {
    assertTrue(Timestamps.isValid(text));
    assertFalse(Timestamps.isCanonical(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.1234567890Z",
        "2026-01-02T03:04:05,1Z",
        "2026-13-02T03:04:05Z",
        "2026-00-02T03:04:05Z",
        "2026-04-31T03:04:05Z",
        "2100-02-29T03:04:05Z",
        "2026-01-02T24:04:05Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:61Z",
        "2026-01-02T03:04:0xZ",
        "-026-01-02T03:04:05Z",
        "2026-1-02T03:04:05.1Z",
        "２026-01-02T03:04:05Z"
      })
  void notATimestamp(String text) {
    assertFalse(Timestamps.isValid(text));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Timestamps.micros(text));
    assertTrue(text.length() < 2 || !e.getMessage().contains(text), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "7, 2026-01-02T03:04:05Z, 72026-01-02 03:04:05 UTC",
    "7, 2026-01-02T03:04:05.000Z, 72026-01-02 03:04:05 UTC",
    "12, 2026-01-02T03:04:05.1Z, 122026-01-02 03:04:05.100 UTC",
    "12, 2026-01-02T03:04:05.120000Z, 122026-01-02 03:04:05.120 UTC",
    "12, 2026-01-02T03:04:05.000100Z, 122026-01-02 03:04:05.000100 UTC",
    "9223372036854775807, 2026-01-02T03:04:05.12345678Z, 92233720368547758072026-01-02 03:04:05.123456780 UTC",
    "0, 2026-01-02T03:04:05.123456789Z, 02026-01-02 03:04:05.123456789 UTC"
  })
  void theChecksumCoversTheFewestDigits(long sequence, String walTimestamp, String covered) {
    CRC32 crc = new CRC32();
    crc.update((covered + ID).getBytes(UTF_8));
    assertEquals(crc.getValue(), WalChecksum.compute(sequence, walTimestamp, ID));
    assertEquals(
        crc.getValue(), WalChecksum.compute(sequence, walTimestamp, ID.toUpperCase(Locale.ROOT)));
  }

  @Test
  void aWrongChecksumSaysWhichEntry() throws Exception {
    WalEntry good = Events.entry(77, "{\"k\":\"s3cr3t\"}");
    WalChecksum.verify(good, 5);
    WalEntry bad = new WalEntry(78, good.walTimestamp(), good.event(), good.checksum(), null, null);
    assertFalse(WalChecksum.matches(bad));
    ProtocolException e = assertThrows(ProtocolException.class, () -> WalChecksum.verify(bad, 5));
    assertEquals(ProtocolException.Kind.CHECKSUM, e.kind());
    assertEquals(78, e.walOffset());
    assertEquals(5, e.lineNumber());
    assertTrue(e.getMessage().contains("78") && e.getMessage().contains(good.event().id()));
    assertFalse(e.getMessage().contains("s3cr3t"));
  }

  @Test
  void eventIdsAsHalves() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1000; i++) {
      UUID uuid = new UUID(random.nextLong(), random.nextLong());
      String text = uuid.toString();
      assertTrue(EventIds.isValid(text));
      assertEquals(uuid.getMostSignificantBits(), EventIds.high(text), text);
      assertEquals(uuid.getLeastSignificantBits(), EventIds.low(text), text);
      assertEquals(
          text, EventIds.text(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits()));
    }
    assertEquals(
        "2026-01-02 03:04",
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(Instant.ofEpochSecond(Events.BASE_MICROS / 1_000_000)));
  }
}
