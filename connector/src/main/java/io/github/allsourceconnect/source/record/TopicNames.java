package io.github.allsourceconnect.source.record;

import java.util.HashMap;
import java.util.Map;

/** Topic names from the template; those made before are kept, up to a bound. One thread. */
final class TopicNames {
  private static final int KEPT_MAX = 10_000;
  private static final int LENGTH_MAX = 249;
  private static final String TENANT = "${tenant_id}";
  private static final String TYPE = "${event_type}";

  private final String template;
  private final boolean byTenant;
  private final boolean byType;
  private final Map<String, Map<String, String>> kept = new HashMap<>();
  private int keptCount;

  TopicNames(String template, String leader) {
    String named = template.replace("${leader}", legal(leader));
    byTenant = template.contains(TENANT);
    byType = template.contains(TYPE);
    this.template = byTenant || byType ? named : whole(named);
  }

  String of(String tenant, String type) {
    if (!byTenant && !byType) {
      return template;
    }
    String t = byTenant ? tenant : "";
    String y = byType ? type : "";
    Map<String, String> ofTenant = kept.get(t);
    String name = ofTenant == null ? null : ofTenant.get(y);
    if (name == null) {
      name = whole(template.replace(TENANT, legal(t)).replace(TYPE, legal(y)));
      if (keptCount++ >= KEPT_MAX) {
        kept.clear();
        keptCount = 1;
      }
      kept.computeIfAbsent(t, key -> new HashMap<>()).put(y, name);
    }
    return name;
  }

  private static String legal(String text) {
    return text.isEmpty() ? "_" : text.replaceAll("[^a-zA-Z0-9._-]", "_");
  }

  /** Kafka has no topics {@code .} and {@code ..}, nor any with longer names. */
  private static String whole(String name) {
    if (name.equals(".") || name.equals("..")) {
      return name.replace('.', '_');
    }
    return name.length() > LENGTH_MAX ? name.substring(0, LENGTH_MAX) : name;
  }
}
