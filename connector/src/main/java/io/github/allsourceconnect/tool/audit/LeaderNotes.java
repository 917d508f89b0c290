package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.tool.audit.decision.Kind;
import io.github.allsourceconnect.tool.audit.decision.Part;
import io.github.allsourceconnect.tool.audit.decision.Tally;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is to be said beside the numbers of an audit of a leader. Stateless. */
final class LeaderNotes {
  /** Settings by which a connector lets events go by, and the values that do so. */
  private static final Map<String, Set<String>> LETTING_GO =
      Map.of(
          "errors.tolerance", Set.of("all"),
          "record.refused.policy", Set.of("skip", "dlq"),
          "topic.invalid.policy", Set.of("dlq"),
          "corrupt.entry.policy", Set.of("skip", "dlq"),
          "gap.policy", Set.of("continue"));

  private LeaderNotes() {}

  /**
   * The notes, in their order.
   *
   * @param failing an event at which the connector fails; null for none
   */
  static List<String> of(Target target, Tally tally, String failing) {
    List<String> notes = new ArrayList<>();
    boolean lacks = has(tally, Kind.MISSING) || has(tally, Kind.BEHIND);
    String transforms = target.setting("transforms");
    if (transforms != null && !transforms.isBlank()) {
      notes.add(
          "the connector has transformations ("
              + transforms
              + "): what they drop or change counts as missing or altered");
    }
    if (target.narrowed()) {
      notes.add(
          "--topic names other topics than the connector's settings: what it has produced elsewhere"
              + " counts as missing");
    }
    String lettingGo = lettingGo(target);
    if (lacks && !lettingGo.isEmpty()) {
      notes.add(
          "the connector's settings let events go by without a record ("
              + lettingGo
              + "): what went by, and would not now by its row alone, counts as missing");
    }
    if (lacks && failing != null) {
      notes.add("the connector fails at the event " + failing);
    }
    if (has(tally, Kind.TWICE)
        && target.known()
        && !"required".equals(target.setting("exactly.once.support"))) {
      notes.add(
          "the connector does not say exactly.once.support=required: a restart of its task may"
              + " repeat events");
    }
    EnumSet<Part> untold = EnumSet.complementOf(target.told());
    if (!untold.isEmpty()) {
      notes.add(
          "record.headers leaves them out, so they are not compared: "
              + untold.stream()
                  .map(part -> part.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", ")));
    }
    byKind(target, tally, notes);
    return notes;
  }

  private static void byKind(Target target, Tally tally, List<String> notes) {
    if (has(tally, Kind.BEHIND)) {
      notes.add(
          "the topic has nothing as new as the events that count as behind: the source is late, or"
              + " stopped, or the topic's end is lost; when it runs again, audit again");
    }
    if (has(tally, Kind.TOO_NEW) && target.mode() == SnapshotMode.INITIAL_ONLY) {
      notes.add(
          "snapshot.mode=initial_only: whether what is newer than all of the topic was in the"
              + " source's snapshot can't be told");
    }
    if (has(tally, Kind.PERHAPS_REMOVED)) {
      notes.add(
          "partitions of the topic begin at different times, so of what is newer than the oldest"
              + " beginning and not in the topic it can't be told whether Kafka has removed it; the"
              + " time that the topic keeps events is not over for it");
    }
    if (has(tally, Kind.UNDECIDED)) {
      notes.add(
          "the connector chooses or refuses by tenant, and the store's files tell none: of what is"
              + " not in the topic it can't be told whether it was left out, unless its file holds"
              + " one tenant only and something of it is in the topic");
    }
  }

  private static boolean has(Tally tally, Kind kind) {
    return tally.of(kind).events() > 0;
  }

  private static String lettingGo(Target target) {
    return LETTING_GO.entrySet().stream()
        .filter(
            one -> {
              String value = target.setting(one.getKey());
              return value != null
                  && one.getValue().contains(value.trim().toLowerCase(Locale.ROOT));
            })
        .map(one -> one.getKey() + "=" + target.setting(one.getKey()).trim())
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
