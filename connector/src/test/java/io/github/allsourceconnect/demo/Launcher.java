package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Folders;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * Runs the demo in a JVM of its own, from Maven's. Ctrl-C reaches both: this one waits for the
 * demo's summary and ends with its exit status, without what Maven says of a goal that failed.
 */
public final class Launcher {
  private Launcher() {}

  /**
   * @param args for the {@code java} command, without the class path and the main class
   */
  public static void main(String[] args)
      throws IOException, InterruptedException, URISyntaxException {
    List<String> command = new ArrayList<>();
    Path scratch = Folders.temporary("allsource-demo-");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(args));
    command.add("-Djava.io.tmpdir=" + scratch);
    command.add("-classpath");
    command.add(classPath());
    command.add(Demo.class.getName());
    Process demo = new ProcessBuilder(command).inheritIO().start();
    // a terminal has told the demo already; others may have told this process alone
    Signals.on("INT", demo::destroy);
    Signals.on("TERM", demo::destroy);
    int status = demo.waitFor();
    // however it ended: of a broker that is still starting nobody else would delete anything
    Folders.delete(scratch);
    if (status != 0) {
      System.exit(status);
    }
  }

  private static String classPath() throws URISyntaxException {
    StringJoiner path = new StringJoiner(File.pathSeparator);
    if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader) {
      for (URL url : loader.getURLs()) {
        path.add(Path.of(url.toURI()).toString());
      }
    }
    return path.toString();
  }
}
