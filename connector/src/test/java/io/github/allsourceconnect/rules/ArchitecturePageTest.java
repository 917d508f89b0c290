package io.github.allsourceconnect.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The map of the code names what there is: every package, and nothing that is gone. */
class ArchitecturePageTest {
  private static final Path PAGE = Path.of("docs", "architecture.md");
  private static final Path MAIN = Path.of("src/main/java/io/github/allsourceconnect");
  private static final Path TEST = Path.of("src/test/java/io/github/allsourceconnect");

  /** A thread's name, as the code puts it together; an admin client's name is not one. */
  private static final Pattern THREAD =
      Pattern.compile(
          "(?<!identities\\()\\b(?:\\w*[nN]ame(?:\\(\\))? \\+ (?:\\(i == 0 \\? )?\"|threads\\(\")"
              + "(-[a-z]+)-?\"|\"allsource(-[a-z]+)-\"");

  private static final Pattern DRAWING = Pattern.compile("```mermaid\n(.*?)```", Pattern.DOTALL);

  /** Two words in one, as classes are called: {@code LeaderLog}, not {@code Connect} or NAME. */
  private static final Pattern CLASS = Pattern.compile("\\b[A-Z][a-z0-9]+[A-Z]\\w*\\b");

  @Test
  void everyPackageHasItsRow() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Path file : javaFiles(MAIN)) {
      String name = MAIN.relativize(file.getParent()).toString().replace('/', '.');
      packages.add(name.isEmpty() ? "." : name);
    }
    Set<String> rows = new TreeSet<>();
    for (String line : section("Packages").lines().toList()) {
      MatchResult row =
          Pattern.compile("^\\| `([a-z.]+)` \\|").matcher(line).results().findAny().orElse(null);
      if (row != null) {
        rows.add(row.group(1));
      }
    }
    assertEquals(packages, rows);
  }

  @Test
  void everyClassExists() throws IOException {
    Set<String> classes = new TreeSet<>();
    for (Path folder : new Path[] {MAIN, TEST}) {
      for (Path file : javaFiles(folder)) {
        classes.add(file.getFileName().toString().replace(".java", ""));
      }
    }
    String page = Files.readString(PAGE);
    String named =
        Pattern.compile("`([^`\n]+)`")
                .matcher(DRAWING.matcher(page).replaceAll(""))
                .results()
                .map(code -> code.group(1))
                .collect(Collectors.joining("\n"))
            + DRAWING
                .matcher(page)
                .results()
                .map(r -> r.group(1))
                .collect(Collectors.joining("\n"));
    Set<String> gone = new TreeSet<>();
    CLASS.matcher(named).results().map(MatchResult::group).forEach(gone::add);
    assertFalse(gone.isEmpty(), "the page names no class");
    gone.removeAll(classes);
    assertEquals(Set.of(), gone, "named in " + PAGE + ", but there is no such class");
  }

  @Test
  void theThreadsAreThoseThatAreStarted() throws IOException {
    Set<String> started = new TreeSet<>();
    for (Path file : javaFiles(MAIN)) {
      THREAD
          .matcher(Files.readString(file))
          .results()
          .forEach(name -> started.add(name.group(1) == null ? name.group(2) : name.group(1)));
    }
    Set<String> rows =
        Pattern.compile("^\\| `[A-Za-z-]*?(-[a-z]+)(?:-[A-Z]+)?` \\|", Pattern.MULTILINE)
            .matcher(section("Threads"))
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(started, rows, "threads of the code, and rows of " + PAGE);
  }

  private static String section(String heading) throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("\n## " + heading + "\n");
    int end = page.indexOf("\n## ", begin + 1);
    return page.substring(begin, end < 0 ? page.length() : end);
  }

  private static Set<Path> javaFiles(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(path -> path.toString().endsWith(".java") && !path.endsWith("package-info.java"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
