package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.sink.decision.CommitNote;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The task between Connect's calls and what serves followers. */
class AllSourceSinkTaskTest {
  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final TopicPartition ONE = new TopicPartition("orders", 1);

  private final MemoryTopic topic = new MemoryTopic("orders");
  private final int port = Ports.free(2);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AllSourceSinkTask task =
      new AllSourceSinkTask(config -> new MemoryParts(topic, config));

  private final Set<TopicPartition> assigned = new HashSet<>();
  private ErrantRecordReporter reporter;

  private void start() {
    start(MemoryParts.settings(port));
  }

  private void start(Map<String, String> settings) {
    task.initialize(
        (SinkTaskContext)
            Proxy.newProxyInstance(
                AllSourceSinkTaskTest.class.getClassLoader(),
                new Class<?>[] {SinkTaskContext.class},
                (proxy, method, arguments) -> {
                  asked.add(
                      arguments == null
                          ? method.getName()
                          : method.getName() + " " + Arrays.toString(arguments));
                  return switch (method.getName()) {
                    case "errantRecordReporter" -> reporter;
                    case "assignment" -> assigned;
                    default -> null;
                  };
                }));
    task.start(settings);
  }

  @AfterEach
  void stop() {
    task.stop();
    assertTrue(Ports.isFree(port));
    assertEquals(0, topic.openConsumers());
  }

  private SinkRecord append(TopicPartition to, String value) {
    return record(to, value, topic.append(to.partition(), "order", value));
  }

  private static SinkRecord record(TopicPartition to, String value, long offset) {
    return record(to, value, offset, null);
  }

  private static SinkRecord record(TopicPartition to, String value, long offset, Long timestamp) {
    return new SinkRecord(
        to.topic(),
        to.partition(),
        Schema.OPTIONAL_STRING_SCHEMA,
        "order",
        Schema.OPTIONAL_STRING_SCHEMA,
        value,
        offset,
        timestamp,
        timestamp == null ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME);
  }

