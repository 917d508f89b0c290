package io.github.allsourceconnect.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Figures among Connect's own metrics, so that every reporter of the worker has them. Workers have
 * had a place for them since Kafka 4.1; with earlier ones nothing is shown here. Connect adds the
 * tags connector and task.
 */
public final class PluginFigures {
  private static final Logger LOG = LoggerFactory.getLogger(PluginFigures.class);

  private final PluginMetrics metrics;

  private PluginFigures(PluginMetrics metrics) {
    this.metrics = metrics;
  }

  /** Where a source task's worker shows figures; null where it does not. */
  public static PluginFigures of(SourceTaskContext context) {
    try {
      return made(context.pluginMetrics());
    } catch (LinkageError e) {
      return none(e);
    }
  }

  /** Where a sink task's worker shows figures; null where it does not. */
  public static PluginFigures of(SinkTaskContext context) {
    try {
      return made(context.pluginMetrics());
    } catch (LinkageError e) {
      return none(e);
    }
  }

  private static PluginFigures made(PluginMetrics metrics) {
    return metrics == null ? null : new PluginFigures(metrics);
  }

  private static PluginFigures none(LinkageError e) {
    LOG.debug("This worker has no plugin metrics", e);
    return null;
  }

  /**
   * Shows figures from now on.
   *
   * @param tags besides connector and task
   * @param figures the values of one moment by name
   * @return takes them away again
   */
  Runnable show(
      List<Metric> definitions, Map<String, String> tags, Supplier<Map<String, Object>> figures) {
    List<MetricName> shown = new ArrayList<>();
    for (Metric metric : definitions) {
      if (metric.kind() == Metric.Kind.TEXT) {
        continue;
      }
      MetricName name = metrics.metricName(metric.name(), metric.help(), new LinkedHashMap<>(tags));
      try {
        metrics.addMetric(
            name, (Gauge<Object>) (config, now) -> figures.get().getOrDefault(metric.name(), 0L));
        shown.add(name);
      } catch (IllegalArgumentException e) {
        LOG.debug("{} is shown already", name, e);
      }
    }
    return () -> shown.forEach(metrics::removeMetric);
  }
}
