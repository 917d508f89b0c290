package io.github.allsourceconnect.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.tool.preview.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the preview shows of a leader, and what it leaves alone. */
class PreviewTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<WalEntry> written = new CopyOnWriteArrayList<>();
  private ScriptedLeader leader;

  /** A run of the command. */
  private static final class Run {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final Command command =
        new Command(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    int status;

    Run with(String... args) {
      status = command.run(args);
      return this;
    }

    String text() {
      return out.toString(UTF_8);
    }

    String told() {
      return err.toString(UTF_8);
    }

    List<JsonNode> lines() throws IOException {
      List<JsonNode> lines = new ArrayList<>();
      for (String line : text().lines().toList()) {
        lines.add(JSON.readTree(line));
      }
      return lines;
    }
  }

  @BeforeEach
  void start() {
    leader = ScriptedLeader.start(LeaderScript.observed(1).withLate(0), 0, written::add);
  }

  @AfterEach
  void stop() {
    leader.close();
  }

  private void write(int count) {
    for (int i = 0; i < count; i++) {
      leader.write(
          "acme",
          "order-" + i % 7,
          i % 2 == 0 ? "order.placed" : "order.paid",
          JsonText.of("{\"n\":" + i + ",\"city\":\"Łódź\"}"),
          null);
    }
  }

  private Run previewWithConverters(String... more) {
    List<String> args = new ArrayList<>(List.of(more));
    args.add("--set=value.format=event_json");
    args.add("--set=key.converter=StringConverter");
    args.add("--set=value.converter=StringConverter");
    return preview(args.toArray(String[]::new));
  }

  private Run preview(String... more) {
    List<String> args = new ArrayList<>(List.of("--leader", leader.address()));
    args.addAll(List.of(more));
    return new Run().with(args.toArray(String[]::new));
  }

  @Test
  void theHistoryIsShownAndNothingElseHappens() {
    write(30);
    Run run = preview("--events", "5", "--width", "120");
    assertEquals(Command.FINE, run.status, run.told());
    List<String> lines = run.text().lines().toList();
    assertTrue(lines.get(0).contains("topic") && lines.get(0).contains("key"), run.text());
    assertTrue(lines.stream().allMatch(line -> line.length() <= 120), run.text());
    assertEquals(5, lines.stream().filter(line -> line.matches(" +\\d+  history .*")).count());
    assertTrue(lines.get(1).contains("allsource.events  "), run.text());
    assertTrue(run.text().contains("5 records of the history (of about 30), 0 live;"), run.text());
    List<String> summary = lines.subList(lines.indexOf("") + 1, lines.size());
    assertTrue(summary.stream().allMatch(line -> line.length() <= 80), run.text());
    assertTrue(run.text().endsWith("0 events left out by the settings, 0 refused.\n"), run.text());
    assertTrue(
        written.stream()
            .anyMatch(e -> run.text().contains("allsource.event_id=" + e.event().id())));
    assertEquals(0, leader.acks());
  }

  @Test
  void recordsAreThoseOfTheSettings() throws IOException {
    write(3);
    Run run =
        preview(
            "--json",
            "--events=2",
            "--set=topic=ev.${event_type}",
            "--set=record.key=${entity_id}/x",
            "--set=partition.by=${entity_id}",
            "--set=partition.count=8",
            "--set=value.converter=JsonConverter",
            "--set=value.converter.schemas.enable=false",
            "--set=topic.name.regex=ev[.].*");
    assertEquals(Command.FINE, run.status, run.told());
    JsonNode record = run.lines().get(1);
    assertEquals("record", record.get("type").asText());
    Event event =
        written.stream()
            .map(WalEntry::event)
            .filter(each -> each.id().equals(record.get("event_id").asText()))
            .findAny()
            .orElseThrow();
    assertEquals("ev." + event.eventType(), record.get("topic").asText());
    assertEquals(event.entityId() + "/x", record.get("key").asText());
    assertTrue(record.get("partition").isInt());
    JsonNode value = JSON.readTree(record.get("value").asText());
    assertEquals(event.id(), value.get("id").asText());
    assertEquals(event.payload().toString(), value.get("payload").asText());
    assertEquals(event.eventType(), record.at("/headers/allsource.event_type").asText());
    JsonNode end = run.lines().get(2);
    assertEquals("summary", end.get("type").asText());
    assertEquals(2, end.get("history").asInt());
    assertFalse(run.told().contains("value.converter"), run.told());
  }

  @Test
  void liveEntriesAreShownAsTheyCome() throws Exception {
    write(10);
    Run run = new Run();
    CompletableFuture<Run> done =
        CompletableFuture.supplyAsync(
            () ->
                run.with(
                    "--leader=" + leader.address(),
                    "--live",
                    "--json",
                    "--events=3",
                    "--set=value.format=event_json"));
    Await.until("the history was shown", Await.LIMIT, () -> run.text().lines().count() == 3);
    Await.until(
        "live entries came",
        Await.LIMIT,
        () -> {
          write(1);
          return done.isDone();
        });
    assertEquals(Command.FINE, done.get().status, run.told());
    List<JsonNode> live =
        run.lines().stream().filter(line -> line.path("from").asText().equals("live")).toList();
    assertEquals(3, live.size(), run.text());
    WalEntry first =
        written.stream()
            .filter(entry -> entry.event().id().equals(live.get(0).get("event_id").asText()))
            .findAny()
            .orElseThrow();
    assertEquals(
        new MessageCodec().encodeEvent(first).toString(), live.get(0).get("value").asText());
    assertEquals("acme", live.get(0).at("/headers/allsource.tenant_id").asText());
    assertEquals(0, leader.acks());
    assertTrue(run.told().contains("--live acknowledges nothing"), run.told());
  }

  @Test
  void itEndsWhenItIsTold() throws Exception {
    write(1);
    assertTrue(
        preview("--live", "--seconds=1", "--set=snapshot.mode=no_data")
            .text()
            .contains("0 records of the history, 0 live"));
    Run run = new Run();
    CompletableFuture<Run> done =
        CompletableFuture.supplyAsync(() -> run.with("--leader=" + leader.address(), "--live"));
    Await.until(
        "it goes live", Await.LIMIT, () -> leader.connections() > 0 && !run.text().isEmpty());
    run.command.stop();
    assertTrue(done.get().text().contains("1 record of the history"), run.text());
  }

  /** What was seen is counted, whatever comes then. */
  @Test
  void aLeaderThatGoesAwayHasASummaryToo() throws Exception {
    write(3);
    CompletableFuture<Run> running = CompletableFuture.supplyAsync(() -> preview("--live"));
    Await.until("the live connection is there", Await.LIMIT, () -> leader.connections() == 2);
    leader.stop();
    Run run = running.get();
    assertEquals(Command.NOT_LOOKED, run.status, run.told());
    assertTrue(run.told().contains("preview: " + leader.address()), run.told());
    assertTrue(run.text().contains("3 records of the history (of about 3), 0 live;"), run.text());
  }

  @Test
  void whatIsLeftOutIsCounted() {
    write(30);
    Run run = preview("--set=include.event.types=order[.]paid");
    assertFalse(run.text().contains("order.placed"), run.text());
    assertTrue(run.text().contains("15 records of the history"), run.text());
    assertTrue(run.text().contains("15 events left out by the settings"), run.text());
  }

  @Test
  void whatIsRefusedIsShownWithThePolicysAnswer() throws IOException {
    leader.write("acme", "a", "t", JsonText.of("\"" + "x".repeat(3000) + "\""), null);
    leader.write("acme", "b", "t", JsonText.of("1"), null);
    Run run = preview("--set=record.max.bytes=2048");
    assertEquals(Command.WOULD_FAIL, run.status);
    assertTrue(run.text().contains("REFUSED") && run.text().contains("record.max.bytes"));
    assertTrue(run.text().contains("record.refused.policy=fail: the task fails here"), run.text());
    assertTrue(run.text().contains("the task would fail for 1 of these"), run.text());
    assertTrue(run.text().contains("allsource.event_id=" + written.get(1).event().id()));

    run = previewWithConverters("--set=record.max.bytes=2048", "--set=record.refused.policy=skip");
    assertEquals(Command.FINE, run.status, run.told());
    assertTrue(run.text().contains("record.refused.policy=skip: it is passed over"), run.text());

    run =
        previewWithConverters(
            "--json",
            "--set=record.max.bytes=2048",
            "--set=record.refused.policy=dlq",
            "--set=dlq.topic=dead");
    JsonNode refused = run.lines().get(0);
    assertEquals("refused", refused.get("type").asText());
    assertEquals("dead", refused.at("/dead_letter/topic").asText());
    assertEquals(
        written.get(0).event().id(),
        refused.at("/dead_letter/headers/allsource.event_id").asText());
  }

  @Test
  void whatAConverterRefusesIsShown() {
    write(1);
    Run run = preview("--set=value.converter=org.apache.kafka.connect.converters.IntegerConverter");
    assertEquals(Command.WOULD_FAIL, run.status, run.told());
    assertTrue(run.text().contains("a converter refuses it"), run.text());
  }

  /** As this project's own sink leads: the log itself, and no snapshot. */
  @Test
  void aLeaderThatReplaysIsReadToItsEnd() throws IOException {
    write(2);
    MessageCodec codec = new MessageCodec();
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    try (Socket peer = server.accept()) {
                      for (WalEntry entry : written) {
                        peer.getOutputStream()
                            .write(codec.encode(new LeaderMessage.Entry(entry.sequence(), entry)));
                      }
                      peer.getOutputStream()
                          .write("{\"type\":\"wal_entry\",\"offset\":3}\n".getBytes(UTF_8));
                      peer.getOutputStream()
                          .write(codec.encode(new LeaderMessage.CaughtUp(3, true)));
                      peer.getInputStream().readAllBytes();
                    } catch (SocketException e) {
                      if (server.isClosed()) {
                        return;
                      }
                    }
                  }
                } catch (IOException e) {
                  // the test is over
                }
              },
              "test-replaying");
      thread.setDaemon(true);
      thread.start();
      Run run =
          new Run()
              .with(
                  "--leader=127.0.0.1:" + server.getLocalPort(), "--set=corrupt.entry.policy=skip");
      assertEquals(Command.FINE, run.status, run.told());
      assertTrue(run.text().contains("3 live"), run.text());
      assertTrue(run.text().contains("corrupt.entry.policy=skip"), run.text());
      assertTrue(run.text().contains("allsource.wal_offset=2"), run.text());
    }
  }

  /** As behind a {@code head -1}: it does not go on for nobody. */
  @Test
  void whenNobodyTakesItAnyMoreItEnds() {
    write(3);
    PrintStream gone =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            },
            true,
            UTF_8);
    Command command = new Command(gone, new PrintStream(new ByteArrayOutputStream(), true, UTF_8));
    assertTimeoutPreemptively(
        Await.LIMIT, () -> command.run(new String[] {"--leader", leader.address(), "--live"}));
  }

  @Test
  void errorsSayWhatToDo() {
    assertError("which leader? Give --leader");
    assertError("no option --laeder; there are", "--laeder=h:1");
    assertError("not both", "--config=a", "--connector=b");
    assertError("there is no file", "--config=/no/such/file.json");
    assertError("a preview is of a source", "--config=../config-examples/sink.json");
    assertError("did you mean gap.policy", "--leader=h:1", "--set=gap.polcy=fail");
    assertError("CLASSPATH", "--leader=h:1", "--set=value.converter=no.such.Converter");
    assertError(
        "looked up by the worker only",
        "--leader=h:1",
        "--set=ssl.truststore.password=${file:/a:b}");
    assertError("refused", "--leader=127.0.0.1:" + Ports.free());
    assertError("--events needs", "--leader=h:1", "--events=many");
    assertError(
        "schemas.cache.size",
        "--leader=h:1",
        "--set=value.converter=JsonConverter",
        "--set=value.converter.schemas.cache.size=many");
    assertError("its host", "--connector=http://my_worker:8083/connectors/a");
    assertError("\\u001B[31m", "--leader=h:1", "--set=gap.policy=x\u001B[31m");
  }

  private static void assertError(String expected, String... args) {
    Run run = new Run().with(args);
    assertEquals(Command.NOT_LOOKED, run.status);
    assertEquals("", run.text());
    assertTrue(
        run.told()
            .lines()
            .anyMatch(line -> line.startsWith("preview: ") && line.contains(expected)),
        run.told());
  }

  @Test
  void helpNamesEveryOption() {
    Run run = new Run().with("--help");
    assertEquals(Command.FINE, run.status);
    for (String option :
        List.of(
            "--leader",
            "--config",
            "--connector",
            "--set",
            "--live",
            "--events",
            "--seconds",
            "--json",
            "--width",
            "--help")) {
      assertTrue(run.text().contains(option + " ") || run.text().contains(option + "\n"), option);
    }
    assertTrue(run.text().lines().allMatch(line -> line.length() <= 100));
  }
}
