package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.record.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Topic names from the template. The variables' values are chosen by whoever writes events, so a
 * name is only given if it is one that they may choose: no character of theirs is replaced and
 * nothing is cut, no two pairs of values give the same name, and neither internal topics nor the
 * dead-letter and ledger topics can be named. Names given before are kept, up to a bound. One
 * thread.
 */
final class TopicNames {
  private static final int KEPT_MAX = 10_000;
  private static final int LENGTH_MAX = 249;
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(tenant_id|event_type)}");
  private static final String TENANT = "tenant_id";
  private static final String TYPE = "event_type";

  private final List<String> variables = new ArrayList<>();

  /** Before the first variable, between two, after the last. */
  private final List<String> literals = new ArrayList<>();

  private final Pattern allowed;
  private final String deadLetterTopic;
  private final String ledgerTopic;
  private final boolean byTenant;
  private final boolean byType;
  private final Map<String, Map<String, String>> kept = new HashMap<>();
  private int keptCount;

  /**
   * @param allowed what whole names must match; null: nothing
   * @param deadLetterTopic null if there is none
   * @param ledgerTopic null if there is none
   */
  TopicNames(
      String template, String leader, Pattern allowed, String deadLetterTopic, String ledgerTopic) {
    String named = template.replace("${leader}", leader);
    Matcher variable = VARIABLE.matcher(named);
    int at = 0;
    while (variable.find()) {
      literals.add(named.substring(at, variable.start()));
      variables.add(variable.group(1));
      at = variable.end();
    }
    literals.add(named.substring(at));
    byTenant = variables.contains(TENANT);
    byType = variables.contains(TYPE);
    this.allowed = allowed;
    this.deadLetterTopic = deadLetterTopic;
    this.ledgerTopic = ledgerTopic;
  }

  /** The topic, or null if there is none for such events ({@link #refusal} tells why). */
  String of(String tenant, String type) {
    if (variables.isEmpty()) {
      return literals.get(0);
    }
    String t = byTenant ? tenant : "";
    String y = byType ? type : "";
    Map<String, String> ofTenant = kept.get(t);
    String name = ofTenant == null ? null : ofTenant.get(y);
    if (name == null && refusal(t, y) == null) {
      name = name(t, y);
      if (keptCount++ >= KEPT_MAX) {
        kept.clear();
        keptCount = 1;
      }
      kept.computeIfAbsent(t, key -> new HashMap<>()).put(y, name);
    }
    return name;
  }

  /** Why such events have no topic; null if they have one. */
  Refusal refusal(String tenant, String type) {
    for (int i = 0; i < variables.size(); i++) {
      String value = value(i, tenant, type);
      if (value.isEmpty()) {
        return refusal(i, value, "is empty");
      }
      if (value.length() > LENGTH_MAX) {
        return refusal(i, value, "is longer than a topic's name may be");
      }
      if (!isLegal(value)) {
        return refusal(i, value, "has characters that no topic's name may have");
      }
      String next = literals.get(i + 1);
      if (i + 1 < variables.size() && (value + next).indexOf(next) < value.length()) {
        return refusal(
            i, value, "holds '" + next + "', which ends it in the template: names would collide");
      }
    }
    String name = name(tenant, type);
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
                            : allowed != null && !allowed.matcher(name).matches()
                                ? "does not match topic.name.regex"
                                : null;
    if (wrong == null) {
      return null;
    }
    int last = variables.size() - 1;
    return refusal(
        last,
        value(last, tenant, type),
        "gives the name " + Printable.of(name) + ", which " + wrong);
  }

  private static boolean isOwn(String name, String ownTopic) {
    return ownTopic != null && same(name).equals(same(ownTopic));
  }

  private Refusal refusal(int variable, String value, String why) {
    return new Refusal(
        Reason.TOPIC_NAME, variables.get(variable), "\"" + Printable.of(value) + "\" " + why);
  }

  private String value(int variable, String tenant, String type) {
    return variables.get(variable).equals(TENANT) ? tenant : type;
  }

  private String name(String tenant, String type) {
    StringBuilder name = new StringBuilder(literals.get(0));
    for (int i = 0; i < variables.size(); i++) {
      name.append(value(i, tenant, type)).append(literals.get(i + 1));
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
