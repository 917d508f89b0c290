package io.github.allsourceconnect.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** What {@code mvn package} leaves: the plugin directory, and the archive for the hub. */
class PackageIT {
  private static final Path TARGET = Path.of("target");

  /** Connect loads these from itself, or they would fight with what it has. */
  private static final List<String> CONNECTS_OWN = List.of("org/apache/kafka/", "org/slf4j/");

  private static final long BYTES_MAX = 22_000_000;

  @Test
  void pluginPathHoldsOnePluginDirectory() throws IOException {
    List<Path> plugins = children(TARGET.resolve("plugin"));

    assertEquals(1, plugins.size(), plugins.toString());
    List<String> names = children(plugins.get(0)).stream().map(PackageIT::name).toList();
    assertTrue(
        names.stream().anyMatch(name -> name.matches("allsource-kafka-connect-.*\\.jar")),
        names.toString());
  }

  @Test
  void versionIsThePomsAndTheCommitIsInTheManifest() throws IOException {
    Path jar =
        TARGET.resolve(
            "plugin/allsource-kafka-connect/allsource-kafka-connect-" + Archive.version() + ".jar");
    try (JarFile file = new JarFile(jar.toFile())) {
      Properties build = new Properties();
      build.load(
          file.getInputStream(file.getEntry("io/github/allsourceconnect/version.properties")));
      Attributes manifest = file.getManifest().getMainAttributes();

      assertEquals(Archive.version(), build.getProperty("version"));
      assertEquals(Archive.version(), manifest.getValue("Implementation-Version"));
      assertEquals(Version.commit(), build.getProperty("commit"));
      assertEquals(Version.commit(), manifest.getValue("Implementation-Build"));
    }
  }

  @Test
  void pluginHoldsNothingThatConnectShips() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path jar : children(children(TARGET.resolve("plugin")).get(0))) {
      if (name(jar).endsWith(".jar")) {
        try (InputStream in = Files.newInputStream(jar)) {
          found.addAll(connectsOwn(name(jar), in));
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void archiveIsLaidOutForTheHubAndHoldsNothingThatConnectShips() throws IOException {
    Path archive = Archive.zip();
    String top = name(archive).replaceFirst("\\.zip$", "") + "/";
    List<String> found = new ArrayList<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      String manifest =
          new String(zip.getInputStream(zip.getEntry(top + "manifest.json")).readAllBytes(), UTF_8);
      assertTrue(manifest.contains("\"name\": \"allsource-kafka-connect\""), manifest);
      assertTrue(!manifest.contains("${"), manifest);
      assertTrue(zip.getEntry(top + "doc/LICENSE") != null, "no licence in doc/");
      List<? extends ZipEntry> jars =
          zip.stream().filter(entry -> entry.getName().matches(top + "lib/[^/]+\\.jar")).toList();
      assertTrue(jars.size() > 1, "lib/ has " + jars);
      for (ZipEntry jar : jars) {
        found.addAll(connectsOwn(jar.getName(), zip.getInputStream(jar)));
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void archiveIsSmallAndItsSumIsRight() throws Exception {
    Path archive = Archive.zip();
    byte[] bytes = Files.readAllBytes(archive);
    byte[] sum = MessageDigest.getInstance("SHA-512").digest(bytes);

    assertTrue(bytes.length < BYTES_MAX, bytes.length + " bytes");
    assertEquals(
        HexFormat.of().formatHex(sum) + " *" + name(archive),
        Files.readString(archive.resolveSibling(name(archive) + ".sha512")).strip());
  }

  private static List<String> connectsOwn(String jar, InputStream in) throws IOException {
    List<String> found = new ArrayList<>();
    ZipInputStream entries = new ZipInputStream(in);
    for (ZipEntry entry; (entry = entries.getNextEntry()) != null; ) {
      String name = entry.getName();
      if (name.endsWith(".class") && CONNECTS_OWN.stream().anyMatch(name::startsWith)) {
        found.add(jar + ": " + name);
      }
    }
    return found;
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}
