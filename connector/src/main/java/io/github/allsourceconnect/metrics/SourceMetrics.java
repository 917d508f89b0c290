package io.github.allsourceconnect.metrics;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source's figures in JMX: {@code io.github.allsourceconnect:type=source-metrics,connector=<name>,task=0}.
 * The suppliers are called by whoever reads; they must be for any thread and never wait.
 */
public final class SourceMetrics implements DynamicMBean, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceMetrics.class);
  private static final String DOMAIN = "io.github.allsourceconnect";

  /** Not listed: tells which object answers under a name. */
  private static final String OWNER = "owner";

  private final Supplier<Map<String, ?>> figures;
  private final MBeanServer server;
  private final ObjectName name;

  /**
   * Registers the figures; those of an earlier task of that name that is still there give way.
   *
   * @param figures numbers and texts by attribute name; the names may become more
   */
  public SourceMetrics(String connector, Supplier<Map<String, ?>> figures) {
    this.figures = figures;
    this.server = ManagementFactory.getPlatformMBeanServer();
    this.name = register(connector);
  }

  private ObjectName register(String connector) {
    String value =
        connector.matches("[a-zA-Z0-9._-]+") ? connector : ObjectName.quote(connector);
    try {
      ObjectName wanted =
          new ObjectName(DOMAIN + ":type=source-metrics,connector=" + value + ",task=0");
      try {
        server.registerMBean(this, wanted);
      } catch (InstanceAlreadyExistsException e) {
        LOG.debug("Metrics of an earlier task give way", e);
        unregister(wanted);
        server.registerMBean(this, wanted);
      }
      return wanted;
    } catch (JMException e) {
      LOG.warn("The metrics of {} can't be registered in JMX", connector, e);
      return null;
    }
  }

  private void unregister(ObjectName which) throws JMException {
    try {
      server.unregisterMBean(which);
    } catch (InstanceNotFoundException e) {
      LOG.debug("Already gone: {}", which, e);
    }
  }

  /** All figures now. */
  public Map<String, Object> all() {
    return new LinkedHashMap<>(figures.get());
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    if (attribute.equals(OWNER)) {
      return System.identityHashCode(this);
    }
    Object value = figures.get().get(attribute);
    if (value == null) {
      throw new AttributeNotFoundException("no such figure: " + attribute);
    }
    return value;
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    Map<String, ?> now = figures.get();
    AttributeList list = new AttributeList();
    for (String attribute : attributes) {
      if (now.get(attribute) != null) {
        list.add(new Attribute(attribute, now.get(attribute)));
      }
    }
    return list;
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException("figures can't be set");
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  @Override
  public Object invoke(String actionName, Object[] params, String[] signature) {
    throw new UnsupportedOperationException("there are no operations");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    MBeanAttributeInfo[] attributes =
        figures.get().entrySet().stream()
            .map(
                figure ->
                    new MBeanAttributeInfo(
                        figure.getKey(),
                        figure.getValue() instanceof Number ? "long" : "java.lang.String",
                        figure.getKey().replace('-', ' '),
                        true,
                        false,
                        false))
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(
        SourceMetrics.class.getName(), "AllSource source", attributes, null, null, null);
  }

  /** Unregisters them, unless a later task's took their place. */
  @Override
  public void close() {
    try {
      if (name != null && server.isRegistered(name)) {
        Object owner = server.getAttribute(name, OWNER);
        if (owner.equals(System.identityHashCode(this))) {
          unregister(name);
        }
      }
    } catch (JMException e) {
      LOG.debug("While unregistering {}", name, e);
    }
  }
}
