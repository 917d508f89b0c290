package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.runtime.SinkConnectorConfig;
import org.apache.kafka.connect.runtime.SourceConnectorConfig;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
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
      List.of(
          "topic.creation.default.",
          "log.consumer.",
          "snapshot.client.",
          "key.converter.",
          "value.converter.",
          "transforms.",
          "predicates.");

  static List<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("config-examples"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  @Test
  void thereAreExamples() throws IOException {
    assertEquals(18, examples().size(), examples().toString());
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
    ProducerConfig.configNames().forEach(name -> known.add("producer.override." + name));
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
    String readme = Files.readString(ROOT.resolve("config-examples").resolve("README.md"));
    for (Path example : examples()) {
      assertTrue(readme.contains(example.getFileName().toString()), example.toString());
    }
  }

  /** Strimzi's resources and the Compose file: YAML, with known keys, naming files that exist. */
  @Test
  void yamlFilesAreWhatTheySay() throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    Path folder = ROOT.resolve("config-examples");
    int connectors = 0;
    try (MappingIterator<JsonNode> documents =
        yaml.readerFor(JsonNode.class)
            .readValues(folder.resolve("strimzi").resolve("connectors.yaml").toFile())) {
      while (documents.hasNext()) {
        JsonNode spec = documents.next().path("spec");
        Map<String, String> config = new HashMap<>();
        spec.path("config")
            .properties()
            .forEach(e -> config.put(e.getKey(), e.getValue().asText()));
        config.put("connector.class", spec.path("class").asText());
        config.put("validate.live", "false");
        assertEquals(List.of(), problems(config));
        connectors++;
      }
    }
    assertEquals(2, connectors);
    JsonNode connect =
        yaml.readTree(folder.resolve("strimzi").resolve("kafka-connect.yaml").toFile());
    assertEquals("KafkaConnect", connect.path("kind").asText());
    JsonNode compose = yaml.readTree(folder.resolve("compose").resolve("compose.yaml").toFile());
    assertEquals(
        Set.of("kafka", "connect", "store", "prometheus", "grafana"),
        names(compose.path("services")));
    for (JsonNode service : compose.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        String from = volume.asText().split(":", -1)[0];
        if (from.startsWith(".") && !from.endsWith(".jar") && !from.contains("/target/")) {
          assertTrue(Files.exists(folder.resolve("compose").resolve(from)), from);
        }
      }
    }
    JsonNode alerts = yaml.readTree(folder.resolve("monitoring").resolve("alerts.yml").toFile());
    for (JsonNode group : alerts.path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        assertTrue(rule.at("/annotations/action").asText().length() > 40, rule.toString());
      }
    }
  }

  @Test
  void workersTakeTheirProperties() throws IOException {
    Path folder = ROOT.resolve("config-examples");
    for (String file : List.of("worker-distributed.properties", "compose/worker.properties")) {
      new DistributedConfig(properties(folder.resolve(file)));
    }
    new StandaloneConfig(properties(folder.resolve("worker-standalone.properties")));
  }

  private static Map<String, String> properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    Map<String, String> map = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> map.put(key, properties.getProperty(key)));
    // the file provider is a plugin of the worker's installation
    map.keySet().removeIf(key -> key.startsWith("config.providers"));
    return map;
  }

  private static List<String> problems(Map<String, String> config) {
    List<ConfigValue> values =
        config.get("connector.class").endsWith("SourceConnector")
            ? SourceConfig.validate(config)
            : SinkConfig.validate(config);
    return values.stream().flatMap(value -> value.errorMessages().stream()).toList();
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
