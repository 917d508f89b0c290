package io.github.allsourceconnect.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That what documents point at is there: tests that they name, and files that they link to. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))`");
  private static final Pattern RUN = Pattern.compile("-D(?:it\\.)?test=(\\w+)");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)[^)]*\\)");

  private static List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path folder :
        List.of(Path.of("docs"), ROOT.resolve("config-examples"), ROOT.resolve(".github"))) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(found::add);
      }
    }
    found.add(ROOT.resolve("README.md"));
    return found;
  }

  private static Set<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Set<String> tests = tests();
    Set<String> absent = new TreeSet<>();
    int named = 0;
    for (Path document : documents()) {
      Matcher test = TEST.matcher(Files.readString(document));
      while (test.find()) {
        named++;
        if (!tests.contains(test.group(1))) {
          absent.add(document + ": " + test.group(1));
        }
      }
    }
    assertTrue(named > 30, "found only " + named);
    assertEquals(Set.of(), absent);
  }

  /** Of commands such as {@code mvn test -Dtest=SomeTest}. */
  @Test
  void everyTestOfACommandExists() throws IOException {
    Set<String> tests = tests();
    Set<String> absent = new TreeSet<>();
    List<Path> commands = documents();
    commands.add(ROOT.resolve(".github/workflows/build.yml"));
    commands.add(ROOT.resolve(".github/workflows/release.yml"));
    int named = 0;
    for (Path document : commands) {
      Matcher test = RUN.matcher(Files.readString(document));
      while (test.find()) {
        named++;
        if (!tests.contains(test.group(1))) {
          absent.add(document + ": " + test.group(1));
        }
      }
    }
    assertTrue(named > 3, "found only " + named);
    assertEquals(Set.of(), absent);
  }

  @Test
  void everyFileThatIsLinkedToExists() throws IOException {
    Set<String> absent = new TreeSet<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        String to = link.group(1);
        if (!to.contains("://") && !Files.exists(document.resolveSibling(to))) {
          absent.add(document + ": " + to);
        }
      }
    }
    assertEquals(Set.of(), absent);
  }

  @Test
  void everyAlertIsExplained() throws IOException {
    String operations = Files.readString(Path.of("docs", "operations.md"));
    List<String> alerts =
        Files.readAllLines(ROOT.resolve("config-examples/monitoring/alerts.yml")).stream()
            .filter(line -> line.contains("- alert: "))
            .map(line -> line.replaceFirst(".*- alert: ", ""))
            .toList();
    assertTrue(alerts.size() > 10, alerts.toString());
    alerts.forEach(alert -> assertTrue(operations.contains("| " + alert + " |"), alert));
  }
}
