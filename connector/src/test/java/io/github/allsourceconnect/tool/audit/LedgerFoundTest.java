package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report tells how far the ledger comes: what is newer is not proven. */
class LedgerFoundTest {
  private static LedgerFound found(boolean late) {
    String id = "00000000-0000-4000-8000-000000000001";
    LedgerProof proof = new LedgerProof();
    proof.mark("s", 1, 1, LedgerProof.digest(List.of(id)), "2026-11-26T09:00:00Z");
    proof.event(id, "s/1", 1);
    return new LedgerFound(proof, proof.wrong(), 0, 0, 0, true, 1_795_683_600_500L, late);
  }

  @Test
  void theNewestMarkIsTold() throws IOException {
    String text = found(false).text();
    assertTrue(text.contains("2026-11-26T09:00:00Z"), text);
    assertTrue(text.endsWith("WHOLE: the topic has what the marks cover, once"), text);
    JsonNode json = new ObjectMapper().readTree(found(false).json());
    assertEquals("2026-11-26T09:00:00Z", json.path("newest_mark").asText());
    assertTrue(json.path("notes").isMissingNode(), json.toString());
  }

  @Test
  void aLedgerThatEndsTooEarlyIsNoted() throws IOException {
    String text = found(true).text();
    assertTrue(text.contains("Note: another mark should have come since"), text);
    assertEquals(0, found(true).status());
    JsonNode json = new ObjectMapper().readTree(found(true).json());
    assertTrue(json.path("notes").path(0).asText().contains("the ledger's end is lost"), text);
  }
}
