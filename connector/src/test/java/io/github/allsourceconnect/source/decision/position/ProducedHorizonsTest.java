package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From which time on what is known of the events produced: the edges of what a position says. */
class ProducedHorizonsTest {
  private static final long ALLOWED = 1_000;
  private static final long NOT_BEHIND = Long.MAX_VALUE;
  private static final Chunks.Limits WIDE = new Chunks.Limits(64, 256, 2_000, 200_000, 300_000);

  private ProducedEvents produced = new ProducedEvents(4_096, WIDE);
  private long lastId;

  private static Event event(long id, long micros) {
    return new Event(
        "event", id * 0x9E3779B97F4A7C15L, ~id, "t", "e", null, JsonText.NULL, "", micros, null, 1);
  }

  private Event add(long micros) {
    Event event = event(++lastId, micros);
    produced.add(event, "tenant", ALLOWED, NOT_BEHIND);
    return event;
  }

  private int listed() {
    return ListedIds.joined(produced.position().ids()).size();
  }

  /** A row's time and its entry's may be so far apart. */
  @Test
  void theNewestIsKnownAMicrosecondLaterToo() {
    produced.add(event(1, 1_000), "tenant", ALLOWED, NOT_BEHIND);
    assertTrue(produced.contains(event(1, 1_001)));
    assertFalse(produced.contains(event(1, 1_002)));
  }

  @Test
  void beforeTheFirstEventNothingIsKnown() {
    assertEquals(
        List.of(Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE),
        List.of(
            produced.watermark(),
            produced.exactFrom(),
            produced.knownWatermark(),
            produced.floor()));
    assertEquals(Long.MIN_VALUE, produced.newest());
    assertEquals(Long.MIN_VALUE, produced.front());
    assertFalse(produced.isUnknown(event(1, 5)), "it may have been produced");
    assertFalse(produced.isInexactFrom(Long.MIN_VALUE));
    SourcePosition.Produced none = produced.position();
    assertEquals(0, listed());
    assertEquals(
        SourcePosition.Produced.NOTHING,
        new SourcePosition.Produced(
            none.watermarkMicros(),
            none.exactMicros(),
            none.frontMicros(),
            List.of(),
            none.own(),
            none.others(),
            none.mixedUpToMicros()));
  }

  @Test
  void anEventLeavesTheListWhenItIsOlderThanEntriesAreLate() {
    add(10_000);
    add(10_500);
    add(11_000);
    assertEquals(3, listed(), "10,000 may still have one beside it");
    assertEquals(Long.MIN_VALUE + 1, produced.watermark(), "no older one is known");
    assertEquals(10_000, produced.floor());
    add(11_001);
    assertEquals(3, listed());
    assertEquals(10_001, produced.watermark());
    assertEquals(10_001, produced.exactFrom());
    assertEquals(10_001, produced.floor());
    assertEquals(11_001, produced.front());
    assertEquals(11_001, produced.newest());
    assertEquals(Long.MIN_VALUE + 1, produced.knownWatermark(), "all is in memory");
    assertEquals(0, produced.listsCut());
  }

  @Test
  void thePositionDoesNotGetPastWhatIsNotToBeBehindIt() {
    add(10_000);
    for (long micros = 10_500; micros <= 20_000; micros += 500) {
      produced.add(event(++lastId, micros), null, ALLOWED, 10_250);
    }
    assertEquals(10_001, produced.watermark(), "the next one listed is 10,500");
    assertEquals(20, listed());
    assertEquals(19_000, produced.floor(), "by the clock alone it would");
    add(20_001);
    assertEquals(19_001, produced.watermark());
  }

  @Test
  void whatIsWantedBeginsAtATime() {
    produced.startAt(5_000);
    assertEquals(5_000, produced.watermark());
    assertEquals(5_000, produced.exactFrom());
    assertEquals(5_000, produced.knownWatermark());
    assertEquals(5_000, produced.newest());
    assertFalse(produced.isInexactFrom(5_000));
    assertTrue(produced.isInexactFrom(4_999));
    assertFalse(produced.isUnknown(event(1, 5_000)), "its row may be a microsecond off");
    assertTrue(produced.isUnknown(event(1, 5_001)));
    Event one = add(5_001);
    assertFalse(produced.isUnknown(one));
  }

