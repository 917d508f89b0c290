package io.github.allsourceconnect.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The archive for the hub, as {@code mvn package} leaves it. */
final class Archive {
  private static final Path PACKAGES = Path.of("target/components/packages");

  private Archive() {}

  /** What Connect lists of what is packaged. */
  static String listedVersion() {
    String commit = Version.commit();
    return commit.equals("unknown")
        ? version()
        : version() + "-g" + commit.substring(0, 10) + commit.substring(40);
  }

  /** The version of what is packaged. */
  static String version() {
    return Version.number().replaceFirst("-SNAPSHOT$", "");
  }

  /** The one zip file. */
  static Path zip() throws IOException {
    List<Path> zips = packages(".zip");
    assertEquals(1, zips.size(), zips.toString());
    return zips.get(0);
  }

  /** The one list of components (CycloneDX). */
  static Path components() throws IOException {
    List<Path> lists = packages(".cdx.json");
    assertEquals(1, lists.size(), lists.toString());
    return lists.get(0);
  }

  /**
   * Whether Maven was told to ask no repository; the plugin for the list above then does nothing.
   */
  static boolean isOffline() {
    return "offline: true".equals(System.getProperty("build.offline"));
  }

  /** What is in the archive, by its path below the one folder at the top. */
  static Map<String, byte[]> files() throws IOException {
    Path archive = zip();
    String top = archive.getFileName().toString().replaceFirst("\\.zip$", "") + "/";
    Map<String, byte[]> files = new TreeMap<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
        assertEquals(top, entry.getName().substring(0, top.length()), "outside the top folder");
        files.put(
            entry.getName().substring(top.length()), zip.getInputStream(entry).readAllBytes());
      }
    }
    return files;
  }

  /** The text of a file in the archive. */
  static String text(Map<String, byte[]> files, String path) {
    byte[] bytes = files.get(path);
    if (bytes == null) {
      throw new AssertionError("the archive has no " + path);
    }
    return new String(bytes, UTF_8);
  }

  private static List<Path> packages(String ending) throws IOException {
    try (Stream<Path> paths = Files.list(PACKAGES)) {
      return paths.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    }
  }
}
