package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.harness.Ports;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;
import org.junit.jupiter.api.Test;

class SinkCheckTest {
  private static final CountDownLatch OVER = new CountDownLatch(1);

  /** Holds up whoever makes a client, as a name server or a login that does not answer does. */
  public static final class SlowReporter implements MetricsReporter {
    @Override
    public void configure(Map<String, ?> configs) {
      try {
        boolean unused = OVER.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void init(List<KafkaMetric> metrics) {}

    @Override
    public void metricChange(KafkaMetric metric) {}

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {}
  }

  private static Map<String, String> ask(long limitMs, String... more) {
    Map<String, String> properties = new TreeMap<>();
    properties.put("topics", "t");
    properties.put("log.bootstrap.servers", "127.0.0.1:" + Ports.free());
    properties.put("listener.port", Integer.toString(Ports.free()));
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    Map<String, String> problems = new TreeMap<>();
    SinkCheck.ask(new SinkConfig(properties), limitMs, problems::put);
    return problems;
  }

  @Test
  void aClientThatCanNotBeMadeInTimeIsNotWaitedFor() {
    long begun = System.nanoTime();
    Map<String, String> problems =
        ask(500, "log.consumer.metric.reporters", SlowReporter.class.getName());
    long ms = (System.nanoTime() - begun) / 1_000_000;
    OVER.countDown();
    assertEquals(Set.of("log.bootstrap.servers"), problems.keySet(), problems.toString());
    assertTrue(problems.toString().contains("500 ms"), problems.toString());
    assertTrue(ms < 10_000, "took " + ms + " ms");
  }

  /** One trial tells of the brokers and of the listener. */
  @Test
  void brokersAndAddressAreToldAtOnce() {
    Map<String, String> problems = ask(1_000, "listener.host", "192.0.2.1");
    assertEquals(
        Set.of("log.bootstrap.servers", "listener.host"), problems.keySet(), problems.toString());
  }
}
