package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the command itself is said in one line, with exit status 2. */
class AuditCommandTest {
  @TempDir Path folder;

  private static void refused(String why, String... args) {
    AuditRun run = AuditRun.of(args);
    assertEquals(2, run.status(), why);
    assertEquals("", run.out());
    String said = run.err();
    assertTrue(said.startsWith("NOT JUDGED: ") && said.contains(why), said);
    assertEquals(said.length() - 1, said.indexOf('\n'), said);
  }

  @Test
  void theHelpNamesEveryOption() {
    AuditRun run = AuditRun.of("--help");
    assertEquals(0, run.status());
    String help = run.out();
    for (Options.Option option : Options.Option.values()) {
      assertTrue(help.contains("  " + option.dashed()), option.dashed());
    }
    help.lines().forEach(line -> assertTrue(line.length() <= 100, line));
  }

  /** The page shows what the command says. */
  @Test
  void thePageHasTheHelp() throws IOException {
    assertTrue(Files.readString(Path.of("docs", "audit.md")).contains(Options.help()));
  }

  @Test
  void whatIsMissingOrWrongIsSaid() throws IOException {
    refused("--topic", "--leader", "localhost:1", "--bootstrap", "localhost:2");
    refused("--leader", "--topic", "t", "--bootstrap", "localhost:2");
    refused("--bootstrap", "--topic", "t", "--leader", "localhost:1");
    refused("--colour", "--colour", "red");
    refused("needs a value", "--topic");
    refused("KEY=VALUE", "--leader=h:1", "--topic=t", "--bootstrap=b:2", "--set", "gap.policy");
    refused(
        "gap.policy", "--leader=h:1", "--topic=t", "--bootstrap=b:2", "--set", "gap.policy=none");
    refused("did you mean gap.policy", "--leader=h:1", "--topic=t", "--set", "gap.polcy=fail");
    refused("include.all is not known", "--leader=h:1", "--topic=t", "--set", "include.all=x");
    refused("there is no file", "--connector", folder.resolve("none").toString());
    Path settings = Files.writeString(folder.resolve("source.json"), "{\"topic\":\"${\"}");
    refused("topic", "--connector", settings.toString(), "--bootstrap", "localhost:2");
  }

  /** What would not be done is not passed over. */
  @Test
  void whatDoesNotGoTogetherIsRefused() {
    refused("--leader and --ledger", "--leader=h:1", "--ledger=l", "--topic=t", "--bootstrap=b:2");
    refused("--sink and --store", "--sink=h:1", "--store=http://h", "--topic=t", "--bootstrap=b:2");
    refused("go with --ledger", "--ledger=l", "--topic=t", "--bootstrap=b:2", "--repair");
  }

  /** Whoever reads JSON gets an object in any case. */
  @Test
  void whyNothingWasJudgedIsJsonWhereJsonIsWanted() throws IOException {
    for (String json : List.of("--json", "--json=true")) {
      AuditRun run = AuditRun.of(json, "--colour", "red");
      assertEquals(2, run.status());
      JsonNode said = new ObjectMapper().readTree(run.out());
      assertEquals("not_judged", said.path("verdict").asText());
      assertTrue(said.path("why").asText().contains("--colour"), said.toString());
    }
  }

  /** The folder is the command's, not the connector's. */
  @Test
  void aDiskThatTakesNothingNamesTheCommandsOwnOption() {
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(1).withLate(0))) {
      leader.write("acme", "order-1", "order.placed", JsonText.of("{}"), null);
      SourceConfig config = new SourceConfig(Map.of("leader.addresses", leader.address()));
      Unjudgeable full =
          assertThrows(
              Unjudgeable.class, () -> StoreRows.fetch(config, folder.resolve("gone")).close());
      String said = full.getMessage();
      assertTrue(said.contains("--dir") && said.contains("gone"), said);
      assertFalse(said.contains("buffer.disk.dir"), said);
    }
  }

  /** A verdict that nobody got is none. */
  @Test
  void aReportThatCanNotBeWrittenIsNoVerdict() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    AuditCommand command =
        new AuditCommand(
            InputStream.nullInputStream(),
            new PrintStream(full, false, UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), true, UTF_8),
            false);
    assertThrows(Unjudgeable.class, () -> command.print("WHOLE"));
  }

  /** Exit status 1 would say that the topic is wrong. */
  @Test
  void anErrorIsNoVerdict() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream broken =
        new PrintStream(OutputStream.nullOutputStream(), true, UTF_8) {
          @Override
          public void print(String text) {
            throw new StackOverflowError("on purpose");
          }
        };
    PrintStream errors = new PrintStream(err, true, UTF_8);
    assertEquals(
        2, new AuditCommand(InputStream.nullInputStream(), broken, errors, false).run("--help"));
    assertTrue(err.toString(UTF_8).startsWith("NOT JUDGED: "), err.toString(UTF_8));
  }

  @Test
  void aRepairNeedsTheConnectorsSettingsAndNoTransformations() throws IOException {
    refused("--connector", "--leader=h:1", "--topic=t", "--bootstrap=b:2", "--repair");
    Path settings =
        Files.writeString(
            folder.resolve("source.json"), "{\"topic\":\"t\",\"transforms\":\"mask\"}");
    refused("transformations", "--connector", settings.toString(), "--bootstrap=b:2", "--repair");
  }
}
