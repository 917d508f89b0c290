package io.github.allsourceconnect.tool.audit.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * What is planted in a generated topic is found, with the right count, and nothing else is. Each
 * case comes from a seed, which is shown when it fails.
 */
class PlantedDamageTest {
  private static final int CASES = 300;

  /** A generated store, and the findings that it must give. */
  private static final class Case {
    final GeneratedStore store;
    final Map<Kind, Long> planted = new EnumMap<>(Kind.class);

    Case(RandomGenerator random) {
      store = new GeneratedStore(random, 1 + random.nextInt(300), random.nextBoolean());
    }

    void expect(Kind kind, long events) {
      if (events > 0) {
        planted.merge(kind, events, Long::sum);
      }
    }

    int any() {
      return store.random.nextInt(store.records.size());
    }
  }

  private static Map<Kind, Long> found(Tally tally) {
    Map<Kind, Long> found = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      if (tally.of(kind).events() > 0 && kind != Kind.ROW_AGAIN) {
        found.put(kind, tally.of(kind).events());
      }
    }
    return found;
  }

  private static void cases(Consumer<Case> plant) {
    for (int seed = 1; seed <= CASES; seed++) {
      Case one = new Case(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
      plant.accept(one);
      assertEquals(one.planted, found(one.store.audit()), "seed " + seed);
    }
  }

  @Test
  void aWholeTopicIsWhole() {
    cases(one -> {});
  }

  @Test
  void aDroppedRecordIsMissing() {
    cases(
        one -> {
          List<Fingerprint> records = one.store.records;
          for (int i = 0; i < 5 && records.size() > 1; i++) {
            // the last one is the other kind's affair
            records.remove(one.store.random.nextInt(records.size() - 1));
            one.expect(Kind.MISSING, 1);
          }
        });
  }

  @Test
  void whatIsNewerThanAllOfTheTopicIsBehind() {
    cases(
        one -> {
          int left = one.store.random.nextInt(one.store.records.size() + 1);
          one.expect(Kind.BEHIND, one.store.records.size() - left);
          one.store.records.subList(left, one.store.records.size()).clear();
        });
  }

  @Test
  void aRecordThatIsThereAgainCounts() {
    cases(
        one -> {
          for (int i = 0; i < 3; i++) {
            int from = one.any();
            one.store.records.add(
                from + one.store.random.nextInt(one.store.records.size() - from),
                one.store.records.get(from));
            one.expect(Kind.TWICE, 1);
          }
        });
  }

  @Test
  void eachPartThatIsAlteredIsNamed() {
    for (Part part : Part.values()) {
      if (part == Part.TENANT || part == Part.ID) {
        // one is not always known, the other is what is joined by
        continue;
      }
      for (int seed = 1; seed <= 50; seed++) {
        Case one = new Case(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
        int at = one.any();
        one.store.records.set(at, altered(one.store.records.get(at), part));
        Tally tally = one.store.audit();
        assertEquals(Map.of(Kind.ALTERED, 1L), found(tally), part + ", seed " + seed);
        assertEquals(Map.of(part, 1L), tally.of(Kind.ALTERED).parts(), part + ", seed " + seed);
      }
    }
  }

  @Test
  void theTenantIsComparedWhereBothSidesKnowIt() {
    cases(
        one -> {
          Fingerprint record = one.store.records.get(one.any());
          Fingerprint row = one.store.rowOf(record);
          boolean same = one.store.random.nextBoolean();
          one.store.replaceRows(row, with(row, same ? record.tenant() : 56, row.fate()));
          one.expect(Kind.ALTERED, same ? 0 : 1);
        });
  }

  private static Fingerprint altered(Fingerprint f, Part part) {
    return new Fingerprint(
        f.idHigh(),
        f.idLow(),
        f.source(),
        f.place(),
        f.micros() + (part == Part.TIME ? 1 : 0),
        f.payload() + (part == Part.PAYLOAD ? 2 : 0),
        f.metadata() + (part == Part.METADATA ? 1 : 0),
        f.type() + (part == Part.TYPE ? 1000 : 0),
        f.entity() + (part == Part.ENTITY ? 1000 : 0),
        f.tenant(),
        f.version() + (part == Part.VERSION ? 1000 : 0),
        f.walOffset(),
        f.typeName(),
        f.tenantName(),
        f.fate());
  }

  private static Fingerprint with(Fingerprint f, long tenant, int fate) {
    return new Fingerprint(
        f.idHigh(),
        f.idLow(),
        f.source(),
        f.place(),
        f.micros(),
        f.payload(),
        f.metadata(),
        f.type(),
        f.entity(),
        tenant,
        f.version(),
        f.walOffset(),
        f.typeName(),
        f.tenantName(),
        fate);
  }

  @Test
  void anEventOfAnotherStoreIsForeign() {
    cases(
        one -> {
          RandomGenerator other = RandomGeneratorFactory.of("L64X128MixRandom").create(4711);
          for (Fingerprint foreign : new GeneratedStore(other, 3, false).records) {
            one.store.records.add(
                one.store.random.nextInt(one.store.records.size() + 1),
                GeneratedStore.record(foreign, 0, 0));
            one.expect(Kind.FOREIGN, 1);
          }
        });
  }

  /** Moved by more than a second, or by any time where the store counts versions. */
  @Test
  void aRecordThatWasMovedWithinItsEntityIsOutOfOrder() {
    cases(
        one -> {
          List<Fingerprint> records = one.store.records;
          int at = one.any();
          Fingerprint moved = records.get(at);
          for (int to = records.size() - 1; to > at; to--) {
            Fingerprint behind = records.get(to);
            boolean sameOrder =
                behind.entity() == moved.entity() && behind.source() == moved.source();
            boolean far = one.store.versionsCount || behind.micros() - moved.micros() > 1_000_000;
            if (sameOrder && far) {
              if (one.store.random.nextBoolean()) {
                records.add(to + 1, moved);
                records.remove(at);
              } else {
                records.remove(to);
                records.add(at, behind);
              }
              one.expect(Kind.OUT_OF_ORDER, 1);
              return;
            }
          }
        });
  }

  @Test
  void racingNeighboursAreToldApartFromWhatIsWrong() {
    for (int seed = 1; seed <= CASES; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      GeneratedStore store = new GeneratedStore(random, 300, false);
      int at = random.nextInt(299);
      Fingerprint one = store.records.get(at);
      Fingerprint other = store.records.get(at + 1);
      Collections.swap(store.records, at, at + 1);
      boolean pair = one.entity() == other.entity();
      boolean race = other.micros() - one.micros() <= 100_000;
      Map<Kind, Long> expected =
          pair ? Map.of(race ? Kind.RACED : Kind.OUT_OF_ORDER, 1L) : Map.of();
      assertEquals(expected, found(store.audit()), "seed " + seed);
    }
  }

  private static Fingerprint event(int offset, long micros, long version, long walOffset) {
    return inFile(offset, micros, version, walOffset, offset, 1);
  }

  private static Fingerprint inFile(
      int offset, long micros, long version, long walOffset, int file, long row) {
    Fingerprint print =
        new Fingerprint(
            offset, offset, file, row, micros, 1, 0, 1, 1, 0, version, walOffset, 2, 0, 0);
    return print.movedTo(0, offset).ordered(print);
  }

  private static Map<Kind, Long> ordered(Fingerprint... events) {
    Tally tally = new Tally(3, file -> 0);
    OrderJudge judge = new OrderJudge(100_000, tally, entity -> false);
    List.of(events).forEach(judge::next);
    judge.end();
    return found(tally);
  }

  /** Of two that are close, WAL offsets decide, then versions; against time alone they raced. */
  @Test
  void whatIsKnownBestDecidesOfTwoThatAreClose() {
    Map<Kind, Long> wrong = Map.of(Kind.OUT_OF_ORDER, 1L);
    Map<Kind, Long> raced = Map.of(Kind.RACED, 1L);
    assertEquals(Map.of(), ordered(event(1, 500, 1, 0), event(2, 400, 2, 0)));
    assertEquals(wrong, ordered(event(1, 500, 2, 0), event(2, 400, 1, 0)));
    assertEquals(raced, ordered(event(1, 400, 2, 0), event(2, 500, 1, 0)));
    assertEquals(wrong, ordered(event(1, 400, 1, 8), event(2, 500, 2, 7)));
    assertEquals(Map.of(), ordered(event(1, 500, 2, 7), event(2, 400, 1, 8)));
    assertEquals(raced, ordered(event(1, 100_400, 1, 0), event(2, 400, 1, 7)));
    assertEquals(wrong, ordered(event(1, 100_401, 1, 0), event(2, 400, 1, 0)));
    // as in their file
    assertEquals(raced, ordered(inFile(1, 200_400, 1, 0, 3, 7), inFile(2, 400, 1, 0, 3, 8)));
    assertEquals(wrong, ordered(inFile(1, 200_400, 1, 0, 3, 9), inFile(2, 400, 1, 0, 3, 8)));
    assertEquals(wrong, ordered(inFile(1, 200_400, 1, 0, 2, 7), inFile(2, 400, 1, 0, 3, 8)));
    // far apart time decides: after a crash versions begin lower
    assertEquals(Map.of(), ordered(event(1, 0, 9, 9), event(2, 1_000_001, 1, 1)));
    assertEquals(wrong, ordered(event(1, 1_000_001, 1, 1), event(2, 0, 9, 9)));
  }

  /** Versions of one entity, one microsecond apart; behind each 0 is a pause of 60 ms. */
  private static Fingerprint[] byTime(long... versions) {
    List<Fingerprint> events = new ArrayList<>();
    long micros = 0;
    for (long version : versions) {
      micros += version == 0 ? 60_000 : 1;
      if (version != 0) {
        events.add(event(events.size() + 1, micros, version, 0));
      }
    }
    return events.toArray(Fingerprint[]::new);
  }

  /** A crash makes versions begin lower, but it fills no hole. */
  @Test
  void aVersionThatFillsAHoleStandsBehindLaterOnes() {
    assertEquals(Map.of(Kind.OUT_OF_ORDER, 1L), ordered(byTime(97, 98, 100, 0, 99, 101)));
    assertEquals(Map.of(Kind.OUT_OF_ORDER, 1L), ordered(byTime(97, 98, 100, 99, 101)));
    assertEquals(Map.of(Kind.OUT_OF_ORDER, 2L), ordered(byTime(97, 100, 0, 98, 99, 101)));
    assertEquals(Map.of(Kind.RACED, 1L), ordered(byTime(97, 98, 99, 0, 98, 99)));
    assertEquals(Map.of(Kind.RACED, 1L), ordered(byTime(97, 98, 99, 0, 96, 97)));
    // where it belongs
    assertEquals(
        Map.of(),
        ordered(
            event(1, 1, 97, 0), event(2, 60_000, 98, 0), event(3, 2, 99, 0), event(4, 3, 100, 0)));
  }

  /** A hole may be an event's that is elsewhere. */
  @Test
  void aHoleIsOneWhereAllOfTheEntityIsKnown() {
    Fingerprint[] events = byTime(97, 98, 100, 0, 99, 101);
    Tally tally = new Tally(3, file -> 0);
    OrderJudge judge = new OrderJudge(100_000, tally, entity -> true);
    List.of(events).forEach(judge::next);
    judge.end();
    assertEquals(Map.of(Kind.RACED, 1L), found(tally));

    tally = new Tally(3, file -> 0);
    judge = new OrderJudge(100_000, tally, entity -> false);
    List.of(events).forEach(judge::next);
    judge.next(event(99, 500_000, 102, 0).movedTo(1, 0));
    judge.end();
    assertEquals(Map.of(Kind.RACED, 1L), found(tally));
  }

  /** What the settings leave out, and what nobody can know yet, is counted as that. */
  @Test
  void whatNeedNotBeThereIsNotMissing() {
    cases(
        one -> {
          List<Fingerprint> records = one.store.records;
          Set<Integer> gone = new HashSet<>();
          for (int i = 0; i < 10; i++) {
            int at = one.any();
            if (!gone.add(at) || at == records.size() - 1) {
              continue;
            }
            Fingerprint record = records.get(at);
            int fate = one.store.random.nextBoolean() ? Fingerprint.LEFT_OUT : Fingerprint.REFUSED;
            Fingerprint row = one.store.rowOf(record);
            if (row.fate() == Fingerprint.EXPECTED) {
              one.store.replaceRows(row, with(row, row.tenant(), fate));
              one.expect(fate == Fingerprint.LEFT_OUT ? Kind.LEFT_OUT : Kind.REFUSED, 1);
            }
          }
          records.removeIf(record -> one.store.rowOf(record).fate() != Fingerprint.EXPECTED);
        });
  }

  @Test
  void whereTheTenantDecidesTheFilesTenantTellsOrNobody() {
    for (int seed = 1; seed <= 100; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      GeneratedStore store = new GeneratedStore(random, 100, false);
      store.rows.replaceAll(row -> with(row, row.tenant(), Fingerprint.DEPENDS_ON_TENANT));
      boolean wholeFile = random.nextBoolean();
      int file = store.rowOf(store.records.get(0)).source();
      List<Fingerprint> ofFile =
          store.records.stream().filter(r -> store.rowOf(r).source() == file).toList();
      if (wholeFile && store.files > 1) {
        store.records.removeAll(ofFile);
        assertEquals(
            Map.of(Kind.UNDECIDED, (long) ofFile.size()), found(store.audit()), "seed " + seed);
      } else {
        store.records.remove(ofFile.get(0));
        assertEquals(Map.of(Kind.MISSING, 1L), found(store.audit()), "seed " + seed);
        assertEquals(Map.of(5, 1L), store.audit().of(Kind.MISSING).tenants(), "seed " + seed);
      }
    }
  }

  /** As 0.19.1's do: what stands in the topic tells nothing of what was left out. */
  @Test
  void whereAFileMayHoldSeveralTenantsItsRecordsTellNone() {
    for (int seed = 1; seed <= 100; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      GeneratedStore store = new GeneratedStore(random, 100, false);
      Arrays.fill(store.tenantOfFile, Bearings.SEVERAL);
      store.rows.replaceAll(row -> with(row, row.tenant(), Fingerprint.DEPENDS_ON_TENANT));
      store.records.remove(random.nextInt(99));
      Tally tally = store.audit();
      assertEquals(Map.of(Kind.UNDECIDED, 1L), found(tally), "seed " + seed);
      assertEquals(Map.of(Named.NONE, 1L), tally.of(Kind.UNDECIDED).tenants(), "seed " + seed);
    }
  }

  @Test
  void aPartThatRecordsDoNotTellIsNotCompared() {
    cases(
        one -> {
          Part part = one.store.random.nextBoolean() ? Part.VERSION : Part.METADATA;
          int at = one.any();
          one.store.records.set(at, altered(one.store.records.get(at), part));
          one.store.told.remove(Part.VERSION);
          one.expect(Kind.ALTERED, part == Part.METADATA ? 1 : 0);
        });
  }

  /** Whoever writes events may give them the types of the connector's own records. */
  @Test
  void aRecordOfTheConnectorsOwnIsAnEventIfTheStoreHasIt() {
    cases(
        one -> {
          GeneratedStore store = one.store;
          int at = one.any();
          Fingerprint event = store.records.get(at);
          store.records.set(at, with(event, event.tenant(), Fingerprint.OWN));
          RandomGenerator other = RandomGeneratorFactory.of("L64X128MixRandom").create(4711);
          for (Fingerprint own : new GeneratedStore(other, 3, false).records) {
            Fingerprint record = with(own, own.tenant(), Fingerprint.OWN);
            store.records.add(GeneratedStore.record(record, 0, 0, Fingerprint.OWN));
            store.records.add(GeneratedStore.record(record, 0, 0, Fingerprint.OWN));
          }
        });
  }

  @Test
  void whatIsTooNewIsNotGuessed() {
    for (int seed = 1; seed <= 100; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      GeneratedStore store = new GeneratedStore(random, 100, true);
      // the last ten have not come yet, and of two that have the snapshot knows nothing
      store.records.subList(90, 100).clear();
      store.rows.removeIf(
          row -> row.isOf(store.records.get(88)) || row.isOf(store.records.get(89)));
      long[] sure = new long[store.partitions];
      Arrays.fill(sure, 88);
      long newMicros = store.records.get(89).micros() + 1;
      assertEquals(
          Map.of(Kind.TOO_NEW, 10L, Kind.AFTER_SNAPSHOT, 2L),
          found(store.audit(Long.MIN_VALUE, newMicros, sure)),
          "seed " + seed);
    }
  }

  @Test
  void whatIsOlderThanTheTopicIsNotMissing() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    GeneratedStore store = new GeneratedStore(random, 100, true);
    store.records.subList(0, 30).clear();
    long[] sure = new long[store.partitions];
    assertEquals(
        Map.of(Kind.BEFORE_TOPIC, 30L),
        found(store.audit(store.records.get(0).micros(), Long.MAX_VALUE, sure)));
  }

  /** A partition that begins late hides nothing that another one should have. */
  @Test
  void whatOneOfThePartitionsMayHaveLostIsNotJudged() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    GeneratedStore store = new GeneratedStore(random, 100, true);
    long gone = store.records.get(10).micros();
    store.records.subList(0, 30).clear();
    long[] sure = new long[store.partitions];
    assertEquals(
        Map.of(Kind.BEFORE_TOPIC, 10L, Kind.PERHAPS_REMOVED, 20L),
        found(store.audit(gone, store.records.get(0).micros(), Long.MAX_VALUE, sure)));
  }

  /** The tally says where, and its examples are bounded. */
  @Test
  void theTallyCountsByTypeAndHour() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(2);
    GeneratedStore store = new GeneratedStore(random, 200, true);
    store.records.subList(10, 60).clear();
    Tally.Count missing = store.audit().of(Kind.MISSING);
    assertEquals(50, missing.events());
    assertEquals(50, missing.types().values().stream().mapToLong(Long::longValue).sum());
    assertEquals(50, missing.hours().values().stream().mapToLong(Long::longValue).sum());
    assertEquals(3, missing.examples().size());
  }
}
