package io.github.allsourceconnect.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That a consumer's proof finds what is wrong, and nothing else. */
class LedgerProofTest {
  private static final String A = "00000000-0000-4000-8000-00000000000a";
  private static final String B = "00000000-0000-4000-8000-00000000000b";
  private static final String C = "00000000-0000-4000-8000-00000000000c";

  private static String mark(long number, List<String> ids) {
    return "{\"type\":\"mark\",\"series\":\"s\",\"mark\":"
        + number
        + ",\"events\":"
        + ids.size()
        + ",\"digest\":\""
        + LedgerProof.digest(ids)
        + "\"}";
  }

  @Test
  void everythingIsThere() {
    LedgerConsumer proof = new LedgerConsumer(true);
    proof.event(B, "s/1");
    proof.event(A, "s/1");
    proof.ledger(mark(1, List.of(A, B)));
    proof.ledger(mark(2, List.of()));
    proof.event(C, "s/3"); // no mark covers it yet
    assertEquals(List.of(), proof.wrong());
    assertEquals(2, proof.covered());
    assertEquals(3, proof.events());
  }

  @Test
  void whatIsWrongIsFound() {
    LedgerConsumer missing = new LedgerConsumer(true);
    missing.event(A, "s/1");
    missing.ledger(mark(1, List.of(A, B)));
    assertEquals(List.of("mark s/1 is of 2 events, 1 are there"), missing.wrong());

    LedgerConsumer other = new LedgerConsumer(true);
    other.event(A, "s/1");
    other.ledger(mark(1, List.of(B)));
    assertEquals(List.of("mark s/1 is of 1 other events"), other.wrong());

    LedgerConsumer doubled = new LedgerConsumer(true);
    doubled.event(A, "s/1");
    doubled.event(A, "s/1");
    doubled.ledger(mark(1, List.of(A)));
    assertEquals(List.of("event " + A + " is there 2 times"), doubled.wrong());

    LedgerConsumer hole = new LedgerConsumer(true);
    hole.ledger(mark(1, List.of()));
    hole.ledger(mark(3, List.of()));
    assertEquals(List.of("mark s/2 is missing"), hole.wrong());
  }

  @Test
  void withoutExactlyOnceTheLastOccurrenceCounts() {
    LedgerConsumer proof = new LedgerConsumer(false);
    proof.event(A, "s/1");
    proof.event(B, "s/1");
    proof.ledger(mark(1, List.of(A, B)));
    proof.event(C, "s/2");
    proof.ledger(mark(2, List.of(C)));
    // the position that was stored is before B
    proof.event(B, "s/1");
    proof.event(C, "s/1");
    proof.ledger(mark(1, List.of(A, B, C)));
    assertEquals(List.of(), proof.wrong());
  }

  @Test
  void aFindingNamesItsInterval() {
    LedgerProof proof = new LedgerProof();
    proof.mark("s", 1, 1, LedgerProof.digest(List.of(A)), "09:00");
    proof.mark("s", 2, 1, LedgerProof.digest(List.of(B)), "09:10");
    proof.event(A, "s/1", 1);
    proof.event(C, "s/2", 1);
    assertEquals(
        List.of(new LedgerProof.Wrong(LedgerProof.Fault.OTHERS, "s", 2, 2, 1, 1, "09:00", "09:10")),
        proof.wrong());
  }

  /** What Kafka's retention has removed is not missed; what is behind it is. */
  @Test
  void aTopicWhoseBeginningIsGoneIsProvenFromThereOn() {
    LedgerProof proof = new LedgerProof();
    proof.mark("old", 1, 5, LedgerProof.digest(List.of(A)), "08:00");
    proof.mark("s", 1, 2, LedgerProof.digest(List.of(A, B)), "09:00");
    proof.mark("s", 2, 1, LedgerProof.digest(List.of(C)), "09:10");
    proof.event(B, "s/1", 1);
    proof.from("s/1");
    assertEquals(
        List.of("mark s/2 is of 1 events, 0 are there"),
        proof.wrong().stream().map(LedgerProof.Wrong::text).toList());
    assertEquals(0, proof.uncovered());
  }

  /** Where the ledger begins with its first mark, that one is missed, too. */
  @Test
  void aFirstMarkThatIsGoneIsMissed() {
    for (boolean whole : new boolean[] {true, false}) {
      LedgerProof proof = new LedgerProof();
      proof.mark("s", 2, 1, LedgerProof.digest(List.of(B)), "09:10");
      proof.event(A, "s/1", 1);
      proof.event(B, "s/2", 1);
      proof.event(C, "s2/1", 1);
      if (whole) {
        proof.marksFromTheBeginning();
      }
      assertEquals(
          whole ? List.of("mark s/1 is missing") : List.of(),
          proof.wrong().stream().map(LedgerProof.Wrong::text).toList());
      assertEquals(1, proof.uncovered("s2/1"::equals));
    }
  }
}
