package io.github.allsourceconnect.metrics;

import io.github.allsourceconnect.metrics.Metric.Kind;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.management.JMException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sink's figures: {@code io.github.allsourceconnect:type=sink-metrics,connector=…,task=…} with
 * what is true of the task and the sums over its partitions, and a bean with the tag {@code
 * partition} for each. The names of the release before, {@code partition-<n>-…} among them, are
 * kept in the task's. Read by any thread; partitions come and go on the task's.
 */
public final class SinkMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkMetrics.class);
  private static final String TYPE = "sink-metrics";

  private final String connector;
  private final String task;
  private final PluginFigures worker;
  private final Supplier<Boolean> brokersAnswering;
  private final Map<Integer, Shown> partitions = new ConcurrentHashMap<>();
  private final FiguresBean bean;
  private final Runnable hidden;

  /** What is shown of a partition, and how it is taken away. */
  private record Shown(Map<String, Supplier<Object>> figures, FiguresBean bean, Runnable hidden) {}

  /**
   * Registers the figures of a task; those of an earlier task of the same number are replaced.
   *
   * @param worker where Connect shows figures, too; null where it does not
   * @param brokersAnswering whether a broker is connected
   */
  public SinkMetrics(
      String connector, String task, PluginFigures worker, Supplier<Boolean> brokersAnswering) {
    this.connector = connector;
    this.task = task;
    this.worker = worker;
    this.brokersAnswering = brokersAnswering;
    bean =
        new FiguresBean(
            TYPE, connector, task, "What the AllSource sink serves", Catalog.sink(), this::all);
    hidden = worker == null ? () -> {} : worker.show(Catalog.SINK, Map.of(), this::sums);
  }

  /**
   * Shows a partition.
   *
   * @param figures by the names of {@link Catalog#SINK_PARTITION}; those that make sums are longs
   */
  public void add(int partition, Map<String, Supplier<Object>> figures) {
    remove(partition);
    Map<String, Supplier<Object>> kept = Map.copyOf(figures);
    FiguresBean shown =
        new FiguresBean(
            TYPE,
            connector,
            task + ",partition=" + partition,
            "What the AllSource sink serves of a partition",
            Catalog.sinkPartition(),
            () -> values(kept));
    Runnable taken =
        worker == null
            ? () -> {}
            : worker.show(
                Catalog.SINK_PARTITION,
                Map.of("partition", Integer.toString(partition)),
                () -> values(kept));
    partitions.put(partition, new Shown(kept, shown, taken));
  }

  /** Shows a partition no longer. */
  public void remove(int partition) {
    Shown shown = partitions.remove(partition);
    if (shown != null) {
      shown.hidden().run();
      close(shown.bean());
    }
  }

  private static Map<String, Object> values(Map<String, Supplier<Object>> figures) {
    Map<String, Object> values = new TreeMap<>();
    figures.forEach(
        (name, figure) -> {
          Object value = figure.get();
          // there is none of a partition that is being closed
          if (value != null) {
            values.put(name, value);
          }
        });
    return values;
  }

  private Map<String, Object> sums() {
    return sums(false);
  }

  /** With the names of the release before. */
  private Map<String, Object> all() {
    return sums(true);
  }

  private Map<String, Object> sums(boolean withAliases) {
    Map<String, Object> sums = new TreeMap<>();
    Catalog.SINK.forEach(metric -> sums.put(metric.name(), 0L));
    Map<String, Object> aliases = new TreeMap<>();
    for (Map.Entry<Integer, Shown> each : partitions.entrySet()) {
      sums.merge("partitions", 1L, SinkMetrics::sum);
      Map<String, Object> values = values(each.getValue().figures());
      values.forEach(
          (name, value) -> {
            if (sums.containsKey(name)) {
              sums.merge(name, value, SinkMetrics::sum);
            }
            aliases.put("partition-" + each.getKey() + "-" + earlier(name), value);
          });
    }
    sums.put("brokersAnswering", Boolean.TRUE.equals(brokersAnswering.get()) ? 1L : 0L);
    if (withAliases) {
      for (Metric metric : Catalog.SINK) {
        if (metric.alias() != null) {
          aliases.put(metric.alias(), sums.get(metric.name()));
        }
      }
      sums.putAll(aliases);
    }
    return sums;
  }

  private static Object sum(Object one, Object other) {
    return ((Number) one).longValue() + Math.max(0, ((Number) other).longValue());
  }

  private static String earlier(String name) {
    Metric metric = Catalog.sinkPartition().apply(name);
    return metric == null || metric.alias() == null || metric.kind() == Kind.TEXT
        ? name
        : metric.alias();
  }

  private static void close(FiguresBean bean) {
    try {
      bean.close();
    } catch (JMException e) {
      LOG.warn("The metrics could not be removed", e);
    }
  }

  /** Shows nothing any more; what a later task of the same number shows stays. */
  @Override
  public void close() {
    partitions.keySet().forEach(this::remove);
    hidden.run();
    close(bean);
  }
}
