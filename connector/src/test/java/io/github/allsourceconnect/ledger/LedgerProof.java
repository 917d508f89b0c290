package io.github.allsourceconnect.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a consumer does to prove that it has everything: it knows of the events nothing but the
 * headers {@code allsource.event_id} and {@code allsource.mark}, and of the ledger topic its JSON.
 * Shares no code with the connector. Not thread-safe.
 */
public final class LedgerProof {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, List<String>> marksOfId = new LinkedHashMap<>();
  private final Map<String, TreeMap<Long, JsonNode>> marks = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final boolean exactlyOnce;
  private JsonNode lastMark;

  /**
   * @param exactlyOnce whether an event that comes twice, or a mark, is wrong
   */
  public LedgerProof(boolean exactlyOnce) {
    this.exactlyOnce = exactlyOnce;
  }

  /** An event, in the order of its partition. */
  public void event(String id, String mark) {
    marksOfId.computeIfAbsent(id, first -> new ArrayList<>()).add(mark);
  }

  /** The JSON of a record of the ledger topic, in order. */
  public void ledger(String json) {
    JsonNode record;
    try {
      record = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + json, e);
    }
    if (!record.get("type").asText().equals("mark")) {
      return;
    }
    lastMark = record;
    long number = record.get("mark").asLong();
    TreeMap<Long, JsonNode> ofSeries =
        marks.computeIfAbsent(record.get("series").asText(), series -> new TreeMap<>());
    if (exactlyOnce && ofSeries.containsKey(number)) {
      wrong.add("mark " + number + " came twice");
    }
    // a mark replaces what a task before wrote under its number and later ones
    ofSeries.tailMap(number, true).clear();
    ofSeries.put(number, record);
  }

  /** What does not agree; empty when all is proven that marks cover. */
  public List<String> wrong() {
    List<String> all = new ArrayList<>(wrong);
    Map<String, List<String>> idsOfMark = new HashMap<>();
    marksOfId.forEach(
        (id, its) -> {
          if (exactlyOnce && its.size() > 1) {
            all.add("event " + id + " is there " + its.size() + " times");
          }
          String last = its.get(its.size() - 1);
          idsOfMark.computeIfAbsent(last, mark -> new ArrayList<>()).add(id);
        });
    marks.forEach(
        (series, ofSeries) -> {
          long expected = ofSeries.firstKey();
          for (Map.Entry<Long, JsonNode> one : ofSeries.entrySet()) {
            if (one.getKey() != expected) {
              all.add("mark " + expected + " of " + series + " is missing");
            }
            expected = one.getKey() + 1;
            check(series + "/" + one.getKey(), one.getValue(), idsOfMark, all);
          }
        });
    return all;
  }

  private static void check(
      String name, JsonNode mark, Map<String, List<String>> idsOfMark, List<String> wrong) {
    List<String> ids = idsOfMark.getOrDefault(name, List.of());
    long events = mark.get("events").asLong();
    if (ids.size() != events) {
      wrong.add("mark " + name + " is of " + events + " events, " + ids.size() + " are there");
    } else if (!digest(ids).equals(mark.get("digest").asText())) {
      wrong.add("mark " + name + " is of " + events + " other events");
    }
  }

  /** How many events marks cover. */
  public long covered() {
    return marks.values().stream()
        .flatMap(ofSeries -> ofSeries.values().stream())
        .mapToLong(mark -> mark.get("events").asLong())
        .sum();
  }

  /** How many different events have come. */
  public long events() {
    return marksOfId.size();
  }

  /** The newest mark, or null. */
  public JsonNode lastMark() {
    return lastMark;
  }

  /** The sum, modulo 2^128, of the first 16 bytes of the SHA-256 of each id. */
  public static String digest(List<String> ids) {
    BigInteger sum = BigInteger.ZERO;
    for (String id : ids) {
      byte[] hash = sha256().digest(id.getBytes(UTF_8));
      sum = sum.add(new BigInteger(1, Arrays.copyOf(hash, 16)));
    }
    return String.format("%032x", sum.mod(MODULUS));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
