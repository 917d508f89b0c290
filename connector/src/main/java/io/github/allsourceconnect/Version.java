package io.github.allsourceconnect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build this is: the POM's version and the commit, written into a resource by the build. Safe
 * for several threads.
 */
public final class Version {
  private static final String RESOURCE = "version.properties";
  private static final String SNAPSHOT = "-SNAPSHOT";
  private static final String DIRTY = "-dirty";
  private static final int COMMIT_DIGITS = 10;
  private static final Properties BUILD = read();

  private Version() {}

  /** The POM's version. Of classes that are not in the package's jar, a snapshot of it. */
  public static String number() {
    return BUILD.getProperty("version");
  }

  /**
   * What Connect lists, and what {@code connector.plugin.version} is compared with: {@code
   * 1.2.3-g0123456789}. By the order of Maven versions, which Connect uses, it is newer than {@code
   * 1.2.3} and older than {@code 1.2.4}, whatever the commit is: the {@code g}, which stands for
   * Git, keeps a leading {@code a}, {@code b} or {@code m} from being read as alpha, beta or
   * milestone. Without a known commit, and of classes that are not in the package's jar, the number
   * alone.
   */
  public static String plugin() {
    return plugin(number(), commit());
  }

  static String plugin(String number, String commit) {
    if (number.endsWith(SNAPSHOT) || commit.length() < COMMIT_DIGITS) {
      return number;
    }
    return number
        + "-g"
        + commit.substring(0, COMMIT_DIGITS)
        + (commit.endsWith(DIRTY) ? DIRTY : "");
  }

  /**
   * The commit's full id, with {@code -dirty} if files were changed after it; {@code unknown} if
   * the build was outside a repository.
   */
  public static String commit() {
    return BUILD.getProperty("commit");
  }

  /** Both, for the log: {@code 1.2.3 (commit 0123456789abcdef…)}. */
  public static String described() {
    return number() + " (commit " + commit() + ")";
  }

  private static Properties read() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            RESOURCE + " is not beside " + Version.class.getName() + ": the package is not whole");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + RESOURCE, e);
    }
    return properties;
  }
}
