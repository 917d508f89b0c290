package io.github.allsourceconnect.tool.audit;

import static io.github.allsourceconnect.tool.audit.Audited.fill;
import static io.github.allsourceconnect.tool.audit.Audited.notJudged;
import static io.github.allsourceconnect.tool.audit.Audited.settings;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.leader.Fault;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What stands in an audit's way is told in a line, with exit status 2: never a verdict. The broker
 * asks for a name and a password, and lets each user do what it was granted.
 */
class AuditTroubleIT {
  private static final String PASSWORD = "only-for-tests";
  private static final String LOGIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\""
          + " password=\"%s\"";

  @TempDir static Path folder;

  private static Broker broker;
  private static Admin admin;

  @BeforeAll
  static void start() throws Exception {
    StringBuilder login = new StringBuilder(String.format(LOGIN, "admin", PASSWORD));
    for (String user : List.of("admin", "nobody", "viewer", "reader", "auditor", "writer")) {
      login.append(" user_").append(user).append("=\"").append(PASSWORD).append('"');
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("sasl.enabled.mechanisms", "PLAIN");
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put("listener.name.plaintext.plain.sasl.jaas.config", login.append(';').toString());
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("super.users", "User:admin;User:ANONYMOUS");
    broker = Broker.start(settings);
    admin = Admin.create(clients("admin", PASSWORD));
    grant("viewer", ResourceType.TOPIC, "", AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
    grant("reader", ResourceType.TOPIC, "", AclOperation.READ);
    for (String user : List.of("auditor", "writer")) {
      grant(user, ResourceType.TOPIC, "", AclOperation.READ, AclOperation.DESCRIBE_CONFIGS);
    }
    grant("writer", ResourceType.TRANSACTIONAL_ID, "allsource_audit_", AclOperation.WRITE);
  }

  @AfterAll
  static void stop() {
    admin.close();
    broker.close();
  }

  private static void grant(String user, ResourceType type, String prefix, AclOperation... may)
      throws Exception {
    ResourcePattern on =
        prefix.isEmpty()
            ? new ResourcePattern(type, "*", PatternType.LITERAL)
            : new ResourcePattern(type, prefix, PatternType.PREFIXED);
    List<AclBinding> bindings = new ArrayList<>();
    for (AclOperation operation : may) {
      bindings.add(
          new AclBinding(
              on, new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW)));
    }
    admin.createAcls(bindings).all().get();
  }

  private static Map<String, Object> clients(String user, String password) {
    Map<String, Object> clients = new HashMap<>();
    clients.put("bootstrap.servers", broker.bootstrap());
    clients.put("security.protocol", "SASL_PLAINTEXT");
    clients.put("sasl.mechanism", "PLAIN");
    clients.put("sasl.jaas.config", String.format(LOGIN, user, password) + ";");
    return clients;
  }

  private static Path file(String name, Map<String, ?> settings) throws IOException {
    Properties properties = new Properties();
    settings.forEach((key, value) -> properties.setProperty(key, value.toString()));
    Path file = folder.resolve(name + ".properties");
    try (var out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
    return file;
  }

  private static String as(String user) throws IOException {
    return "--kafka-config=" + file(user, clients(user, PASSWORD));
  }

  private static void topic(String name) throws Exception {
    admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
  }

  /** Where it ends once nothing in it is undecided. */
  private static long end(String topic) {
    Await.until(
        "all of it is decided",
        Await.LIMIT,
        () ->
            end(topic, IsolationLevel.READ_COMMITTED)
                == end(topic, IsolationLevel.READ_UNCOMMITTED));
    return end(topic, IsolationLevel.READ_UNCOMMITTED);
  }

  private static long end(String topic, IsolationLevel level) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level))
          .partitionResult(partition)
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static AuditRun audit(Map<String, String> settings, String... more) throws IOException {
    List<String> args = new ArrayList<>();
    args.add("--connector=" + file("source-" + settings.get("name"), settings));
    args.addAll(List.of("--bootstrap=" + broker.bootstrap(), "--patience=0", "--settle=0"));
    args.addAll(List.of(more));
    return AuditRun.of(args.toArray(String[]::new));
  }

