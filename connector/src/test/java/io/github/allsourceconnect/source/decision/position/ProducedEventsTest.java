package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What is stored and loaded again says the truth of a plain model: whatever it takes for produced
 * has been, and where it is exact, all that has been produced is told, too.
 */
class ProducedEventsTest {
  private static final int KNOWN_MAX = 4096;
  private static final long HOUR = 3_600_000_000L;

  private static Event event(long id, long micros) {
    return new Event(
        "event", id * 0x9E3779B97F4A7C15L, ~id, "t", "e", null, JsonText.NULL, "", micros, null, 1);
  }

  /** A store, the events produced, and what each transaction stored. */
  private static final class Model {
    final SplittableRandom random;
    final boolean together;
    final Map<Integer, SourcePosition> stored = new HashMap<>();
    final List<Event> produced = new ArrayList<>();
    final List<Event> committed = new ArrayList<>();
    final List<SourcePosition> sent = new ArrayList<>();
    Chunks.Limits limits = new Chunks.Limits(8, 256, 2_000, 2_400, 3_300);

    /** How many of a hundred records are dropped on their way. */
    int dropped;

    /** Whether the records from here on are. */
    boolean drops;

    final Set<Long> gone = new HashSet<>();
    int longest;
    ProducedEvents events;
    Lateness lateness;
    long number;
    long now;
    long clock;
    long nextId;

    Model(SplittableRandom random, boolean together) {
      this.random = random;
      this.together = together;
      restart();
    }

    void restart() {
      SourcePosition position = SourcePosition.of(stored);
      produced.clear();
      produced.addAll(committed);
      sent.clear();
      number = position.number();
      lateness = new Lateness(position.latenessMicros(), position.displacement());
      events = new ProducedEvents(1 << 20, limits);
      events.load(position, lateness.allowedMicros());
      if (!together) {
        events.storedApart();
      }
    }

    void produce(long micros) {
      if (events.shouldWait()) {
        commit();
      }
      Event one = event(++nextId, micros);
      lateness.at(now);
      events.inOrder(one, lateness);
      events.add(one, null, lateness.allowedMicros(), Long.MAX_VALUE);
      produced.add(one);
      sent.add(take(random.nextInt(8) == 0));
      if (drops) {
        gone.add(number);
      }
    }

    private SourcePosition take(boolean last) {
      SourcePosition start = SourcePosition.START;
      return new SourcePosition(
          0,
          0,
          0,
          start.missing(),
          events.takePosition(++number, last),
          lateness.micros(),
          lateness.places(),
          true,
          "",
          number,
          start.losses(),
          false);
    }

    /**
     * A transaction is over: the positions of what got through are stored, and the task is told.
     */
    void commit() {
      Map<Integer, Long> numbers = new HashMap<>();
      int last = -1;
      for (int i = 0; i < sent.size(); i++) {
        SourcePosition one = sent.get(i);
        if (!gone.contains(one.number()) && random.nextInt(100) >= dropped) {
          last = i;
          stored.put(one.produced().slot(), one);
          numbers.put(one.produced().slot(), one.number());
        }
      }
      if (last >= 0) {
        committed.clear();
        committed.addAll(produced.subList(0, produced.size() - sent.size() + last + 1));
      }
      for (int slot : numbers.keySet()) {
        longest = Math.max(longest, text(stored.get(slot)));
      }
      sent.clear();
      if (together) {
        events.storedTogether();
        events.stored(new StoredOffsets(numbers, number));
      }
    }

    private static int text(SourcePosition one) {
      SourcePosition.Produced produced = one.produced();
      int length = ListedIds.joined(produced.ids()).text().length();
      for (StoredChunk chunk : produced.others()) {
        length += chunk.name().length() + 1;
      }
      return length + (produced.own() == null ? 0 : produced.own().ids().text().length());
    }

