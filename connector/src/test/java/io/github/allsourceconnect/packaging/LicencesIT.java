package io.github.allsourceconnect.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Of each library in the package, the licence, its text, why it is there, and its sum. */
class LicencesIT {
  private static final Pattern OWN = Pattern.compile("allsource-kafka-connect-.*\\.jar");

  private static Map<String, byte[]> files;
  private static final Map<String, byte[]> JARS = new TreeMap<>();

  @BeforeAll
  static void read() throws Exception {
    files = Archive.files();
    files.forEach(
        (path, bytes) -> {
          String name = path.substring(path.lastIndexOf('/') + 1);
          if (path.startsWith("lib/") && !OWN.matcher(name).matches()) {
            JARS.put(name, bytes);
          }
        });
    assertFalse(JARS.isEmpty(), "no libraries in " + files.keySet());
  }

  @Test
  void eachLibraryIsListedWithALicenceWhoseTextIsThere() {
    String list = Archive.text(files, "doc/THIRD-PARTY.txt");
    Map<String, List<String>> licences = new TreeMap<>();
    String library = null;
    for (String line : list.lines().toList()) {
      if (line.endsWith(".jar")) {
        library = line;
        licences.put(library, new ArrayList<>());
      } else if (line.startsWith("    licenses/")) {
        licences.get(library).add(line.strip());
      }
    }
    assertEquals(JARS.keySet(), licences.keySet());
    licences.forEach(
        (jar, texts) -> {
          assertFalse(texts.isEmpty(), jar + " has no licence");
          texts.forEach(text -> assertTrue(files.containsKey("doc/" + text), jar + ": " + text));
        });
  }

  @Test
  void pluginFolderHasTheSameTexts() throws Exception {
    Path folder = Path.of("target/plugin/allsource-kafka-connect");
    for (String path : files.keySet()) {
      if (path.matches("doc/(LICENSE|NOTICE|THIRD-PARTY.txt|licenses/.*)")) {
        assertEquals(
            Archive.text(files, path), Files.readString(folder.resolve(path.substring(4))));
      }
    }
  }

  /** What a jar's own licences say beyond the common one is in the package's texts, too. */
  @Test
  void licencesInsideTheJarsAreKnown() throws Exception {
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, byte[]> jar : JARS.entrySet()) {
      ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar.getValue()));
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
        String name = entry.getName();
        if (name.matches("META-INF/([A-Za-z]+-)+LICENSE.*")
            && !Archive.text(files, "doc/licenses/embedded-in-jackson-core.txt")
                .contains("==== " + name.substring("META-INF/".length()))) {
          unknown.add(jar.getKey() + ": " + name);
        }
      }
    }
    assertEquals(List.of(), unknown);
  }

  @Test
  void componentsAreTheLibrariesWithTheirSums() throws Exception {
    assumeFalse(Archive.isOffline(), "an offline build makes no list of components");
    JsonNode bom = new ObjectMapper().readTree(Archive.components().toFile());
    assertEquals("CycloneDX", bom.path("bomFormat").asText());
    Map<String, String> sums = new TreeMap<>();
    for (JsonNode component : bom.path("components")) {
      for (JsonNode hash : component.path("hashes")) {
        if (hash.path("alg").asText().equals("SHA-512")) {
          sums.put(
              component.path("name").asText() + "-" + component.path("version").asText() + ".jar",
              hash.path("content").asText());
        }
      }
    }
    MessageDigest digest = MessageDigest.getInstance("SHA-512");
    Map<String, String> expected = new TreeMap<>();
    JARS.forEach(
        (name, bytes) -> expected.put(name, HexFormat.of().formatHex(digest.digest(bytes))));
    assertEquals(expected, sums);
  }

  /** connector/docs/dependencies.md: a row for each with its size, and no row for another. */
  @Test
  void eachLibraryHasItsReason() throws Exception {
    Map<String, String> rows = new TreeMap<>();
    Pattern.compile("^\\| `([a-z0-9-]+)` \\| ([0-9,]+) \\|", Pattern.MULTILINE)
        .matcher(Archive.text(files, "doc/dependencies.md"))
        .results()
        .forEach(row -> rows.put(row.group(1), row.group(2)));
    Map<String, String> sizes = new TreeMap<>();
    JARS.forEach(
        (jar, bytes) ->
            sizes.put(
                jar.replaceFirst("-[0-9].*", ""), String.format(Locale.ROOT, "%,d", bytes.length)));
    assertEquals(sizes, rows);
  }
}
