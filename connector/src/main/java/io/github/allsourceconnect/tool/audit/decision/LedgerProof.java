package io.github.allsourceconnect.tool.audit.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Proves with the marks of a ledger topic that a topic has every event, once: each mark tells how
 * many events it covers, and a digest over their ids. The digest is worked out anew here, and not
 * with the connector's own class. Its memory is that of the marks. Not thread-safe.
 */
public final class LedgerProof {
  /** What does not agree with a mark. */
  public enum Fault {
    /** The mark itself is not in the ledger. */
    NO_MARK,
    /** Fewer events are there. */
    FEWER,
    /** More events are there. */
    MORE,
    /** As many are there, but others. */
    OTHERS
  }

  /**
   * A mark that is wrong.
   *
   * @param mark its number; of marks that are not there, the first one's
   * @param to the last one's number, the same but for several that are not there
   * @param events how many it covers; 0 if the mark is not there
   * @param there how many are there
   * @param after when the mark before it was written; null if there is none
   * @param at when it was written; of marks that are not there, when the next one was
   */
  public record Wrong(
      Fault fault,
      String series,
      long mark,
      long to,
      long events,
      long there,
      String after,
      String at) {
    /** For people. */
    public String text() {
      String name = series + "/" + mark;
      return switch (fault) {
        case NO_MARK ->
            mark == to
                ? "mark " + name + " is missing"
                : "marks " + name + " to " + series + "/" + to + " are missing";
        case FEWER, MORE ->
            "mark " + name + " is of " + events + " events, " + there + " are there";
        case OTHERS -> "mark " + name + " is of " + events + " other events";
      };
    }
  }

  private record Mark(long events, String digest, String at) {}

  /** What is there under a mark's name. */
  private static final class Group {
    private long events;
    private long high;
    private long low;

    private void add(String id) {
      ByteBuffer hash = ByteBuffer.wrap(sha256().digest(id.getBytes(UTF_8)));
      events++;
      high += hash.getLong();
      long sum = low + hash.getLong();
      if (Long.compareUnsigned(sum, low) < 0) {
        high++;
      }
      low = sum;
    }

    private String digest() {
      return String.format("%016x%016x", high, low);
    }
  }

  /** In the order of their first marks. */
  private final Map<String, TreeMap<Long, Mark>> marks = new LinkedHashMap<>();

  private final Map<String, Group> groups = new HashMap<>();
  private boolean marksBegin;
  private String fromSeries;
  private long fromMark;
  private long repeatedMarks;
  private long repeatedEvents;
  private long events;

  /**
   * A mark, in the ledger's order. It replaces all marks of its series that came before with its
   * number or a higher one: a task before has written them.
   *
   * @param events how many events it covers
   * @param digest over their ids
   * @param at when it was written
   */
  public void mark(String series, long number, long events, String digest, String at) {
    TreeMap<Long, Mark> ofSeries = marks.computeIfAbsent(series, first -> new TreeMap<>());
    Map<Long, Mark> replaced = ofSeries.tailMap(number, true);
    repeatedMarks += ofSeries.containsKey(number) ? 1 : 0;
    replaced.clear();
    ofSeries.put(number, new Mark(events, digest, at));
  }

  /**
   * An event, once.
   *
   * @param mark the name of its last record's mark: series, slash, number
   * @param times how often it is there
   */
  public void event(String id, String mark, long times) {
    groups.computeIfAbsent(mark, first -> new Group()).add(id);
    events++;
    repeatedEvents += times - 1;
  }

  /**
   * The topic's beginning is gone: this mark and those before it can't be proven. Told after all
   * marks.
   *
   * @param mark the name of the mark of the first record that is there
   */
  public void from(String mark) {
    int slash = mark.lastIndexOf('/');
    String series = mark.substring(0, Math.max(0, slash));
    if (!marks.containsKey(series)) {
      return;
    }
    long number = Long.parseLong(mark.substring(slash + 1));
    List<String> order = List.copyOf(marks.keySet());
    boolean later = fromSeries == null || order.indexOf(series) > order.indexOf(fromSeries);
    if (later || (series.equals(fromSeries) && number > fromMark)) {
      fromSeries = series;
      fromMark = number;
    }
  }

