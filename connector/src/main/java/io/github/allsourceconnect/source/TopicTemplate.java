package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Names of topics from a template with {@code ${tenant_id}}, {@code ${event_type}} and {@code
 * ${leader}}. Characters of the values that no topic may have become {@code _}, an empty value
 * becomes {@code _}; a name that is too long is cut and ends in a checksum of the whole. The same
 * values always give the same name. One thread.
 */
final class TopicTemplate {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
  private static final int LENGTH_MAX = 249;
  private static final int CACHED_MAX = 10_000;
  private static final String TENANT = "tenant_id";
  private static final String TYPE = "event_type";

  private record Values(String tenant, String eventType) {}

  /** Texts and, at odd places, variables. */
  private final List<String> parts = new ArrayList<>();

  private final String constant;
  private final boolean usesTenant;
  private final boolean usesType;
  private final Map<Values, String> cache = new HashMap<>();

  TopicTemplate(String template, String leader) {
    Matcher variable = VARIABLE.matcher(template);
    StringBuilder text = new StringBuilder();
    int end = 0;
    boolean tenant = false;
    boolean type = false;
    while (variable.find()) {
      text.append(template, end, variable.start());
      end = variable.end();
      String name = variable.group(1);
      if (name.equals("leader")) {
        text.append(legal(leader));
        continue;
      }
      tenant |= name.equals(TENANT);
      type |= name.equals(TYPE);
      parts.add(text.toString());
      parts.add(name);
      text.setLength(0);
    }
    parts.add(text.append(template.substring(end)).toString());
    usesTenant = tenant;
    usesType = type;
    constant = parts.size() == 1 ? bounded(parts.get(0)) : null;
  }

  /**
   * @param tenant what stands for the tenant
   */
  String topic(String tenant, String eventType) {
    if (constant != null) {
      return constant;
    }
    Values values = new Values(usesTenant ? tenant : "", usesType ? eventType : "");
    String known = cache.get(values);
    if (known != null) {
      return known;
    }
    if (cache.size() == CACHED_MAX) {
      cache.clear();
    }
    String topic = build(values);
    cache.put(values, topic);
    return topic;
  }

  private String build(Values values) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      if (i % 2 == 0) {
        name.append(part);
      } else {
        name.append(legal(part.equals(TENANT) ? values.tenant() : values.eventType()));
      }
    }
    return bounded(name.toString());
  }

  private static String legal(String value) {
    return value.isEmpty() ? "_" : value.replaceAll("[^a-zA-Z0-9._-]", "_");
  }

  private static String bounded(String name) {
    if (name.equals(".") || name.equals("..")) {
      return name.replace('.', '_');
    }
    if (name.length() <= LENGTH_MAX) {
      return name;
    }
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(UTF_8));
    String tail = String.format(Locale.ROOT, "-%08x", crc.getValue());
    return name.substring(0, LENGTH_MAX - tail.length()) + tail;
  }
}
