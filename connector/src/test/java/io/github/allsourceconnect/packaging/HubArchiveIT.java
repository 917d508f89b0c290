package io.github.allsourceconnect.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the hub's description of an archive asks for; and documents that lead nowhere wrong. */
class HubArchiveIT {
  private static final String PROJECT =
      "https://github.com/allsourceconnect/allsource-kafka-connect";
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE =
      Pattern.compile("^```.*?^```|`[^`\n]*`", Pattern.DOTALL | Pattern.MULTILINE);

  private static Map<String, byte[]> files;
  private static JsonNode manifest;

  @BeforeAll
  static void read() throws Exception {
    files = Archive.files();
    manifest = new ObjectMapper().readTree(Archive.text(files, "manifest.json"));
  }

  @Test
  void everyFieldIsFilled() {
    assertEquals(List.of(), empty("manifest", manifest, new ArrayList<>()));
    assertFalse(manifest.toString().contains("${"), manifest.toString());
    List<String> needed =
        List.of(
            "/name",
            "/version",
            "/title",
            "/description",
            "/logo",
            "/owner/username",
            "/owner/type",
            "/owner/name",
            "/owner/url",
            "/owner/logo",
            "/support/summary",
            "/support/url",
            "/support/provider_name",
            "/support/logo",
            "/tags/0",
            "/requirements/0",
            "/features/supported_encodings/0",
            "/features/delivery_guarantee/0",
            "/documentation_url",
            "/source_url",
            "/license/0/name",
            "/license/0/url",
            "/component_types/0",
            "/release_date");
    for (String field : needed) {
      assertFalse(manifest.at(field).isMissingNode(), field + " is missing");
    }
  }

  @Test
  void fieldsAreTrue() throws Exception {
    assertEquals("allsource-kafka-connect", manifest.path("name").asText());
    assertEquals(Archive.version(), manifest.path("version").asText());
    assertTrue(manifest.at("/owner/username").asText().matches("[a-z0-9_]{2,255}"));
    assertEquals(
        manifest.at("/owner/username").asText() + "-allsource-kafka-connect-" + Archive.version(),
        Archive.zip().getFileName().toString().replaceFirst("\\.zip$", ""));
    // what the sink refuses, the package as a whole does not support
    assertFalse(manifest.at("/features/single_message_transforms").asBoolean(true));
    LocalDate.parse(manifest.path("release_date").asText());
    for (String url : List.of("/source_url", "/documentation_url", "/support/url")) {
      assertTrue(manifest.at(url).asText().startsWith(PROJECT), url + " " + manifest.at(url));
    }
    String requirements = manifest.path("requirements").toString();
    assertTrue(requirements.contains("Kafka Connect 3.6"), requirements);
    // of the line that these tests run on; -Pkafka-3.9 asks for the other
    assertTrue(requirements.contains(AppInfoParser.getVersion()), requirements);
  }

  @Test
  void logosAreInTheArchiveAndLargeEnough() throws Exception {
    for (String field : List.of("/logo", "/owner/logo", "/support/logo", "/license/0/logo")) {
      String path = manifest.at(field).asText();
      assertTrue(files.containsKey(path), field + ": no " + path);
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(files.get(path)));
      assertTrue(image.getWidth() >= 400 && image.getHeight() >= 200, path + " is too small");
    }
  }

  @Test
  void archiveHasExamplesAndDocuments() {
    for (String path :
        List.of(
            "etc/source.json",
            "etc/sink.json",
            "doc/README.md",
            "doc/LICENSE",
            "doc/NOTICE",
            "doc/configuration.md")) {
      assertTrue(files.containsKey(path), "no " + path + " in " + files.keySet());
    }
  }

  @Test
  void linksOfTheDocumentsLeadSomewhere() {
    List<String> broken = new ArrayList<>();
    for (String document : files.keySet()) {
      if (document.endsWith(".md")) {
        String text = CODE.matcher(Archive.text(files, document)).replaceAll("");
        LINK.matcher(text)
            .results()
            .map(result -> result.group(1))
            .filter(link -> !leadsSomewhere(document, link))
            .forEach(link -> broken.add(document + " -> " + link));
      }
    }
    assertEquals(List.of(), broken);
  }

  private static boolean leadsSomewhere(String document, String link) {
    if (URI.create(link).isAbsolute()) {
      return true;
    }
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path folder = Path.of(document).getParent();
    String target = file.isEmpty() ? document : folder.resolve(file).normalize().toString();
    if (files.containsKey(target)) {
      return hash < 0 || headings(Archive.text(files, target)).contains(link.substring(hash + 1));
    }
    return hash < 0 && files.keySet().stream().anyMatch(path -> path.startsWith(target + "/"));
  }

  /** The anchors that a reader's browser gives to headings. */
  private static Set<String> headings(String markdown) {
    Set<String> anchors = new HashSet<>();
    for (MatchResult heading :
        Pattern.compile("^#+ (.*)$", Pattern.MULTILINE).matcher(markdown).results().toList()) {
      String words = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "");
      anchors.add(words.strip().replace(' ', '-'));
    }
    return anchors;
  }

  private static List<String> empty(String path, JsonNode node, List<String> found) {
    if (node.isContainerNode()) {
      if (node.isEmpty()) {
        found.add(path);
      }
      node.properties()
          .forEach(field -> empty(path + "." + field.getKey(), field.getValue(), found));
      if (node.isArray()) {
        node.forEach(element -> empty(path + "[]", element, found));
      }
    } else if (node.isNull() || node.asText().isBlank()) {
      found.add(path);
    }
    return found;
  }
}