  private List<SinkRecord> append(TopicPartition to, int count) {
    List<SinkRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(append(to, Events.json(i)));
    }
    return records;
  }

  private ScriptedFollower follower(TopicPartition of) throws IOException {
    int served = port + of.partition();
    return ScriptedFollower.subscribed(served, 0);
  }

  private Map<TopicPartition, OffsetAndMetadata> commit(long zero, long one) {
    return task.preCommit(
        Map.of(ZERO, new OffsetAndMetadata(zero), ONE, new OffsetAndMetadata(one)));
  }

  /** As Connect calls it, with nothing new. */
  private void putUntil(String what, Callable<Boolean> condition) {
    putUntil(what, List.of(), condition);
  }

  private void putUntil(String what, List<SinkRecord> records, Callable<Boolean> condition) {
    Await.until(
        what,
        Await.LIMIT,
        () -> {
          task.put(records);
          return condition.call();
        });
  }

  /** Followers get what was handed over, and what they have acked of it is committed. */
  @Test
  void whatIsHandedOverIsSentAndWhatIsAckedIsCommitted() throws IOException {
    start();
    List<SinkRecord> records = append(ZERO, 10);
    task.open(List.of(ZERO));
    assertTrue(asked.contains("requestCommit"), "the position must come soon");
    task.put(records.subList(0, 6));
    try (ScriptedFollower follower = follower(ZERO)) {
      for (int offset = 1; offset <= 6; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      follower.ack(4);
      Await.until(
          "4 are committed",
          Await.LIMIT,
          () -> {
            OffsetAndMetadata committed = commit(6, 0).get(ZERO);
            return committed != null && committed.offset() == 4;
          });
      task.put(records.subList(6, 10));
      for (int offset = 7; offset <= 10; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      assertEquals(10, follower.nextCaughtUp());
      follower.ack(10);
      Await.until("all are committed", Await.LIMIT, () -> commit(10, 0).get(ZERO).offset() == 10);
    }
  }

  @Test
  void partitionsThatAreNotOpenAreNotCommitted() throws IOException {
    start();
    task.open(List.of(ZERO, ONE));
    task.put(append(ZERO, 1));
    task.put(append(ONE, 1));
    try (ScriptedFollower zero = follower(ZERO);
        ScriptedFollower one = follower(ONE)) {
      assertEquals(1, zero.nextEntry());
      assertEquals(1, zero.nextCaughtUp());
      assertEquals(1, one.nextEntry());
      assertEquals(1, one.nextCaughtUp());
      zero.ack(1);
      one.ack(1);
      Await.until("both are committed", Await.LIMIT, () -> commit(1, 1).size() == 2);
      task.close(List.of(ONE));
      assertTrue(Ports.isFree(port + 1));
      one.assertClosed();
      assertEquals(1, commit(1, 1).size());
      assertEquals(1, commit(1, 1).get(ZERO).offset());
    }
  }

  /**
   * Connect commits what it was sent to, whoever has acked it, so it is never sent back for the
   * sake of what can't be found; what another partition commits takes the note along.
   */
  @Test
  void whatCanNotBeFoundIsNotCommittedNorAskedForAgain() throws IOException {
    start();
    task.open(List.of(ZERO, ONE));
    task.put(append(ZERO, 1));
    topic.hole(1, 5);
    task.put(List.of(record(ONE, Events.json(4), 4)));
    try (ScriptedFollower follower = follower(ZERO)) {
      assertEquals(1, follower.nextEntry());
      follower.ack(1);
      putUntil(
          "both have a note, and the ack has arrived",
          () -> commit(1, 5).size() == 2 && commit(1, 5).get(ZERO).offset() == 1);
      OffsetAndMetadata one = commit(1, 5).get(ONE);
      assertEquals(4, one.offset(), "where Connect began");
      assertTrue(CommitNote.of(one.metadata()).isPresent());
      assertEquals(1, commit(1, 5).get(ZERO).offset());
      assertTrue(asked.stream().noneMatch(what -> what.startsWith("offset")), asked.toString());
    }
  }

  /** Without named converters a record is needed that tells them; none that was not handed over. */
  @Test
  void whatWasNotHandedOverIsNotSkipped() {
    Map<String, String> unnamed = MemoryParts.settings(port);
    unnamed.remove("key.converter");
    unnamed.remove("value.converter");
    start(unnamed);
    task.open(List.of(ZERO));
    append(ZERO, 100);
    commit(0, 0);
    AtomicInteger puts = new AtomicInteger();
    putUntil(
        "the last record was looked for, more than once",
        () -> puts.incrementAndGet() > 4 && topic.reads() > 2);
    assertTrue(asked.stream().noneMatch(what -> what.startsWith("offset")), asked.toString());
  }

  /** A consumer that is woken in a rebalance has partitions that Connect never opens nor closes. */
  @Test
  void whatConnectHasButDidNotOpenIsServedAllTheSame() throws IOException {
    start();
    List<SinkRecord> records = append(ZERO, 10);
    append(ONE, 2);
    topic.commit(0, 4, "");
    assigned.addAll(List.of(ZERO, ONE));
    task.open(List.of(ONE));
    String committed = "offset " + Arrays.toString(new Object[] {ZERO, 4L});
    SinkRecord bad = record(ZERO, "no event, looked at when it comes again", 4);
    topic.loseLeader(0);
    putUntil("it is opened", List.of(bad), () -> Collections.frequency(asked, "requestCommit") > 1);
    task.put(List.of(bad));
    topic.electLeader(0);
    putUntil("Connect is told where to read", List.of(bad), () -> asked.contains(committed));
    assertTrue(asked.stream().noneMatch(what -> what.startsWith("offset [orders-1")));
    task.put(records.subList(4, 6));
    try (ScriptedFollower follower = follower(ZERO)) {
      for (int offset = 1; offset <= 6; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      follower.ack(6);
      task.put(records.subList(6, 10));
      putUntil("6 are committed", () -> commit(10, 0).get(ZERO).offset() == 6);
    }
    assertEquals(1, asked.stream().filter(committed::equals).count());
    task.close(List.of(ZERO, ONE));
    assertTrue(Ports.isFree(port));
  }

  @Test
  void whatConnectDidNotOpenIsReadFromItsBeginningIfNothingWasCommitted() {
    start();
    append(ZERO, 3);
    assigned.add(ZERO);
    String beginning = "offset " + Arrays.toString(new Object[] {ZERO, 0L});
    putUntil("Connect is told where to read", () -> asked.contains(beginning));
  }

  @Test
  void whatConnectDidNotOpenIsServedOnlyAsLongAsItHasIt() {
    start();
    assigned.add(ZERO);
    putUntil("it is served", () -> !Ports.isFree(port));
    assigned.clear();
    task.put(List.of());
    assertTrue(Ports.isFree(port));
  }

  /** With {@code group.protocol=consumer} the consumer has a partition a moment longer. */
  @Test
  void whatConnectClosedIsNotTakenUpAtOnce() {
    start();
    assigned.add(ZERO);
    task.open(List.of(ZERO));
    putUntil("it is served", () -> !Ports.isFree(port));
    task.close(List.of(ZERO));
    task.put(List.of(record(ZERO, "no event, and not to be looked at", 0)));
    assertTrue(Ports.isFree(port));
    assigned.clear();
    task.put(List.of());
    assigned.add(ZERO);
    task.put(List.of());
    assertTrue(Ports.isFree(port), "another task had it meanwhile");
  }

  /** It may be of a topic that was replaced meanwhile: only what differs twice fails the task. */
  @Test
  void whatIsNotWhatTheTopicHasIsHandedOverAgainFromWhereConnectBegan() throws IOException {
    start();
    task.open(List.of(ZERO));
    String event = Events.json(1);
    topic.hole(0, 5);
    topic.append(0, "order", event, 1_000);
    commit(5, 0);
    task.put(List.of(record(ZERO, event, 5, 2_000L)));
    String sentBack = "offset " + Arrays.toString(new Object[] {ZERO, 5L});
    putUntil("it is sent back", () -> asked.contains(sentBack));
    assertEquals(Map.of(), commit(6, 0), "nothing is known yet");
    task.put(List.of(record(ZERO, event, 5, 1_000L)));
    try (ScriptedFollower follower = follower(ZERO)) {
      assertEquals(6, follower.nextEntry());
      follower.ack(6);
      Await.until("it is committed", Await.LIMIT, () -> commit(6, 0).containsKey(ZERO));
    }
    assertEquals(1, asked.stream().filter(sentBack::equals).count());
  }

  /** What Connect still hands over of the topic that was there is not compared, nor committed. */
  @Test
  void aTopicThatIsCreatedAgainWhileRecordsAreLookedFor() throws IOException {
    start();
    task.open(List.of(ZERO));
    topic.append(0, "order", Events.json(1), 1_000);
    try (ScriptedFollower follower = follower(ZERO)) {
      commit(1, 0);
      assertEquals(1, follower.nextEntry());
    }
    task.put(List.of()); // what it reads is known now
    topic.recreate();
    topic.append(0, "order", Events.json(2), 2_000);
    task.put(List.of(record(ZERO, Events.json(1), 0, 1_000L)));
    String anew = "offset " + Arrays.toString(new Object[] {ZERO, 0L});
    putUntil("it is sent to the beginning", () -> asked.contains(anew));
    task.put(List.of(record(ZERO, Events.json(2), 0, 2_000L)));
    putUntil("the new one is recognised and committed", () -> commit(1, 0).containsKey(ZERO));
  }

  /**
   * Connect is sent back to the end of a log that was cut, but not past what it has not handed
   * over.
   */
  @Test
  void whatConnectHadNotComeToWhenTheLogWasCutIsLookedAt() throws IOException {
    List<Long> letters = new CopyOnWriteArrayList<>();
    reporter =
        (record, error) -> {
          letters.add(record.kafkaOffset());
          return CompletableFuture.completedFuture(null);
        };
    Map<String, String> settings = MemoryParts.settings(port);
    settings.put("errors.tolerance", "all");
    start(settings);
    task.open(List.of(ZERO));
    List<SinkRecord> records = append(ZERO, 4);
    records.add(append(ZERO, "no event"));
    records.addAll(append(ZERO, 5));
    commit(0, 0);
    task.put(records.subList(0, 3));
    try (ScriptedFollower follower = follower(ZERO)) {
      assertEquals(1, follower.nextEntry());
      follower.ack(1);
      Await.until("it is committed", Await.LIMIT, () -> commit(3, 0).containsKey(ZERO));
    }
    task.put(List.of()); // what it reads is known now
    topic.truncate(0, 8);
    Await.until("the cut is seen", Await.LIMIT, () -> !commit(3, 0).containsKey(ZERO));
    task.put(records.subList(3, 8));
    assertTrue(
        asked.contains("offset " + Arrays.toString(new Object[] {ZERO, 3L})), asked::toString);
    assertEquals(List.of(), letters, "it comes again");
    task.put(records.subList(3, 8));
    assertEquals(List.of(4L), letters);
  }

  @Test
  void aRecordThatIsNoEventFailsThePut() {
    start();
    task.open(List.of(ZERO));
    SinkRecord bad = append(ZERO, "no event");
    ConnectException refused = assertThrows(ConnectException.class, () -> task.put(List.of(bad)));
    assertTrue(refused.getMessage().contains("orders-0, offset 0"), refused.getMessage());
    assertTrue(refused.getMessage().contains("errors.tolerance"), refused.getMessage());
  }

  /**
   * Connect waits for it before it asks, but for when it closes a task that fails because of it.
   */
  @Test
  void noOffsetPassesARecordThatIsNotInTheDeadLetterTopic() throws IOException {
    List<CompletableFuture<Void>> letters = new ArrayList<>();
    reporter =
        (record, error) -> {
          letters.add(new CompletableFuture<>());
          return letters.get(letters.size() - 1);
        };
    Map<String, String> settings = MemoryParts.settings(port);
    settings.put("errors.tolerance", "all");
    start(settings);
    task.open(List.of(ZERO, ONE));
    task.put(append(ONE, 1));
    task.put(append(ZERO, 1));
    task.put(List.of(append(ZERO, "no event")));
    task.put(append(ZERO, 1));
    task.put(List.of(append(ZERO, "no event either")));
    try (ScriptedFollower follower = follower(ZERO);
        ScriptedFollower one = follower(ONE)) {
      assertEquals(1, follower.nextEntry());
      assertEquals(3, follower.nextEntry());
      follower.ack(3);
      assertEquals(1, one.nextEntry());
      one.ack(1);
      Await.until(
          "the other is committed",
          Await.LIMIT,
          () -> commit(4, 1).containsKey(ONE) && commit(4, 1).get(ONE).offset() == 1);
      Await.until("some is", Await.LIMIT, () -> commit(4, 1).get(ZERO).offset() == 1);
      letters.get(0).complete(null);
      assertEquals(3, commit(4, 1).get(ZERO).offset());
      letters.get(1).completeExceptionally(new IOException("too large"));
      assertEquals(3, commit(4, 1).get(ZERO).offset());
      assertEquals(3, commit(4, 1).get(ZERO).offset());
      assertEquals(1, commit(4, 1).get(ONE).offset());
    }
  }

  /** Connect does not notice where it fails just then, and nothing more would be committed. */
  @Test
  void aRecordThatCanNotBeWrittenToTheDeadLetterTopicFailsTheTask() {
    CompletableFuture<Void> letter = new CompletableFuture<>();
    reporter = (record, error) -> letter;
    Map<String, String> settings = MemoryParts.settings(port);
    settings.put("errors.tolerance", "all");
    start(settings);
    task.open(List.of(ZERO));
    task.put(List.of(append(ZERO, "no event")));
    task.put(List.of());
    IOException why = new IOException("too large");
    letter.completeExceptionally(why);
    ConnectException thrown = assertThrows(ConnectException.class, () -> task.put(List.of()));
    assertTrue(thrown.getMessage().contains("offset 0"), thrown.getMessage());
    assertSame(why, thrown.getCause());
  }

  /** What fails in the background is thrown at the next call, with its cause. */
  @Test
  void aFailureInTheBackgroundReachesPut() {
    start();
    task.open(List.of(ZERO));
    SinkRecord bad = append(ZERO, "no event");
    assertEquals(0, bad.kafkaOffset());
    LoneTask.awaitFailure(
        task, failure -> failure.getCause() != null && failure.getMessage().contains(":" + port));
  }

  @Test
  void aTaskThatCanNotStartLeavesNothing() {
    task.initialize(null);
    Map<String, String> settings = MemoryParts.settings(port);
    assertThrows(NullPointerException.class, () -> task.start(settings));
  }
}
