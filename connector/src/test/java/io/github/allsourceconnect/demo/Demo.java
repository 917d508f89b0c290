package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Leader → source → topic → sink → follower in one process, from the packaged plugin, each event
 * checked. System properties: {@code leader} (host:port of a real leader), {@code seconds} (end by
 * itself), {@code port} (of the REST interface).
 */
public final class Demo {
  static final String TOPIC = "orders";
  private static final String STRING_CONVERTER = "org.apache.kafka.connect.storage.StringConverter";
  private static final int REST_PORT = 8083;
  private static final int HISTORY = 2_000;
  private static final int RATE = 400;
  private static final int LOSE_EVERY_SECONDS = 7;
  private static final int LOSE_ENTRIES = 60;
  private static final long PAUSE_NANOS = 5_000_000;
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration SETTLE = Duration.ofSeconds(60);

  private final String realLeader = System.getProperty("leader", "");
  private final long seconds = Long.getLong("seconds", 0);
  private final int restPort = Integer.getInteger("port", REST_PORT);
  private final OrderCheck leaderToFollower = new OrderCheck("leader → follower");
  private final OrderCheck leaderToTopic = new OrderCheck("leader → topic");
  private final SameSequence topicToFollower = new SameSequence();
  private final Random random = new Random();

  private Demo() {}

  /** Exits with 0 when every event arrived once, in order and equal; otherwise with 1. */
  public static void main(String[] args) {
    int status = 1;
    try {
      status = new Demo().run() ? 0 : 1;
    } catch (Exception e) {
      System.err.println("The demo cannot go on: " + e.getMessage());
      e.printStackTrace();
    }
    System.exit(status);
  }

