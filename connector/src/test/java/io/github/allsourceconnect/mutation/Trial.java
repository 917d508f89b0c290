package io.github.allsourceconnect.mutation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs simulator and tests on the project's classes with some of them changed. */
final class Trial {
  /**
   * Something to run; what costs least comes first.
   *
   * @param name a test class below the root package, or a side of the simulator
   * @param seeds how many histories; 0 for a test class
   */
  record Stage(String name, long seeds) {
    static Stage histories(String side, long seeds) {
      return new Stage(side, seeds);
    }

    static List<Stage> tests(String... names) {
      return Stream.of(names).map(name -> new Stage(name, 0)).toList();
    }

    @Override
    public String toString() {
      return seeds == 0 ? name : seeds + " histories of the " + name;
    }
  }

  private static final String ROOT = "io.github.allsourceconnect.";

  private final MutantLoader loader;

  Trial(Map<String, byte[]> changed) {
    loader = new MutantLoader(changed);
  }

  /** What a stage complains of; null for nothing. It counts as one when it takes too long. */
  @SuppressWarnings({"deprecation", "ThreadJoinLoop", "InterruptedExceptionSwallowed"})
  String run(Stage stage, long timeoutMs) throws InterruptedException {
    AtomicReference<String> complaint =
        new AtomicReference<>("took longer than " + timeoutMs + " ms");
    Thread thread =
        new Thread(
            () -> {
              String found;
              try {
                found = stage.seeds == 0 ? test(stage) : simulate(stage);
              } catch (ReflectiveOperationException | RuntimeException | Error e) {
                found = String.valueOf(e.getCause() == null ? e : e.getCause());
              }
              complaint.set(found);
            },
            "mutant");
    thread.setContextClassLoader(loader);
    thread.setDaemon(true);
    thread.start();
    thread.join(timeoutMs);
    String found = complaint.get();
    if (thread.isAlive()) {
      thread.stop(); // a mutant may loop for ever, and nothing else ends it within this process
    }
    return found;
  }

  private String simulate(Stage stage) throws ReflectiveOperationException {
    return (String)
        loader
            .loadClass(ROOT + "simulation.Simulate")
            .getMethod("firstViolation", String.class, long.class)
            .invoke(null, stage.name, stage.seeds);
  }

  private String test(Stage stage) throws ClassNotFoundException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(loader.loadClass(ROOT + stage.name)))
            .build();
    List<String> failed = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        request,
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
              failed.add(test.getDisplayName());
            } else if (test.isTest()) {
              passed.add(test.getDisplayName());
            }
          }
        });
    if (failed.isEmpty() && passed.isEmpty()) {
      return "no test was run";
    }
    return failed.isEmpty() ? null : failed.get(0);
  }
}
