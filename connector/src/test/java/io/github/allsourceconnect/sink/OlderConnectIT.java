package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * The package in a worker of another Connect release ({@code older.connect.version}: the parent
 * POM's, or one that is told): both connectors, over REST, exactly once, the worker killed in
 * between.
 */
class OlderConnectIT {
  private static final Path CLASSPATH = Path.of("target", "older-connect.classpath");

  private final List<WalEntry> written = new CopyOnWriteArrayList<>();
  private final Set<String> received = new HashSet<>();

  @Test
  void leaderToTopicToFollower() throws Exception {
    assumeTrue(
        Files.exists(CLASSPATH),
        "there is no " + CLASSPATH + ": the profile older-connect writes it, unless others are on");
    String jars = Files.readString(CLASSPATH);
    String runtime = "connect-runtime-" + System.getProperty("build.older.connect.version");
    assertTrue(jars.contains(runtime + ".jar"), "no " + runtime + " in " + CLASSPATH);
    LeaderScript script = LeaderScript.observed(7);
    try (Broker broker = Broker.start();
        ScriptedLeader leader = ScriptedLeader.start(script, 0, written::add)) {
      WorkerSettings settings = WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce();
      Topics topics = new Topics(broker.bootstrap());
      topics.create("older", 1, Map.of());
      write(leader, 300);
      WorkerProcess worker = WorkerProcess.start(settings, jars);
      try {
        ConnectRest rest = worker.rest();
        rest.create("older-source", source(leader));
        awaitAll(topics);
        leader.overrun(40);
        write(leader, 200);
        awaitAll(topics);
        int port = Ports.free();
        rest.create("older-sink", ConnectorSettings.sink(broker, "older", port));
        follow(port, 0);

        worker.kill();
        write(leader, 100);
        worker = WorkerProcess.start(settings.another(), jars);
        awaitAll(topics);
        received.clear();
        follow(port, 0);
      } finally {
        worker.close();
      }
    }
  }

  private void write(ScriptedLeader leader, int events) {
    for (int i = 0; i < events; i++) {
      int n = written.size();
      leader.write(
          "acme", "order-" + n % 37, "order.placed", JsonText.of("{\"n\":" + n + "}"), null);
    }
  }

  private void awaitAll(Topics topics) {
    int[] seen = new int[1];
    Await.until(
        "all " + written.size() + " events are in Kafka",
        Await.LIMIT,
        () -> {
          seen[0] = topics.read("older").size();
          return seen[0] >= written.size();
        },
        () -> "but " + seen[0] + " were");
    assertEquals(written.size(), seen[0]);
  }

  /** A new follower gets each event once. */
  private void follow(int port, long from) throws IOException {
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, from)) {
      LeaderMessage message = follower.next();
      for (; message instanceof LeaderMessage.Entry entry; message = follower.next()) {
        assertTrue(received.add(entry.data().event().id()), "twice: " + entry.offset());
        follower.ack(entry.offset());
      }
      assertTrue(message instanceof LeaderMessage.CaughtUp, "not " + message);
      assertEquals(written.size(), received.size());
    }
  }

  private static Map<String, String> source(ScriptedLeader leader) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), "older");
    config.put("exactly.once.support", "required");
    config.put("value.format", "event_json");
    config.put("repair.min.interval.ms", "200");
    config.put("reconnect.backoff.ms", "100");
    return config;
  }
}
