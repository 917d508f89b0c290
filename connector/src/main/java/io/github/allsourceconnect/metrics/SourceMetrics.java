package io.github.allsourceconnect.metrics;

import io.github.allsourceconnect.source.decision.Ledger;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
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
 * The source's figures in JMX: {@code
 * io.github.allsourceconnect:type=source-metrics,connector=<name>,task=0}. They are published as a
 * whole, names in kebab case; readers see the last published. Any thread.
 */
public final class SourceMetrics implements DynamicMBean, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceMetrics.class);
  private static final String DOMAIN = "io.github.allsourceconnect";

  /** Not listed: tells which object answers under a name. */
  private static final String OWNER = "owner";

  private volatile Map<String, Object> figures = Map.of();
  private final MBeanServer server;
  private final ObjectName name;

  /** Registers the figures; those of an earlier task of that name that is still there give way. */
  public SourceMetrics(String connector) {
    this.server = ManagementFactory.getPlatformMBeanServer();
    this.name = register(connector);
  }

  /** The ledger's figures by name; call it on the ledger's thread. */
  public static Map<String, Number> of(Ledger ledger) {
    Map<String, Number> figures = new LinkedHashMap<>();
    for (Field field : Ledger.class.getFields()) {
      if (field.getType() == long.class && !Modifier.isStatic(field.getModifiers())) {
        try {
          figures.put(field.getName(), field.getLong(ledger));
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(field + " is public", e);
        }
      }
    }
    figures.put("balance", ledger.balance());
    return figures;
  }

  /**
   * What is shown from now on; any thread.
   *
   * @param numbers by name, in camel case
   * @param state of the connection to the leader
   * @param address of the leader
   */
  public void publish(Map<String, Number> numbers, String state, String address) {
    Map<String, Object> all = new TreeMap<>();
    numbers.forEach((figure, value) -> all.put(kebab(figure), value.longValue()));
    Number highest = numbers.get("highestOffset");
    Number reached = numbers.get("walOffset");
    if (highest != null && reached != null) {
      all.put("lag", Math.max(0, highest.longValue() - reached.longValue()));
    }
    all.put("connection-state", state);
    all.put("leader-address", address);
    figures = Collections.unmodifiableMap(all);
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private ObjectName register(String connector) {
    String value = connector.matches("[a-zA-Z0-9._-]+") ? connector : ObjectName.quote(connector);
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

  /** All figures as last published, by name. */
  public Map<String, Object> all() {
    return figures;
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    if (attribute.equals(OWNER)) {
      return System.identityHashCode(this);
    }
    Object value = figures.get(attribute);
    if (value == null) {
      throw new AttributeNotFoundException("no such figure: " + attribute);
    }
    return value;
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    Map<String, Object> now = figures;
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
        figures.entrySet().stream()
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
