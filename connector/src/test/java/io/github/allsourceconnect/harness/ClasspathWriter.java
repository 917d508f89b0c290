package io.github.allsourceconnect.harness;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;

/**
 * Writes the jars that it is run with to a file: how the build tells a test where the jars of
 * another Connect release are.
 */
public final class ClasspathWriter {
  private ClasspathWriter() {}

  /**
   * @param args the file
   */
  public static void main(String[] args) throws IOException, URISyntaxException {
    StringJoiner jars = new StringJoiner(File.pathSeparator);
    if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader) {
      for (URL url : loader.getURLs()) {
        String path = Path.of(url.toURI()).toString();
        if (path.endsWith(".jar")) {
          jars.add(path);
        }
      }
    }
    Files.writeString(Path.of(args[0]), jars.toString());
  }
}