  @Test
  void aBeginningIsMixedUpToATime() {
    produced.startAmong(5_000, 7_000);
    assertTrue(produced.isInexactFrom(7_000));
    assertFalse(produced.isInexactFrom(7_001));
    assertEquals(7_000, produced.position().mixedUpToMicros());
    for (long micros = 5_500; micros <= 8_000; micros += 500) {
      add(micros);
    }
    assertEquals(6_501, produced.watermark());
    assertEquals(7_000, produced.position().mixedUpToMicros());
    add(8_001);
    assertEquals(7_001, produced.watermark());
    assertEquals(Long.MIN_VALUE, produced.position().mixedUpToMicros(), "it is past it");
  }

  /** Something may be produced twice then; nothing is passed over. */
  @Test
  void aListThatIsFullIsCutAndThatIsCounted() {
    produced = new ProducedEvents(4_096, new Chunks.Limits(64, 256, 2_000, 50, 70));
    for (int i = 0; i < 8; i++) {
      add(10_000 + i);
    }
    assertEquals(0, produced.listsCut());
    assertEquals(8, listed());
    add(10_008);
    add(10_009);
    add(10_010);
    long cut = produced.listsCut();
    assertEquals(11, cut + listed());
    assertTrue(cut >= 1 && cut <= 3, cut + " cut");
    assertEquals(10_000 + cut, produced.exactFrom(), "from here on exactly the listed");
    assertEquals(10_010 - ALLOWED, produced.watermark(), "and all is produced before here");
    SourcePosition.Produced position = produced.position();
    assertTrue(position.exactMicros() > position.watermarkMicros());
  }

  @Test
  void halfOfWhatIsKnownIsListedAtMost() {
    for (int i = 0; i < 2_048; i++) {
      add(10_000);
    }
    assertEquals(0, produced.listsCut());
    add(10_000);
    assertEquals(1, produced.listsCut());
    assertEquals(2_048, listed());
  }

  @Test
  void whatIsForgottenInMemoryIsNotKnownAnyMore() {
    for (int i = 0; i < 4_096; i++) {
      add(10_000 + i);
    }
    assertEquals(Long.MIN_VALUE + 1, produced.knownWatermark());
    add(20_000);
    assertEquals(10_001, produced.knownWatermark());
    assertTrue(produced.isInexactFrom(10_000));
    assertFalse(produced.isInexactFrom(10_001));
  }

  /** A list with one far ahead at its head would never get shorter. */
  @Test
  void oneFarAheadGoesToTheEndOfALongList() {
    add(10_000);
    Event ahead = add(900_000);
    for (int i = 1; i <= 200; i++) {
      add(10_000 + 20 * i);
    }
    assertEquals(900_000, produced.newest());
    assertEquals(14_000, produced.front());
    assertTrue(produced.contains(ahead));
    assertEquals(52, listed(), "13,000 to 14,000, and the one ahead");
    assertEquals(13_000 - 20 + 1, produced.watermark());
    assertEquals(0, produced.listsCut());
  }

  @Test
  void afterAllIsForgottenItBeginsAnew() {
    produced.startAmong(5_000, 7_000);
    add(6_000);
    produced.forgetAll();
    beforeTheFirstEventNothingIsKnown();
    assertFalse(produced.contains(event(1, 6_000)));
    add(100);
    assertEquals(Long.MIN_VALUE + 1, produced.knownWatermark());
    assertEquals(100, produced.front());
    assertEquals(100, produced.newest());
    assertEquals(100 - ALLOWED, produced.floor());
    assertEquals(1, listed());
  }

  // ---- clocks