    /** What a task that starts now believes, against what was committed. */
    boolean check(String what, boolean exact) {
      SourcePosition position = SourcePosition.of(stored);
      ProducedEvents loaded = new ProducedEvents(1 << 20);
      loaded.load(position, 250_000);
      Set<Long> there = new HashSet<>();
      for (Event one : committed) {
        there.add(one.idLow());
        if (one.micros() >= loaded.knownWatermark()) {
          assertTrue(loaded.contains(one), what + ": forgotten " + one.micros());
        }
      }
      if (exact) {
        assertEquals(loaded.watermark(), loaded.knownWatermark(), what);
      }
      // one that was never produced is not taken for produced
      for (int i = 0; i < 20; i++) {
        Event other = event(-1 - i, loaded.watermark() + random.nextLong(1_000_000));
        assertFalse(loaded.contains(other), what);
      }
      return loaded.watermark() == loaded.knownWatermark();
    }

    long listed() {
      SourcePosition.Produced whole = SourcePosition.of(stored).produced();
      return whole.ids().stream().mapToInt(ListedIds::size).sum()
          + whole.chunks().stream().mapToInt(chunk -> chunk.ids().size()).sum();
    }
  }

  /** Next to the first event that is wanted, time does not tell which are. */
  @Test
  void aBeginningIsInexactUntilTheStreamIsPastIt() {
    Lateness lateness = new Lateness(0, 0);
    long allowed = lateness.allowedMicros();
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    events.startAmong(1_000, 5_000);
    assertEquals(1_000, events.watermark());
    assertTrue(events.isInexactFrom(1_000));
    assertTrue(events.isInexactFrom(5_000));
    assertFalse(events.isInexactFrom(5_001));
    assertTrue(events.isUnknown(event(1, 2_000)), "what comes live is wanted");

    // a task that begins with the position does not know more
    events.add(event(1, 2_000), null, allowed, Long.MAX_VALUE);
    assertFalse(positionOf(events).isInexact(), "what is produced is known");
    ProducedEvents loaded = new ProducedEvents(KNOWN_MAX);
    loaded.load(positionOf(events), allowed);
    assertTrue(loaded.isInexactFrom(loaded.watermark()));
    assertTrue(loaded.contains(event(1, 2_000)));
    assertEquals(5_000, positionOf(loaded).produced().mixedUpToMicros());

    long id = 1;
    for (long micros = 2_000; micros <= 4_000 + allowed; micros += 1_000) {
      events.add(event(++id, micros), null, allowed, Long.MAX_VALUE);
      assertTrue(events.isInexactFrom(events.watermark()));
    }
    events.add(event(++id, 5_002 + allowed), null, allowed, Long.MAX_VALUE);
    events.add(event(++id, 7_000 + allowed), null, allowed, Long.MAX_VALUE);
    assertFalse(events.isInexactFrom(events.watermark()));
    assertEquals(Long.MIN_VALUE, positionOf(events).produced().mixedUpToMicros());

    events.startAmong(1_000, 5_000);
    events.forgetAll();
    assertFalse(events.isInexactFrom(1_000));
  }

  private static SourcePosition positionOf(ProducedEvents events) {
    return SourcePosition.START.with(events.position());
  }