  /** The ledger's beginning is there: each series has its marks from its first event on. */
  public void marksFromTheBeginning() {
    marksBegin = true;
  }

  /** What does not agree; empty when all is proven that marks cover. */
  public List<Wrong> wrong() {
    List<Wrong> wrong = new ArrayList<>();
    boolean judged = fromSeries == null;
    for (Map.Entry<String, TreeMap<Long, Mark>> one : marks.entrySet()) {
      boolean begins = one.getKey().equals(fromSeries);
      judged |= begins;
      if (judged && !one.getValue().isEmpty()) {
        check(one.getKey(), one.getValue(), begins ? fromMark : Long.MIN_VALUE, wrong);
      }
    }
    return wrong;
  }

  private void check(String series, SortedMap<Long, Mark> its, long after, List<Wrong> wrong) {
    long expected = its.firstKey();
    if (marksBegin) {
      expected = Math.min(expected, firstOf(series));
    }
    String before = null;
    for (Map.Entry<Long, Mark> one : its.entrySet()) {
      long number = one.getKey();
      Mark mark = one.getValue();
      if (number > after) {
        if (expected < number) {
          wrong.add(
              new Wrong(Fault.NO_MARK, series, expected, number - 1, 0, 0, before, mark.at()));
        }
        compare(series, number, mark, before, wrong);
      }
      expected = number + 1;
      before = mark.at();
    }
  }

  /** The lowest number that an event names. */
  private long firstOf(String series) {
    return groups.keySet().stream()
        .filter(name -> name.lastIndexOf('/') == series.length() && name.startsWith(series))
        .mapToLong(LedgerProof::numberOf)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private static long numberOf(String name) {
    return Long.parseLong(name.substring(name.lastIndexOf('/') + 1));
  }

  private void compare(String series, long number, Mark mark, String before, List<Wrong> wrong) {
    Group there = groups.getOrDefault(series + "/" + number, new Group());
    Fault fault =
        there.events < mark.events()
            ? Fault.FEWER
            : there.events > mark.events()
                ? Fault.MORE
                : there.digest().equals(mark.digest()) ? null : Fault.OTHERS;
    if (fault != null) {
      wrong.add(
          new Wrong(fault, series, number, number, mark.events(), there.events, before, mark.at()));
    }
  }

  /** How many events marks cover. */
  public long covered() {
    return marks.values().stream()
        .flatMap(ofSeries -> ofSeries.values().stream())
        .mapToLong(Mark::events)
        .sum();
  }

  /** How many marks there are. */
  public long marks() {
    return marks.values().stream().mapToLong(Map::size).sum();
  }

  /** How many different events have come. */
  public long events() {
    return events;
  }

  /** How many of them no mark covers yet. */
  public long uncovered() {
    return uncovered(mark -> true);
  }

  /**
   * How many events that no mark covers name a mark that is chosen.
   *
   * @param chosen by its name
   */
  public long uncovered(Predicate<String> chosen) {
    long sum = 0;
    for (Map.Entry<String, Group> group : groups.entrySet()) {
      int slash = group.getKey().lastIndexOf('/');
      TreeMap<Long, Mark> its = slash < 0 ? null : marks.get(group.getKey().substring(0, slash));
      long number = slash < 0 ? 0 : Long.parseLong(group.getKey().substring(slash + 1));
      boolean none = its == null || its.isEmpty() || number > its.lastKey();
      if (none && chosen.test(group.getKey())) {
        sum += group.getValue().events;
      }
    }
    return sum;
  }

  /** How many marks came again. */
  public long repeatedMarks() {
    return repeatedMarks;
  }

  /** How many records repeat an event. */
  public long repeatedEvents() {
    return repeatedEvents;
  }

  /** The sum, modulo 2^128, of the first 16 bytes of the SHA-256 of each id. */
  public static String digest(List<String> ids) {
    Group group = new Group();
    ids.forEach(group::add);
    return group.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
