package io.github.allsourceconnect.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.demo.Comparison.Station;
import io.github.allsourceconnect.demo.Comparison.Tally;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * {@code mvn -q -Pdemo}: broker, Connect worker with the packaged plugin, a leader, both connectors
 * and a follower in one process. Exit status 1 when an event was lost, repeated, altered or out of
 * order, or when something failed.
 */
public final class Demo {
  private static final String TOPIC = "allsource.events";
  private static final String SOURCE = "allsource-source";
  private static final String SINK = "allsource-sink";
  private static final String SOURCE_CLASS = "io.github.allsourceconnect.AllSourceSourceConnector";
  private static final String SINK_CLASS = "io.github.allsourceconnect.AllSourceSinkConnector";
  private static final int HISTORY = 2000;
  private static final int REMEMBERED = 1_000_000;
  private static final long OVERRUN_EVERY_S = 8;
  private static final Duration START = Duration.ofSeconds(60);

  private final DemoSettings settings;
  private final PrintStream out;
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final Comparison comparison;
  private final SplittableRandom random = new SplittableRandom(1);
  private ScriptedLeader leader;
  private ConnectRest rest;
  private TopicWatcher watcher;
  private DemoFollower follower;
  private Screen screen;
  private long began;
  private String states = "";
  private int bursts;

  private Demo(DemoSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.comparison =
        new Comparison(
            settings.leader() != null, settings.leader() == null ? REMEMBERED : Integer.MAX_VALUE);
  }

  /** Exit status 0 when all is well, 1 otherwise. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    DemoSettings settings;
    try {
      settings = DemoSettings.fromProperties();
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
      out.flush();
      System.exit(1);
      return;
    }
    Demo demo = new Demo(settings, out);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  demo.interrupted.countDown();
                  try {
                    main.join(settings.patience().toMillis() + 30_000);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "demo-interrupted"));
    boolean good;
    try {
      good = demo.run();
    } catch (IOException | RuntimeException e) {
      out.println("The demo failed: " + e.getMessage());
      e.printStackTrace(out);
      good = false;
    }
    out.flush();
    if (demo.interrupted.getCount() > 0) {
      // the hook must not wait for this thread any longer
      Runtime.getRuntime().halt(good ? 0 : 1);
    }
  }

  private boolean run() throws IOException {
    say("Starting a broker and a Connect worker with the packaged plugin …");
    try (Broker broker = Broker.start()) {
      new Topics(broker.bootstrap()).create(TOPIC, 1, Map.of());
      try (InProcessWorker worker =
          InProcessWorker.start(
              WorkerSettings.of(broker, Folders.pluginPath(), settings.restPort()).exactlyOnce())) {
        for (String type : List.of(SOURCE_CLASS, SINK_CLASS)) {
          if (!worker.loadsFromPluginPath(type)) {
            throw new IllegalStateException(type + " was not loaded from the packaged plugin");
          }
        }
        rest = worker.rest();
        if (settings.leader() == null) {
          leader =
              ScriptedLeader.start(
                  LeaderScript.observed(1), 0, entry -> comparison.written(entry.event()));
          Orders.history(leader, HISTORY);
        }
        try {
          return follow(broker);
        } finally {
          if (leader != null) {
            leader.close();
          }
        }
      }
    }
  }

  private boolean follow(Broker broker) throws IOException {
    String address = leader == null ? settings.leader() : leader.address();
    rest.create(SOURCE, source(address));
    rest.create(SINK, sink(broker));
    rest.awaitRunning(SOURCE, 1, START);
    rest.awaitRunning(SINK, 1, START);
    watcher = new TopicWatcher(broker.bootstrap(), TOPIC, comparison);
    follower = new DemoFollower(settings.followerPort(), comparison);
    screen = new Screen(out, settings.fullScreen(), footer(broker, address));
    began = System.nanoTime();
    try {
      String failure = watch();
      Set<String> census =
          failure == null && leader == null && settings.seconds() > 0
              ? LeaderCensus.take(HostPort.parse(address))
              : Set.of();
      if (failure == null) {
        failure = await(() -> hasAll(census));
      }
      Figures source = Figures.of("source-metrics", SOURCE);
      if (failure == null && leader == null) {
        // others may go on writing: nothing must be on its way when the stations are compared
        rest.stop(SOURCE);
      }
      if (failure == null) {
        failure = await(this::isDrained);
      }
      return summary(failure, census, leader == null ? source : null);
    } finally {
      follower.close();
      watcher.close();
      rest.delete(SOURCE);
      rest.delete(SINK);
    }
  }

  /** The main part: writers write, entries are lost now and then, figures are shown. */
  private String watch() {
    Orders orders = leader == null ? null : Orders.start(leader, settings.rate());
    long liveSeconds = 0;
    try {
      for (long second = 1; settings.seconds() == 0 || second <= settings.seconds(); second++) {
        boolean last = settings.seconds() > 0 && settings.seconds() - second < 3;
        // what is lost before the first snapshot is in that, and opens no gap
        liveSeconds += Figures.of("source-metrics", SOURCE).number("producedLive") > 0 ? 1 : 0;
        if (leader != null && !last && liveSeconds % OVERRUN_EVERY_S == 2) {
          bursts++;
          leader.overrun(20 + random.nextInt(60));
        }
        if (waitASecond()) {
          break;
        }
        String failure = show();
        if (failure != null) {
          return failure;
        }
      }
    } finally {
      if (orders != null) {
        // what is written last must not be lost without anything after it that tells
        leader.overrun(0);
        orders.close();
        Orders.history(leader, 1);
      }
    }
    return null;
  }