  /** Those that a position lists far ahead of its front count on: one more, and the clock jumps. */
  @Test
  void thoseFarAheadThatAPositionListsAreNotForgotten() {
    int ahead = Front.AHEAD_MAX;
    ListedEvents events = new ListedEvents();
    for (int i = 0; i < ahead; i++) {
      events.append(900_000 + i, EventHash.stored((long) i << 40));
    }
    ListedIds listed = ListedIds.of(List.of(events.stretch(0, ahead)));
    SourcePosition stored =
        StoredPositions.at(5, 10_000, "")
            .with(
                new SourcePosition.Produced(
                    10_000, 10_000, 11_000, List.of(listed), null, List.of()));
    produced.load(stored, ALLOWED);
    assertEquals(11_000, produced.front());
    assertEquals(900_000 + ahead - 1, produced.newest());
    assertEquals(ahead, listed());
    assertEquals(10_000, produced.watermark());
    assertEquals(10_000, produced.floor());
    add(900_000 + ahead);
    assertEquals(900_000 + ahead, produced.front());
  }

  /**
   * The first of a clock that has gone back are not late; what was listed can't be told by time.
   */
  @Test
  void aClockThatGoesBackFurtherThanTheListReachesIsCounted() {
    Lateness lateness = new Lateness(0, 0);
    long allowed = lateness.allowedMicros();
    long start = 10_000_000;
    for (int i = 0; i < 200; i++) {
      follow(lateness, start + i * 10_000L);
    }
    long before = produced.front();
    long ahead = before + 3_600_000_000L;
    follow(lateness, ahead);
    assertEquals(0, produced.clocksBack());
    for (int i = 0; i <= Front.BEHIND_MAX - 1; i++) {
      follow(lateness, 1_000_000 + i);
    }
    assertEquals(0, produced.clocksBack());
    assertEquals(before, produced.front());
    follow(lateness, 1_000_000 + Front.BEHIND_MAX);
    assertEquals(1, produced.clocksBack());
    assertEquals(1_000_000 + Front.BEHIND_MAX, produced.front());
    assertTrue(produced.watermark() <= 1_000_000 + Front.BEHIND_MAX - allowed);
    assertTrue(produced.exactFrom() > before - allowed, "of that time not all are listed");
    ListedIds listed = ListedIds.joined(produced.position().ids());
    assertEquals(ahead, listed.micros(listed.size() - 1), "and that one is far from it");
    assertEquals(0, lateness.micros());
  }

  private void follow(Lateness lateness, long micros) {
    Event event = event(++lastId, micros);
    produced.inOrder(event, lateness);
    produced.add(event, null, lateness.allowedMicros(), NOT_BEHIND);
  }

  @Test
  void aFirstEventOfAnotherClockIsNoClockThatWentBack() {
    Lateness lateness = new Lateness(0, 0);
    follow(lateness, 900_000_000);
    for (int i = 0; i <= Front.BEHIND_MAX; i++) {
      follow(lateness, 1_000_000 + i);
    }
    assertEquals(0, produced.clocksBack());
    assertEquals(1_000_000 + Front.BEHIND_MAX, produced.front());
    assertEquals(900_000_000, produced.newest());
  }

  /** How late an entry is, and how many places off: what the allowed lateness is made of. */
  @Test
  void howLateAnEntryIsIsMeasured() {
    Lateness lateness = new Lateness(0, 0);
    follow(lateness, 1_000_000);
    follow(lateness, 1_000_100);
    follow(lateness, 1_000_200);
    assertEquals(0, lateness.micros());
    follow(lateness, 1_000_050);
    assertEquals(150, lateness.micros());
    assertEquals(2, lateness.places());
    follow(lateness, 1_000_200);
    assertEquals(150, lateness.micros());
    long late = 1_000_200 - lateness.allowedMicros() - 1;
    follow(lateness, late);
    assertEquals(150, lateness.micros(), "further than allowed: what it is has to be seen");
    follow(lateness, 1_000_300);
    assertEquals(1_000_200 - late, lateness.micros(), "the stream goes on as before");
  }
}
