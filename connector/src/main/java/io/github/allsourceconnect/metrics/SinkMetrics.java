package io.github.allsourceconnect.metrics;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.management.JMException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sink's figures in JMX: {@code
 * io.github.allsourceconnect:type=sink-metrics,connector=…,task=…}, with totals under plain names
 * and each partition's under {@code partition-<n>-…}. Read by any thread; partitions come and go on
 * the task's.
 */
public final class SinkMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkMetrics.class);
  private static final List<String> TOTALS =
      List.of(
          "followers",
          "followers-catching-up",
          "followers-refused",
          "bytes-sent",
          "memory-bytes",
          "snapshots-running",
          "historyMissing",
          "followers-incomplete");

  private final Map<Integer, Map<String, Supplier<Object>>> partitions = new ConcurrentHashMap<>();
  private final FiguresBean bean;

  /** Registers the figures of a task; those of an earlier task of the same number are replaced. */
  public SinkMetrics(String connector, String task) {
    bean =
        new FiguresBean(
            "sink-metrics", connector, task, "What the AllSource sink serves", this::figures);
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

  private Map<String, Object> figures() {
    Map<String, Object> all = new TreeMap<>();
    TOTALS.forEach(total -> all.put(total, 0L));
    long shown = 0;
    for (Map.Entry<Integer, Map<String, Supplier<Object>>> each : partitions.entrySet()) {
      shown++;
      each.getValue()
          .forEach(
              (name, figure) -> {
                Object value = figure.get();
                if (value == null) {
                  return; // the partition is being closed
                }
                all.put("partition-" + each.getKey() + "-" + name, value);
                if (TOTALS.contains(name)) {
                  all.merge(name, value, (sum, more) -> (Long) sum + (Long) more);
                }
              });
    }
    all.put("partitions", shown);
    return all;
  }

  /** Shows nothing any more; what a later task of the same number shows stays. */
  @Override
  public void close() {
    try {
      bean.close();
    } catch (JMException e) {
      LOG.warn("The metrics could not be removed", e);
    }
  }
}
