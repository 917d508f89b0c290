package io.github.allsourceconnect.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fuzzes every target of this package with coverage, one after the other, each in a JVM of its own:
 * {@code -Dminutes=N} is shared among them, {@code -Donly=NAME} takes those whose name has that in
 * it. Inputs that reached something new stay in {@code -Dwork}, and are begun with the next time.
 * Exit status 1 on any finding.
 */
public final class Fuzz {
  private static final String HEAP = "-Xmx512m";
  private static final int MEMORY_MAX_MB = 1_500;
  private static final int INPUT_SECONDS_MAX = 10;
  private static final int INPUT_BYTES_MAX = 4_096;
  private static final int LEAST_SECONDS = 5;
  private static final Pattern EXECUTIONS = Pattern.compile("^#(\\d+)\\s.*");
  private static final Pattern FINDING = Pattern.compile("(crash|timeout|oom|leak)-.*");
  private static final Pattern SPEED = Pattern.compile("^stat::average_exec_per_sec:\\s+(\\d+)");

  private record Outcome(String target, long executions, long perSecond, int findings) {}

  private Fuzz() {}

  /** See above. */
  public static void main(String[] args) throws Exception {
    Path work = Path.of(System.getProperty("work", "target/fuzz")).toAbsolutePath();
    String only = System.getProperty("only", "").trim();
    List<Class<?>> targets = targets(only);
    if (targets.isEmpty()) {
      System.err.println("no target's name has " + only + " in it");
      System.exit(2);
    }
    double minutes = Double.parseDouble(System.getProperty("minutes", "5"));
    long seconds = Math.max(LEAST_SECONDS, Math.round(minutes * 60 / targets.size()));
    List<Outcome> outcomes = new ArrayList<>();
    for (Class<?> target : targets) {
      System.out.println(name(target) + ": " + seconds + " s");
      outcomes.add(fuzz(target, seconds, Files.createDirectories(work.resolve(name(target)))));
    }
    System.out.println("summary:");
    int findings = 0;
    for (Outcome outcome : outcomes) {
      findings += outcome.findings;
      System.out.printf(
          Locale.ROOT,
          "  %-20s %,15d executions (%,d/s), %d findings%n",
          outcome.target,
          outcome.executions,
          outcome.perSecond,
          outcome.findings);
    }
    System.exit(findings > 0 ? 1 : 0);
  }

  private static List<Class<?>> targets(String only) throws IOException, URISyntaxException {
    Path folder = Path.of(Fuzz.class.getResource("Fuzz.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith("FuzzTest.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()))
          .filter(name -> name.contains(only))
          .sorted()
          .<Class<?>>map(Fuzz::type)
          .toList();
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(
          Fuzz.class.getPackageName() + "." + name, false, Fuzz.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String name(Class<?> target) {
    return target.getSimpleName().replace("FuzzTest", "");
  }

  private static String method(Class<?> target) {
    return Arrays.stream(target.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(FuzzTest.class))
        .findAny()
        .orElseThrow(() -> new IllegalStateException(target + " has no @FuzzTest"))
        .getName();
  }

  private static Outcome fuzz(Class<?> target, long seconds, Path folder)
      throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    // most inputs are refused by an exception, and its trace would be most of the time
    Process process =
        start(
            target,
            folder,
            List.of("-XX:-StackTraceInThrowable"),
            corpus,
            List.of("-max_total_time=" + seconds, "-print_final_stats=1"));
    long executions = 0;
    long speed = 0;
    try (BufferedReader lines =
            new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        PrintStream log = new PrintStream(folder.resolve("log").toFile(), UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.println(line);
        Matcher count = EXECUTIONS.matcher(line);
        Matcher average = SPEED.matcher(line);
        if (count.matches()) {
          executions = Long.parseLong(count.group(1));
        } else if (average.matches()) {
          speed = Long.parseLong(average.group(1));
        }
      }
    }
    int status = process.waitFor();
    if (status != 0) {
      System.out.println("  ended with status " + status + ": see " + folder.resolve("log"));
      explain(target, folder);
    }
    return new Outcome(name(target), executions, speed, status == 0 ? 0 : 1);
  }

  /** Runs the newest finding again, now with traces. */
  private static void explain(Class<?> target, Path folder)
      throws IOException, InterruptedException {
    Optional<Path> input;
    try (Stream<Path> files = Files.list(folder)) {
      input =
          files
              .filter(file -> FINDING.matcher(file.getFileName().toString()).matches())
              .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
    }
    if (input.isEmpty()) {
      return;
    }
    System.out.println("  " + input.get());
    Process process = start(target, folder, List.of(), input.get(), List.of());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      lines
          .lines()
          .dropWhile(line -> !line.startsWith("=="))
          .forEach(line -> System.out.println("  " + line));
    }
    process.waitFor();
  }

  /** The words that inputs are made of, as libFuzzer reads them. */
  private static Path dictionary(Path folder) throws IOException {
    StringBuilder words = new StringBuilder();
    for (String token : Damage.TOKENS) {
      words.append('"');
      for (byte one : token.getBytes(UTF_8)) {
        words.append(String.format(Locale.ROOT, "\\x%02x", one));
      }
      words.append("\"\n");
    }
    return Files.writeString(folder.resolve("dictionary"), words);
  }

  private static Process start(
      Class<?> target, Path folder, List<String> options, Path inputs, List<String> more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(HEAP);
    command.add("-XX:+UseSerialGC");
    command.addAll(options);
    command.addAll(
        List.of(
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.getName(),
            "--target_method=" + method(target),
            "--instrumentation_includes=io.github.allsourceconnect.**",
            "--instrumentation_excludes=io.github.allsourceconnect.fuzz.**",
            // each comparison of a byte would be a call of native code; the words are given instead
            "--trace=cov",
            "--custom_hook_includes=io.github.allsourceconnect.**",
            "--reproducer_path=" + folder,
            inputs.toString(),
            "-artifact_prefix=" + folder + File.separator,
            "-rss_limit_mb=" + MEMORY_MAX_MB,
            "-timeout=" + INPUT_SECONDS_MAX,
            "-max_len=" + INPUT_BYTES_MAX,
            "-dict=" + dictionary(folder)));
    command.addAll(more);
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return process;
  }
}
