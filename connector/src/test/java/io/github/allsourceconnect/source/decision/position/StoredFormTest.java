package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Positions as they are stored: lists of events, chunks and their names, several of them together.
 */
class StoredFormTest {
  private static final String LEADER = "leader-1:3910";

  private static ListedEvents events(long... micros) {
    ListedEvents events = new ListedEvents();
    for (int i = 0; i < micros.length; i++) {
      events.append(micros[i], hash(i));
    }
    return events;
  }

  /** What a position keeps of it is all of it. */
  private static long hash(long number) {
    return EventHash.stored(number * 0x9E3779B97F4A7C15L);
  }

  private static ListedIds ids(long... micros) {
    return ListedIds.of(List.of(events(micros).stretch(0, micros.length)));
  }

  // ---- hashes

  /** They are stored: a build with others would produce everything twice after an upgrade. */
  @Test
  void theHashOfAnIdIsWhatEarlierBuildsStored() {
    assertEquals(0xE220A8397B1DCDAFL, mixedOnce(0));
    assertEquals(EventHash.of(0, 0), mixedTwice(0, 0));
    assertEquals(EventHash.of(1, 2), mixedTwice(1, 2));
    assertEquals(EventHash.of(-5, 1L << 40), mixedTwice(-5, 1L << 40));
    assertEquals(0xFFFFFFFFFFFF0000L, EventHash.stored(-1));
    assertEquals(0x123456789ABC0000L, EventHash.stored(0x123456789ABCDEF0L));
  }

  /** The first output of SplitMix64, whose mixing it is, for a seed. */
  private static long mixedOnce(long seed) {
    return new SplittableRandom(seed).nextLong();
  }

  private static long mixedTwice(long high, long low) {
    return mixedOnce((mixedOnce(high) ^ low) - 0x9E3779B97F4A7C15L);
  }

  // ---- lists

