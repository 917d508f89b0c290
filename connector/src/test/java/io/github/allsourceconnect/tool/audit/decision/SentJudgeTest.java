package io.github.allsourceconnect.tool.audit.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** What a sink sends wrongly is found, with the right count; from seeds, shown when one fails. */
class SentJudgeTest {
  private static final int CASES = 300;

  /** A topic whose offsets have holes, as markers leave them, and a sink that sends all of it. */
  private static final class Case {
    final RandomGenerator random;
    final List<Fingerprint> topic = new ArrayList<>();
    final List<Fingerprint> sent;
    final Map<Kind, Long> expected = new EnumMap<>(Kind.class);
    final long begin;
    final long end;

    Case(int seed) {
      random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      begin = random.nextInt(50);
      long offset = begin;
      for (Fingerprint one : new GeneratedStore(random, 100, true).records) {
        offset += random.nextInt(10) == 0 ? 2 : 1;
        topic.add(one.movedTo(0, offset));
      }
      end = offset + 1 + random.nextInt(3);
      sent = new ArrayList<>(topic);
    }

    void expect(Kind kind, long events) {
      if (events > 0) {
        expected.merge(kind, events, Long::sum);
      }
    }

    Tally judge(long sentTo) {
      Tally tally = new Tally(3, file -> 0);
      SentJudge.Range range = new SentJudge.Range(begin, end, sentTo);
      new SentJudge(new SentJudge.Range[] {range}, tally).judge(sent.iterator(), topic.iterator());
      return tally;
    }

    void check(int seed, long sentTo) {
      Tally tally = judge(sentTo);
      Map<Kind, Long> found = new EnumMap<>(Kind.class);
      for (Kind kind : Kind.values()) {
        if (tally.of(kind).events() > 0) {
          found.put(kind, tally.of(kind).events());
        }
      }
      assertEquals(expected, found, "seed " + seed);
    }
  }

  private interface Plant {
    void in(Case one);
  }

  private static void cases(Plant plant) {
    for (int seed = 1; seed <= CASES; seed++) {
      Case one = new Case(seed);
      plant.in(one);
      one.check(seed, one.end);
    }
  }

  @Test
  void allIsWell() {
    cases(one -> {});
  }

  @Test
  void whatIsNotSentIsMissing() {
    cases(
        one -> {
          one.sent.remove(one.random.nextInt(one.sent.size()));
          one.expect(Kind.MISSING, 1);
        });
  }

  @Test
  void whatTheSinkHasNotComeToIsTooNew() {
    for (int seed = 1; seed <= CASES; seed++) {
      Case one = new Case(seed);
      int left = one.random.nextInt(one.sent.size()) + 1;
      long sentTo = one.sent.get(left - 1).place() + 1;
      one.expect(Kind.TOO_NEW, one.sent.size() - left);
      one.sent.subList(left, one.sent.size()).clear();
      one.check(seed, sentTo);
    }
  }

  @Test
  void whatOverlapsIsThereTwice() {
    cases(
        one -> {
          int at = one.random.nextInt(one.sent.size());
          one.sent.add(at, one.sent.get(at));
          one.expect(Kind.TWICE, 1);
        });
  }

  @Test
  void theSameOffsetWithAnotherEventIsAltered() {
    cases(
        one -> {
          int at = one.random.nextInt(one.sent.size());
          Fingerprint other = one.topic.get((at + 1) % one.topic.size());
          one.sent.set(at, other.movedTo(0, one.sent.get(at).place()));
          one.expect(Kind.ALTERED, 1);
        });
  }

  @Test
  void whatTheTopicDoesNotHaveIsForeignOrOfTheHistoryOrNewer() {
    cases(
        one -> {
          Fingerprint any = one.topic.get(0);
          for (long before = 0; before < one.begin; before++) {
            one.sent.add((int) before, any.movedTo(0, before));
          }
          one.expect(Kind.HISTORY, one.begin);
          one.sent.add(any.movedTo(0, one.end));
          one.expect(Kind.AFTER_SNAPSHOT, 1);
          for (int i = 1; i < one.topic.size(); i++) {
            if (one.topic.get(i).place() - one.topic.get(i - 1).place() > 1) {
              one.sent.add((int) one.begin + i, any.movedTo(0, one.topic.get(i).place() - 1));
              one.expect(Kind.FOREIGN, 1);
              break;
            }
          }
        });
  }
}