  private boolean run() throws Exception {
    if (!Ports.isFree(restPort)) {
      System.err.println(
          "Port "
              + restPort
              + " is in use, and Connect's REST interface needs it."
              + " Free it, or choose another with -Dport=N.");
      return false;
    }
    int sinkPort = Ports.isFree(3910) ? 3910 : Ports.free();
    System.out.println("Starting a Kafka broker and a Connect worker ...");
    try (Broker broker = Broker.start();
        ShopLeader shop = realLeader.isEmpty() ? shop() : null;
        InProcessWorker worker =
            InProcessWorker.start(
                WorkerSettings.of(broker, Folders.pluginPath(), restPort).exactlyOnce())) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(TOPIC, 1, Map.of());
      ConnectRest rest = worker.rest();
      rest.create("shop-to-kafka", source(shop));
      rest.create("kafka-to-followers", sink(broker, sinkPort));
      rest.awaitRunning("shop-to-kafka", 1, START);
      rest.awaitRunning("kafka-to-followers", 1, START);
      if (!worker.loadsFromPluginPath("io.github.allsourceconnect.AllSourceSourceConnector")) {
        throw new IllegalStateException("the worker did not load the packaged plugin");
      }
      try (TopicTally tally = tally(topics, shop);
          CheckingFollower follower = follower(sinkPort, shop)) {
        Screen screen = new Screen(restPort, broker.bootstrap(), sinkPort);
        live(shop, tally, follower, screen);
        return end(shop, tally, follower);
      }
    }
  }

  private ShopLeader shop() throws Exception {
    ShopLeader shop =
        new ShopLeader(
            random,
            event -> {
              leaderToTopic.expect(event);
              leaderToFollower.expect(event);
            });
    for (int i = 0; i < HISTORY; i++) {
      shop.write();
    }
    return shop;
  }

  private TopicTally tally(Topics topics, ShopLeader shop) {
    return new TopicTally(
        topics,
        TOPIC,
        event -> {
          topicToFollower.sent(event);
          if (shop != null) {
            leaderToTopic.arrive(event);
          }
        });
  }

  private CheckingFollower follower(int port, ShopLeader shop) {
    return new CheckingFollower(
        port,
        event -> {
          topicToFollower.arrived(event);
          if (shop != null) {
            leaderToFollower.arrive(event);
          }
        });
  }

  private Map<String, String> source(ShopLeader shop) {
    return Map.of(
        "connector.class",
        "io.github.allsourceconnect.AllSourceSourceConnector",
        "tasks.max",
        "1",
        "leader.addresses",
        shop == null ? realLeader : "127.0.0.1:" + shop.port(),
        "topic",
        TOPIC,
        "value.format",
        "event_json",
        "value.converter",
        STRING_CONVERTER,
        "repair.min.interval.ms",
        "2000");
  }

  private static Map<String, String> sink(Broker broker, int port) {
    return Map.of(
        "connector.class",
        "io.github.allsourceconnect.AllSourceSinkConnector",
        "tasks.max",
        "1",
        "topics",
        TOPIC,
        "listener.port",
        Integer.toString(port),
        "log.bootstrap.servers",
        broker.bootstrap(),
        "value.converter",
        STRING_CONVERTER);
  }

  /**
   * Writes on, and shows what happens once a second, until the time is over or the user ends it.
   */
  private void live(ShopLeader shop, TopicTally tally, CheckingFollower follower, Screen screen) {
    long begin = System.nanoTime();
    long ticks = 0;
    long written = 0;
    while (seconds == 0 || System.nanoTime() - begin < seconds * 1_000_000_000L) {
      long elapsedMs = (System.nanoTime() - begin) / 1_000_000;
      for (; shop != null && written < elapsedMs * RATE / 1_000; written++) {
        shop.write();
      }
      if (elapsedMs / 1_000 > ticks) {
        ticks = elapsedMs / 1_000;
        if (shop != null && ticks % LOSE_EVERY_SECONDS == 0) {
          shop.lose(LOSE_ENTRIES);
        }
        screen.show(ticks, shop, tally.records(), follower);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private boolean end(ShopLeader shop, TopicTally tally, CheckingFollower follower) {
    System.out.println();
    System.out.println("The leader writes no more; what is under way may arrive ...");
    try {
      Await.until("all has arrived", SETTLE, () -> settled(shop, tally, follower));
    } catch (IllegalStateException e) {
      // the figures below tell what is missing
    }
    List<String> faults = new ArrayList<>();
    if (shop != null) {
      report(leaderToTopic, faults);
      report(leaderToFollower, faults);
    }
    SameSequence.Counted same = topicToFollower.counted();
    System.out.printf(
        "%-20s %,10d in the topic, %,d at the follower, %,d compared equal and in the same order,"
            + " %,d different, %,d missing%n",
        "topic → follower:",
        same.sent(),
        same.arrived(),
        same.equal(),
        same.different(),
        same.sent() - same.arrived());
    if (same.sent() != same.arrived() || same.equal() != same.sent()) {
      faults.add("the follower did not get what is in the topic");
    }
    if (same.sent() == 0) {
      faults.add("nothing was moved");
    }
    if (tally.fault() != null) {
      faults.add("the topic could not be read: " + tally.fault());
    }
    if (follower.fault() != null) {
      faults.add("the sink misbehaved: " + follower.fault());
    }
    faults.forEach(fault -> System.out.println("  FAULT " + fault));
    System.out.println(
        faults.isEmpty()
            ? "Nothing lost, nothing doubled, nothing out of order."
            : "The promise was broken.");
    return faults.isEmpty();
  }

  private boolean settled(ShopLeader shop, TopicTally tally, CheckingFollower follower) {
    return shop == null
        ? follower.received() == tally.records()
        : leaderToTopic.counted().missing() == 0
            && leaderToFollower.counted().missing() == 0
            && topicToFollower.counted().sent() == topicToFollower.counted().arrived();
  }

  private static void report(OrderCheck check, List<String> faults) {
    OrderCheck.Counted counted = check.counted();
    System.out.printf(
        "%-20s %,10d written, %,d arrived once, in order and equal, %,d missing, %,d out of order,"
            + " %,d altered, %,d doubled or unknown (%,d repaired without their tenant)%n",
        check.name() + ":",
        counted.expected(),
        counted.right(),
        counted.missing(),
        counted.outOfOrder(),
        counted.altered(),
        counted.doubledOrUnknown(),
        counted.tenantAbsent());
    if (!counted.faultless()) {
      faults.addAll(check.examples());
    }
  }
}