  /** Times in any order, far apart and close together, before and after 1970. */
  @Test
  void aListIsTextAndBackInOrderOfTime() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      String what = "seed " + seed + ", round " + round;
      int size = random.nextInt(700);
      long[] micros = new long[size];
      long at = random.nextInt(3) * 1_700_000_000_000_000L - 1_000;
      for (int i = 0; i < size; i++) {
        at += random.nextInt(20) == 0 ? random.nextLong(1L << 40) : random.nextInt(300) - 100;
        micros[i] = at;
      }
      ListedEvents events = events(micros);
      int from = size == 0 ? 0 : random.nextInt(size);
      int to = from + (size == 0 ? 0 : random.nextInt(size - from + 1));
      ListedIds listed = ListedIds.of(List.of(events.stretch(from, to)));
      List<List<Long>> expected = new ArrayList<>();
      for (int i = from; i < to; i++) {
        expected.add(List.of(micros[i], hash(i)));
      }
      expected.sort((a, b) -> Long.compare(a.get(0), b.get(0)));
      assertEquals(to - from, listed.size(), what);
      ListedIds read = ListedIds.parse(listed.text());
      assertEquals(listed, read, what);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i), List.of(read.micros(i), read.hash(i)), what);
      }
      assertTrue(
          listed.text().length() * 3L / 4 <= events.bytes(from, to) + 10,
          what + ": " + listed.text().length() + " characters, and " + events.bytes(from, to));
    }
  }

  /** Six bytes of the hash and seven bits of the time a byte. */
  @Test
  void theBytesOfAListAreKnownBeforeItIsWritten() {
    ListedEvents events = events(0, 0, 127, 0, 128, 128 + 16_383, 128 + 16_383 - 16_384);
    assertEquals(7, events.bytes(1, 2), "the same moment");
    assertEquals(7, events.bytes(2, 3), "127 microseconds");
    assertEquals(7, events.bytes(3, 4), "127 back");
    assertEquals(8, events.bytes(4, 5), "128");
    assertEquals(8, events.bytes(5, 6), "16,383");
    assertEquals(9, events.bytes(6, 7), "16,384 back");
    assertEquals(46, events.bytes(1, 7));
    assertEquals(53, events.bytes(0, 99), "no more than there are");
    assertEquals(0, events.bytes(3, 3));
    assertEquals(0, events.bytes(4, 3));
  }

  /** What has been forgotten at the beginning changes nothing of the rest. */
  @Test
  void aListIsForgottenFromItsBeginning() {
    long[] micros = new long[2_000];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = 1_000L * i;
    }
    ListedEvents events = events(micros);
    long bytes = events.bytes(700, 1_900);
    ListedIds before = ListedIds.of(List.of(events.stretch(700, 1_900)));
    for (long forgotten : new long[] {1, 255, 256, 512, 700}) {
      events.forgetBefore(forgotten);
      assertEquals(bytes, events.bytes(700, 1_900));
      assertEquals(before, ListedIds.of(List.of(events.stretch(700, 1_900))));
    }
    events.append(5_000_000, hash(2_000));
    ListedIds end = ListedIds.of(List.of(events.stretch(1_999, 2_001)));
    assertEquals(List.of(1_999_000L, 5_000_000L), List.of(end.micros(0), end.micros(1)));
    events.forgetBefore(2_001);
    events.append(5_000_001, hash(2_001));
    ListedIds last = ListedIds.of(List.of(events.stretch(2_001, 2_002)));
    assertEquals(5_000_001, last.micros(0));
    assertEquals(hash(2_001), last.hash(0));
  }

  @Test
  void severalListsAreOne() {
    ListedIds one = ids(5, 9);
    assertSame(one, ListedIds.joined(List.of(one)));
    ListedIds all = ListedIds.joined(List.of(one, ids(1, 7, 30), ListedIds.NONE));
    assertEquals(5, all.size());
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      times.add(all.micros(i));
    }
    assertEquals(List.of(1L, 5L, 7L, 9L, 30L), times);
    assertEquals(hash(1), all.hash(2), "7 is the second of its list");
  }

  @Test
  void listsAreEqualIfAllOfThemIs() {
    assertEquals(ids(1, 2), ids(1, 2));
    assertNotEquals(ids(1, 2), ids(1, 3));
    assertNotEquals(ids(1, 2), ids(1));
    long newest = 7;
    ListedIds timeless = ListedIds.ofHalves(new long[] {1, 2, 3, 4}, newest);
    assertEquals(2, timeless.size());
    assertEquals(EventHash.of(3, 4), timeless.hash(1));
    assertEquals(newest, timeless.micros(0));
    assertEquals(ListedIds.Kind.TIMELESS, timeless.kind());
    assertNotEquals(timeless, ListedIds.ofHalves(new long[] {1, 2, 3, 5}, newest));
    assertNotEquals(ListedIds.NONE, ListedIds.ofHalves(new long[0], newest), "another kind");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "gICAgICAgICAgIA", "gA", "AAAAAA"})
  void whatIsNoListIsSaidToBeNone(String text) {
    String why =
        switch (text) {
          case "?" -> "is not base64";
          case "AAAAAA" -> "ends within an id";
          default -> "ends within a time";
        };
    assertEquals(
        why,
        assertThrows(IllegalArgumentException.class, () -> ListedIds.parse(text)).getMessage());
  }

  // ---- chunks and their names

  @Test
  void aChunkIsNamedByItsSlotItsNumberAndItsContent() {
    StoredChunk chunk = StoredChunk.of(3, 1_042, ids(1, 2));
    StoredChunk named = StoredChunk.named(chunk.name());
    assertTrue(named.names(chunk), chunk.name());
    assertFalse(named.names(StoredChunk.of(4, 1_042, ids(1, 2))));
    assertFalse(named.names(StoredChunk.of(3, 1_043, ids(1, 2))));
    assertFalse(named.names(StoredChunk.of(3, 1_042, ids(1, 3))));
    StoredChunk unchecked = StoredChunk.named("3=1042");
    assertEquals("3=1042", unchecked.name());
    assertTrue(unchecked.names(StoredChunk.of(3, 1_042, ids(1, 3))));
    assertEquals(0, StoredChunk.named("0=1").slot());
    assertEquals(StoredChunk.SLOTS - 1, StoredChunk.named("63=1").slot());
  }

  @ParameterizedTest
  @ValueSource(strings = {"64=1", "-1=1", "=1", "3", "x=1", "3=y", "3=1:z", ""})
  void whatIsNoNameIsSaidToBeNone(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> StoredChunk.named(text)).getMessage();
    assertTrue(
        message.startsWith("is not a list of names") || message.startsWith("names slot "), message);
    assertEquals(text.equals("64=1") || text.equals("-1=1"), message.startsWith("names slot "));
  }

  // ---- several stored positions

  private static SourcePosition position(long number, SourcePosition.Produced produced) {
    return StoredPositions.at(number, 1_000, LEADER).with(produced).with(number);
  }

  private static SourcePosition.Produced produced(
      StoredChunk own, List<StoredChunk> others, long... listed) {
    return new SourcePosition.Produced(1_000, 1_000, 9_000, List.of(ids(listed)), own, others);
  }

  @Test
  void theStoredPositionWithTheHighestNumberCounts() {
    StoredChunk chunk = StoredChunk.of(2, 7, ids(1_001, 1_002));
    SourcePosition carrier = position(8, produced(chunk, List.of(), 1_003));
    SourcePosition first = position(9, produced(null, List.of(StoredChunk.named(chunk.name()))));
    SourcePosition read = SourcePosition.of(Map.of(0, first, 2, carrier));
    assertEquals(9, read.number());
    assertEquals(9, read.walOffset());
    assertEquals(List.of(chunk), read.produced().others());
    assertFalse(read.isInexact());

    SourcePosition newer = position(10, produced(chunk, List.of(), 1_003));
    read = SourcePosition.of(Map.of(0, first, 2, newer));
    assertEquals(10, read.walOffset());
    assertEquals(chunk, read.produced().own());
    assertFalse(read.isInexact());
  }

  /** Nothing may be passed over of which it is not known that it has been produced. */
  @Test
  void aChunkThatIsNotWhatItsNameSaysTellsNothing() {
    StoredChunk named = StoredChunk.of(2, 7, ids(1_001, 1_002));
    SourcePosition first = position(9, produced(null, List.of(StoredChunk.named(named.name()))));
    StoredChunk another = StoredChunk.of(2, 7, ids(1_001, 1_003));
    for (Map<Integer, SourcePosition> stored :
        List.of(
            Map.of(0, first),
            Map.of(0, first, 2, position(8, produced(another, List.of()))),
            Map.of(0, first, 2, position(8, produced(null, List.of()))))) {
      SourcePosition read = SourcePosition.of(stored);
      assertTrue(read.isInexact());
      assertEquals(9_001, read.produced().exactMicros(), "up to the front nothing is known");
      assertEquals(List.of(), read.produced().others());
    }
  }

  @Test
  void whatBuildsBeforeStoredInTheFirstSlotIsListed() {
    SourcePosition first = position(7, produced(null, List.of(), 1_001, 1_002));
    SourcePosition newest =
        position(9, produced(StoredChunk.of(2, 8, ids(1_003)), List.of(StoredChunk.named("0=7"))));
    SourcePosition read = SourcePosition.of(Map.of(0, first, 2, newest));
    assertFalse(read.isInexact());
    assertEquals(3, read.produced().ids().stream().mapToInt(ListedIds::size).sum() + 1);
    SourcePosition later = position(8, produced(null, List.of(), 1_001, 1_002));
    assertTrue(SourcePosition.of(Map.of(0, later, 2, newest)).isInexact(), "it is another one");
  }

  @Test
  void withoutTheFirstSlotThereIsNoneButNumbersGoOn() {
    SourcePosition carrier = position(8, produced(StoredChunk.of(2, 7, ids(1)), List.of()));
    SourcePosition read = SourcePosition.of(Map.of(2, carrier));
    assertEquals(SourcePosition.START.with(8), read);
    assertEquals(SourcePosition.START, SourcePosition.of(Map.of()));
  }

  @Test
  void whatWasSetFromOutsideCountsBeforeAllOthers() {
    SourcePosition set = altered(1, 1_000);
    SourcePosition carrier = position(8, produced(StoredChunk.of(2, 7, ids(1)), List.of()));
    SourcePosition read = SourcePosition.of(Map.of(0, set, 2, carrier));
    assertTrue(read.altered());
    assertEquals(1, read.walOffset());
    assertEquals(8, read.number(), "numbers go on");
  }

  private static SourcePosition altered(long number, long watermark) {
    SourcePosition one = StoredPositions.at(number, watermark, LEADER);
    return new SourcePosition(
        number,
        0,
        0,
        SourcePosition.Missing.NONE,
        one.produced(),
        5,
        6,
        true,
        LEADER,
        number,
        Losses.NONE,
        true);
  }

  @Test
  void aPositionIsSaidInWords() {
    assertEquals(
        "no position is stored; it begins with a first snapshot", SourcePosition.START.summary());
    SourcePosition at = StoredPositions.at(12, 1_000_000, LEADER);
    assertEquals(
        "goes on behind offset 12, looking for events since 1970-01-01T00:00:01Z", at.summary());
    assertEquals(
        "goes on behind offset 12, looking for events",
        StoredPositions.at(12, Long.MIN_VALUE + 1, LEADER).summary());
    assertEquals(
        "no position is stored; it begins with what comes now",
        at.with(SourcePosition.Produced.NOTHING).summary());
    assertEquals(
        "the position was set from outside; everything since 1970-01-01T00:00:01Z is produced"
            + " again",
        altered(1, 1_000_000).summary());
  }

  @Test
  void whatWasGivenUpIsSaidWithThePosition() {
    Losses.Loss loss = new Losses.Loss(LEADER, 3, 5, 2, 0, 0, Losses.Reason.CORRUPT);
    SourcePosition at = StoredPositions.at(12, 1_000_000, LEADER);
    SourcePosition with =
        new SourcePosition(
            12,
            0,
            0,
            SourcePosition.Missing.NONE,
            at.produced(),
            0,
            0,
            true,
            LEADER,
            1,
            new Losses(List.of(loss), 2, 0, 0),
            false);
    assertEquals(at.summary() + "; 2 events were given up before: " + loss, with.summary());
  }

  @Test
  void atTheBeginningNothingIsProducedAndAllElseIsKept() {
    SourcePosition begin = altered(4, 1_000).atTheBeginning();
    assertEquals(0, begin.walOffset());
    assertFalse(begin.snapshotDone());
    assertEquals(SourcePosition.Produced.NOTHING, begin.produced());
    assertEquals(5, begin.latenessMicros());
    assertEquals(6, begin.displacement());
    assertEquals(LEADER, begin.leader());
    assertEquals(4, begin.number());
  }

  @Test
  void aPositionIsInexactWhereMoreThanTheListMayHaveBeenProduced() {
    SourcePosition.Produced exact = produced(null, List.of());
    assertFalse(position(1, exact).isInexact());
    SourcePosition.Produced not =
        new SourcePosition.Produced(1_000, 1_001, 9_000, List.of(), null, List.of());
    assertTrue(position(1, not).isInexact());
  }
}
