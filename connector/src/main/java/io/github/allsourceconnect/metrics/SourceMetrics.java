package io.github.allsourceconnect.metrics;

import io.github.allsourceconnect.source.decision.Ledger;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
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
 * The source's figures as a JMX bean, {@code
 * io.github.allsourceconnect:type=source-metrics,connector=NAME,task=0}. Published by the
 * follower's thread, read by any.
 */
public final class SourceMetrics implements DynamicMBean, MBeanRegistration, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceMetrics.class);

  private final ObjectName name;
  private volatile Map<String, Object> figures = Map.of();
  private volatile boolean shown;

  /** Registers the bean; one that a task left behind is replaced. */
  public SourceMetrics(String connector) {
    try {
      name =
          new ObjectName(
              "io.github.allsourceconnect:type=source-metrics,connector="
                  + (connector.matches("[\\w.-]+") ? connector : ObjectName.quote(connector))
                  + ",task=0");
      unregister();
      ManagementFactory.getPlatformMBeanServer().registerMBean(this, name);
    } catch (JMException e) {
      throw new IllegalStateException("The metrics can't be registered: " + e.getMessage(), e);
    }
  }

  /** The ledger's figures by their attribute names. */
  public static Map<String, Number> of(Ledger ledger) {
    Map<String, Number> map = new LinkedHashMap<>();
    map.put("delivered", ledger.delivered);
    map.put("outOfOrder", ledger.outOfOrder);
    map.put("producedLive", ledger.producedLive);
    map.put("snapshotRows", ledger.snapshotRows);
    map.put("repaired", ledger.repaired);
    map.put("duplicates", ledger.duplicates);
    map.put("gaps", ledger.gaps);
    map.put("gapOffsets", ledger.gapOffsets);
    map.put("repairs", ledger.repairs);
    map.put("unverifiedRepairs", ledger.unverifiedRepairs);
    map.put("snapshotRequests", ledger.snapshotRequests);
    map.put("snapshotFailures", ledger.snapshotFailures);
    map.put("unaccounted", ledger.unaccounted);
    map.put("late", ledger.late);
    map.put("corrupt", ledger.corrupt);
    map.put("regressions", ledger.regressions);
    map.put("surplusRows", ledger.surplusRows);
    map.put("racedRows", ledger.racedRows);
    map.put("foreignRows", ledger.foreignRows);
    map.put("tenantUnknown", ledger.tenantUnknown);
    map.put("heldForgotten", ledger.heldForgotten);
    map.put("listCut", ledger.listCut);
    map.put("connections", ledger.connections);
    map.put("highestOffset", ledger.highestOffset);
    map.put("walOffset", ledger.walOffset);
    map.put("held", ledger.held);
    map.put("open", ledger.open);
    map.put("latenessMicros", ledger.latenessMicros);
    map.put("displacement", ledger.displacement);
    map.put("balance", ledger.balance());
    return map;
  }

  /** New figures. */
  public void publish(Map<String, Number> numbers, String state, String leader) {
    Map<String, Object> all = new LinkedHashMap<>(numbers);
    all.put("state", state);
    all.put("leader", leader);
    figures = all;
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    Object value = figures.get(attribute);
    if (value == null) {
      throw new AttributeNotFoundException(attribute);
    }
    return value;
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException(attribute.getName() + " can't be written");
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    AttributeList list = new AttributeList();
    Map<String, Object> now = figures;
    for (String attribute : attributes) {
      Object value = now.get(attribute);
      if (value != null) {
        list.add(new Attribute(attribute, value));
      }
    }
    return list;
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
        figures.entrySet().stream()
            .map(
                figure ->
                    new MBeanAttributeInfo(
                        figure.getKey(),
                        figure.getValue().getClass().getName(),
                        figure.getKey(),
                        true,
                        false,
                        false))
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(
        SourceMetrics.class.getName(), "Figures of the source", attributes, null, null, null);
  }

  private void unregister() throws JMException {
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      LOG.trace("No bean to replace", e);
    }
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

  /** Also when a later task of the connector replaces this one's figures. */
  @Override
  public void postDeregister() {
    shown = false;
  }

  /** Shows nothing any more; what a later task of the connector shows stays. */
  @Override
  public void close() throws JMException {
    if (shown) {
      unregister();
    }
  }
}
