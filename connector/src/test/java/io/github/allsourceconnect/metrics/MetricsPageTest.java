package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  @Test
  void pageIsUpToDate() throws IOException {
    assertEquals(
        MetricsPage.text(),
        Files.readString(MetricsPage.FILE),
        "write it again with the main method of " + MetricsPage.class.getSimpleName());
  }

  @Test
  void everyMetricHasANameOfItsOwnAndSaysWhatItIs() {
    for (List<Metric> metrics : List.of(Catalog.SOURCE, Catalog.SINK, Catalog.SINK_PARTITION)) {
      Set<String> names = new HashSet<>();
      for (Metric metric : metrics) {
        assertTrue(names.add(metric.name()), metric.name());
        assertTrue(metric.name().matches("[A-Za-z]+"), metric.name());
        assertTrue(metric.help().endsWith("."), metric.name());
      }
    }
  }
}