  private static ScriptedLeader leader() {
    return ScriptedLeader.start(LeaderScript.observed(3).withLate(0));
  }

  @Test
  void aUserWhoMayNotIsToldWhatIsWantedAndNothingIsJudged() throws Exception {
    topic("granted");
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, "granted");
      fill(clients("admin", PASSWORD), leader, settings, 20, 3);
      notJudged(audit(settings, as("nobody")), "--topic", "may see");
      notJudged(audit(settings, as("viewer")), "can't be read", "granted", "--kafka-config");
      notJudged(audit(settings, as("reader")), "DESCRIBE_CONFIGS", "granted", "--kafka-config");
      Map<String, Object> wrong = clients("auditor", "wrong");
      notJudged(audit(settings, "--kafka-config=" + file("wrong", wrong)), "let nobody in");
      assertEquals(1, audit(settings, as("auditor")).status());
      long end = end("granted");
      notJudged(
          audit(settings, as("auditor"), "--repair", "--yes"),
          "the transactional id allsource_audit_granted");
      AuditRun unwritten = audit(settings, as("writer"), "--repair", "--yes", "--json");
      assertEquals(2, unwritten.status(), unwritten.err());
      assertTrue(unwritten.err().contains("0 events are committed"), unwritten.err());
      JsonNode said = new ObjectMapper().readTree(unwritten.out());
      assertEquals("not_judged", said.path("verdict").asText());
      assertEquals(end, end("granted"));
    }
  }

  /** Neither what is half there counts, nor does it hang. */
  @Test
  void aLeaderThatGoesAwayIsNoVerdict() throws Exception {
    topic("torn");
    for (Fault fault : List.of(Fault.CUT, Fault.TEAR, Fault.HANG)) {
      LeaderScript script =
          LeaderScript.observed(3)
              .withLate(0)
              .withFaults(
                  (connection, message, type) ->
                      type.equals("snapshot_chunk") ? fault : Fault.NONE);
      try (ScriptedLeader leader = ScriptedLeader.start(script)) {
        Map<String, String> settings = settings(leader, "torn");
        settings.put("connect.timeout.ms", "1000");
        settings.put("connection.dead.timeout.ms", "3000");
        fill(clients("admin", PASSWORD), leader, settings, 3, 0);
        notJudged(audit(settings, as("auditor")), leader.address(), "--leader");
      }
    }
  }

  @Test
  void aRepairWritesOnceAndOnlyWhereItHasRead() throws Exception {
    topic("orders.acme");
    grant("writer", ResourceType.TOPIC, "orders.", AclOperation.WRITE);
    try (ScriptedLeader leader =
        ScriptedLeader.start(
            LeaderScript.observed(3).withLate(0).with(LeaderScript.Release.V0_27_0))) {
      Map<String, String> settings = settings(leader, "orders");
      settings.put("topic", "orders.${tenant_id}");
      fill(clients("admin", PASSWORD), leader, settings, 20, 3);
      String[] repair = {as("writer"), "--repair", "--yes"};
      AuditRun first = audit(settings, repair);
      assertEquals(0, first.status(), first.err() + first.out());
      assertTrue(first.out().endsWith("REPAIRED: 3 events were produced\n"), first.out());
      long end = end("orders.acme");
      AuditRun second = audit(settings, repair);
      assertEquals(0, second.status(), second.err() + second.out());
      assertFalse(second.out().contains("REPAIRED"), second.out());
      assertEquals(end, end("orders.acme"));

      // none of its events is there, though all may be where --topic does not look
      topic("orders.other");
      String[] elsewhere = Arrays.copyOf(repair, 4);
      elsewhere[3] = "--topic=orders.other";
      fill(clients("admin", PASSWORD), leader, settings, 20, 0);
      sentTo("orders.other", leader, settings);
      AuditRun refused = audit(settings, elsewhere);
      assertEquals(2, refused.status(), refused.err() + refused.out());
      assertTrue(refused.err().contains("--topic does not name it"), refused.err());
      assertTrue(refused.out().contains("--topic names other topics"), refused.out());
      assertTrue(refused.err().contains(" 0 events are committed"), refused.err());
    }
  }

  /** One event of the leader's in another topic, so that what is older counts as missing there. */
  private static void sentTo(String topic, ScriptedLeader leader, Map<String, String> settings)
      throws Exception {
    Map<String, String> other = new HashMap<>(settings);
    other.put("topic", topic);
    fill(clients("admin", PASSWORD), leader, other, 1, 0);
  }

  @Test
  void ofACompactedTopicNothingIsSaid() throws Exception {
    NewTopic compacted = new NewTopic("compacted", 1, (short) 1);
    compacted.configs(Map.of("cleanup.policy", "compact"));
    admin.createTopics(List.of(compacted)).all().get();
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, "compacted");
      fill(clients("admin", PASSWORD), leader, settings, 3, 0);
      notJudged(audit(settings, as("auditor")), "compacted", "cleanup.policy");
    }
  }

  @Test
  void whatIsNoEventCountsAndWhatWasAbortedDoesNot() throws Exception {
    topic("mixed");
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, "mixed");
      byte[] key = "order-1".getBytes(UTF_8);
      Map<String, Object> producing = clients("admin", PASSWORD);
      producing.put("transactional.id", "mixed");
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("mixed", key, "no event".getBytes(UTF_8)));
        producer.flush();
        producer.abortTransaction();
        fill(clients("admin", PASSWORD), leader, settings, 5, 0);
        AuditRun whole = audit(settings, as("auditor"));
        assertEquals(0, whole.status(), whole.err() + whole.out());
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("mixed", key, "no event".getBytes(UTF_8)));
        producer.send(new ProducerRecord<>("mixed", key, null));
        producer.commitTransaction();
      }
      assertEquals(end("mixed"), 2 + 5 + 3);
      AuditRun run = audit(settings, as("auditor"));
      assertEquals(1, run.status(), run.err());
      assertTrue(run.out().endsWith("WRONG: 2 no event\n"), run.out());
      assertTrue(run.out().contains("The record at mixed-0@7"), run.out());
    }
  }

  @Test
  void aBrokerThatGoesAwayEndsARepairSoon() throws Exception {
    topic("left");
    Brokers hasty = new Brokers(clients("admin", PASSWORD), Duration.ofSeconds(3));
    try (RepairWriter writer = new RepairWriter(hasty, "allsource_audit_left")) {
      writer.write(new ProducerRecord<>("left", new byte[1]));
      writer.commit();
      broker.pause();
      writer.write(new ProducerRecord<>("left", new byte[2]));
      Unjudgeable why = assertThrows(Unjudgeable.class, writer::commit);
      String said = why.getMessage();
      assertTrue(said.contains("1 event is committed; nothing of the others is"), said);
      assertTrue(said.contains("do not answer"), said);
      assertTimeout(Duration.ofSeconds(20), writer::close);
    } finally {
      broker.resume();
    }
    Brokers wrong = new Brokers(Map.of("bootstrap.servers", "nowhere"), Duration.ofSeconds(3));
    Unjudgeable unusable =
        assertThrows(Unjudgeable.class, () -> new RepairWriter(wrong, "x").close());
    assertTrue(unusable.getMessage().contains("--bootstrap"), unusable.getMessage());
  }

  @Test
  void ofASourceThatEndsWithItsSnapshotNothingNewerIsBehind() throws Exception {
    topic("ended");
    try (ScriptedLeader leader = leader()) {
      Map<String, String> settings = settings(leader, "ended");
      fill(clients("admin", PASSWORD), leader, settings, 10, 0);
      for (int i = 0; i < 5; i++) {
        leader.write("acme", "order-1", "order.placed", JsonText.of("{}"), null);
      }
      assertEquals(1, audit(settings, as("auditor")).status());
      settings.put("snapshot.mode", "initial_only");
      AuditRun ended = audit(settings, as("auditor"));
      assertEquals(0, ended.status(), ended.out());
      assertTrue(ended.out().contains("snapshot.mode=initial_only"), ended.out());
    }
  }
}
