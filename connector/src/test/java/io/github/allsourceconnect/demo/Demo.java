package io.github.allsourceconnect.demo;

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
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/**
 * {@code mvn -q -Pdemo}: broker, Connect worker with the packaged plugin, a leader, both connectors
 * and a follower in one process. Exit status 1 when an event was lost, repeated, altered or out of
 * order, or when something failed; 2 when it was ended before all had arrived.
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
  private static final Duration INTERRUPTED_PATIENCE = Duration.ofMillis(1800);
  private static final int REACH_MS = 3000;
  private static final int PICTURE_ROWS = 26;
  private static final int PICTURE_COLUMNS = 90;

  /** All arrived, and as it was. */
  private static final int WHOLE = 0;

  /** Something is missing or is not as it was, or the demo failed. */
  private static final int WRONG = 1;

  /** Nothing is wrong, but it was ended before all had arrived. */
  private static final int UNFINISHED = 2;

  private final DemoSettings settings;
  private final PrintStream out;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final Comparison comparison;
  private final SplittableRandom random = new SplittableRandom(1);
  private final Totals totals = new Totals();
  private ScriptedLeader leader;
  private ConnectRest rest;
  private TopicWatcher watcher;
  private DemoFollower follower;
  private Screen screen;
  private Screen.Moment now;
  private Screen.Moment last;
  private States states = new States(null);
  private long began;
  private volatile long interruptedAt;
  private int bursts;

  private Demo(DemoSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.comparison =
        new Comparison(
            settings.leader() != null, settings.leader() == null ? REMEMBERED : Integer.MAX_VALUE);
  }

  /** Exit status 0 when all is well, 1 when not, 2 when it was ended before all had arrived. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int status;
    try {
      Demo demo = new Demo(DemoSettings.fromProperties(), out);
      demo.listenToSignals();
      status = demo.run();
    } catch (IOException | RuntimeException e) {
      out.println("The demo failed: " + (e.getMessage() == null ? e : e.getMessage()));
      LoggerFactory.getLogger(Demo.class).error("The demo failed", e);
      status = WRONG;
    }
    out.flush();
    // whatever else still runs in this JVM is not waited for
    Runtime.getRuntime().halt(status);
  }

  /** The first Ctrl-C asks for the summary, the second ends the demo at once. */
  private void listenToSignals() {
    Thread main = Thread.currentThread();
    AtomicInteger times = new AtomicInteger();
    Signals.on(
        "INT",
        () -> {
          if (times.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(UNFINISHED);
          }
          end(main);
        });
    Signals.on("TERM", () -> end(main));
  }

  private void end(Thread main) {
    if (!ending.compareAndSet(false, true)) {
      return; // the terminal has told it, and so does what started it
    }
    interruptedAt = System.nanoTime();
    interrupted.countDown();
    if (began == 0) {
      out.println("Interrupted before anything was moved.");
      out.flush();
      main.interrupt();
      Runtime.getRuntime().halt(UNFINISHED);
    }
  }

  private int run() throws IOException {
    if (settings.leader() != null) {
      reach(HostPort.parse(settings.leader()));
    }
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
        states = new States(rest);
        if (settings.leader() == null) {
          leader =
              ScriptedLeader.start(
                  LeaderScript.observed(1), 0, entry -> comparison.written(entry.event()));
          leader.onOverwritten(comparison::lost);
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

  @SuppressWarnings("AddressSelection")
  private static void reach(HostPort address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.host(), address.port()), REACH_MS);
    } catch (IOException e) {
      throw new IllegalStateException(
          "no leader answers at "
              + address
              + " ("
              + e.getMessage()
              + "); is its replication port"
              + " the one of -Dleader=HOST:PORT?",
          e);
    }
  }

  private int follow(Broker broker) throws IOException {
    String address = leader == null ? settings.leader() : leader.address();
    rest.createTried(SOURCE, source(address));
    rest.createTried(SINK, sink(broker));
    rest.awaitRunning(SOURCE, 1, START);
    rest.awaitRunning(SINK, 1, START);
    watcher = new TopicWatcher(broker.bootstrap(), TOPIC, comparison);
    follower = new DemoFollower(settings.followerPort(), comparison);
    screen =
        new Screen(
            out,
            settings.fullScreen() ? new Terminal() : null,
            calls(),
            "leader %s  Kafka %s  sink :%d  Ctrl-C: summary"
                .formatted(address, broker.bootstrap(), settings.followerPort()));
    began = System.nanoTime();
    try {
      String failure = watch();
      if (settings.picture() != null && now != null) {
        Picture.write(
            settings.picture(),
            screen.lines(now, last, PICTURE_ROWS, PICTURE_COLUMNS),
            PICTURE_COLUMNS);
      }
      boolean asked = interrupted.getCount() == 0;
      Set<String> census =
          failure == null && leader == null && settings.seconds() > 0 && !asked
              ? LeaderCensus.take(HostPort.parse(address))
              : Set.of();
      Duration patience = asked ? INTERRUPTED_PATIENCE : settings.patience();
      boolean whole =
          failure == null && (census.isEmpty() || await(() -> hasAll(census), patience));
      if (whole && leader == null && !asked) {
        // others may go on writing: nothing must be on its way when the stations are compared
        rest.stop(SOURCE);
      }
      whole = whole && await(this::isDrained, patience);
      if (failure == null) {
        failure = failure();
      }
      boolean askedBefore = asked || interrupted.getCount() == 0;
      int status = summary(failure, census, askedBefore, whole);
      if (askedBefore) {
        leave(status);
      }
      return status;
    } finally {
      follower.close();
      watcher.close();
    }
  }

  /** Who has pressed Ctrl-C does not wait until everything is closed in its order. */
  private void leave(int status) {
    out.flush();
    Runtime.getRuntime().halt(status);
  }

  /** The main part: writers write, entries are lost now and then, figures are shown. */
  private String watch() {
    Orders orders = leader == null ? null : Orders.start(leader, settings.rate());
    long liveSeconds = 0;
    try {
      for (long second = 1; settings.seconds() == 0 || second <= settings.seconds(); second++) {
        boolean near = settings.seconds() > 0 && settings.seconds() - second < 3;
        // what is lost before the first snapshot is in that, and opens no gap
        liveSeconds += Figures.of("source-metrics", SOURCE).number("producedLive") > 0 ? 1 : 0;
        if (leader != null && !near && liveSeconds % OVERRUN_EVERY_S == 2) {
          bursts++;
          leader.overrun(20 + random.nextInt(60));
        }
        if (waitASecond()) {
          break;
        }
        show();
        String failure = failure();
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

  /**
   * Waits as long as something moves.
   *
   * @param patience how long nothing may move; once the demo is interrupted, how long from then on
   */
  private boolean await(BooleanSupplier done, Duration patience) {
    boolean asked = interrupted.getCount() == 0;
    long moved = asked ? interruptedAt : System.nanoTime();
    long state = -1;
    while (!done.getAsBoolean()) {
      long sum =
          comparison.tally(Station.KAFKA).arrived
              + comparison.tally(Station.FOLLOWER).arrived
              + (leader == null ? 0 : leader.lastAck());
      if (sum != state && !asked) {
        state = sum;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > patience.toNanos()) {
        return false;
      }
      if (asked) {
        pause(50);
        continue;
      }
      if (waitASecond()) {
        return false;
      }
      show();
      if (failure() != null) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param asked whether it was interrupted
   * @param whole whether everything had arrived everywhere
   */
  private int summary(String failure, Set<String> census, boolean asked, boolean whole) {
    Tally kafka = comparison.tally(Station.KAFKA);
    Tally outside = comparison.tally(Station.FOLLOWER);
    long written = comparison.written();
    show();
    List<String> wrong = new ArrayList<>();
    if (failure != null) {
      wrong.add(failure);
    }
    say("");
    say("");
    say("Summary");
    if (leader != null) {
      say("  written            %,12d", written);
      say(
          "  lost on the way    %,12d  in %d bursts; %,d fetched again, %,d still missing",
          now.losses().lost(), bursts, now.losses().fetched(), now.losses().missing());
    } else if (!census.isEmpty()) {
      long missing = census.stream().filter(id -> !comparison.has(Station.KAFKA, id)).count();
      say("  the leader's files %,12d  events; not in the topic %,d", census.size(), missing);
      require(wrong, missing == 0, missing + " events of the leader are not in the topic");
    } else {
      say("  What the leader has is not known; topic and follower are compared with each other.");
    }
    station("in the topic", written, kafka, wrong, whole || !asked);
    station("at the follower", written, outside, wrong, whole || !asked);
    say("  unaccounted        %,12d  offsets that the source gave up", now.unaccounted());
    require(wrong, now.unaccounted() == 0, "the source gave up " + now.unaccounted() + " offsets");
    if (leader != null) {
      say("  acked to leader    %,12d  of %,d", now.acked(), leader.sequence());
      require(
          wrong,
          !whole || now.acked() == leader.sequence(),
          "the leader was not acknowledged what Kafka has");
    }
    say("  log                %s", log());
    if (!wrong.isEmpty()) {
      say("WRONG: " + String.join("; ", wrong).replace("%", "%%"));
      return WRONG;
    }
    if (!whole) {
      say(
          "NOT FINISHED: %,d events had not reached the follower yet%s.",
          written - outside.arrived, states.allRun() ? "" : " (" + states + ")");
      return UNFINISHED;
    }
    say("All of it arrived, once, in order.");
    return WHOLE;
  }

  private void station(
      String name, long expected, Tally tally, List<String> wrong, boolean complete) {
    long missing = expected - tally.arrived;
    say(
        "  %-18s %,12d  %,d missing, %,d twice, %,d out of order, %,d altered",
        name, tally.arrived, missing, tally.twice, tally.outOfOrder, tally.altered);
    require(wrong, missing == 0 || !complete, missing + " events missing " + name);
    require(wrong, tally.faults() == 0, name + ": " + tally.firstFault);
    require(wrong, tally.arrived > 0 || !complete, "nothing came " + name);
  }

  private static void require(List<String> wrong, boolean good, String otherwise) {
    if (!good) {
      wrong.add(otherwise);
    }
  }

  /** Shows the figures as they are now. */
  private void show() {
    if (interrupted.getCount() > 0) {
      // a worker that is busy may take its time, which nobody has any more then
      states.ask(List.of(SOURCE, SINK));
    }
    // what comes later on the way is read first, so that nothing seems to have overtaken
    long acked = leader == null ? 0 : leader.lastAck();
    Tally outside = comparison.tally(Station.FOLLOWER);
    Tally kafka = comparison.tally(Station.KAFKA);
    Figures source = Figures.of("source-metrics", SOURCE);
    last = now;
    now =
        new Screen.Moment(
            System.nanoTime(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
            states.toString().replace("allsource-", ""),
            comparison.written(),
            leader != null,
            kafka,
            outside,
            acked,
            comparison.losses(),
            totals.of(source, "repairs") + totals.of(source, "unverifiedRepairs"),
            totals.of(source, "repaired"),
            totals.of(source, "outOfOrder"),
            totals.most(source, "latenessMicros"),
            totals.now(source, "unaccounted"),
            comparison.newest());
    last = last == null ? now : last;
    screen.show(now);
  }

  /** Why the demo can't go on, or null. */
  private String failure() {
    if (watcher.failure() != null) {
      return "reading the topic failed: " + watcher.failure().getMessage();
    }
    if (follower.failure() != null) {
      return "the follower gave up: " + follower.failure().getMessage();
    }
    return states.failed();
  }

  private boolean waitASecond() {
    try {
      return interrupted.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static void pause(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
    out.flush();
  }

  private static String log() {
    Path log = Path.of(System.getProperty("org.slf4j.simpleLogger.logFile", "standard error"));
    return log.isAbsolute()
        ? Path.of("").toAbsolutePath().relativize(log).toString()
        : log.toString();
  }

  private List<String> calls() {
    return List.of(
        "  C=localhost:" + settings.restPort() + "/connectors   # in another terminal; then try",
        "  curl -sX PUT $C/" + SOURCE + "/stop   # and /resume",
        "  curl -sX POST \"$C/" + SOURCE + "/restart?includeTasks=true\"",
        "  curl -s $C/" + SOURCE + "/offsets | head -c 400",
        "  curl -sX PUT $C/" + SINK + "/pause   # and /resume",
        "  curl -s \"$C?expand=status\" | head -c 800",
        "  tail -f " + log());
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
