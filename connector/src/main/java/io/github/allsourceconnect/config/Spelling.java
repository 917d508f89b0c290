package io.github.allsourceconnect.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.ConfigDef;

/** Finds keys that nobody knows, and what was meant by them. */
final class Spelling {
  /** What Connect takes of any connector. */
  private static final Set<String> CONNECT =
      Set.of(
          "name",
          "connector.class",
          "connector.plugin.version",
          "tasks.max",
          "tasks.max.enforce",
          "key.converter",
          "value.converter",
          "header.converter",
          "config.action.reload",
          "transforms",
          "predicates",
          "errors.retry.timeout",
          "errors.retry.delay.max.ms",
          "errors.tolerance",
          "errors.log.enable",
          "errors.log.include.messages");

  private static final Set<String> CONNECT_SOURCE =
      Set.of(
          "topic.creation.groups",
          "exactly.once.support",
          "transaction.boundary",
          "transaction.boundary.interval.ms",
          "offsets.storage.topic");

  private static final Set<String> CONNECT_SINK =
      Set.of(
          "topics",
          "topics.regex",
          "errors.deadletterqueue.topic.name",
          "errors.deadletterqueue.topic.replication.factor",
          "errors.deadletterqueue.context.headers.enable");

  /** What begins so is for others to read. */
  private static final List<String> PREFIXES =
      List.of(
          "key.converter.",
          "value.converter.",
          "header.converter.",
          "transforms.",
          "predicates.",
          "topic.creation.",
          "producer.override.",
          "consumer.override.",
          "admin.override.",
          "log.key.converter.",
          "log.value.converter.",
          "log.header.converter.",
          "allsource.");

  private Spelling() {}

  /**
   * Looks at keys that nobody reads.
   *
   * @param resembling told of each that resembles a known key, and what to say of it
   * @return the others, in order
   */
  static List<String> check(
      ConfigDef def,
      boolean source,
      Map<String, String> keys,
      BiConsumer<String, String> resembling) {
    Set<String> known = new TreeSet<>(def.names());
    known.addAll(CONNECT);
    known.addAll(source ? CONNECT_SOURCE : CONNECT_SINK);
    List<String> foreign = new ArrayList<>();
    for (String key : new TreeSet<>(keys.keySet())) {
      ClientSettings clients = source ? null : clients(key);
      String prefix = clients == null ? "" : clients.prefix();
      Set<String> names = clients == null ? known : clients.names();
      String name = key.substring(prefix.length());
      if (names.contains(name)
          || (clients == null && PREFIXES.stream().anyMatch(key::startsWith))) {
        continue;
      }
      String meant = nearest(name, names);
      if (meant == null) {
        foreign.add(key);
      } else {
        resembling.accept(key, "is not known; did you mean " + prefix + meant + "?");
      }
    }
    return foreign;
  }

  private static ClientSettings clients(String key) {
    return ClientSettings.ALL.stream()
        .filter(each -> key.startsWith(each.prefix()))
        .findFirst()
        .orElse(null);
  }

  /** The name that differs least, if that is little for its length or a word is left out. */
  private static String nearest(String name, Collection<String> names) {
    List<String> longer = names.stream().filter(each -> lacksAWord(name, each)).toList();
    if (longer.size() == 1) {
      return longer.get(0);
    }
    String nearest = null;
    int least = Math.min(3, Math.max(1, name.length() / 5)) + 1;
    for (String each : names) {
      int distance = distance(name, each);
      if (distance < least) {
        least = distance;
        nearest = each;
      }
    }
    return nearest;
  }

  /** Whether a name begins and ends as another does, and lacks one word of it between. */
  private static boolean lacksAWord(String name, String other) {
    List<String> words = List.of(name.split("[._-]"));
    List<String> others = new ArrayList<>(List.of(other.split("[.]")));
    if (words.size() < 2 || others.size() != words.size() + 1) {
      return false;
    }
    int same = 0;
    while (same < words.size() && like(words.get(same), others.get(same))) {
      same++;
    }
    if (same == 0 || same == words.size()) {
      return false;
    }
    others.remove(same);
    for (int i = same; i < words.size(); i++) {
      if (!like(words.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean like(String word, String other) {
    return distance(word, other) <= (other.length() > 3 ? 1 : 0);
  }

  /** How many letters must be put in, left out, changed or swapped with the next. */
  private static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      int[] free = before;
      before = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
