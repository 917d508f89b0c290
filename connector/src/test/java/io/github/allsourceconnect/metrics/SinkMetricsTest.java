package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class SinkMetricsTest {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  private static ObjectName name(String connector, int task) throws Exception {
    return new ObjectName(
        "io.github.allsourceconnect:type=sink-metrics,connector=" + connector + ",task=" + task);
  }

  private static Map<String, Supplier<Object>> figures(long followers, String address) {
    Map<String, Supplier<Object>> figures = new HashMap<>();
    for (String total :
        List.of(
            "followersCatchingUp",
            "followersRefused",
            "bytesSent",
            "memoryBytes",
            "snapshotsRunning")) {
      figures.put(total, () -> 1L);
    }
    figures.put("followers", () -> followers);
    figures.put("port", () -> 3910);
    figures.put("address", () -> address);
    return figures;
  }

  @Test
  void showsPartitionsAndTheirTotals() throws Exception {
    ObjectName name = name("sink-test", 3);
    try (SinkMetrics metrics = new SinkMetrics("sink-test", "3", null, () -> true)) {
      assertEquals(0L, server.getAttribute(name, "partitions"));
      assertEquals(0L, server.getAttribute(name, "followers"));
      metrics.add(0, figures(5, "h:1"));
      metrics.add(7, figures(6, "h:8"));
      assertEquals(2L, server.getAttribute(name, "partitions"));
      assertEquals(11L, server.getAttribute(name, "followers"));
      assertEquals(2L, server.getAttribute(name, "bytesSent"));
      assertEquals(1L, server.getAttribute(name, "brokersAnswering"));
      ObjectName seventh = new ObjectName(name + ",partition=7");
      assertEquals(6L, server.getAttribute(seventh, "followers"));
      assertEquals("h:8", server.getAttribute(seventh, "address"));
      // the names of the release before
      assertEquals(2L, server.getAttribute(name, "bytes-sent"));
      assertEquals(1L, server.getAttribute(name, "partition-7-bytes-sent"));
      assertEquals(6L, server.getAttribute(name, "partition-7-followers"));
      assertEquals("h:8", server.getAttribute(name, "partition-7-address"));
      assertEquals(
          "java.lang.Integer",
          Arrays.stream(server.getMBeanInfo(name).getAttributes())
              .filter(info -> info.getName().equals("partition-0-port"))
              .map(MBeanAttributeInfo::getType)
              .findAny()
              .orElseThrow());
      metrics.remove(7);
      assertFalse(server.isRegistered(seventh));
      metrics.add(7, figures(6, "h:8"));
      metrics.remove(0);
      assertEquals(6L, server.getAttribute(name, "followers"));
      assertThrows(
          AttributeNotFoundException.class,
          () -> server.getAttribute(name, "partition-0-followers"));
      assertThrows(
          AttributeNotFoundException.class,
          () -> server.setAttribute(name, new Attribute("followers", 1L)));
    }
    assertFalse(server.isRegistered(name));
  }

  @Test
  void aPartitionThatIsBeingClosedHasNoAddressAndHarmsNothing() throws Exception {
    ObjectName name = name("sink-closing", 0);
    try (SinkMetrics metrics = new SinkMetrics("sink-closing", "0", null, () -> true)) {
      metrics.add(0, figures(5, null));
      assertEquals(5L, server.getAttribute(name, "followers"));
      assertThrows(
          AttributeNotFoundException.class, () -> server.getAttribute(name, "partition-0-address"));
      assertEquals(
          0,
          Arrays.stream(server.getMBeanInfo(name).getAttributes())
              .filter(info -> info.getName().endsWith("-address"))
              .count());
    }
  }

  @Test
  void anOldTaskDoesNotRemoveTheNewOne() throws Exception {
    ObjectName name = name("sink-old", 0);
    SinkMetrics old = new SinkMetrics("sink-old", "0", null, () -> true);
    try (SinkMetrics later = new SinkMetrics("sink-old", "0", null, () -> true)) {
      later.add(0, figures(5, "h:1"));
      old.close();
      assertEquals(5L, server.getAttribute(name, "followers"));
    }
    assertFalse(server.isRegistered(name));
  }
}
