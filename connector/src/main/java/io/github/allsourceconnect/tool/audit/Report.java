package io.github.allsourceconnect.tool.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.tool.audit.Outcome.Peer;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Kind.Weight;
import io.github.allsourceconnect.tool.audit.decision.Named;
import io.github.allsourceconnect.tool.audit.decision.Part;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** An outcome as text and as JSON. Stateless. */
final class Report {
  private static final int LISTED = 10;
  private static final long HOUR_MICROS = 3_600_000_000L;

  private Report() {}

  /** For people. */
  static String text(Outcome outcome) {
    StringBuilder out = new StringBuilder();
    out.append(peer(outcome));
    out.append(
        String.format(
            Locale.ROOT,
            "topic    %s, read up to what was committed at %s%n%n",
            topics(outcome.partitions()),
            second(outcome.readAt())));
    line(
        out,
        outcome.with() == Peer.SINK ? "events that the sink sends" : "events in the store",
        outcome.events());
    line(out, "records in the topic", outcome.records());
    line(out, "events that both have", outcome.matched());
    Tally tally = outcome.tally();
    for (Weight weight : Weight.values()) {
      out.append('\n');
      for (Kind kind : Kind.values()) {
        long events = tally.of(kind).events();
        if (kind.weight() == weight && (events > 0 || isAlwaysTold(kind))) {
          line(out, kind.text(), events);
        }
      }
    }
    for (Kind kind : Kind.values()) {
      if (kind.weight() != Weight.NOTED && !tally.of(kind).examples().isEmpty()) {
        detail(out, kind, outcome);
      }
    }
    for (String note : outcome.notes()) {
      out.append("\nNote: ").append(note);
    }
    return out.append(outcome.notes().isEmpty() ? "" : "\n")
        .append('\n')
        .append(verdict(outcome))
        .toString()
        .replaceAll("\n{3,}", "\n\n");
  }

  private static String peer(Outcome outcome) {
    return switch (outcome.with()) {
      case LEADER ->
          String.format(
              Locale.ROOT,
              "leader   %s, a snapshot of %,d files, %,d bytes, asked for at %s%n",
              outcome.peer(),
              outcome.files(),
              outcome.bytes(),
              second(outcome.askedAt()));
      case SINK ->
          String.format(
              Locale.ROOT,
              "sink     %s, followed from the beginning, %,d events from its history%n",
              outcome.peer(),
              outcome.rows());
      case STORE -> String.format(Locale.ROOT, "store    %s%n", outcome.peer());
    };
  }

  private static boolean isAlwaysTold(Kind kind) {
    return kind.weight() == Weight.WRONG && kind != Kind.BEHIND && kind != Kind.NO_EVENT;
  }

  /** The last line. */
  static String verdict(Outcome outcome) {
    Tally tally = outcome.tally();
    return switch (outcome.verdict()) {
      case WHOLE ->
          switch (outcome.with()) {
            case LEADER -> "WHOLE: every event that can be judged is in the topic, once, as it is";
            case SINK -> "WHOLE: the sink sends every event of the topic, once, as it is";
            case STORE -> "WHOLE: the store has every event of the topic, once, as it is";
          };
      case WRONG ->
          "WRONG: "
              + ofWeight(Weight.WRONG).stream()
                  .filter(kind -> tally.of(kind).events() > 0)
                  .map(
                      kind ->
                          String.format(
                              Locale.ROOT, "%,d %s", tally.of(kind).events(), kind.text()))
                  .collect(Collectors.joining(", "));
      case NOT_JUDGED -> "NOT JUDGED: nothing is known to be wrong, but not all could be judged";
    };
  }

  private static List<Kind> ofWeight(Weight weight) {
    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
    kinds.removeIf(kind -> kind.weight() != weight);
    return kinds;
  }

  private static void line(StringBuilder out, String what, long events) {
    out.append(String.format(Locale.ROOT, "  %-28s %,15d%n", what, events));
  }

  private static String topics(List<TopicPartition> partitions) {
    List<String> topics = partitions.stream().map(TopicPartition::topic).distinct().toList();
    return (topics.size() == 1 ? topics.get(0) : topics.size() + " topics, " + topics.get(0) + " …")
        + " ("
        + partitions.size()
        + (partitions.size() == 1 ? " partition)" : " partitions)");
  }

  private static void detail(StringBuilder out, Kind kind, Outcome outcome) {
    Tally.Count count = outcome.tally().of(kind);
    out.append('\n').append(kind.text()).append('\n');
    if (!count.parts().isEmpty()) {
      group(out, "what", named(count.parts(), part -> part.name().toLowerCase(Locale.ROOT)));
    }
    group(out, "by tenant", named(count.tenants(), outcome.names()::name));
    group(out, "by type", named(count.types(), outcome.names()::name));
    group(out, "by hour", named(count.hours(), Report::hour));
    String head = "e.g.";
    for (Tally.Example example : count.examples()) {
      out.append(String.format(Locale.ROOT, "  %-9s  %s%n", head, example(example, outcome)));
      head = "";
    }
  }

