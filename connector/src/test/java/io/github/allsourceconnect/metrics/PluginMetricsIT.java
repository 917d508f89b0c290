package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Test;

/**
 * A worker that has plugin metrics (Kafka 4.1 and later) has the figures of both connectors among
 * its own: same names, same values, connector, task and partition as tags; and none of them when
 * the connectors are gone.
 */
class PluginMetricsIT {

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  private Set<ObjectName> beans(String connector) throws Exception {
    Set<ObjectName> names = new TreeSet<>();
    for (ObjectName name :
        server.queryNames(new ObjectName("kafka.connect:type=plugins,*"), null)) {
      if (connector.equals(unquoted(name, "connector")) && name.getKeyProperty("task") != null) {
        names.add(name);
      }
    }
    return names;
  }

  private static String unquoted(ObjectName name, String key) {
    String value = name.getKeyProperty(key);
    return value != null && value.startsWith("\"") ? ObjectName.unquote(value) : value;
  }

  private static Set<String> numbers(List<Metric> metrics) {
    return metrics.stream()
        .filter(metric -> metric.kind() != Metric.Kind.TEXT)
        .map(Metric::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> attributes(ObjectName bean) throws Exception {
    return Arrays.stream(server.getMBeanInfo(bean).getAttributes())
        .map(MBeanAttributeInfo::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The bean of a connector's task whose attributes hold these. */
  private ObjectName bean(String connector, List<Metric> metrics, String partition) {
    ObjectName[] found = new ObjectName[1];
    Await.until(
        "the worker shows the figures of " + connector,
        Await.LIMIT,
        () -> {
          for (ObjectName bean : beans(connector)) {
            String of = unquoted(bean, "partition");
            if (java.util.Objects.equals(of, partition)
                && attributes(bean).containsAll(numbers(metrics))) {
              found[0] = bean;
            }
          }
          return found[0] != null;
        },
        () -> {
          try {
            return "but has "
                + server.queryNames(new ObjectName("kafka.connect:type=plugins,*"), null);
          } catch (Exception e) {
            return e.toString();
          }
        });
    System.out.println(found[0]);
    return found[0];
  }

  private void awaitValue(ObjectName bean, String figure, long value) {
    Object[] seen = new Object[1];
    Await.until(
        figure + " is " + value,
        Await.LIMIT,
        () -> {
          seen[0] = server.getAttribute(bean, figure);
          return ((Number) seen[0]).longValue() == value;
        },
        () -> "but was " + seen[0]);
    System.out.println(figure + " = " + seen[0]);
  }

  @Test
  void aWorkerHasTheFiguresAmongItsOwn() throws Exception {
    assumeTrue(
        !AppInfoParser.getVersion().matches("3\\..*|4\\.0\\..*"), "this worker takes no figures");
    try (Broker broker = Broker.start();
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(3));
        InProcessWorker worker =
            InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()))) {
      for (int i = 0; i < 40; i++) {
        leader.write("acme", "order-" + i, "order.placed", JsonText.of("{}"), null);
      }
      worker.rest().create("shown-source", source(leader));
      ObjectName source = bean("shown-source", Catalog.SOURCE, null);
      assertEquals("0", unquoted(source, "task"));
      awaitValue(source, "emitted", 40);
      awaitValue(source, "confirmed", 40);
      awaitValue(source, "connected", 1);
      awaitValue(source, "unaccounted", 0);

      worker.rest().create("shown-sink", sink(broker, Ports.free()));
      ObjectName task = bean("shown-sink", Catalog.SINK, null);
      awaitValue(task, "partitions", 1);
      awaitValue(task, "listening", 1);
      ObjectName partition = bean("shown-sink", Catalog.SINK_PARTITION, "0");
      awaitValue(partition, "logEnd", 40);
      awaitValue(partition, "newcomers", 0);

      worker.rest().delete("shown-source");
      worker.rest().delete("shown-sink");
      Await.until(
          "nothing is left",
          Await.LIMIT,
          () -> beans("shown-source").isEmpty() && beans("shown-sink").isEmpty());
      assertTrue(server.queryNames(new ObjectName("io.github.allsourceconnect:*"), null).isEmpty());
    }
  }

  private static Map<String, String> source(ScriptedLeader leader) {
    return ConnectorSettings.source(leader.address(), "shown", "value.format", "event_json");
  }

  private static Map<String, String> sink(Broker broker, int port) {
    return ConnectorSettings.sink(broker, "shown", port, "key.converter", ConnectorSettings.STRING);
  }
}