  /** Whether everything has arrived everywhere. */
  private boolean isDrained() {
    long written = comparison.written();
    return comparison.tally(Station.KAFKA).arrived >= written
        && comparison.tally(Station.FOLLOWER).arrived >= written
        && (leader == null || leader.lastAck() >= leader.sequence());
  }

  private boolean hasAll(Set<String> census) {
    return census.stream().allMatch(id -> comparison.has(Station.KAFKA, id));
  }

  /** Waits as long as something moves; returns why it gave up, or null. */
  private String await(BooleanSupplier done) {
    long moved = System.nanoTime();
    long state = -1;
    while (!done.getAsBoolean()) {
      long now =
          comparison.tally(Station.KAFKA).arrived
              + comparison.tally(Station.FOLLOWER).arrived
              + (leader == null ? 0 : leader.lastAck());
      if (now != state) {
        state = now;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > settings.patience().toNanos()) {
        return "nothing moved for " + settings.patience().toSeconds() + " s";
      }
      pause();
      String failure = show();
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  /**
   * @param stopped the source's figures if it was stopped, otherwise null
   */
  private boolean summary(String failure, Set<String> census, Figures stopped) {
    Tally kafka = comparison.tally(Station.KAFKA);
    Tally outside = comparison.tally(Station.FOLLOWER);
    long written = comparison.written();
    Figures source = stopped == null ? Figures.of("source-metrics", SOURCE) : stopped;
    List<String> wrong = new ArrayList<>();
    if (failure != null) {
      wrong.add(failure);
    }
    say("");
    say("Summary");
    if (leader != null) {
      say("  written at the leader  %,10d", written);
      say("  lost by the leader     %,10d, bursts %d", leader.overwritten(), bursts);
    } else if (!census.isEmpty()) {
      long missing = census.stream().filter(id -> !comparison.has(Station.KAFKA, id)).count();
      say("  in the leader's files  %,10d, not in Kafka %,d", census.size(), missing);
      require(wrong, missing == 0, missing + " events of the leader are not in Kafka");
    } else {
      say("  the leader sent no snapshot to compare with");
    }
    station("in Kafka", written, kafka, wrong);
    station("at the follower", written, outside, wrong);
    say(
        "  gaps                   %,10d of %,d offsets, still open %,d",
        source.number("gaps"), source.number("gapOffsets"), source.number("open"));
    say(
        "  repaired               %,10d, repairs %,d, unverified %,d",
        source.number("repaired"), source.number("repairs"), source.number("unverifiedRepairs"));
    say("  unaccounted            %,10d", source.number("unaccounted"));
    require(wrong, !source.isEmpty(), "the source shows no figures");
    require(wrong, source.number("unaccounted") == 0, "the source can't account for some offsets");
    if (leader != null) {
      say("  last ack               %,10d of %,d", leader.lastAck(), leader.sequence());
      require(
          wrong, leader.lastAck() == leader.sequence(), "the leader was not acked what Kafka has");
    }
    say(
        wrong.isEmpty()
            ? "All of it arrived, once, in order."
            : "WRONG: " + String.join("; ", wrong));
    return wrong.isEmpty();
  }

  private void station(String name, long expected, Tally tally, List<String> wrong) {
    long missing = expected - tally.arrived;
    say(
        "  %-21s  %,10d, missing %,d, twice %,d, out of order %,d, altered %,d, foreign %,d;"
            + " tenant unknown %,d",
        name,
        tally.arrived,
        missing,
        tally.twice,
        tally.outOfOrder,
        tally.altered,
        tally.foreign,
        tally.tenantUnknown);
    require(wrong, missing == 0, missing + " events missing " + name);
    require(wrong, tally.faults() == 0, name + ": " + tally.firstFault);
    require(wrong, tally.arrived > 0, "nothing came " + name);
  }

  private static void require(List<String> wrong, boolean good, String otherwise) {
    if (!good) {
      wrong.add(otherwise);
    }
  }

  /** Shows the figures; returns why the demo can't go on, or null. */
  private String show() {
    String failure = failure();
    screen.show(
        new Screen.Moment(
            System.nanoTime(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
            states,
            comparison.written(),
            leader != null,
            comparison.tally(Station.KAFKA),
            comparison.tally(Station.FOLLOWER),
            leader == null ? 0 : leader.lastAck(),
            leader == null ? 0 : leader.sequence(),
            leader == null ? 0 : leader.overwritten(),
            Figures.of("source-metrics", SOURCE),
            Figures.of("sink-metrics", SINK)));
    return failure;
  }

  private String failure() {
    if (watcher.failure() != null) {
      return "reading the topic failed: " + watcher.failure().getMessage();
    }
    if (follower.failure() != null) {
      return "the follower gave up: " + follower.failure().getMessage();
    }
    StringBuilder text = new StringBuilder();
    String failed = null;
    for (String name : List.of(SOURCE, SINK)) {
      JsonNode status = rest.status(name);
      for (JsonNode task : status.path("tasks")) {
        text.append(name).append(' ').append(task.path("state").asText()).append("  ");
        if (task.path("state").asText().equals("FAILED")) {
          failed = name + " failed: " + firstLines(task.path("trace").asText());
        }
      }
    }
    states = text.toString();
    return failed;
  }

  private static String firstLines(String trace) {
    return trace
        .lines()
        .filter(line -> !line.startsWith("\tat "))
        .limit(4)
        .reduce((one, other) -> one + "\n    " + other)
        .orElse("without a word");
  }

  private boolean waitASecond() {
    try {
      return interrupted.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
    out.flush();
  }

  private String footer(Broker broker, String address) {
    String url = "http://localhost:" + settings.restPort() + "/connectors";
    return String.join(
        "\n",
        "  leader   " + address + (settings.leader() == null ? "  (the demo's own)" : ""),
        "  Kafka    " + broker.bootstrap() + "  topic " + TOPIC,
        "  sink     127.0.0.1:" + settings.followerPort() + "  (followers may connect)",
        "  try      curl -s " + url + "?expand=status",
        "           curl -s " + url + "/" + SOURCE + "/offsets",
        "           curl -s -X POST '" + url + "/" + SOURCE + "/restart?includeTasks=true'",
        "           curl -s -X PUT " + url + "/" + SINK + "/pause",
        "           curl -s -X PUT " + url + "/" + SINK + "/resume",
        "  log      " + System.getProperty("org.slf4j.simpleLogger.logFile", "standard error"),
        settings.seconds() == 0 ? "  Ctrl-C ends it with a summary." : "",
        "");
  }

  private static Map<String, String> source(String address) {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("connector.class", SOURCE_CLASS);
    config.put("tasks.max", "1");
    config.put("leader.addresses", address);
    config.put("topic", TOPIC);
    config.put("value.format", "event_json");
    config.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
    config.put("repair.min.interval.ms", "1000");
    return config;
  }

  private Map<String, String> sink(Broker broker) {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("connector.class", SINK_CLASS);
    config.put("tasks.max", "1");
    config.put("topics", TOPIC);
    config.put("listener.port", Integer.toString(settings.followerPort()));
    config.put("log.bootstrap.servers", broker.bootstrap());
    config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    config.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
    return config;
  }
}
