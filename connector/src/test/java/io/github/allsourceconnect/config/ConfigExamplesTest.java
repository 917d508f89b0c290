package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.runtime.SinkConnectorConfig;
import org.apache.kafka.connect.runtime.SourceConnectorConfig;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the examples can be pasted: known keys, good values, and the README's are the files'. */
class ConfigExamplesTest {
  private static final Path ROOT = Path.of("..");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /** Keys of which Connect, or a client, knows what may follow. */
  private static final List<String> OPEN_PREFIXES =
      List.of("topic.creation.default.", "log.consumer.", "snapshot.client.");

  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("config-examples"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  @Test
  void thereAreExamples() throws IOException {
    assertEquals(6, examples().size(), examples().toString());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exampleIsValid(Path file) throws Exception {
    JsonNode example = JSON.readTree(file.toFile());
    assertEquals(Set.of("name", "config"), names(example));
    Map<String, String> config = JSON.convertValue(example.get("config"), new TypeReference<>() {});
    config.put("name", example.get("name").asText());
    config.put("validate.live", "false");

    Connector connector =
        assertInstanceOf(
            Connector.class,
            Class.forName(config.get("connector.class")).getDeclaredConstructor().newInstance());
    Set<String> known = new TreeSet<>(connector.config().names());
    known.addAll(
        connector instanceof SourceConnector
            ? SourceConnectorConfig.configDef().names()
            : SinkConnectorConfig.configDef().names());
    for (String key : config.keySet()) {
      assertTrue(
          known.contains(key) || OPEN_PREFIXES.stream().anyMatch(key::startsWith),
          key + " is a setting of nobody");
    }
    for (ConfigValue value : connector.validate(config).configValues()) {
      assertEquals(List.of(), value.errorMessages(), value.name());
    }
  }

  @Test
  void readmeHasTheTwoExamplesAsTheyAre() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    for (String name : List.of("source.json", "sink.json")) {
      String example = Files.readString(ROOT.resolve("config-examples").resolve(name)).strip();
      assertTrue(readme.contains(example), "the README's example is not " + name);
    }
  }

  @Test
  void readmeNamesEveryExample() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    for (Path example : examples()) {
      assertTrue(readme.contains(example.getFileName().toString()), example.toString());
    }
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
