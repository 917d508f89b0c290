package io.github.allsourceconnect.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * The hot pieces alone, by JMH, allocation included. What JMH generates is made here, from the
 * compiled benchmarks, so that no other compilation runs its processor.
 */
final class JmhPart implements Part {
  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    Path generated = settings.out().resolve("jmh-classes").toAbsolutePath();
    Files.createDirectories(generated);
    String classPath = System.getProperty("java.class.path");
    generate(generated, classPath);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", generated + java.io.File.pathSeparator + classPath));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    command.addAll(List.of("org.openjdk.jmh.Main", HotPieces.class.getName()));
    command.addAll(List.of("-prof", "gc", "-rf", "json"));
    command.addAll(List.of("-rff", settings.out().resolve("jmh.json").toAbsolutePath().toString()));
    String time = settings.sized(1_000, 50) + "ms";
    String times = Integer.toString(settings.sized(5, 1));
    command.addAll(List.of("-f", "1", "-wi", times, "-i", times, "-w", time, "-r", time));
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IllegalStateException("JMH ended with status " + status);
    }
  }

  private static void generate(Path into, String classPath) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options =
        List.of(
            "-d",
            into.toString(),
            "-classpath",
            classPath,
            "-processor",
            "org.openjdk.jmh.generators.BenchmarkProcessor");
    boolean done =
        compiler
            .getTask(null, null, null, options, List.of(HotPieces.class.getName()), null)
            .call();
    if (!done) {
      throw new IOException("JMH's classes could not be generated");
    }
  }
}
