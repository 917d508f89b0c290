package io.github.allsourceconnect.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Prometheus' own {@code promtool} says of the alerts, and of the dashboard's expressions.
 * Skipped where there is none on the path ({@code -Dpromtool=FILE} names another).
 */
class PromtoolTest {
  private static final Path FOLDER =
      Path.of("..", "config-examples", "monitoring").toAbsolutePath();
  private static String promtool;

  @BeforeAll
  static void find() {
    String given = System.getProperty("promtool");
    promtool =
        given != null
            ? given
            : Arrays.stream(Objects.toString(System.getenv("PATH"), "").split(":", -1))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    assumeTrue(promtool != null, "skipped: there is no promtool");
  }

  private static void run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(promtool));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor(60, TimeUnit.SECONDS);
    assertEquals(0, process.exitValue(), said);
  }

  @Test
  void theAlertsAreRules() throws Exception {
    run("check", "rules", "alerts.yml");
  }

  @Test
  void eachAlertIsQuietAndFiresInTime() throws Exception {
    run("test", "rules", "alerts-test.yml");
    String tests = Files.readString(FOLDER.resolve("alerts-test.yml"));
    for (String line : Files.readAllLines(FOLDER.resolve("alerts.yml"))) {
      if (line.contains("- alert: ")) {
        String alert = line.replaceFirst(".*- alert: ", "");
        assertEquals(3, tests.split("alertname: " + alert + "\n", -1).length, alert);
      }
    }
  }

  @Test
  void theDashboardsExpressionsAreRules(@TempDir Path folder) throws Exception {
    List<Map<String, String>> rules = new ArrayList<>();
    JsonNode dashboard =
        new ObjectMapper().readTree(FOLDER.resolve("grafana-dashboard.json").toFile());
    for (String expression : dashboard.findValuesAsText("expr")) {
      String known = expression.replace("$__rate_interval", "5m").replace("$__interval", "1m");
      rules.add(Map.of("record", "panel:" + rules.size(), "expr", known));
    }
    Path file = folder.resolve("panels.yml");
    write(file, Map.of("groups", List.of(Map.of("name", "panels", "rules", rules))));
    run("check", "rules", file.toString());
  }

  /** JSON is YAML. */
  private static void write(Path file, Object content) throws IOException {
    new ObjectMapper().writeValue(file.toFile(), content);
  }
}
