package io.github.allsourceconnect.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.allsourceconnect.harness.Folders;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The sources, built once more in another folder that is no repository and told the commit, by
 * somebody with another time zone, language and umask, give the same bytes as this build did.
 */
class ReproducibleIT {
  private static final long LIMIT_MINUTES = 10;
  private static final Set<String> LEFT_OUT = Set.of(".git", "target", "test");

  @Test
  void anotherFolderGivesTheSameBytes() throws Exception {
    String maven = System.getProperty("build.maven.home");
    assumeTrue(maven != null && !maven.isEmpty(), "not run by Maven");
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path temporary = Folders.temporary("allsource-again-");
    Path copy = temporary.resolve("a folder");
    try {
      copy(root, copy);
      build(maven, copy);
      Path here = root.resolve("connector/target");
      Path there = copy.resolve("connector/target");
      Set<Path> results = results(here);
      assertEquals(results, results(there));
      assertTrue(results.size() >= (Archive.isOffline() ? 4 : 6), "too few: " + results);
      for (Path result : results) {
        assertEquals(
            -1,
            Files.mismatch(here.resolve(result), there.resolve(result)),
            result + " differs at");
      }
    } finally {
      Folders.delete(temporary);
    }
  }

  /** The jars, and what is beside the archive. */
  private static Set<Path> results(Path target) throws IOException {
    Set<Path> results = new TreeSet<>();
    try (Stream<Path> jars = Files.list(target);
        Stream<Path> packages = Files.list(target.resolve("components/packages"))) {
      jars.filter(path -> path.toString().matches(".*/allsource-[^/]*[0-9](-sources)?\\.jar"))
          .forEach(path -> results.add(target.relativize(path)));
      packages.forEach(path -> results.add(target.relativize(path)));
    }
    return results;
  }

  private static void build(String maven, Path folder) throws Exception {
    Path log = folder.resolve("build.log");
    ProcessBuilder build =
        new ProcessBuilder(
                "sh",
                "-c",
                "umask 077 && exec \"$0\" \"$@\"",
                Path.of(maven, "bin", "mvn").toString(),
                "--quiet",
                Archive.isOffline() ? "--offline" : "--no-snapshot-updates",
                "-Dmaven.repo.local=" + told("build.repository"),
                "-Dcommit.id=" + told("build.commit.id"),
                "-Dcommit.time=" + told("build.commit.time"),
                "-Dmaven.test.skip=true",
                "-Dspotless.check.skip=true",
                "-Dmaven.compiler.failOnWarning=false",
                "-Derrorprone.options=-XepDisableAllChecks",
                "package")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    build.environment().put("JAVA_HOME", System.getProperty("java.home"));
    build.environment().put("TZ", "Asia/Kathmandu");
    build
        .environment()
        .put("MAVEN_OPTS", "-Duser.language=tr -Duser.country=TR -XX:TieredStopAtLevel=1");
    Process process = build.start();
    try {
      assertTrue(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES), "the build does not end");
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(log);
    assertEquals(
        0,
        process.exitValue(),
        () -> String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size())));
  }

  private static String told(String key) {
    String value = System.getProperty(key);
    assertNotNull(value, key + " is not told by the build");
    return value;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (LEFT_OUT.contains(folder.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(
                to.resolve(from.relativize(folder)),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.getFileName().toString().equals(".git")) {
              Path copied = Files.copy(file, to.resolve(from.relativize(file)));
              Files.setPosixFilePermissions(copied, PosixFilePermissions.fromString("rw-------"));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