  /**
   * A transformation drops many records in a row, also a task's first and last ones. What decision
   * 15 leaves open, that all carriers of one chunk are dropped and those of the one before were
   * not, is met in one round of ten thousand.
   */
  @Test
  void whatIsDroppedInRowsMakesNothingInexact() {
    long seed = Long.getLong("seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    int inexact = 0;
    for (int round = 0; round < 200; round++) {
      boolean exact = true;
      String what = "seed " + seed + ", round " + round;
      Model model = new Model(random, true);
      model.limits = Chunks.Limits.OF_A_TASK;
      model.restart();
      model.clock = 1_700_000_000_000_000L;
      int batch = 20 + random.nextInt(480);
      for (int start = 0; start < 4; start++) {
        int inARow = 10 + random.nextInt(80);
        for (int i = 0; i < 900; i++) {
          model.clock += 1 + random.nextInt(150);
          model.now = model.clock / 1000;
          model.drops = i < inARow || i > 900 - inARow;
          model.produce(model.clock);
          if (random.nextInt(batch) == 0) {
            model.commit();
            exact &= model.check(what, false);
          }
        }
        model.commit();
        exact &= model.check(what, false);
        model.restart();
      }
      inexact += exact ? 0 : 1;
    }
    assertTrue(inexact <= 1, "seed " + seed + ": " + inexact + " rounds");
  }

  /**
   * Random streams with stragglers, clocks that are off, restarts that lose what is uncommitted.
   */
  @Test
  void whatIsStoredSaysTheTruth() {
    long seed = Long.getLong("seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      String what = "seed " + seed + ", round " + round;
      Model model = new Model(random, random.nextBoolean());
      int pace = 1 << random.nextInt(20);
      boolean clocks = random.nextBoolean();
      model.clock = 1_700_000_000_000_000L;
      for (int i = 0; i < 3_000; i++) {
        model.clock += random.nextInt(pace) + 1;
        model.now = model.clock / 1000;
        long micros = model.clock - (random.nextInt(4) == 0 ? random.nextInt(20_000) : 0);
        if (clocks && random.nextInt(200) == 0) {
          micros += random.nextBoolean() ? HOUR : -HOUR;
        }
        model.produce(micros);
        if (random.nextInt(40) == 0) {
          model.commit();
          model.check(what, false);
        }
        if (random.nextInt(400) == 0) {
          model.restart();
        }
      }
    }
  }

  /** The stream strays by less than is allowed: nothing is ever left open. */
  @Test
  void aStoreThatBehavesIsToldExactly() {
    long seed = Long.getLong("seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 30; round++) {
      String what = "seed " + seed + ", round " + round;
      Model model = new Model(random, true);
      int pace = 1 << (6 + random.nextInt(14));
      model.clock = 1_700_000_000_000_000L;
      for (int i = 0; i < 3_000; i++) {
        model.clock += random.nextInt(pace) + 1;
        model.now = model.clock / 1000;
        model.produce(model.clock - (random.nextInt(4) == 0 ? random.nextInt(10_000) : 0));
        if (random.nextInt(30) == 0) {
          model.commit();
          model.check(what, true);
          long late = model.clock - 240_000;
          assertTrue(SourcePosition.of(model.stored).produced().watermarkMicros() <= late, what);
        }
        if (random.nextInt(400) == 0) {
          model.restart();
        }
      }
    }
  }

  /** The list is full when there is word of what was handed on; then an event needs more bytes. */
  @Test
  void whatHasWaitedForWordHasRoom() {
    for (int pace = 1; pace <= 300; pace++) {
      Model model = new Model(new SplittableRandom(pace), true);
      model.limits = new Chunks.Limits(8, 24, 200, 480, 1_600);
      model.restart();
      model.events.storedTogether();
      model.clock = 1_700_000_000_000_000L;
      while (!model.events.shouldWait()) {
        model.clock += 1 + model.random.nextInt(pace);
        model.produce(model.clock);
      }
      model.commit();
      model.clock += HOUR;
      model.produce(model.clock);
      assertEquals(0, model.events.listsCut(), "pace " + pace);
    }
  }

  private static long afterAJump(boolean together, long jump, int events, int paceMicros) {
    Model model = new Model(new SplittableRandom(1), together);
    model.clock = 1_700_000_000_000_000L;
    long now = 0;
    for (int i = 0; i < 2_000; i++) {
      model.clock += paceMicros;
      now += paceMicros;
      model.now = now / 1000;
      model.produce(model.clock);
      if (i % 40 == 0) {
        model.commit();
      }
    }
    model.clock += jump;
    for (int i = 0; i < events; i++) {
      model.clock += paceMicros;
      now += paceMicros;
      model.now = now / 1000;
      model.produce(model.clock);
      if (i % 40 == 0) {
        model.commit();
        model.check("jump " + jump + ", event " + i, false);
      }
    }
    model.commit();
    SourcePosition position = SourcePosition.of(model.stored);
    // the watermark is where the clock is now, and the list no longer than before
    assertTrue(position.produced().watermarkMicros() <= model.clock - 250_000 + 1);
    assertTrue(position.produced().watermarkMicros() >= model.clock - 600_000);
    return model.listed();
  }

  /** All later events are an hour ahead, or an hour back: within a second all is as before. */
  @Test
  void aPermanentJumpIsFollowed() {
    for (boolean together : new boolean[] {false, true}) {
      for (long jump : new long[] {HOUR, -HOUR, 3_000_000, -3_000_000}) {
        long listed = afterAJump(together, jump, 400, 2_500);
        assertTrue(listed < 350, jump + ": " + listed);
      }
    }
  }

  /** One event an hour ahead is named until its time comes, and nothing else changes. */
  /** An event a second, or a burst a minute: each is further ahead than entries are late. */
  @Test
  void aStoreThatIsSeldomWrittenToIsToldExactly() {
    for (int burst : new int[] {1, 3, 40, 100}) {
      for (long pause : new long[] {300_000, 1_000_000, 60_000_000}) {
        Model model = new Model(new SplittableRandom(burst + pause), true);
        model.limits = Chunks.Limits.OF_A_TASK;
        model.restart();
        for (int written = 0; written < 2_000; written++) {
          model.clock += written % burst == 0 ? pause : 100;
          model.produce(model.clock);
        }
        String what = "bursts of " + burst + " every " + pause + " us";
        int listed = model.events.position().ids().stream().mapToInt(ListedIds::size).sum();
        assertTrue(listed <= 2 * burst + Front.AHEAD_MAX + 2, what + ": " + listed);
        assertEquals(0, model.events.listsCut(), what);
        assertEquals(model.events.watermark(), model.events.exactFrom(), what);
      }
    }
  }

  @Test
  void oneEventAheadIsNamed() {
    Model model = new Model(new SplittableRandom(1), true);
    model.clock = 1_700_000_000_000_000L;
    long ahead = 0;
    for (int i = 0; i < 4_000; i++) {
      model.clock += 2_500;
      model.now = model.clock / 1000;
      model.produce(i == 1_000 ? model.clock + HOUR : model.clock);
      if (i == 1_000) {
        ahead = model.nextId;
      }
      if (i % 40 == 39) {
        model.commit();
        model.check("event " + i, true);
        assertTrue(model.listed() < 400, model.listed() + " listed");
      }
      if (i > 1_040) {
        SourcePosition position = SourcePosition.of(model.stored);
        ProducedEvents loaded = new ProducedEvents(KNOWN_MAX);
        loaded.load(position, 250_000);
        assertTrue(
            loaded.contains(model.produced.get((int) ahead - 1)), "event " + i + ": not named");
      }
    }
  }

  /** The first event of all is an hour ahead, so that all others seem to be behind it. */
  @Test
  void aFirstEventWithAnotherClockIsNamed() {
    for (int events : new int[] {20, 33, 34, 200, 2_000}) {
      Model model = new Model(new SplittableRandom(1), true);
      model.clock = 1_700_000_000_000_000L;
      model.produce(model.clock + HOUR);
      for (int i = 0; i < events; i++) {
        model.clock += 2_500;
        model.now = model.clock / 1000;
        model.produce(model.clock);
      }
      model.commit();
      model.check("after " + events, true);
      ProducedEvents loaded = new ProducedEvents(KNOWN_MAX);
      loaded.load(SourcePosition.of(model.stored), 250_000);
      assertTrue(loaded.contains(model.produced.get(0)), "after " + events);
    }
  }

  /** The first events came live an hour ahead, all others are rows: they tell as entries would. */
  @Test
  void rowsTellThatAFirstEventHadAnotherClock() {
    long at = 1_700_000_000_000_000L;
    assertEquals(at + HOUR, frontBehindRows(at, 1, 32), "few may be late themselves");
    assertEquals(at + 32_000, frontBehindRows(at, 1, 33));
    assertEquals(at + 39_000, frontBehindRows(at, 32, 40));
    assertEquals(at + HOUR + 32, frontBehindRows(at, 33, 40), "the clock was there");
    assertEquals(at + 1_999_000, frontBehindRows(at, 1, 2_000));
  }

  /** So many came live an hour ahead, and behind them so many rows a millisecond apart. */
  private static long frontBehindRows(long at, int ahead, int rows) {
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    long id = 0;
    for (int i = 0; i < ahead; i++) {
      events.add(event(++id, at + HOUR + i), null, 250_000, Long.MAX_VALUE);
    }
    for (int i = 0; i < rows; i++) {
      Event row = event(++id, at + i * 1_000L);
      events.inRows(row, 250_000);
      events.add(row, null, 250_000, Long.MAX_VALUE);
    }
    return events.front();
  }

  /** A row that is not behind the front begins the count anew. */
  @Test
  void rowsThatAreLateOnceInAWhileTellNothing() {
    long at = 1_700_000_000_000_000L;
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    for (int i = 0; i < 200; i++) {
      Event row = event(i, i % 33 == 0 ? at + HOUR : at + i * 1_000L);
      events.inRows(row, 250_000);
      events.add(row, null, 250_000, Long.MAX_VALUE);
    }
    assertEquals(at + HOUR, events.front());
  }

  /** The list is too long while an event waits of which nothing says how old it is. */
  @Test
  void noEventThatWaitsIsOlderThanAPositionSays() {
    ProducedEvents events =
        new ProducedEvents(KNOWN_MAX, new Chunks.Limits(8, 256, 2_000, 2_400, 3_300));
    events.storedApart();
    for (long id = 1; events.listsCut() < 10; id++) {
      events.add(event(id, id), null, 250_000, Long.MIN_VALUE);
    }
    assertTrue(events.watermark() <= 1, "all is to be looked at: " + events.watermark());
    assertTrue(events.exactFrom() > 1, "and some of it may come twice");
  }

  /** Not the number of events, nor where they are, makes a stored position larger than 8 KB. */
  @Test
  void aPositionIsBounded() {
    long seed = Long.getLong("seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      Model model = new Model(random, random.nextBoolean());
      model.dropped = random.nextBoolean() ? 0 : random.nextInt(100);
      long micros = 0;
      int reach = 1 + random.nextInt(44);
      for (int i = 0; i < 4_000; i++) {
        micros += random.nextLong(1L << reach) - (random.nextInt(3) == 0 ? 1L << reach - 1 : 0);
        model.now += random.nextInt(3);
        model.produce(micros);
        if (random.nextInt(600) == 0) {
          model.commit();
        }
      }
      model.commit();
      assertTrue(model.longest < 8_000, "seed " + seed + ", round " + round + ": " + model.longest);
    }
  }

  /** A chunk that is gone, or is not what it was, makes the rest uncertain, not wrong. */
  @Test
  void aChunkThatIsGoneIsNoticed() {
    Model model = new Model(new SplittableRandom(1), true);
    model.clock = 1_700_000_000_000_000L;
    for (int i = 0; i < 3_000; i++) {
      model.clock += 500;
      model.produce(model.clock);
      if (i % 30 == 29) {
        model.commit();
      }
    }
    SourcePosition whole = SourcePosition.of(model.stored);
    assertTrue(whole.produced().others().size() > 3);
    assertFalse(whole.isInexact());
    for (StoredChunk named : whole.produced().others()) {
      Map<Integer, SourcePosition> without = new HashMap<>(model.stored);
      SourcePosition gone = without.remove(named.slot());
      SourcePosition rest = SourcePosition.of(without);
      assertTrue(rest.isInexact());
      assertEquals(whole.produced().watermarkMicros(), rest.produced().watermarkMicros());
      StoredChunk own = gone.produced().own();
      for (StoredChunk other :
          List.of(
              new StoredChunk(own.slot(), own.number() - 1, own.checksum(), own.ids()),
              new StoredChunk(own.slot(), own.number(), own.checksum() ^ 1, own.ids()))) {
        SourcePosition.Produced p = gone.produced();
        without.put(
            named.slot(),
            gone.with(
                new SourcePosition.Produced(
                    p.watermarkMicros(),
                    p.exactMicros(),
                    p.frontMicros(),
                    p.ids(),
                    other,
                    p.others())));
        assertTrue(SourcePosition.of(without).isInexact());
      }
    }
    model.stored.remove(SourcePosition.FIRST_SLOT);
    SourcePosition reset = SourcePosition.of(model.stored);
    assertEquals(SourcePosition.Produced.NOTHING, reset.produced());
    long highest = model.stored.values().stream().mapToLong(SourcePosition::number).max().orElse(0);
    assertEquals(highest, reset.number());
  }

  /** Whichever records a transformation drops, what is stored is whole, also at 4,000 a second. */
  @Test
  void whatIsDroppedIsNoReasonNotToKnow() {
    long seed = Long.getLong("seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    for (int dropped : new int[] {0, 1, 10, 30}) {
      Model model = new Model(random, true);
      model.dropped = dropped;
      model.clock = 1_700_000_000_000_000L;
      for (int i = 0; i < 20_000; i++) {
        model.clock += random.nextInt(500);
        model.now = model.clock / 1000;
        model.produce(model.clock);
        if (random.nextInt(400) == 0) {
          model.commit();
          model.check("seed " + seed + ", dropped " + dropped, true);
        }
        if (random.nextInt(4_000) == 0) {
          model.restart();
        }
      }
    }
  }

  @Test
  void theLookBackIsWidenedAsFarAsEventsAreKnown() {
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    assertEquals(Long.MIN_VALUE, events.lookBack(10_000_000));
    for (int i = 1; i <= 10_000; i++) {
      events.add(event(i, i * 1_000L), null, 250_000, Long.MAX_VALUE);
    }
    assertEquals(9_749_001, events.lookBack(0));
    assertEquals(9_000_000, events.lookBack(1_000_000));
    assertEquals(events.knownWatermark(), events.lookBack(10_000_000));
    assertTrue(events.knownWatermark() > 5_000_000);
  }

  /** Writers choose tenants, and a line may be long: not all of them are remembered. */
  @Test
  void namesOfTenantsTakeABoundedAmount() {
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    events.add(event(1, 10), "a", 0, Long.MAX_VALUE);
    events.add(event(2, 20), "b".repeat(5_000_000), 0, Long.MAX_VALUE);
    for (int i = 3; i < 200; i++) {
      events.add(event(i, 10 * i), i + "c".repeat(100_000), 0, Long.MAX_VALUE);
    }
    assertEquals("a", events.tenantOf(event(1, 10)));
    assertFalse(events.tenantOf(event(2, 20)) != null, "five million characters are remembered");
    long known =
        IntStream.range(3, 200).filter(i -> events.tenantOf(event(i, 10 * i)) != null).count();
    assertEquals(41, known);
  }

  @Test
  void anEventIsOnlyARowUntilItComesLive() {
    ProducedEvents events = new ProducedEvents(KNOWN_MAX);
    Event first = event(1, 10);
    Event second = event(2, 20);
    events.add(first, "a", 0, Long.MAX_VALUE);
    events.add(second, "b", 0, Long.MAX_VALUE);
    events.lastIsOnlyRow();
    assertFalse(events.isOnlyRow(first));
    assertTrue(events.isOnlyRow(second));
    assertEquals("b", events.tenantOf(second));
    assertNull(events.tenantOf(event(3, 20)));
    events.cameLive(second);
    assertFalse(events.isOnlyRow(second));
    events.forgetAll();
    assertFalse(events.contains(first));
    assertEquals(Long.MIN_VALUE, events.watermark());
    events.startAt(500);
    assertEquals(500, events.watermark());
    assertEquals(500, events.knownWatermark());
  }

  /** What is missing holds the watermark back, and each task produces some before it is killed. */
  @Test
  void aListDoesNotGrowFromTaskToTask() {
    SourcePosition position = StoredPositions.at(10, HOUR, "leader-1:3910");
    int longest = 0;
    for (int task = 0; task < 40; task++) {
      ProducedEvents events = new ProducedEvents(KNOWN_MAX);
      events.load(position, 250_000);
      events.storedApart();
      for (int i = 0; i < 500; i++) {
        long id = task * 1_000L + i;
        events.add(event(id, HOUR + 1_000 + id), null, 250_000, HOUR);
      }
      position = position.with(events.takePosition(task + 2, true)).with(task + 2);
      int listed = position.produced().ids().stream().mapToInt(ListedIds::size).sum();
      longest = task == 0 ? listed : longest;
      assertTrue(
          listed <= longest * 7 / 5, listed + " listed by task " + task + ", not " + longest);
    }
  }
}
