package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdSumTest {
  private static IdSum of(List<String> ids) {
    IdSum sum = IdSum.ZERO;
    for (String id : ids) {
      UUID uuid = UUID.fromString(id);
      sum = sum.plus(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }
    return sum;
  }

  /** The digest that the documents give, made with Python's hashlib. */
  @Test
  void aKnownDigest() {
    assertEquals(
        "78ac35c5a61ae6d11d1bc7b99b07597b",
        of(List.of("00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"))
            .text());
  }

  @Test
  void orderDoesNotMatterAndAnotherImplementationAgrees() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ids.add(new UUID(random.nextLong(), random.nextLong()).toString());
    }
    IdSum sum = of(ids);
    assertEquals(LedgerProof.digest(ids), sum.text());
    List<String> turned = new ArrayList<>(ids);
    java.util.Collections.shuffle(turned, random);
    assertEquals(sum, of(turned));
    assertEquals(sum, of(ids.subList(0, 300)).plus(of(ids.subList(300, 1_000))));
    assertEquals(sum, IdSum.parse(sum.text()));
    turned.set(0, turned.get(1));
    assertNotEquals(sum, of(turned));
  }

  @Test
  void aSumCarries() {
    assertEquals(new IdSum(1, 0), new IdSum(0, -1).plus(new IdSum(0, 1)));
    assertEquals(IdSum.ZERO, new IdSum(-1, -1).plus(new IdSum(0, 1)));
  }

  @Test
  void whatIsNoDigestIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> IdSum.parse("78ac"));
    assertThrows(IllegalArgumentException.class, () -> IdSum.parse("g".repeat(32)));
    assertThrows(IllegalArgumentException.class, () -> IdSum.parse("+" + "1".repeat(31)));
  }
}
