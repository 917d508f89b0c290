package io.github.allsourceconnect.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The page of all metrics, made from their definitions. */
final class MetricsPage {
  static final Path FILE = Path.of("docs", "metrics.md");

  private MetricsPage() {}

  /** Writes the page; to be run in the module's folder. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, text());
  }

  static String text() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Metrics

        This page is made from the metrics' own definitions. Counters begin at 0 when a task
        starts.

        Each is a JMX attribute of the beans named below. Workers since Kafka 4.1 have the numbers
        among their own metrics too, as `kafka.connect:type=plugins,connector=…,task=…`, so that
        every reporter of the worker has them (`PluginFiguresTest`; `OlderConnectIT` for a worker without).
        Names that Debezium has for the same thing are written as there.

        The JMX exporter's rules, a dashboard and alerts are in
        [config-examples/monitoring](../../config-examples/monitoring); what to do when one fires is
        in [operations.md](operations.md).

        """);
    table(
        page,
        "Source",
        "io.github.allsourceconnect:type=source-metrics,connector=NAME,task=N",
        Catalog.SOURCE);
    table(
        page,
        "Sink, a task",
        "io.github.allsourceconnect:type=sink-metrics,connector=NAME,task=N",
        Catalog.SINK);
    table(
        page,
        "Sink, a partition",
        "io.github.allsourceconnect:type=sink-metrics,connector=NAME,task=N,partition=P",
        Catalog.SINK_PARTITION);
    page.append(
        """
        ## Earlier names

        For one release the sink's task bean keeps the names that it had before: those in the column
        at the right, and each partition's as `partition-<n>-…`.
        """);
    return page.toString();
  }

  private static void table(StringBuilder page, String title, String bean, List<Metric> metrics) {
    boolean aliases = metrics.stream().anyMatch(metric -> metric.alias() != null);
    page.append("## ").append(title).append("\n\n`").append(bean).append("`\n\n");
    page.append("| metric | kind | unit | meaning |").append(aliases ? " earlier name |\n" : "\n");
    page.append("|---|---|---|---|").append(aliases ? "---|\n" : "\n");
    for (Metric metric : metrics) {
      page.append("| `")
          .append(metric.name())
          .append("` | ")
          .append(metric.kind().name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(metric.unit())
          .append(" | ")
          .append(metric.help())
          .append(" |");
      if (aliases) {
        page.append(metric.alias() == null ? " |" : " `" + metric.alias() + "` |");
      }
      page.append('\n');
    }
    page.append('\n');
  }
}
