package io.github.allsourceconnect.mutation;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * The process in which mutants run, seen from outside. A stage that takes too much of the processor
 * (which others may use as well, so that the clock on the wall tells little), or waits for ever,
 * ends the process.
 */
final class MutantProcess implements AutoCloseable {
  /** How often it is looked how much of the processor was taken. */
  private static final long LOOK_MS = 100;

  /** Waiting, a stage may take so many times what it may take of the processor. */
  private static final int WAITING = 20;

  /** What a stage says that took too long. */
  static final String TOO_LONG = "took too long";

  private final Process process;
  private final DataOutputStream to;
  private final DataInputStream from;
  private boolean closed;

  MutantProcess() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Xss4m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xshare:auto",
                "-javaagent:" + agent(),
                "-cp",
                System.getProperty("java.class.path"),
                Trial.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    to = new DataOutputStream(process.getOutputStream());
    from = new DataInputStream(process.getInputStream());
  }

  /** A jar with nothing but the agent's name: the class is on the class path. */
  private static File agent() throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Premain-Class", Trial.class.getName());
    main.putValue("Can-Redefine-Classes", "true");
    Path jar = Files.createTempFile("mutation", ".jar");
    jar.toFile().deleteOnExit();
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return jar.toFile();
  }

  boolean isAlive() {
    return !closed && process.isAlive();
  }

  /** The class is that from now on. */
  void change(String name, byte[] bytes) throws IOException {
    to.writeUTF("change");
    to.writeUTF(name);
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  /** Milliseconds of the processor that it has taken so far. */
  long cpuMs() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  /**
   * Runs a stage.
   *
   * @param patienceMs how much of the processor it may take
   * @return what it complains of; null for nothing. When it ended the process, that counts as one
   */
  String run(Stage stage, long patienceMs) throws InterruptedException {
    long cpuBefore = cpuMs();
    long deadline = System.nanoTime() + patienceMs * WAITING * 1_000_000;
    try {
      to.writeUTF("run");
      to.writeUTF(stage.name());
      to.writeLong(stage.histories());
      to.flush();
    } catch (IOException e) {
      close();
      return "ended the process";
    }
    CompletableFuture<String> answer = CompletableFuture.supplyAsync(this::answer);
    while (true) {
      try {
        String complaint = answer.get(LOOK_MS, TimeUnit.MILLISECONDS);
        return complaint.isEmpty() ? null : complaint;
      } catch (ExecutionException e) {
        close();
        return "ended the process";
      } catch (TimeoutException e) {
        if (cpuMs() - cpuBefore > patienceMs || System.nanoTime() > deadline) {
          close();
          return TOO_LONG;
        }
      }
    }
  }

  private String answer() {
    try {
      boolean complains = from.readBoolean();
      String what = from.readUTF();
      return complains && what.isEmpty() ? "complains" : what;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    process.destroyForcibly();
  }
}
