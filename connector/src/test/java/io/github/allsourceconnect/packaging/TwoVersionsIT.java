package io.github.allsourceconnect.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Test;

/**
 * Two versions of the package in one worker (KIP-891, Kafka 4.1 or later): each connector runs with
 * the one that its {@code connector.plugin.version} names.
 */
class TwoVersionsIT {
  private static final String SOURCE = "io.github.allsourceconnect.AllSourceSourceConnector";
  private static final String OTHER = "0.0.9";

  @Test
  void bothRunSideBySide() throws Exception {
    assumeTrue(
        !AppInfoParser.getVersion().matches("3\\..*|4\\.0\\..*"), "this worker knows one version");
    Path plugins = Folders.temporary("allsource-plugins-");
    try (Broker broker = Broker.start();
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(7))) {
      Path own = Folders.pluginPath().resolve("allsource-kafka-connect");
      copy(own, plugins.resolve("this"));
      copy(own, plugins.resolve("other"));
      rename(plugins.resolve("other"));
      Topics topics = new Topics(broker.bootstrap());
      topics.create("of-this", 1, Map.of());
      topics.create("of-other", 1, Map.of());
      for (int i = 0; i < 20; i++) {
        leader.write("acme", "order-" + i, "order.placed", JsonText.of("{\"n\":" + i + "}"), null);
      }

      try (WorkerProcess worker = WorkerProcess.start(WorkerSettings.of(broker, plugins))) {
        ConnectRest rest = worker.rest();
        Set<String> versions = new TreeSet<>();
        for (JsonNode plugin : rest.plugins()) {
          if (plugin.path("class").asText().equals(SOURCE)) {
            versions.add(plugin.path("version").asText());
          }
        }
        assertEquals(Set.of(Archive.listedVersion(), OTHER), versions);

        String range = "[" + Archive.version() + "," + Archive.version() + ".1)";
        rest.create("of-this", source(leader, "of-this", range));
        rest.create("of-exactly-this", source(leader, "of-this", Archive.listedVersion()));
        rest.create("of-other", source(leader, "of-other", OTHER));
        awaitEvents(topics, "of-this");
        awaitEvents(topics, "of-other");
        assertEquals(Archive.listedVersion(), version(rest, "of-this"));
        assertEquals(Archive.listedVersion(), version(rest, "of-exactly-this"));
        assertEquals(OTHER, version(rest, "of-other"));
      }
    } finally {
      Folders.delete(plugins);
    }
  }

  /** What runs says its version itself. */
  private static String version(ConnectRest rest, String name) {
    rest.awaitRunning(name, 1, Await.LIMIT);
    JsonNode status = rest.status(name);
    assertEquals(status.at("/connector/version").asText(), status.at("/tasks/0/version").asText());
    return status.at("/connector/version").asText();
  }

  private static void awaitEvents(Topics topics, String topic) {
    Await.until("20 events are in " + topic, Await.LIMIT, () -> topics.read(topic).size() >= 20);
  }

  private static Map<String, String> source(ScriptedLeader leader, String topic, String version) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), topic);
    config.put("connector.plugin.version", version);
    config.put("value.format", "event_json");
    config.put("repair.min.interval.ms", "200");
    return config;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> jars = Files.list(from)) {
      for (Path jar : jars.filter(path -> path.toString().endsWith(".jar")).toList()) {
        Files.copy(jar, to.resolve(jar.getFileName()));
      }
    }
  }

  /** The same classes under another version. */
  private static void rename(Path folder) throws IOException {
    Path jar = folder.resolve("allsource-kafka-connect-" + Archive.version() + ".jar");
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      Files.writeString(
          zip.getPath("io/github/allsourceconnect/version.properties"),
          "version=" + OTHER + "\ncommit=unknown\n");
    }
  }
}
