package io.github.allsourceconnect.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three parts of the benchmark work, from end to end; how fast anything is, no test says. */
class BenchIT {
  @TempDir private Path folder;

  private BenchSettings brief(String... only) {
    return new BenchSettings(2_000, 1, 1, 1, Set.of(only), true, folder);
  }

  @Test
  void runsPartsAndWritesWhatItFound() throws Exception {
    Report report = Bench.run(brief("source", "snapshot", "sink-behind"));

    JsonNode written = new ObjectMapper().readTree(folder.resolve("bench.json").toFile());
    assertEquals(report.lines().size(), written.path("lines").size());
    for (JsonNode line : written.path("lines")) {
      assertTrue(line.path("median").asDouble() > 0, line.toString());
      assertTrue(line.path("ratio").asDouble() > 0, line.toString());
    }
    for (String key : Set.of("source.live", "source.bytes", "snapshot.rows", "sink.behind")) {
      assertTrue(report.lines().stream().anyMatch(line -> line.key().equals(key)), key);
    }
    String svg = Files.readString(folder.resolve("ratios.svg"));
    assertTrue(svg.startsWith("<svg") && svg.endsWith("</svg>\n"), svg);
  }

  @Test
  void saysWhichPartsThereAre() {
    Exception unknown =
        assertThrows(IllegalArgumentException.class, () -> Bench.run(brief("sources")));
    assertTrue(unknown.getMessage().contains("snapshot"), unknown.getMessage());
  }
}
