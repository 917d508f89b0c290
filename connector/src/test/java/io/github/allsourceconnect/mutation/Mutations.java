package io.github.allsourceconnect.mutation;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pitest.classinfo.ClassByteArraySource;
import org.pitest.classinfo.ClassName;
import org.pitest.mutationtest.EngineArguments;
import org.pitest.mutationtest.engine.Mutater;
import org.pitest.mutationtest.engine.MutationDetails;
import org.pitest.mutationtest.engine.gregor.config.GregorEngineFactory;

/**
 * Changes one instruction of the deciding code at a time, as PIT does, and runs simulator and unit
 * tests until one of them notices. All mutants would take a day, so a random sample is taken:
 * {@code -Dsample=N} of {@code -Dside=source|sink}, drawn by {@code -Dseed=S}; {@code -Dfrom=} and
 * {@code -Dto=} run a part of the sample, {@code -Donly=3,14} some of it. Exit status 0, whatever
 * was found: who reads the survivors judges.
 */
public final class Mutations {
  private static final String ROOT = "io/github/allsourceconnect/";

  /** A stage may take so many times what it takes without a mutant, and so much more. */
  private static final long PATIENCE_FACTOR = 5;

  private static final long PATIENCE_MS = 3_000;

  private enum Side {
    SOURCE(
        "source/decision",
        "Follower",
        "RoundTest",
        List.of("source.record.SourceOffsetsTest"),
        List.of(Stage.histories("source", 1_000), Stage.histories("chain", 100))),
    SINK(
        "sink/decision",
        "LeaderLog",
        "LeaderLogTest",
        List.of(
            "sink.PositionTest", "sink.history.HistoryHolesTest", "sink.history.HistoryPlanTest"),
        List.of(Stage.histories("sink", 2_000), Stage.histories("chain", 100)));

    private static final long QUICK = 60;

    final String folder;
    private final String anchor;
    private final String testAnchor;
    private final List<String> otherTests;
    private final List<Stage> last;

    /**
     * @param anchor a class in the folder, which tells where the code is
     * @param testAnchor and one of its tests
     * @param otherTests of other packages
     * @param last what is run when nothing else has noticed
     */
    Side(
        String folder,
        String anchor,
        String testAnchor,
        List<String> otherTests,
        List<Stage> last) {
      this.folder = folder;
      this.anchor = anchor;
      this.testAnchor = testAnchor;
      this.otherTests = otherTests;
      this.last = last;
    }

    /** What costs least comes first. */
    List<Stage> stages() throws IOException, URISyntaxException {
      List<Stage> stages = new ArrayList<>();
      stages.add(Stage.histories(name().toLowerCase(Locale.ROOT), QUICK));
      stages.addAll(
          Stage.tests(
              classes(testAnchor)
                  .filter(name -> name.endsWith("Test"))
                  .map(name -> name.substring(ROOT.length()))));
      stages.addAll(Stage.tests(otherTests.stream()));
      stages.addAll(last);
      return stages;
    }

    /** The names of all classes that are where a class of the folder is, in the same order. */
    Stream<String> classes(String beside) throws IOException, URISyntaxException {
      String place = ROOT + folder + "/" + beside + ".class";
      Path found = Paths.get(Mutations.class.getClassLoader().getResource(place).toURI());
      Path top = found;
      for (int i = 0; i < Paths.get(place).getNameCount(); i++) {
        top = top.getParent();
      }
      try (Stream<Path> files = Files.walk(found.getParent())) {
        List<String> names = new ArrayList<>();
        for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
          String name = top.relativize(file).toString();
          names.add(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
        }
        Collections.sort(names);
        return names.stream();
      }
    }
  }