  private static String example(Tally.Example example, Outcome outcome) {
    Fingerprint what = example.what();
    String parts =
        example.parts().stream()
            .sorted()
            .map(part -> part.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return EventIds.text(what.idHigh(), what.idLow())
        + "  "
        + Timestamps.ofMicros(what.micros())
        + "  "
        + outcome.names().name(what.typeName())
        + "  "
        + outcome.names().name(outcome.tally().tenant(what, example.at()))
        + (example.at() == null ? "" : "  at " + place(example.at(), outcome))
        + (parts.isEmpty() ? "" : "  (" + parts + ")");
  }

  private static String place(Fingerprint record, Outcome outcome) {
    return outcome.partitions().get(record.source()) + "@" + record.place();
  }

  private static void group(StringBuilder out, String head, Map<String, Long> counts) {
    List<String> shown =
        counts.entrySet().stream()
            .limit(LISTED)
            .map(one -> String.format(Locale.ROOT, "%s %,d", one.getKey(), one.getValue()))
            .toList();
    out.append(
        String.format(
            Locale.ROOT,
            "  %-9s  %s%s%n",
            head,
            String.join(", ", shown),
            counts.size() > LISTED ? ", and " + (counts.size() - LISTED) + " more" : ""));
  }

  /** The most frequent first. */
  private static <K> Map<String, Long> named(Map<K, Long> counts, Function<K, String> name) {
    Map<String, Long> named = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<K, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(one -> name.apply(one.getKey())))
        .forEach(one -> named.merge(name.apply(one.getKey()), one.getValue(), Long::sum));
    return named;
  }

  private static String hour(long hour) {
    return hour == Tally.OTHER_HOURS
        ? "(others)"
        : Timestamps.ofMicros(hour * HOUR_MICROS).substring(0, 13);
  }

  private static String second(long micros) {
    return Timestamps.ofMicros(micros - Math.floorMod(micros, 1_000_000L));
  }

  /** For machines, where nothing could be judged. */
  static String notJudged(String why) {
    return new ObjectMapper()
        .createObjectNode()
        .put("verdict", "not_judged")
        .put("why", why)
        .toString();
  }

  /**
   * For machines.
   *
   * @param repaired how many events a repair has brought; -1 if there was none
   */
  static String json(Outcome outcome, long repaired) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("verdict", outcome.verdict().name().toLowerCase(Locale.ROOT));
    root.put(outcome.with().name().toLowerCase(Locale.ROOT), outcome.peer());
    root.put("snapshot_files", outcome.files());
    root.put("snapshot_bytes", outcome.bytes());
    root.put("asked_at", Timestamps.ofMicros(outcome.askedAt()));
    root.put("read_at", Timestamps.ofMicros(outcome.readAt()));
    root.put("partitions", outcome.partitions().size());
    root.put("rows", outcome.rows());
    root.put("events", outcome.events());
    root.put("records", outcome.records());
    root.put("matched", outcome.matched());
    ObjectNode findings = root.putObject("findings");
    for (Kind kind : Kind.values()) {
      finding(findings.putObject(kind.name().toLowerCase(Locale.ROOT)), kind, outcome);
    }
    if (repaired >= 0) {
      root.put("repaired", repaired);
    }
    ArrayNode notes = root.putArray("notes");
    outcome.notes().forEach(notes::add);
    return root.toString();
  }

  private static void finding(ObjectNode to, Kind kind, Outcome outcome) {
    Tally.Count count = outcome.tally().of(kind);
    Named names = outcome.names();
    to.put("weight", kind.weight().name().toLowerCase(Locale.ROOT));
    to.put("events", count.events());
    if (count.events() == 0) {
      return;
    }
    put(to, "parts", named(count.parts(), part -> part.name().toLowerCase(Locale.ROOT)));
    put(to, "tenants", named(count.tenants(), names::name));
    put(to, "types", named(count.types(), names::name));
    put(to, "hours", named(count.hours(), Report::hour));
    ArrayNode examples = to.putArray("examples");
    for (Tally.Example example : count.examples()) {
      ObjectNode one = examples.addObject();
      Fingerprint what = example.what();
      one.put("id", EventIds.text(what.idHigh(), what.idLow()));
      one.put("timestamp", Timestamps.ofMicros(what.micros()));
      one.put("event_type", names.name(what.typeName()));
      one.put("tenant_id", names.name(outcome.tally().tenant(what, example.at())));
      if (example.at() != null) {
        TopicPartition partition = outcome.partitions().get(example.at().source());
        one.put("topic", partition.topic());
        one.put("partition", partition.partition());
        one.put("offset", example.at().place());
      }
      ArrayNode parts = one.putArray("parts");
      for (Part part : Part.values()) {
        if (example.parts().contains(part)) {
          parts.add(part.name().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  private static void put(ObjectNode to, String name, Map<String, Long> counts) {
    ObjectNode group = to.putObject(name);
    counts.forEach(group::put);
  }
}
