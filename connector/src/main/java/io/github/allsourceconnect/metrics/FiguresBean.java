package io.github.allsourceconnect.metrics;

import io.github.allsourceconnect.protocol.Printable;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanRegistration;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Figures of a task as a JMX bean that can only be read: {@code
 * io.github.allsourceconnect:type=TYPE,connector=NAME,task=N}. Any thread.
 */
final class FiguresBean implements DynamicMBean, MBeanRegistration, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FiguresBean.class);

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final ObjectName name;
  private final String description;
  private final Function<String, Metric> definitions;
  private final Supplier<Map<String, Object>> figures;
  private volatile boolean shown;

  /**
   * Registers the bean; one that an earlier task of the same number left behind is replaced.
   *
   * @param task and whatever else tells this bean from others
   * @param description what the figures are about
   * @param definitions by name; null for names that only earlier releases had
   * @param figures the values of one moment by their names, none of them null
   */
  FiguresBean(
      String type,
      String connector,
      String task,
      String description,
      Function<String, Metric> definitions,
      Supplier<Map<String, Object>> figures) {
    this.description = description;
    this.definitions = definitions;
    this.figures = figures;
    try {
      name =
          new ObjectName(
              "io.github.allsourceconnect:type="
                  + type
                  + ",connector="
                  + (connector.matches("[\\w.-]+") ? connector : ObjectName.quote(connector))
                  + ",task="
                  + task);
      unregister();
      server.registerMBean(this, name);
    } catch (JMException e) {
      throw new IllegalStateException(
          "The metrics of " + Printable.of(connector) + " can't be registered: " + e.getMessage(),
          e);
    }
  }

  private void unregister() throws JMException {
    try {
      server.unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      LOG.trace("No bean to remove", e);
    }
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    Object value = figures.get().get(attribute);
    if (value == null) {
      throw new AttributeNotFoundException(attribute);
    }
    return value;
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    AttributeList list = new AttributeList();
    Map<String, Object> now = figures.get();
    for (String attribute : attributes) {
      Object value = now.get(attribute);
      if (value != null) {
        list.add(new Attribute(attribute, value));
      }
    }
    return list;
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
  public MBeanInfo getMBeanInfo() {
    MBeanAttributeInfo[] attributes =
        figures.get().entrySet().stream()
            .map(
                figure ->
                    new MBeanAttributeInfo(
                        figure.getKey(),
                        figure.getValue().getClass().getName(),
                        help(figure.getKey()),
                        true,
                        false,
                        false))
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(getClass().getName(), description, attributes, null, null, null);
  }

  private String help(String attribute) {
    Metric metric = definitions.apply(attribute);
    if (metric == null) {
      return "As " + attribute.replace('-', ' ') + "; goes with the next release";
    }
    return metric.unit().isEmpty() ? metric.help() : metric.help() + " [" + metric.unit() + "]";
  }

  @Override
  public ObjectName preRegister(MBeanServer server, ObjectName wanted) {
    return wanted;
  }

  @Override
  public void postRegister(Boolean done) {
    shown = done;
  }

  @Override
  public void preDeregister() {}

  /** Also when a later task replaces this one's figures. */
  @Override
  public void postDeregister() {
    shown = false;
  }

  /** Shows nothing any more; what a later task shows stays. */
  @Override
  public void close() throws JMException {
    if (shown) {
      unregister();
    }
  }
}
