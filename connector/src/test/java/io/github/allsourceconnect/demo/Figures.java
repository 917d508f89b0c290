package io.github.allsourceconnect.demo;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What the connectors tell of themselves in JMX. */
final class Figures {
  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  private Figures() {}

  /**
   * All numbers of the connectors' beans of a type, by attribute; empty while there are none.
   *
   * @param type {@code source-metrics} or {@code sink-metrics}
   */
  static Map<String, Number> of(String type) {
    Map<String, Number> all = new TreeMap<>();
    try {
      Set<ObjectName> beans =
          SERVER.queryNames(new ObjectName("io.github.allsourceconnect:type=" + type + ",*"), null);
      for (ObjectName bean : beans) {
        for (MBeanAttributeInfo attribute : SERVER.getMBeanInfo(bean).getAttributes()) {
          if (SERVER.getAttribute(bean, attribute.getName()) instanceof Number number) {
            all.put(attribute.getName().toLowerCase(Locale.ROOT), number);
          }
        }
      }
    } catch (JMException e) {
      // the task has just ended: the next look shows what is there then
    }
    return all;
  }
}
