package io.github.allsourceconnect.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A jar of which no test with a worker loads a class does not belong in the package. Every JVM of
 * those tests writes down which classes it loads and from where ({@code target/classload}); this
 * test comes last, in an execution of its own, and reads it.
 */
class LoadedJarsIT {
  private static final Path LOGS = Path.of("target", "classload");
  private static final Path PLUGIN = Path.of("target", "plugin", "allsource-kafka-connect");
  private static final Pattern SOURCE =
      Pattern.compile("source: file:.*/target/plugin/[^/]+/([^/]+\\.jar)");

  @Test
  void eachJarWasNeeded() throws IOException {
    assumeTrue(
        System.getProperty("build.it.test", "").isEmpty(), "only some of the tests were run");
    assumeTrue(Files.isDirectory(LOGS), "not run by Maven");

    Set<String> unused = new TreeSet<>(children(PLUGIN, ".jar"));
    for (String log : children(LOGS, ".log")) {
      try (Stream<String> lines = Files.lines(LOGS.resolve(log))) {
        lines
            .map(SOURCE::matcher)
            .filter(Matcher::find)
            .forEach(source -> unused.remove(source.group(1)));
      }
    }
    assertEquals(Set.of(), unused, "in the package, but loaded by no test");
  }

  private static List<String> children(Path folder, String ending) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .toList();
    }
  }
}
