package io.github.allsourceconnect.tool.audit;

import static io.github.allsourceconnect.tool.audit.Audited.fill;
import static io.github.allsourceconnect.tool.audit.Audited.notJudged;
import static io.github.allsourceconnect.tool.audit.Audited.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A broker that stops, or says nothing any more, ends an audit within the limit of {@code --stall},
 * whatever it was asked: with exit status 2 and one line that tells what to do.
 */
class AuditBrokerAwayIT {
  private static final int EVENTS = 40;

  /** Far more than {@link #STALL}, less than the clients would wait by themselves. */
  private static final Duration SOON = Duration.ofSeconds(40);

  private static final Duration STALL = Duration.ofSeconds(4);

  private static final String HASTY = "--stall=" + STALL.toSeconds();

  @TempDir static Path folder;

  private static Gate gate;
  private static Broker broker;

  @BeforeAll
  static void start() {
    gate = new Gate();
    broker = Broker.behind(gate);
  }

  @AfterAll
  static void stop() {
    gate.close();
    broker.close();
  }

  private static Map<String, Object> direct() {
    return Map.of("bootstrap.servers", broker.direct());
  }

  private static AuditRun audit(Map<String, String> settings, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(more));
    args.add("--bootstrap=" + broker.bootstrap());
    // a record a request, so that a topic is read in many
    Map<String, String> slowly = Map.of("max.partition.fetch.bytes", "1", "max.poll.records", "1");
    return Audited.audit(folder, slowly, settings, args.toArray(String[]::new));
  }

  private static ScriptedLeader leader() {
    return ScriptedLeader.start(LeaderScript.observed(3).withLate(0));
  }

  private static void endsSoon(Map<String, String> settings, String says) {
    AuditRun run = assertTimeoutPreemptively(SOON, () -> audit(settings, HASTY));
    notJudged(run, "--bootstrap", says);
  }

  @Test
  void whatIsReadInPartIsNoVerdict() throws Exception {
    new Topics(broker.direct()).create("read", 1, Map.of());
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, "read");
      fill(direct(), leader, settings, EVENTS, 0);
      gate.shutAt(ApiKeys.FETCH, EVENTS / 2);
      endsSoon(settings, "4 s");
      assertTrue(gate.isShut());
      gate.open();
      AuditRun whole = audit(settings);
      assertEquals(0, whole.status(), whole.err() + whole.out());

      gate.shutAt(ApiKeys.FETCH, EVENTS / 2);
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(
              () -> {
                Await.until("the topic is being read", Await.LIMIT, gate::isShut);
                broker.pause();
                gate.open();
              });
      endsSoon(settings, "4 s");
      stopped.join();
      endsSoon(settings, "do not answer");
      broker.resume();
      assertEquals(0, audit(settings).status());
    }
  }

  /** Each thing that a repair asks of a broker is the last one that passes. */
  @ParameterizedTest
  @EnumSource(
      value = ApiKeys.class,
      names = {"METADATA", "LIST_OFFSETS", "INIT_PRODUCER_ID", "PRODUCE", "END_TXN"})
  void aRepairEndsWhereverTheBrokerFallsSilent(ApiKeys asked) throws Exception {
    String topic = "repaired-" + asked.id;
    new Topics(broker.direct()).create(topic, 1, Map.of());
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, topic);
      fill(direct(), leader, settings, EVENTS, 3);
      gate.shutAt(asked, 1);
      AuditRun silent =
          assertTimeoutPreemptively(SOON, () -> audit(settings, "--repair", "--yes", HASTY));
      boolean shut = gate.isShut();
      gate.open();
      assertTrue(shut, silent.err() + silent.out());
      assertEquals(2, silent.status(), silent.err() + silent.out());
      List<String> why =
          silent.err().lines().filter(line -> line.startsWith("NOT JUDGED: ")).toList();
      assertEquals(1, why.size(), silent.err());
      assertTrue(why.get(0).contains("do not answer"), why.get(0));

      AuditRun again = audit(settings, "--repair", "--yes");
      assertEquals(0, again.status(), again.err() + again.out());
      AuditRun whole = audit(settings);
      assertEquals(0, whole.status(), whole.err() + whole.out());
    }
  }

  /** The topic is one that the producer has not asked for yet. */
  @Test
  void recordsDoNotWaitOneAfterTheOther() throws Exception {
    Brokers hasty = new Brokers(Map.of("bootstrap.servers", broker.bootstrap()), STALL);
    try (RepairWriter writer = new RepairWriter(hasty, "allsource_audit_many")) {
      gate.shut();
      Unjudgeable why =
          assertTimeoutPreemptively(
              SOON,
              () -> {
                try {
                  for (int i = 0; i < 500; i++) {
                    writer.write(new ProducerRecord<>("many", new byte[1]));
                  }
                  throw new AssertionError("taken");
                } catch (Unjudgeable e) {
                  return e;
                }
              });
      assertTrue(why.getMessage().contains("0 events are committed"), why.getMessage());
      assertTrue(why.getMessage().contains("do not answer"), why.getMessage());
    } finally {
      gate.open();
    }
  }
}
