package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.leader.Fault;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The packaged source in a worker, over REST: what each {@code snapshot.mode} brings and does not
 * bring, now and after a restart; how {@code gap.policy} and {@code corrupt.entry.policy} stop a
 * task and how a changed setting goes on from there.
 */
class SourceModesIT {
  private static final Duration LIMIT = Await.LIMIT;

  private static SourceWorker source;
  private static ConnectRest rest;

  @BeforeAll
  static void start() {
    source = SourceWorker.start(settings -> settings);
    rest = source.rest;
  }

  @AfterAll
  static void stop() {
    source.close();
  }

  private int written;

  private List<String> write(ScriptedLeader leader, int events) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      int n = written++;
      ids.add(
          leader
              .write(
                  "default",
                  "order-" + n % 7,
                  "order.placed",
                  JsonText.of("{\"n\":" + n + "}"),
                  null)
              .event()
              .id());
    }
    return ids;
  }

  private static Map<String, String> config(String name, ScriptedLeader leader, String... more) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), name, more);
    config.putIfAbsent("gap.timeout.ms", "200");
    config.putIfAbsent("repair.min.interval.ms", "100");
    config.putIfAbsent("reconnect.backoff.ms", "50");
    config.putIfAbsent("reconnect.backoff.max.ms", "100");
    return config;
  }

  private static LeaderScript script() {
    return LeaderScript.observed(11);
  }

  @Test
  void initialOnlyBringsTheHistoryAndRestsThen() throws Exception {
    String name = "initial-only";
    try (ScriptedLeader leader = ScriptedLeader.start(script())) {
      List<String> history = write(leader, 200);
      rest.create(name, config(name, leader, "snapshot.mode", "initial_only"));
      assertEquals(new HashSet<>(history), new HashSet<>(source.await(name, 200)));
      source.awaitFigure(name, "state", "FINISHED");
      rest.awaitRunning(name, 1, LIMIT);
      write(leader, 50);
      Await.until("the leader is left alone", LIMIT, () -> leader.open() == 0);
      int connections = leader.connections();
      // the task's records are committed before it ends, so the next one finds them
      rest.restart(name);
      Await.until(
          "another task has nothing to do",
          LIMIT,
          () ->
              source.figure(name, "emitted").equals(0L)
                  && source.figure(name, "state").equals("FINISHED"));
      rest.awaitRunning(name, 1, LIMIT);
      assertEquals(connections, leader.connections(), "it does not even connect");
      assertEquals(200, source.topics.read(name).size());
      rest.delete(name);
    }
  }

  @Test
  void noDataBeginsNow() {
    String name = "no-data";
    try (ScriptedLeader leader = ScriptedLeader.start(script())) {
      write(leader, 200);
      rest.create(name, config(name, leader, "snapshot.mode", "no_data"));
      source.awaitFigure(name, "state", "LIVE");
      List<String> live = write(leader, 50);
      assertEquals(live, source.await(name, 50));
      awaitAcked(leader);
      rest.restart(name);
      live.addAll(write(leader, 50));
      List<String> came = source.await(name, 100);
      assertEquals(new HashSet<>(live), new HashSet<>(came), "also what came between two tasks");
      rest.delete(name);
    }
  }

  /** As in Debezium: without a position, and when the position is of no use any more. */
  @Test
  void whenNeededTakesTheHistoryAgainWhereThePositionEndsInNothing() {
    String name = "when-needed";
    try (ScriptedLeader leader = ScriptedLeader.start(script())) {
      List<String> first = write(leader, 200);
      rest.create(name, config(name, leader, "snapshot.mode", "when_needed"));
      assertEquals(new HashSet<>(first), new HashSet<>(source.await(name, 200)));
      List<String> live = write(leader, 20);
      source.await(name, 220);
      rest.restart(name);
      live.addAll(write(leader, 20));
      source.await(name, 240);
      // these are written while nobody follows, and the leader's retention removes them
      rest.stop(name);
      Await.until("nobody follows", LIMIT, () -> leader.open() == 0);
      write(leader, 30);
      leader.forgetFiles();
      List<String> left = write(leader, 40);
      rest.resume(name);
      source.awaitFigure(name, "state", "LIVE");
      left.addAll(write(leader, 10));
      List<String> all = source.await(name, 290);
      assertEquals(new HashSet<>(left), new HashSet<>(all.subList(240, 290)));
      rest.awaitRunning(name, 1, LIMIT);
      awaitAcked(leader);
      rest.delete(name);
    }
  }

  private static void awaitAcked(ScriptedLeader leader) {
    Await.until("all is acked", LIMIT, () -> leader.lastAck() == leader.sequence());
  }

  /** Another follower asks for a snapshot: the leader writes what it holds to a file. */
  private static void takeSnapshot(ScriptedLeader leader) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", leader.port())) {
      socket
          .getOutputStream()
          .write("{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8));
      assertTrue(socket.getInputStream().read() >= 0);
    }
  }

  @Test
  void alwaysTakesTheHistoryAtEachStart() {
    String name = "always";
    try (ScriptedLeader leader = ScriptedLeader.start(script())) {
      List<String> history = write(leader, 200);
      rest.create(name, config(name, leader, "snapshot.mode", "always"));
      assertEquals(new HashSet<>(history), new HashSet<>(source.await(name, 200)));
      source.awaitFigure(name, "state", "LIVE");
      history.addAll(write(leader, 30));
      source.await(name, 230);
      awaitAcked(leader);
      rest.restart(name);
      List<String> again = source.await(name, 460).subList(230, 460);
      assertEquals(new HashSet<>(history), new HashSet<>(again), "all of it once more");
      List<String> live = write(leader, 10);
      assertEquals(new HashSet<>(live), new HashSet<>(source.await(name, 470).subList(460, 470)));
      rest.delete(name);
    }
  }

  @Test
  void aGapStopsTheTaskAndContinueGoesOnFromThere() {
    String name = "gap-fail";
    try (ScriptedLeader leader = ScriptedLeader.start(script().withLate(0))) {
      rest.create(name, config(name, leader, "gap.policy", "fail"));
      source.awaitFigure(name, "state", "LIVE");
      List<String> all = write(leader, 60);
      source.await(name, 60);
      leader.overrun(10);
      write(leader, 10);
      Await.until("ten are lost", LIMIT, () -> leader.overwritten() == 10);
      leader.forgetFiles();
      all.addAll(write(leader, 20));
      String said = source.failure(name);
      assertTrue(said.contains("Gap behind offset 60: 10 of the offsets up to"), said);
      assertTrue(said.contains("gap.policy=repair"), said);
      assertEquals(
          60, source.topics.read(name).size(), "the position is kept, nothing behind the gap");
      // repair can't do it, and says with both numbers why
      rest.configure(name, config(name, leader, "gap.policy", "repair"));
      source.awaitFigure(name, "state", "LIVE");
      all.addAll(write(leader, 10));
      said = source.failure(name);
      Matcher counted =
          Pattern.compile("(\\d+) events did not come, (\\d+) were found").matcher(said);
      assertTrue(counted.find(), said);
      assertEquals(10, Integer.parseInt(counted.group(1)) - Integer.parseInt(counted.group(2)));
      assertTrue(said.contains("gap.policy=continue"), said);
      rest.configure(name, config(name, leader, "gap.policy", "continue"));
      source.awaitFigure(name, "state", "LIVE");
      all.addAll(write(leader, 10));
      List<String> came = source.await(name, 100);
      assertEquals(new HashSet<>(all), new HashSet<>(came));
      source.awaitFigure(name, "unaccounted", 10L);
      source.awaitFigure(name, "balance", 0L);
      rest.delete(name);
    }
  }

  @Test
  void aDamagedSnapshotStopsTheTaskAndSkipGoesOn() throws Exception {
    String name = "damaged-snapshot";
    LeaderScript loses =
        script()
            .withFaults(
                (connection, message, type) ->
                    type.equals("snapshot_chunk") && message == 2 ? Fault.DROP : Fault.NONE);
    try (ScriptedLeader leader = ScriptedLeader.start(loses)) {
      write(leader, 100);
      takeSnapshot(leader); // so that there are two files
      List<String> second = write(leader, 100);
      rest.create(name, config(name, leader));
      String said = source.failure(name);
      assertTrue(said.contains("could not be read 5 times in a row"), said);
      assertTrue(said.contains("it ended without the file events-"), said);
      assertTrue(said.contains("corrupt.entry.policy=skip"), said);
      rest.configure(name, config(name, leader, "corrupt.entry.policy", "skip"));
      List<String> came = source.await(name, 100);
      assertEquals(new HashSet<>(second), new HashSet<>(came));
      source.awaitFigure(name, "snapshotFilesLeftOut", 1);
      second.addAll(write(leader, 20));
      Set<String> all = new HashSet<>(source.await(name, 120));
      assertEquals(new HashSet<>(second), all);
      rest.delete(name);
    }
  }
}
