package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.Template;
import io.github.allsourceconnect.config.Template.Kind;
import io.github.allsourceconnect.config.Template.Variable;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.record.BoundedMatch.Undecided;
import io.github.allsourceconnect.source.record.Refusal.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Topic names from the template. The variables' values are chosen by whoever writes events, so a
 * name is only given if it is one that they may choose: no character of theirs is replaced and
 * nothing is cut, no two sets of values give the same name, and neither internal topics nor the
 * dead-letter and ledger topics can be named. Names given before are kept, up to a bound. One
 * thread.
 */
final class TopicNames {
  private static final int KEPT_MAX = 10_000;
  private static final int LENGTH_MAX = 249;

  private final Template template;
  private final TemplateValues values;
  private final Pattern allowed;
  private final String deadLetterTopic;
  private final String ledgerTopic;
  private final Map<List<String>, String> kept = new HashMap<>();

  /** Those of the event asked about. */
  private final String[] current;

  private List<String> last = List.of();
  private String lastName;

  /**
   * @param allowed what whole names must match; null: nothing
   * @param deadLetterTopic null if there is none
   * @param ledgerTopic null if there is none
   */
  TopicNames(
      Template template,
      TemplateValues values,
      Pattern allowed,
      String deadLetterTopic,
      String ledgerTopic) {
    this.template = template.withLeader(values.leader());
    this.values = values;
    this.allowed = allowed;
    this.deadLetterTopic = deadLetterTopic;
    this.ledgerTopic = ledgerTopic;
    current = new String[this.template.variables().size()];
  }

  /** The topic, or null if there is none for such events ({@link #refusal} tells why). */
  String of(Event event, String tenant) {
    if (current.length == 0) {
      return template.literals().get(0);
    }
    boolean same = last.size() == current.length;
    for (int i = 0; i < current.length; i++) {
      current[i] = values.of(template.variables().get(i), event, tenant);
      if (current[i] == null) {
        return null;
      }
      same = same && current[i].equals(last.get(i));
    }
    return same ? lastName : known();
  }

  private String known() {
    List<String> key = List.of(current);
    String name = kept.get(key);
    if (name == null && refusal() == null) {
      name = name();
      if (kept.size() >= KEPT_MAX) {
        kept.clear();
      }
      kept.put(key, name);
    }
    if (name != null) {
      last = key;
      lastName = name;
    }
    return name;
  }

  /** Why such events have no topic; null if they have one. */
  Refusal refusal(Event event, String tenant) {
    for (int i = 0; i < current.length; i++) {
      Variable variable = template.variables().get(i);
      current[i] = values.of(variable, event, tenant);
      if (current[i] == null) {
        return new Refusal(
            Reason.TOPIC_NAME,
            variable.name(),
            variable.kind() == Kind.PAYLOAD
                ? "is not text, number or boolean, and the topic's template has no fallback for it"
                : "is not in the entity id \""
                    + Printable.of(event.entityId())
                    + "\", and the topic's template has no fallback for it");
      }
    }
    return refusal();
  }

  private Refusal refusal() {
    for (int i = 0; i < current.length; i++) {
      String value = current[i];
      if (value.isEmpty()) {
        return refusal(i, "is empty");
      }
      if (value.length() > LENGTH_MAX) {
        return refusal(i, "is longer than a topic's name may be");
      }
      if (!isLegal(value)) {
        return refusal(i, "has characters that no topic's name may have");
      }
      String next = template.literals().get(i + 1);
      if (i + 1 < current.length && (value + next).indexOf(next) < value.length()) {
        return refusal(
            i, "holds '" + next + "', which ends it in the template: names would collide");
      }
    }
    String name = name();
    String wrong =
        name.length() > LENGTH_MAX
            ? "is longer than " + LENGTH_MAX + " characters"
            : name.equals(".") || name.equals("..")
                ? "is not a topic's name"
                : name.startsWith("__")
                    ? "begins with __, as internal topics do"
                    : isOwn(name, deadLetterTopic)
                        ? "is that of dlq.topic, as Kafka sees it"
                        : isOwn(name, ledgerTopic)
                            ? "is that of ledger.topic, as Kafka sees it"
                            : notAllowed(name);
    if (wrong == null) {
      return null;
    }
    // what stands in a payload is not shown
    String shown = template.has(Kind.PAYLOAD) ? "a name" : "the name " + Printable.of(name);
    return refusal(current.length - 1, "gives " + shown + ", which " + wrong);
  }

  /** Why the expression does not let the name through; null if it does. */
  private String notAllowed(String name) {
    try {
      return allowed == null || BoundedMatch.matches(allowed, name)
          ? null
          : "does not match topic.name.regex";
    } catch (Undecided e) {
      return "can't be matched with topic.name.regex, whose expression takes too long for it";
    }
  }

  private static boolean isOwn(String name, String ownTopic) {
    return ownTopic != null && same(name).equals(same(ownTopic));
  }

  private Refusal refusal(int index, String why) {
    Variable variable = template.variables().get(index);
    String value =
        variable.kind() == Kind.PAYLOAD ? "" : "\"" + Printable.of(current[index]) + "\" ";
    return new Refusal(Reason.TOPIC_NAME, variable.name(), value + why);
  }

  private String name() {
    StringBuilder name = new StringBuilder(template.literals().get(0));
    for (int i = 0; i < current.length; i++) {
      name.append(current[i]).append(template.literals().get(i + 1));
    }
    return name.toString();
  }

  /** What is the same of names that Kafka keeps no two topics of. */
  private static String same(String name) {
    return name.replace('.', '_');
  }

  private static boolean isLegal(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '.'
          || c == '_'
          || c == '-')) {
        return false;
      }
    }
    return true;
  }
}
