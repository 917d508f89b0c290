package io.github.allsourceconnect.demo;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What a connector's bean shows at a moment. */
record Figures(Map<String, Object> values) {
  private static final String DOMAIN = "io.github.allsourceconnect";

  /** The figures of {@code type} ({@code source-metrics}, {@code sink-metrics}); empty if none. */
  static Figures of(String type, String connector) {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    Map<String, Object> values = new HashMap<>();
    try {
      Set<ObjectName> names =
          server.queryNames(
              new ObjectName(DOMAIN + ":type=" + type + ",connector=" + connector + ",*"), null);
      for (ObjectName name : names) {
        String[] attributes = new String[server.getMBeanInfo(name).getAttributes().length];
        int i = 0;
        for (MBeanAttributeInfo info : server.getMBeanInfo(name).getAttributes()) {
          if (i < attributes.length) {
            attributes[i++] = info.getName();
          }
        }
        for (Object each : server.getAttributes(name, attributes)) {
          Attribute attribute = (Attribute) each;
          values.put(attribute.getName(), attribute.getValue());
        }
      }
    } catch (JMException e) {
      // the bean went while it was read: the task is being restarted
      return new Figures(Map.of());
    }
    return new Figures(values);
  }

  /** A number, 0 where there is none. */
  long number(String name) {
    return values.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** A text, empty where there is none. */
  String text(String name) {
    Object value = values.get(name);
    return value == null ? "" : value.toString();
  }

  boolean isEmpty() {
    return values.isEmpty();
  }
}
