package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a worker answers to configurations that can't work, when they are tried. */
class ValidateIT {
  private static final String SOURCE = "io.github.allsourceconnect.AllSourceSourceConnector";
  private static final String SINK = "io.github.allsourceconnect.AllSourceSinkConnector";

  private static Broker broker;
  private static InProcessWorker worker;

  @BeforeAll
  static void start() {
    broker = Broker.start();
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
    new Topics(broker.bootstrap()).create("served", 2, Map.of());
  }

  @AfterAll
  static void stop() {
    try (Broker last = broker) {
      worker.close();
    }
  }

  private static Map<String, String> source(String address) {
    return ConnectorSettings.source(address, "events", "name", "tried-source");
  }

  private static Map<String, String> sink(String key, String value) {
    return ConnectorSettings.sink(broker, "served", Ports.free(), "name", "tried-sink", key, value);
  }

  private static Map<String, String> errors(Map<String, String> config) {
    Map<String, String> errors = new TreeMap<>();
    for (JsonNode each :
        worker.rest().validate(config.get("connector.class"), config).path("configs")) {
      for (JsonNode error : each.at("/value/errors")) {
        errors.put(each.at("/value/name").asText(), error.asText());
      }
    }
    return errors;
  }

  private static String only(String key, Map<String, String> config) {
    Map<String, String> errors = errors(config);
    assertEquals(1, errors.size(), errors.toString());
    assertTrue(errors.containsKey(key), errors.toString());
    assertTrue(errors.get(key).startsWith(key), errors.toString());
    return errors.get(key);
  }

  @Test
  void aLeaderThatIsNotThereIsAnErrorUnlessNobodyShallAsk() {
    Map<String, String> config = source("127.0.0.1:" + Ports.free());
    ConnectRest.Refused refused =
        assertThrows(
            ConnectRest.Refused.class, () -> worker.rest().createTried("tried-source", config));
    assertEquals(400, refused.status());
    assertTrue(refused.getMessage().contains("leader.addresses"), refused.getMessage());
    config.put("validate.live", "false");
    assertEquals(Map.of(), errors(config));
  }

  @Test
  void aLeaderThatIsThereIsNone() {
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(3))) {
      assertEquals(Map.of(), errors(source(leader.address())));
    }
  }

  /** The worker's own REST interface will do for the store's. */
  @Test
  void theHttpPortIsRecognised() {
    String problem = only("leader.addresses", source("127.0.0.1:" + worker.settings().restPort()));
    assertTrue(problem.contains("HTTP") && problem.contains("3910"), problem);
  }

  @Test
  void aTopicThatIsNotThere() {
    assertTrue(only("topics", sink("topics", "no-such")).contains("no-such"));
  }

  @Test
  void brokersThatAreNotThere() {
    String dead = "127.0.0.1:" + Ports.free();
    String problem = only("log.bootstrap.servers", sink("log.bootstrap.servers", dead));
    assertTrue(problem.contains(dead), problem);
  }

  @Test
  void anAddressThatIsNotOurs() {
    assertTrue(only("listener.host", sink("listener.host", "192.0.2.1")).contains("192.0.2.1"));
  }

  @Test
  void aPortThatIsInUse() throws Exception {
    // the second partition's; the first one's is free
    int first = Ports.free();
    int port = first + 1;
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      String problem = only("listener.port", sink("listener.port", Integer.toString(first)));
      assertTrue(problem.contains(Integer.toString(port)), problem);
    }
  }

  @Test
  void portsThatTheSinkHasItselfAreNone() {
    Map<String, String> config = sink("tasks.max", "1");
    config.put("name", "running-sink");
    int port = Integer.parseInt(config.get("listener.port"));
    worker.rest().createTried("running-sink", config);
    try {
      worker.rest().awaitRunning("running-sink", 1, Await.LIMIT);
      Await.until("it listens", Await.LIMIT, () -> !Ports.isFree(port));
      assertEquals(Map.of(), errors(config));
    } finally {
      worker.rest().delete("running-sink");
    }
  }
}
