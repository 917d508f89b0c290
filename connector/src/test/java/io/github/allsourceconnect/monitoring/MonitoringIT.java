package io.github.allsourceconnect.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.Fault;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The monitoring examples with the real exporter, on a worker with both connectors: every series
 * that the dashboard and the alerts name is there and moves, by healthy work or by trouble. With
 * the system property {@code picture} the dashboard's panels are drawn from what the healthy ones
 * said.
 */
class MonitoringIT {
  private static final Path EXAMPLES = Path.of("..", "config-examples", "monitoring");
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Says that our own figures do not add up: nothing that happens outside can move it from 0. */
  private static final String ALWAYS_ZERO = "allsource_source_balance";

  /** The state is a label: another state is another series. */
  private static final String STATUS = "kafka_connect_task_status";

  private static final String TROUBLED = "connector=\"troubled\"";
  private static final String HOLED = "connector=\"" + HoledSink.NAME + "\"";

  @TempDir private Path history;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Scrapes scrapes = new Scrapes();

  /**
   * Of the source that loses, drops and filters events, and fails, and of the sink whose history
   * has a hole; not in the picture.
   */
  private final Scrapes troubled = new Scrapes();

  private final long began = System.nanoTime();
  private URI exporter;
  private int events;

  @Test
  void everySeriesThatDashboardAndAlertsNameIsThere() throws Exception {
    JsonNode dashboard =
        JSON.readTree(Files.readString(EXAMPLES.resolve("grafana-dashboard.json")));
    int port = Ports.free();
    exporter = URI.create("http://127.0.0.1:" + port + "/metrics");
    String agent =
        agentJar() + "=" + port + ":" + EXAMPLES.resolve("jmx-exporter.yml").toAbsolutePath();
    try (Broker broker = Broker.start();
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(16));
        ScriptedLeader unreliable =
            ScriptedLeader.start(LeaderScript.observed(17).withFaults(MonitoringIT::corrupts));
        WorkerProcess worker =
            WorkerProcess.startWithAgent(WorkerSettings.of(broker, Folders.pluginPath()), agent)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("events", 1, Map.of());
      topics.create("troubled", 1, Map.of());
      write(leader, 3000);
      ConnectRest rest = worker.rest();
      int followers = Ports.free();
      rest.createTried("source", source(leader));
      try (ServerSocket taken = new ServerSocket(followers, 1, InetAddress.getLoopbackAddress())) {
        rest.create("sink", sink(broker, followers));
        Await.until(
            "the sink waits for its port",
            Await.LIMIT,
            () -> {
              work(leader, 1);
              return scrapes.has("allsource_sink_partition_listening");
            });
        assertFalse(taken.isClosed());
      }
      awaitMoved("followers may connect", scrapes, () -> {}, "listening");
      work(leader, 6);
      try (Socket offending = new Socket(InetAddress.getLoopbackAddress(), followers);
          Socket socket = new Socket(InetAddress.getLoopbackAddress(), followers)) {
        Acking.subscribe(offending);
        Acking.subscribe(socket);
        Acking.follow(socket);
        awaitMoved(
            "a gap was repaired, and the follower has acknowledged",
            scrapes,
            () -> {
              leader.overrun(20);
              work(leader, 3);
            },
            "repaired",
            "ackedlowest");
        Acking.subscribe(offending);
        awaitMoved("a follower that offends is closed", scrapes, () -> {}, "followersrefused");
        trouble(rest, unreliable);
        new HoledSink(sink(broker, Ports.free()), history, this::scrapeOthers)
            .run(rest, broker, topics);
        work(leader, 4);
        broker.pause();
        awaitMoved(
            "the brokers are seen to be away, and all that comes waits",
            scrapes,
            () -> {
              // when nothing more can be handed on, some gap is being repaired
              leader.overrun(20);
              write(leader, 2000);
              work(leader, 1);
            },
            "brokersanswering",
            "open",
            "remainingrowcount",
            "waitingbytes",
            "buffermemorybytes",
            "bufferdiskbytes");
        leader.close();
        awaitMoved("the leader is seen to be away", scrapes, () -> {}, "connected");
      }
    }
    Set<String> named = named(dashboard);
    Set<String> absent = new TreeSet<>(named);
    absent.removeIf(name -> scrapes.has(name) || troubled.has(name));
    assertEquals(Set.of(), absent, "series that nobody exports");
    Set<String> still = new TreeSet<>(named);
    still.removeIf(name -> scrapes.moved(name) || troubled.moved(name));
    // its movement is awaited where the task fails
    assertTrue(still.remove(STATUS));
    assertEquals(Set.of(ALWAYS_ZERO), still, "series that do not move");
    assertTrue(scrapes.isAlways(ALWAYS_ZERO, 0) && troubled.isAlways(ALWAYS_ZERO, 0));
    String picture = DashboardPicture.draw(dashboard, scrapes);
    assertTrue(picture.contains("Leader to topic"), picture);
    if (!System.getProperty("picture", "").isEmpty()) {
      Files.writeString(Path.of(System.getProperty("picture")), picture);
    }
  }

  private static Fault corrupts(int connection, long message, String type) {
    return type.equals("wal_entry") && message % 50 == 0 ? Fault.CORRUPT : Fault.NONE;
  }

  /**
   * Events are corrupt, filtered, dropped because Kafka refuses them, and lost; then the task
   * fails.
   */
  private void trouble(ConnectRest rest, ScriptedLeader leader) {
    Map<String, String> config = source(leader);
    config.put("topic", "troubled");
    config.put("exclude.event.types", "audit.*");
    config.put("gap.policy", "continue");
    config.put("corrupt.entry.policy", "skip");
    config.put("errors.tolerance", "all");
    config.put("errors.tolerance.accepted", "true");
    config.put("record.max.bytes", "10000000");
    config.put("producer.override.max.request.size", "20000");
    config.put("leader.unreachable.timeout.ms", "1000");
    write(leader, 50);
    rest.createTried("troubled", config);
    Await.until(
        "it runs",
        Await.LIMIT,
        () -> {
          work(leader, 1);
          return troubled.has("allsource_source_bufferdiskmaxbytes")
              && scraped().contains(STATUS + "{" + TROUBLED + ",status=\"running\"");
        },
        this::scraped);
    config.put("buffer.disk.bytes", "2000000000");
    rest.configure("troubled", config);
    awaitMoved(
        "all sorts of events are not delivered",
        troubled,
        () -> {
          write(leader, 20);
          leader.write("acme", "order-1", "audit.seen", JsonText.of("{}"), null);
          String large = "{\"text\":\"" + "x".repeat(30_000) + "\"}";
          leader.write("acme", "order-1", "order.placed", JsonText.of(large), null);
          leader.overrun(5);
          write(leader, 20);
          leader.forgetFiles();
          work(leader, 1);
        },
        "filtered",
        "dropped",
        "corrupt",
        "bufferdiskmaxbytes",
        "unaccounted");
    leader.close();
    String failed = STATUS + "{" + TROUBLED + ",status=\"failed\"";
    Await.until("the task fails", Await.LIMIT, () -> scraped().contains(failed), this::scraped);
  }

  /** Works until each of the series has had two values. */
  private void awaitMoved(String what, Scrapes of, Runnable work, String... series) {
    Await.until(
        what,
        Await.LIMIT,
        () -> {
          work.run();
          Thread.sleep(200);
          scrape();
          return Stream.of(series).allMatch(each -> hasMoved(of, each));
        },
        () -> {
          Set<String> still = new TreeSet<>(Set.of(series));
          still.removeIf(each -> hasMoved(of, each));
          return "but still are " + still;
        });
  }

  private static boolean hasMoved(Scrapes of, String series) {
    return Stream.of("source_", "sink_", "sink_partition_")
        .anyMatch(prefix -> of.moved("allsource_" + prefix + series));
  }

  /** All series that the dashboard and the alerts name. */
  private static Set<String> named(JsonNode dashboard) throws IOException {
    Set<String> named = new TreeSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      assertFalse(panel.path("targets").isEmpty(), panel.path("title").asText());
      for (JsonNode target : panel.path("targets")) {
        named.addAll(Scrapes.names(target.path("expr").asText()));
      }
    }
    int alerts = 0;
    for (String line : Files.readAllLines(EXAMPLES.resolve("alerts.yml"))) {
      if (line.trim().startsWith("expr:")) {
        alerts++;
        named.addAll(Scrapes.names(line));
      }
    }
    String rules = Files.readString(EXAMPLES.resolve("alerts.yml"));
    assertEquals(alerts, rules.split("\n +action: ", -1).length - 1, "alerts without an action");
    assertTrue(alerts >= 12 && named.size() >= 30, alerts + " alerts, " + named);
    return named;
  }

  private static String agentJar() {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(entry -> entry.contains("jmx_prometheus_javaagent"))
        .findFirst()
        .orElseThrow();
  }

  private void work(ScriptedLeader leader, int rounds) {
    for (int i = 0; i < rounds; i++) {
      write(leader, 150 + 40 * (i % 3));
      try {
        Thread.sleep(600); // as often as a task publishes its figures
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      scrape();
    }
  }

  private void write(ScriptedLeader leader, int count) {
    for (int i = 0; i < count; i++) {
      int n = events++;
      leader.write(
          "acme", "order-" + n % 37, "order.placed", JsonText.of("{\"n\":" + n + "}"), null);
    }
  }

  private void scrape() {
    double seconds = (System.nanoTime() - began) / 1e9;
    Map<Boolean, List<String>> lines =
        scraped()
            .lines()
            .collect(
                Collectors.partitioningBy(line -> line.contains(TROUBLED) || line.contains(HOLED)));
    scrapes.add(seconds, String.join("\n", lines.get(false)));
    troubled.add(seconds, String.join("\n", lines.get(true)));
  }

  private Scrapes scrapeOthers() {
    scrape();
    return troubled;
  }

  private String scraped() {
    try {
      return http.send(
              HttpRequest.newBuilder(exporter).timeout(Await.LIMIT).build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> source(ScriptedLeader leader) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), "events");
    config.put("value.format", "event_json");
    config.put("repair.min.interval.ms", "500");
    config.put("buffer.memory.bytes", "1048576");
    return config;
  }

  private static Map<String, String> sink(Broker broker, int port) {
    return ConnectorSettings.sink(broker, "events", port, "key.converter", STRING);
  }
}
