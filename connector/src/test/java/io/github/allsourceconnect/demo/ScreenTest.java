package io.github.allsourceconnect.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.demo.Comparison.Losses;
import io.github.allsourceconnect.demo.Comparison.Station;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the demo's screen fits the window, and shows what somebody looks for. */
class ScreenTest {
  private static final String PLACES =
      "leader 127.0.0.1:30123  Kafka 127.0.0.1:30124  sink :3911  Ctrl-C: summary";

  @ParameterizedTest
  @CsvSource({"24,80", "50,200", "24,40", "12,80", "5,20"})
  void itFitsTheWindow(int rows, int columns) {
    List<String> lines = lines(rows, columns, "source STOPPED");
    assertTrue(lines.size() <= rows, () -> "too many lines: " + lines.size());
    for (String line : lines) {
      assertTrue(Cells.of(line) <= columns, () -> "too wide: " + line);
    }
  }

  @Test
  void theUsualWindowShowsStateFiguresEventsCommandsAndPlaces() {
    List<String> lines = lines(24, 80, "source STOPPED  sink RUNNING");
    String all = String.join("\n", lines);
    assertEquals(24, lines.size(), all);
    assertTrue(lines.get(0).endsWith("source STOPPED  sink RUNNING"), all);
    assertTrue(lines.get(lines.size() - 1).startsWith("leader "), all);
    assertTrue(all.contains("\"n\":99"), "the newest event is missing\n" + all);
    assertTrue(all.contains("curl"), all);
    assertTrue(all.contains("= 2 live + 1 from files"), all);
    assertTrue(all.contains("289  = 280 fetched again + 9 still missing"), all);
  }

  @Test
  void aLargerWindowShowsMoreEvents() {
    long usual = events(lines(24, 80, ""));
    long larger = events(lines(60, 120, ""));
    assertTrue(usual >= 3, "events in 24 lines: " + usual);
    assertTrue(larger > usual + 20, "events in 60 lines: " + larger);
  }

  @Test
  void whatATerminalWouldActOnIsNotShown() {
    Event event = Events.event(1, "{\"n\":1}", "t", "e\u001b[2J\u009b1m\u202e");
    String all =
        String.join(
            "\n",
            new Screen(nowhere(), new Terminal(), List.of(), "")
                .lines(moment("", List.of(event)), moment("", List.of()), 24, 80));
    assertTrue(all.contains("e?[2J?1m?"), all);
  }

  @Test
  void aStoppedAndADeletedConnectorHaveAState() throws Exception {
    ObjectMapper json = new ObjectMapper();
    States states = new States(null);
    assertEquals(
        "STOPPED",
        states.take("s", json.readTree("{\"connector\":{\"state\":\"STOPPED\"},\"tasks\":[]}")));
    assertEquals(
        "FAILED",
        states.take(
            "s",
            json.readTree(
                "{\"connector\":{\"state\":\"RUNNING\"},\"tasks\":[{\"state\":\"FAILED\",\"trace\":"
                    + "\"org.x.ConnectException: no room\\n\\tat a.B.c(B.java:1)\\nCaused by:"
                    + " java.io.IOException: disk full\"}]}")));
    assertEquals("s failed: no room: disk full", states.failed());
  }

  @Test
  void whatATaskCountedBeforeItWasStartedAnewIsAdded() {
    Totals totals = new Totals();
    assertEquals(5, totals.of(new Figures(Map.of("repaired", 5L)), "repaired"));
    assertEquals(5, totals.of(new Figures(Map.of()), "repaired"));
    assertEquals(5, totals.of(new Figures(Map.of("repaired", 0L)), "repaired"));
    assertEquals(8, totals.of(new Figures(Map.of("repaired", 3L)), "repaired"));
  }

  private static long events(List<String> lines) {
    return lines.stream().filter(line -> line.contains("\"n\":")).count();
  }

  private static List<String> lines(int rows, int columns, String states) {
    List<String> calls = List.of("  curl 1", "  curl 2", "  curl 3", "  curl 4");
    List<Event> events = new ArrayList<>();
    for (int i = 99; i >= 0; i--) {
      events.add(Events.event(i, "{\"n\":" + i + ",\"city\":\"東京東京東京東京東京東京\"}", "t", "e"));
    }
    return new Screen(nowhere(), new Terminal(), calls, PLACES)
        .lines(moment(states, events), moment(states, List.of()), rows, columns);
  }

  private static Screen.Moment moment(String states, List<Event> newest) {
    Comparison comparison = new Comparison(false, 100);
    for (int i = 0; i < 3; i++) {
      Event event = Events.event(i, "{}", "t", "e");
      comparison.written(event);
      comparison.arrived(Station.KAFKA, event, i == 0);
    }
    return new Screen.Moment(
        1,
        83,
        states,
        1_234_567_890,
        true,
        comparison.tally(Station.KAFKA),
        comparison.tally(Station.FOLLOWER),
        1_234_567_000,
        new Losses(289, 280),
        12,
        280,
        812,
        3100,
        0,
        newest);
  }

  private static PrintStream nowhere() {
    return new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
  }
}
