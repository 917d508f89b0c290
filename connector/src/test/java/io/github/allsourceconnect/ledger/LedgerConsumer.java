package io.github.allsourceconnect.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.tool.audit.decision.LedgerProof;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a consumer does to prove that it has everything: it knows of the events nothing but the
 * headers {@code allsource.event_id} and {@code allsource.mark}, and of the ledger topic its JSON.
 * Not thread-safe.
 */
public final class LedgerConsumer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, List<String>> marksOfId = new LinkedHashMap<>();
  private final List<JsonNode> marks = new ArrayList<>();
  private final boolean exactlyOnce;

  /**
   * @param exactlyOnce whether an event that comes twice, or a mark, is wrong
   */
  public LedgerConsumer(boolean exactlyOnce) {
    this.exactlyOnce = exactlyOnce;
  }

  /** An event, in the order of its partition. */
  public void event(String id, String mark) {
    marksOfId.computeIfAbsent(id, first -> new ArrayList<>()).add(mark);
  }

  /** The JSON of a record of the ledger topic, in order. */
  public void ledger(String json) {
    try {
      JsonNode record = JSON.readTree(json);
      if (record.get("type").asText().equals("mark")) {
        marks.add(record);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + json, e);
    }
  }

  private LedgerProof proof() {
    LedgerProof proof = new LedgerProof();
    for (JsonNode mark : marks) {
      proof.mark(
          mark.get("series").asText(),
          mark.get("mark").asLong(),
          mark.get("events").asLong(),
          mark.get("digest").asText(),
          mark.path("at").asText());
    }
    marksOfId.forEach((id, its) -> proof.event(id, its.get(its.size() - 1), its.size()));
    return proof;
  }

  /** What does not agree; empty when all is proven that marks cover. */
  public List<String> wrong() {
    LedgerProof proof = proof();
    List<String> all = new ArrayList<>();
    if (exactlyOnce) {
      if (proof.repeatedMarks() > 0) {
        all.add(proof.repeatedMarks() + " marks came twice");
      }
      marksOfId.forEach(
          (id, its) -> {
            if (its.size() > 1) {
              all.add("event " + id + " is there " + its.size() + " times");
            }
          });
    }
    proof.wrong().forEach(wrong -> all.add(wrong.text()));
    return all;
  }

  /** How many events marks cover. */
  public long covered() {
    return proof().covered();
  }

  /** How many different events have come. */
  public long events() {
    return marksOfId.size();
  }

  /** The newest mark, or null. */
  public JsonNode lastMark() {
    return marks.isEmpty() ? null : marks.get(marks.size() - 1);
  }
}
