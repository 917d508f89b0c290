package io.github.allsourceconnect.tool.audit;

import static io.github.allsourceconnect.tool.audit.Audited.fill;
import static io.github.allsourceconnect.tool.audit.Audited.notJudged;
import static io.github.allsourceconnect.tool.audit.Audited.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An audit of a topic whose brokers speak TLS, by the properties of {@code --kafka-config}. */
class AuditTlsIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String TOPIC = "sealed";
  private static final String HASTY = "--stall=3";

  @TempDir static Path folder;

  private static TlsStores stores;
  private static Broker broker;
  private static ScriptedLeader leader;
  private static Map<String, String> source;

  @BeforeAll
  static void start() throws Exception {
    stores = TlsStores.in(folder);
    Map<String, String> ssl = new HashMap<>(stores.leader());
    ssl.put("ssl.client.auth", "required");
    broker = Broker.withTls(ssl);
    new Topics(broker.direct()).create(TOPIC, 1, Map.of());
    leader = ScriptedLeader.start(LeaderScript.observed(3).withLate(0));
    source = settings(leader, TOPIC);
    fill(Map.of("bootstrap.servers", broker.direct()), leader, source, 20, 3);
  }

  @AfterAll
  static void stop() {
    leader.close();
    broker.close();
  }

  private static AuditRun audit(String bootstrap, Map<String, String> clients, String... more) {
    String[] args = Arrays.copyOf(more, more.length + 1);
    args[more.length] = "--bootstrap=" + bootstrap;
    return assertTimeoutPreemptively(SOON, () -> Audited.audit(folder, clients, source, args));
  }

  private static Map<String, String> tls(Map<String, String> stores) {
    Map<String, String> clients = new HashMap<>(stores);
    clients.put("security.protocol", "SSL");
    return clients;
  }

  @Test
  void whoeverTrustsAndIsTrustedMayAuditAndRepair() {
    Map<String, String> clients = tls(stores.follower());
    AuditRun wrong = audit(broker.bootstrap(), clients);
    assertEquals(1, wrong.status(), wrong.err() + wrong.out());
    assertTrue(wrong.out().endsWith("WRONG: 3 missing\n"), wrong.out());
    AuditRun repaired = audit(broker.bootstrap(), clients, "--repair", "--yes");
    assertEquals(0, repaired.status(), repaired.err() + repaired.out());
    assertEquals(0, audit(broker.bootstrap(), clients).status());
  }

  /** The broker's own stores: they hold its certificate as a key, and trust the client's only. */
  @Test
  void brokersThatAreNotTrustedAreNamed() {
    notJudged(audit(broker.bootstrap(), tls(stores.leader())), "--kafka-config", "ssl.truststore");
  }

  @Test
  void whoeverShowsNoCertificateIsToldSo() {
    notJudged(
        audit(broker.bootstrap(), tls(stores.followerWithoutCertificate())),
        "--kafka-config",
        "certificate");
  }

  @Test
  void plainTextWhereTlsIsSpokenAndTheOtherWayRoundEndSoon() {
    notJudged(
        audit(broker.bootstrap(), Map.of(), HASTY), "--bootstrap", "--kafka-config", "security");
    notJudged(
        audit(broker.direct(), tls(stores.follower()), HASTY),
        "--bootstrap",
        "--kafka-config",
        "security");
  }

  @Test
  void storesThatCanNotBeReadAreNamed() throws Exception {
    Map<String, String> clients = tls(stores.follower());
    clients.put("ssl.truststore.location", "/no/trusted.p12");
    notJudged(audit(broker.bootstrap(), clients), "--kafka-config", "/no/trusted.p12");
    clients = tls(stores.follower());
    clients.put("ssl.truststore.password", "another-one");
    notJudged(audit(broker.bootstrap(), clients), "--kafka-config", "trusted.p12");
    Path none = folder.resolve("none.p12");
    Files.writeString(none, "no store");
    clients.put("ssl.truststore.location", none.toString());
    notJudged(audit(broker.bootstrap(), clients), "--kafka-config", "none.p12");
  }
}
