package io.github.allsourceconnect.metrics;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sink's figures in JMX: {@code
 * io.github.allsourceconnect:type=sink-metrics,connector=…,task=…}, with totals under plain names
 * and each partition's under {@code partition-<n>-…}. Read by any thread; partitions come and go on
 * the task's.
 */
public final class SinkMetrics implements DynamicMBean, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkMetrics.class);

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final ObjectName name;
  private final Map<Integer, Map<String, Supplier<Object>>> partitions = new ConcurrentHashMap<>();

  /** Registers the figures of a task; those of an earlier task of the same number are replaced. */
  public SinkMetrics(String connector, String task) {
    try {
      name =
          new ObjectName(
              "io.github.allsourceconnect:type=sink-metrics,connector="
                  + ObjectName.quote(connector).replaceAll("^\"([A-Za-z0-9._-]+)\"$", "$1")
                  + ",task="
                  + task);
      if (server.isRegistered(name)) {
        server.unregisterMBean(name);
      }
      server.registerMBean(this, name);
    } catch (JMException e) {
      throw new IllegalStateException("the metrics of " + connector + " can't be registered", e);
    }
  }

  /**
   * Shows a partition.
   *
   * @param figures by name; {@code bytes-sent}, {@code followers} and others that make the totals
   *     are longs
   */
  public void add(int partition, Map<String, Supplier<Object>> figures) {
    partitions.put(partition, Map.copyOf(figures));
  }

  /** Shows a partition no longer. */
  public void remove(int partition) {
    partitions.remove(partition);
  }

  private Map<String, Supplier<Object>> attributes() {
    Map<String, Supplier<Object>> all = new TreeMap<>();
    all.put("partitions", () -> (long) partitions.size());
    for (String total :
        List.of(
            "followers",
            "followers-catching-up",
            "followers-refused",
            "bytes-sent",
            "memory-bytes",
            "snapshots-running")) {
      all.put(total, () -> total(total));
    }
    partitions.forEach(
        (partition, shown) ->
            shown.forEach((n, value) -> all.put("partition-" + partition + "-" + n, value)));
    return all;
  }

  private long total(String name) {
    return partitions.values().stream()
        .mapToLong(shown -> ((Number) shown.get(name).get()).longValue())
        .sum();
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    Supplier<Object> value = attributes().get(attribute);
    if (value == null) {
      throw new AttributeNotFoundException(attribute);
    }
    return value.get();
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    AttributeList list = new AttributeList();
    Map<String, Supplier<Object>> all = attributes();
    for (String each : names) {
      if (all.containsKey(each)) {
        list.add(new Attribute(each, all.get(each).get()));
      }
    }
    return list;
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    List<MBeanAttributeInfo> infos = new ArrayList<>();
    attributes()
        .forEach(
            (n, value) -> {
              String type =
                  n.endsWith("-topic") || n.endsWith("-address")
                      ? String.class.getName()
                      : n.endsWith("-port") ? Integer.class.getName() : Long.class.getName();
              infos.add(new MBeanAttributeInfo(n, type, n.replace('-', ' '), true, false, false));
            });
    return new MBeanInfo(
        getClass().getName(),
        "What the AllSource sink serves",
        infos.toArray(new MBeanAttributeInfo[0]),
        null,
        null,
        null);
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException(attribute.getName() + " can't be set");
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  @Override
  public Object invoke(String action, Object[] parameters, String[] signature) {
    throw new UnsupportedOperationException(action);
  }

  @Override
  public void close() {
    try {
      if (server.isRegistered(name)) {
        server.unregisterMBean(name);
      }
    } catch (JMException e) {
      LOG.warn("The metrics {} could not be removed", name, e);
    }
  }
}
