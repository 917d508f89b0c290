package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.LogLines;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A source's offsets over REST, as an operator reads and sets them: a time brings everything from
 * then on again, a reset brings everything, and the log says so before it happens.
 */
class OffsetsIT {
  private static SourceWorker worker;

  @BeforeAll
  static void start() {
    worker = SourceWorker.start(WorkerSettings::exactlyOnce);
  }

  @AfterAll
  static void stop() {
    worker.close();
  }

  private static List<String> write(ScriptedLeader leader, int events) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      ids.add(
          leader
              .write("acme", "order-" + i % 3, "order.placed", JsonText.of("{\"n\":1}"), null)
              .event()
              .id());
    }
    return ids;
  }

  private static void refused(String name, String says, Map<String, ?> offset) {
    ConnectRest.Refused refused =
        assertThrows(
            ConnectRest.Refused.class,
            () -> worker.rest.setOffset(name, Map.of("leader", name), offset));
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }

  private static void stopped(String name) {
    worker.rest.stop(name);
    Await.until(
        name + " is stopped",
        Await.LIMIT,
        () ->
            worker.rest.status(name).at("/connector/state").asText().equals("STOPPED")
                && worker.rest.status(name).path("tasks").isEmpty());
  }

  @Test
  void aTimeOrAResetBringsEventsAgain() throws Exception {
    String name = "set-by-hand";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(6));
        LogLines lines = LogLines.keep()) {
      List<String> all = write(leader, 20);
      worker.rest.create(name, ConnectorSettings.source(leader.address(), name));
      worker.await(name, 20);
      Thread.sleep(50); // events' times lie back by some milliseconds
      Instant from = Instant.now().truncatedTo(ChronoUnit.MICROS);
      Thread.sleep(50);
      List<String> later = write(leader, 15);
      all.addAll(later);
      worker.await(name, 35);

      stopped(name);
      String stored = worker.rest.offsets(name).toString();
      assertTrue(stored.matches(".*\"newest\":\"20[-0-9]+T[0-9:.]+Z\".*"), stored);
      refused(name, "wal_ofset", Map.of("from", from.toString(), "wal_ofset", 7));
      refused(name, "without keys", Map.of());
      refused(name, "yesterday", Map.of("from", "yesterday"));
      assertEquals(stored, worker.rest.offsets(name).toString(), "what is refused changes nothing");

      worker.rest.setOffset(name, Map.of("leader", name), Map.of("from", from.toString()));
      assertFalse(lines.with(name, "everything since", "is produced again").isEmpty());
      worker.rest.resume(name);
      List<String> again = worker.await(name, 50).subList(35, 50);
      assertEquals(new HashSet<>(later), new HashSet<>(again));

      stopped(name);
      worker.rest.deleteOffsets(name);
      assertFalse(lines.with(name, "is reset", "come again").isEmpty());
      worker.rest.resume(name);
      again = worker.await(name, 85).subList(50, 85);
      assertEquals(new HashSet<>(all), new HashSet<>(again));
      worker.awaitFigure(name, "unaccounted", 0L);
    } finally {
      worker.rest.delete(name);
    }
  }
}
