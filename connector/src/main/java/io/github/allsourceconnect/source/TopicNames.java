package io.github.allsourceconnect.source;

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
    this.template = template.replace("${leader}", legal(leader));
    byTenant = template.contains(TENANT);
    byType = template.contains(TYPE);
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
      name = template.replace(TENANT, legal(t)).replace(TYPE, legal(y));
      if (name.length() > LENGTH_MAX) {
        name = name.substring(0, LENGTH_MAX);
      }
      if (keptCount++ >= KEPT_MAX) {
        kept.clear();
        keptCount = 1;
      }
      kept.computeIfAbsent(t, key -> new HashMap<>()).put(y, name);
    }
    return name;
  }

  private static String legal(String text) {
    return text.replaceAll("[^a-zA-Z0-9._-]", "_");
  }
}
