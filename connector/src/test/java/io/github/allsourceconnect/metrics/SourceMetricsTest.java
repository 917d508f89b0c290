package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.position.Ledger;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class SourceMetricsTest {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  @Test
  void showsWhatWasPublished() throws Exception {
    ObjectName name =
        new ObjectName(
            "io.github.allsourceconnect:type=source-metrics,connector=metrics-test,task=0");
    try (SourceMetrics metrics = new SourceMetrics("metrics-test")) {
      Ledger ledger = new Ledger();
      ledger.unaccounted = 5;
      metrics.publish(SourceMetrics.of(ledger), "live", "h:1", "");
      assertEquals(5L, server.getAttribute(name, "unaccounted"));
      assertEquals("live", server.getAttribute(name, "state"));
      assertEquals("h:1", server.getAttribute(name, "leader"));
      for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
        assertTrue(
            Catalog.SOURCE.stream().anyMatch(m -> m.name().equals(attribute.getName())),
            () -> attribute.getName() + " is in no catalog");
        assertFalse(attribute.getDescription().contains("goes with"), attribute.getName());
      }
    }
    assertFalse(server.isRegistered(name));
  }

  @Test
  void anOldTaskDoesNotRemoveTheNewOne() throws Exception {
    String connector = "metrics, test";
    ObjectName name =
        new ObjectName(
            "io.github.allsourceconnect:type=source-metrics,connector="
                + ObjectName.quote(connector)
                + ",task=0");
    SourceMetrics old = new SourceMetrics(connector);
    try (SourceMetrics later = new SourceMetrics(connector)) {
      later.publish(Map.of(), "new", "", "");
      old.close();
      assertEquals("new", server.getAttribute(name, "state"));
    }
    assertFalse(server.isRegistered(name));
  }

  /**
   * Two threads, and not Lincheck: each instance registers itself with the JVM's bean server, which
   * Lincheck would have to step through for every interleaving.
   */
  @Test
  void figuresThatAreReadTogetherWerePublishedTogether() throws Exception {
    ObjectName name =
        new ObjectName(
            "io.github.allsourceconnect:type=source-metrics,connector=metrics-stress,task=0");
    try (SourceMetrics metrics = new SourceMetrics("metrics-stress")) {
      metrics.publish(Map.of("delivered", 0, "held", 0), "live", "h:1", "");
      int last = 200_000;
      Thread publishing =
          new Thread(
              () -> {
                for (int i = 1; i <= last; i++) {
                  metrics.publish(Map.of("delivered", i, "held", i), "live", "h:1", "");
                }
              },
              "test-publish");
      publishing.start();
      int seen = 0;
      while (seen < last) {
        AttributeList both = server.getAttributes(name, new String[] {"delivered", "held"});
        int delivered = (Integer) ((Attribute) both.get(0)).getValue();
        assertEquals(delivered, ((Attribute) both.get(1)).getValue());
        assertTrue(delivered >= seen, "older figures than before");
        seen = delivered;
      }
      publishing.join();
    }
  }

  @Test
  void everyFigureOfTheLedger() throws Exception {
    Ledger ledger = new Ledger();
    Set<Long> values = new HashSet<>();
    long value = 0;
    for (Field field : Ledger.class.getFields()) {
      assertFalse(Modifier.isStatic(field.getModifiers()));
      field.setLong(ledger, ++value);
      values.add(value);
    }
    Set<Long> shown = new HashSet<>();
    SourceMetrics.of(ledger)
        .forEach(
            (name, figure) -> {
              assertTrue(name.matches("[a-z]+([A-Z][a-z]+)*"), name);
              if (!name.equals("balance")) {
                assertTrue(shown.add(figure.longValue()), name);
              }
            });
    assertEquals(values, shown);
  }
}
