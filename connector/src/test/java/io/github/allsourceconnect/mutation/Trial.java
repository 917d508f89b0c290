package io.github.allsourceconnect.mutation;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.instrument.ClassDefinition;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * A process of its own that runs stages on the project's classes, one of them changed. The class is
 * changed in place, so that all the others stay compiled. Whoever started it ends it when a mutant
 * makes it loop or fill its memory.
 *
 * <p>It is told on standard input, and answers on standard output: {@link MutantProcess}.
 */
public final class Trial {
  private static final String ROOT = "io.github.allsourceconnect.";

  private static Instrumentation instrumentation;

  /** The class that is changed, as the virtual machine names it, and what it is then. */
  private static volatile String changed;

  private static volatile byte[] mutant;

  private Trial() {}

  /** It is its own agent, which is how it may change classes. */
  public static void premain(String none, Instrumentation given) {
    instrumentation = given;
    given.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            return redefined == null && name != null && name.equals(changed) ? mutant : null;
          }
        });
  }

  /** See the class comment. */
  public static void main(String[] args) throws Exception {
    DataInputStream in = new DataInputStream(System.in);
    DataOutputStream out = new DataOutputStream(System.out);
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    while (true) {
      String command;
      try {
        command = in.readUTF();
      } catch (EOFException e) {
        System.exit(0);
        return;
      }
      switch (command) {
        case "change" -> change(in.readUTF(), in.readNBytes(in.readInt()));
        case "run" -> {
          String complaint = run(new Stage(in.readUTF(), in.readLong()));
          out.writeBoolean(complaint != null);
          out.writeUTF(complaint == null ? "" : firstOf(complaint));
          out.flush();
        }
        default -> throw new IllegalArgumentException(command);
      }
    }
  }

  private static String firstOf(String complaint) {
    String line = complaint.lines().findFirst().orElse("");
    return line.substring(0, Math.min(300, line.length()));
  }

  /** The class is that from now on, whether it is loaded already or not. */
  private static void change(String name, byte[] bytes) throws Exception {
    changed = name.replace('.', '/');
    mutant = bytes;
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (loaded.getName().equals(name)) {
        instrumentation.redefineClasses(new ClassDefinition(loaded, bytes));
      }
    }
  }

  private static String run(Stage stage) {
    try {
      return stage.histories() == 0 ? test(stage) : simulate(stage);
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      return String.valueOf(e.getCause() == null ? e : e.getCause());
    }
  }

  private static String simulate(Stage stage) throws ReflectiveOperationException {
    return (String)
        Class.forName(ROOT + "simulation.Simulate")
            .getMethod("firstViolation", String.class, long.class)
            .invoke(null, stage.name(), stage.histories());
  }

  private static String test(Stage stage) throws ClassNotFoundException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(Class.forName(ROOT + stage.name())))
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
