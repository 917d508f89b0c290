package io.github.allsourceconnect.harness;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A worker in a JVM of its own, so that it can be killed at any moment. That JVM's class path has
 * nothing of this module: what it knows of the connectors comes from {@code plugin.path}.
 */
public final class WorkerProcess implements Worker {
  private static final long STOP_SECONDS = 30;

  private final WorkerSettings settings;
  private final Path folder;
  private final Process process;

  private WorkerProcess(WorkerSettings settings, Path folder, Process process) {
    this.settings = settings;
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts a worker; returns when its REST interface answers and it has joined its group. Its log
   * is on this process's standard error.
   */
  public static WorkerProcess start(WorkerSettings settings) {
    return start(settings, librariesOnly());
  }

  /** The same with an agent in the worker's JVM. */
  public static WorkerProcess startWithAgent(WorkerSettings settings, String agent) {
    return start(settings, librariesOnly(), List.of("-javaagent:" + agent));
  }

  /** The same with the jars of another release of Connect. */
  public static WorkerProcess start(WorkerSettings settings, String classpath) {
    return start(settings, classpath, List.of());
  }

  /** The same with a heap of so many megabytes. */
  public static WorkerProcess start(WorkerSettings settings, int heapMb) {
    return start(settings, librariesOnly(), List.of("-Xmx" + heapMb + "m"));
  }

  private static WorkerProcess start(
      WorkerSettings settings, String classpath, List<String> options) {
    Path folder = Folders.temporary("allsource-worker-");
    WorkerProcess worker;
    try {
      Path file = folder.resolve("worker.properties");
      Properties properties = new Properties();
      properties.putAll(settings.properties());
      try (Writer out = Files.newBufferedWriter(file)) {
        properties.store(out, null);
      }
      worker =
          new WorkerProcess(settings, folder, command(folder, file, classpath, options).start());
    } catch (IOException e) {
      Folders.delete(folder);
      throw new UncheckedIOException("cannot start a worker", e);
    }
    try {
      worker.rest().awaitReady(Await.LIMIT);
    } catch (RuntimeException e) {
      worker.kill();
      throw e;
    }
    return worker;
  }

  @Override
  public WorkerSettings settings() {
    return settings;
  }

  /** Ends it at once (SIGKILL): nothing is stopped, committed or closed. */
  public void kill() {
    process.destroyForcibly();
    end();
  }

  @Override
  public void close() {
    process.destroy();
    end();
  }

  private void end() {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Folders.delete(folder);
  }

  private static ProcessBuilder command(
      Path folder, Path properties, String classpath, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.addAll(options);
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            loadedClasses(),
            "-Djava.io.tmpdir=" + folder,
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.log.io.github.allsourceconnect=info",
            "-cp",
            classpath,
            "org.apache.kafka.connect.cli.ConnectDistributed",
            properties.toString()));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** Where it writes which classes it loads: read by the packaging tests. */
  private static String loadedClasses() {
    Path logs = Path.of("target", "classload");
    return Files.isDirectory(logs)
        ? "-Xlog:class+load:file=" + logs.resolve("worker-%p.log") + ":none:filecount=0"
        : "-Xlog:class+load=off";
  }

  /** The jars of the class path, without the folders of this module. */
  private static String librariesOnly() {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(all.split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar") && !entry.contains("allsource-kafka-connect"))
        // only compiled with: a worker has none
        .filter(entry -> !entry.contains("/org/apache/hadoop/"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
