package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.junit.jupiter.api.Test;

class PluginFiguresTest {
  /** A worker's place for figures. */
  private static final class Worker implements PluginMetrics {
    private final Map<MetricName, MetricValueProvider<?>> shown = new LinkedHashMap<>();

    @Override
    public MetricName metricName(
        String name, String description, LinkedHashMap<String, String> tags) {
      return new MetricName(name, "plugins", description, tags);
    }

    @Override
    public void addMetric(MetricName name, MetricValueProvider<?> value) {
      shown.put(name, value);
    }

    @Override
    public void removeMetric(MetricName name) {
      shown.remove(name);
    }

    @Override
    public Sensor addSensor(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeSensor(String name) {
      throw new UnsupportedOperationException();
    }

    private Object value(String name) {
      for (Map.Entry<MetricName, MetricValueProvider<?>> each : shown.entrySet()) {
        if (each.getKey().name().equals(name)) {
          return ((Gauge<?>) each.getValue()).value(null, 0);
        }
      }
      return null;
    }
  }

  private static SourceTaskContext context(Object metrics) {
    return (SourceTaskContext)
        Proxy.newProxyInstance(
            PluginFiguresTest.class.getClassLoader(),
            new Class<?>[] {SourceTaskContext.class},
            (proxy, method, args) -> {
              if (metrics instanceof Error error) {
                throw error;
              }
              return metrics;
            });
  }

  @Test
  void theSourcesNumbersAreShownAndTakenAway() throws Exception {
    Worker worker = new Worker();
    try (SourceMetrics metrics = new SourceMetrics("plugin-figures")) {
      metrics.showIn(PluginFigures.of(context(worker)));
      metrics.publish(Map.of("connected", 1L, "unaccounted", 7L), "LIVE", "h:1", "");
      assertEquals(7L, worker.value("unaccounted"));
      assertEquals(1L, worker.value("connected"));
      assertNull(worker.value("state"));
      assertTrue(worker.shown.size() > 40, worker.shown.keySet().toString());
    }
    assertEquals(Map.of(), worker.shown);
  }

  @Test
  void aPartitionIsATag() {
    Worker worker = new Worker();
    PluginFigures figures = PluginFigures.of(context(worker));
    try (SinkMetrics metrics = new SinkMetrics("plugin-figures", "0", figures, () -> true)) {
      metrics.add(3, Map.of("followers", () -> 5L));
      MetricName followers =
          worker.shown.keySet().stream()
              .filter(name -> name.name().equals("followers") && !name.tags().isEmpty())
              .findFirst()
              .orElseThrow();
      assertEquals(Map.of("partition", "3"), followers.tags());
      assertEquals(1L, worker.value("brokersAnswering"));
      metrics.remove(3);
      assertTrue(worker.shown.keySet().stream().allMatch(name -> name.tags().isEmpty()));
    }
    assertEquals(Map.of(), worker.shown);
  }

  @Test
  void workersWithoutAPlaceForThemDoNot() {
    assertNull(PluginFigures.of(context(null)));
    assertNull(PluginFigures.of(context(new NoSuchMethodError("pluginMetrics"))));
  }
}
