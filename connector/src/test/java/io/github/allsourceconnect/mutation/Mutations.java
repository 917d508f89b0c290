package io.github.allsourceconnect.mutation;

import io.github.allsourceconnect.mutation.Trial.Stage;
import java.io.IOException;
import java.io.InputStream;
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
 * {@code -Dto=} run a part of the sample. Exit status 0, whatever was found: who reads the
 * survivors judges.
 */
public final class Mutations {
  private static final long PATIENCE_FACTOR = 6;
  private static final long PATIENCE_MS = 10_000;

  private enum Side {
    SOURCE(
        "source/decision",
        "Follower",
        Stage.histories("source", 60),
        Stage.tests(
            "source.decision.epoch.AckTrailTest",
            "source.decision.epoch.GivenUpOffsetsTest",
            "source.decision.epoch.HeldEntriesTest",
            "source.decision.epoch.LiveLinkTest",
            "source.decision.epoch.PulseTest",
            "source.decision.epoch.SequencerTest",
            "source.decision.epoch.UncertainRowsTest",
            "source.decision.ledger.TopicLedgerTest",
            "source.decision.position.IdSumTest",
            "source.decision.position.KnownEventsTest",
            "source.decision.position.LatenessTest",
            "source.decision.position.LossTimesTest",
            "source.decision.position.ProducedEventsTest",
            "source.decision.repair.EntityOrderTest",
            "source.decision.repair.RepairPauseTest",
            "source.decision.repair.PausesTest",
            "source.decision.repair.RepairTest",
            "source.decision.OwedEventsTest",
            "source.decision.InFlightTest",
            "source.decision.RoundTest"),
        Stage.tests("source.record.SourceOffsetsTest"),
        Stage.histories("source", 500),
        Stage.histories("chain", 60)),
    SINK(
        "sink/decision",
        "LeaderLog",
        Stage.histories("sink", 60),
        Stage.tests(
            "sink.decision.CommitTrackerTest",
            "sink.decision.LeaderLogFiguresTest",
            "sink.decision.LeaderLogTest",
            "sink.decision.WalLogTest"),
        Stage.histories("sink", 400));

    final String folder;
    final String anchor;
    final List<Stage> stages = new ArrayList<>();

    /**
     * @param anchor a class in the folder, which tells the code from its tests
     */
    Side(String folder, String anchor, Object... stages) {
      this.folder = folder;
      this.anchor = anchor;
      for (Object one : stages) {
        if (one instanceof Stage stage) {
          this.stages.add(stage);
        } else {
          ((List<?>) one).forEach(stage -> this.stages.add((Stage) stage));
        }
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
  private final Mutater mutater;
  private final Map<Stage, Long> patience = new HashMap<>();

  private Mutations(Side side) {
    this.side = side;
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
    long seed = seedText.isBlank() ? new Random().nextLong() : Long.parseLong(seedText);
    int size = Integer.getInteger("sample", 150);
    new Mutations(side)
        .run(seed, size, Integer.getInteger("from", 0), Integer.getInteger("to", size));
    System.exit(0); // mutants that hang may have left threads
  }

  private void run(long seed, int size, int from, int to) throws Exception {
    List<MutationDetails> all = all();
    Collections.shuffle(all, new Random(seed));
    List<MutationDetails> sample = all.subList(0, Math.min(size, all.size()));
    System.out.printf(
        "%s: %,d mutants, a sample of %d, seed %d, %d to %d%n",
        side.folder, all.size(), sample.size(), seed, from, to);
    long began = System.nanoTime();
    measure();
    int noticed = 0;
    int tried = 0;
    List<String> survivors = new ArrayList<>();
    for (int i = from; i < Math.min(to, sample.size()); i++) {
      MutationDetails mutant = sample.get(i);
      String by = whoNotices(mutant);
      tried++;
      noticed += by == null ? 0 : 1;
      System.out.printf("%3d %s: %s%n", i, by == null ? "SURVIVES" : "noticed", told(mutant));
      System.out.printf("      %s%n", by == null ? "by nothing" : "by " + by);
      if (by == null) {
        survivors.add(i + " " + told(mutant));
      }
    }
    System.out.println("survivors:");
    survivors.forEach(one -> System.out.println("  " + one));
    System.out.printf(
        "%s, seed %d: %d of %d noticed (%.1f %%), %.0f s%n",
        side.folder,
        seed,
        noticed,
        tried,
        100.0 * noticed / Math.max(1, tried),
        (System.nanoTime() - began) / 1e9);
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
  private void measure() throws InterruptedException {
    Trial trial = new Trial(Map.of());
    for (Stage stage : side.stages) {
      long began = System.nanoTime();
      String complaint = trial.run(stage, Integer.MAX_VALUE);
      if (complaint != null) {
        throw new IllegalStateException(stage + " fails without a mutation: " + complaint);
      }
      patience.put(stage, PATIENCE_MS + PATIENCE_FACTOR * (System.nanoTime() - began) / 1_000_000);
    }
  }

  private String whoNotices(MutationDetails mutant) throws InterruptedException {
    byte[] bytes = mutater.getMutation(mutant.getId()).getBytes();
    Trial trial = new Trial(Map.of(mutant.getClassName().asJavaName(), bytes));
    for (Stage stage : side.stages) {
      String complaint = trial.run(stage, patience.get(stage));
      if (complaint != null) {
        return stage + ": " + complaint.lines().findFirst().orElse("");
      }
    }
    return null;
  }

  /** In the same order each time. */
  private List<MutationDetails> all() throws Exception {
    String place = "io/github/allsourceconnect/" + side.folder + "/" + side.anchor + ".class";
    Path folder =
        Paths.get(Mutations.class.getClassLoader().getResource(place).toURI()).getParent();
    Path root = folder;
    while (!root.endsWith("io")) {
      root = root.getParent();
    }
    Path top = root.getParent();
    List<MutationDetails> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".class")).sorted().toList()) {
        String name = top.relativize(file).toString();
        name = name.substring(0, name.length() - ".class".length()).replace('/', '.');
        for (MutationDetails one : mutater.findMutations(ClassName.fromString(name))) {
          if (!isTold(one)) {
            all.add(one);
          }
        }
      }
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