  private static final class Classes implements ClassByteArraySource {
    @Override
    public Optional<byte[]> getBytes(String name) {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = Mutations.class.getClassLoader().getResourceAsStream(file)) {
        return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
      } catch (IOException e) {
        return Optional.empty();
      }
    }
  }

  private final Side side;
  private final List<Stage> stages;
  private final Mutater mutater;
  private final Map<Stage, Long> patience = new HashMap<>();
  private MutantProcess process;
  private int tooLong;

  private Mutations(Side side) throws IOException, URISyntaxException {
    this.side = side;
    stages = side.stages();
    mutater =
        new GregorEngineFactory()
            .createEngine(
                EngineArguments.arguments()
                    .withMutators(List.of("DEFAULTS"))
                    .withExcludedMethods(List.of("toString")))
            .createMutator(new Classes());
  }

  /** See the class comment. */
  public static void main(String[] args) throws Exception {
    Side side = Side.valueOf(System.getProperty("side", "source").toUpperCase(Locale.ROOT));
    String seedText = System.getProperty("seed", "");
    long seed = seedText.isBlank() ? new Random().nextInt() : Long.parseLong(seedText);
    int size = Integer.getInteger("sample", 60);
    new Mutations(side).run(seed, size, chosen(size));
    System.exit(0); // a thread may still wait for a process that was ended
  }

  private static Predicate<Integer> chosen(int size) {
    String only = System.getProperty("only", "");
    if (!only.isBlank()) {
      Set<Integer> places =
          Stream.of(only.split(",", -1)).map(Integer::valueOf).collect(Collectors.toSet());
      return places::contains;
    }
    int from = Integer.getInteger("from", 0);
    int to = Integer.getInteger("to", size);
    return place -> place >= from && place < to;
  }

  private void run(long seed, int size, Predicate<Integer> chosen) throws Exception {
    List<MutationDetails> all = all();
    Collections.shuffle(all, new Random(seed));
    int drawn = Math.min(size, all.size());
    System.out.printf(
        "%s: %,d mutants, a sample of %d, seed %d%n", side.folder, all.size(), drawn, seed);
    long began = System.nanoTime();
    measure();
    int tried = 0;
    List<String> survivors = new ArrayList<>();
    for (int place : IntStream.range(0, drawn).boxed().filter(chosen).toList()) {
      MutationDetails mutant = all.get(place);
      long before = System.nanoTime();
      String by = whoNotices(mutant);
      tried++;
      System.out.printf(
          "%3d %s: %s%n      by %s, %.0f s%n",
          place,
          by == null ? "SURVIVES" : "noticed",
          told(mutant),
          by == null ? "nothing" : by,
          (System.nanoTime() - before) / 1e9);
      if (by == null) {
        survivors.add(place + " " + told(mutant));
      }
    }
    System.out.println("survivors:");
    survivors.forEach(one -> System.out.println("  " + one));
    int noticed = tried - survivors.size();
    System.out.printf(
        "%s, seed %d: %d of %d noticed (%.1f %%), %d of them because it took too long; %.0f s%n",
        side.folder,
        seed,
        noticed,
        tried,
        100.0 * noticed / Math.max(1, tried),
        tooLong,
        (System.nanoTime() - began) / 1e9);
    process.close();
  }

  private static String told(MutationDetails mutant) {
    String name = mutant.getClassName().asJavaName();
    String mutator = mutant.getMutator();
    return String.format(
        "%s.%s:%d %s [%s]",
        name.substring(name.lastIndexOf('.') + 1),
        mutant.getMethod(),
        mutant.getLineNumber(),
        mutant.getDescription(),
        mutator.substring(mutator.lastIndexOf('.') + 1));
  }

  /** The unchanged code has to pass, and shows how long it takes. */
  private void measure() throws IOException, InterruptedException {
    process = new MutantProcess();
    for (Stage stage : stages) {
      long before = process.cpuMs();
      String complaint = process.run(stage, Integer.MAX_VALUE);
      if (complaint != null) {
        throw new IllegalStateException(stage + " fails without a mutant: " + complaint);
      }
      long took = process.cpuMs() - before;
      patience.put(stage, PATIENCE_MS + PATIENCE_FACTOR * took);
      System.out.printf("    %s: %,d ms%n", stage, took);
    }
  }

  private String whoNotices(MutationDetails mutant) throws IOException, InterruptedException {
    String name = mutant.getClassName().asJavaName();
    boolean runsOnce = mutant.getMethod().equals("<clinit>");
    if (runsOnce || !process.isAlive()) {
      process.close();
      process = new MutantProcess();
    }
    process.change(name, mutater.getMutation(mutant.getId()).getBytes());
    for (Stage stage : stages) {
      String complaint = process.run(stage, patience.get(stage));
      if (complaint != null) {
        tooLong += complaint.equals(MutantProcess.TOO_LONG) ? 1 : 0;
        restore(name, runsOnce);
        return stage + ": " + complaint;
      }
    }
    restore(name, runsOnce);
    return null;
  }

  private void restore(String name, boolean ranOnce) throws IOException {
    if (ranOnce) {
      process.close();
    } else if (process.isAlive()) {
      process.change(name, new Classes().getBytes(name).orElseThrow());
    }
  }

  /** In the same order each time. */
  private List<MutationDetails> all() throws IOException, URISyntaxException {
    List<MutationDetails> all = new ArrayList<>();
    for (String name : side.classes(side.anchor).toList()) {
      mutater.findMutations(ClassName.fromString(name)).stream()
          .filter(one -> !isTold(one))
          .forEach(all::add);
    }
    return all;
  }

  /** What makes only text, or what the compiler adds, is no decision. */
  private static boolean isTold(MutationDetails mutant) {
    return mutant.getLineNumber() <= 0
        || mutant.getMethod().equals("values")
        || mutant.getMethod().equals("hashCode")
        || mutant.getMethod().equals("equals");
  }
}
