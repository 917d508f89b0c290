package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that Kafka or Connect must not get, in a real worker: nothing else is lost by them. */
class RefusedEventsIT {
  private static final int EVENTS = 20;
  private static final int TOO_LARGE = 7;
  private static final int AHEAD = 13;

  private static SourceWorker worker;

  @BeforeAll
  static void start() {
    worker = SourceWorker.start(settings -> settings);
  }

  @AfterAll
  static void stop() {
    worker.close();
  }

  private static Event event(long number) {
    if (number == TOO_LARGE) {
      return Events.event(number, "\"" + "x".repeat(1_500_000) + "\"");
    }
    if (number == AHEAD) {
      long micros =
          TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) + TimeUnit.HOURS.toMicros(2);
      return Events.event(number, micros, "{}", "order.placed", "order-1");
    }
    return Events.event(number, "{}");
  }

  /** A leader that replays its log. */
  private static Peer leader(LongFunction<Event> events) throws IOException {
    MessageCodec codec = new MessageCodec();
    return new Peer(
        call -> {
          String subscribe = call.hear();
          long from = Long.parseLong(subscribe.replaceAll("\\D", ""));
          for (long number = from + 1; number <= EVENTS; number++) {
            String time = Timestamps.ofMicros(Events.BASE_MICROS + number);
            Event event = events.apply(number);
            long checksum = WalChecksum.compute(number, time, event.id());
            call.say(
                codec.encode(
                    new LeaderMessage.Entry(
                        number, new WalEntry(number, time, event, checksum, null, null))));
          }
          call.say("{\"type\":\"caught_up\",\"current_offset\":" + EVENTS + "}\n");
          call.stay();
        });
  }

  private static Map<String, String> settings(Peer leader, String topic, String... more) {
    Map<String, String> settings =
        ConnectorSettings.source(leader.address().toString(), topic, more);
    // the events are old
    settings.put("topic.creation.default.retention.ms", "-1");
    return settings;
  }

  private static List<String> idsWithout(long... numbers) {
    List<Long> left = LongStream.of(numbers).boxed().toList();
    return LongStream.rangeClosed(1, EVENTS)
        .filter(number -> !left.contains(number))
        .mapToObj(number -> Events.event(number, "{}").id())
        .toList();
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dlq", "skip"})
  void theRestComes(String policy) throws Exception {
    String name = "refused-" + policy;
    try (Peer leader = leader(RefusedEventsIT::event)) {
      Map<String, String> settings =
          settings(leader, name, "record.refused.policy", policy, "dlq.topic", "dead-of-" + policy);
      worker.rest.create(name, settings);
      assertEquals(idsWithout(TOO_LARGE, AHEAD), worker.await(name, EVENTS - 2));
      boolean noted = policy.equals("dlq");
      worker.awaitFigure(name, "refusedToDeadLetters", noted ? 2L : 0L);
      worker.awaitFigure(name, "refusedAndSkipped", noted ? 0L : 2L);
      if (noted) {
        List<ConsumerRecord<byte[], byte[]>> notes =
            worker.topics.await("dead-of-dlq", 2, Await.LIMIT);
        assertEquals("TOO_LARGE", header(notes.get(0), "allsource.error_kind"));
        assertEquals(event(TOO_LARGE).id(), header(notes.get(0), "allsource.event_id"));
        assertEquals("TIME", header(notes.get(1), "allsource.error_kind"));
        assertTrue(notes.get(0).serializedValueSize() < 1000);
      }
      worker.rest.awaitRunning(name, 1, Await.LIMIT);
      // the position has them: another task goes on with the count
      worker.rest.delete(name);
      worker.rest.create(name, settings);
      worker.awaitFigure(name, "refusedToDeadLetters", noted ? 2L : 0L);
      worker.awaitFigure(name, "refusedAndSkipped", noted ? 0L : 2L);
      assertEquals(EVENTS - 2, worker.await(name, EVENTS - 2).size());
      worker.rest.delete(name);
    }
  }

  @Test
  void theTaskFailsAndGoesOnWhereItStoodUnderAnotherPolicy() throws Exception {
    String name = "refused-fail";
    try (Peer leader = leader(RefusedEventsIT::event)) {
      worker.rest.create(name, settings(leader, name));
      String failure = worker.failure(name);
      assertTrue(failure.contains(event(TOO_LARGE).id()), failure);
      assertTrue(failure.contains("record.max.bytes is 1048576"), failure);
      assertTrue(failure.contains("record.refused.policy=skip"), failure);
      worker.rest.configure(name, settings(leader, name, "record.refused.policy", "skip"));
      worker.rest.restart(name);
      assertEquals(idsWithout(TOO_LARGE, AHEAD), worker.await(name, EVENTS - 2));
      worker.rest.delete(name);
    }
  }

  private static long acked(Peer leader) {
    return leader.heard.stream()
        .filter(line -> line.contains("\"ack\""))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .max()
        .orElse(0);
  }

  /** What a transformation adds is not known beforehand: the producer says what is too large. */
  @Test
  void whatATransformationMakesTooLargeIsNeitherLostNorAcknowledged() throws Exception {
    String name = "refused-grown";
    LongFunction<Event> events =
        number ->
            number == TOO_LARGE
                ? Events.event(number, "\"" + "x".repeat(1_000_000) + "\"")
                : Events.event(number, "{}");
    String[] grow = {
      "record.refused.policy",
      "skip",
      "topic.creation.default.max.message.bytes",
      "3000000",
      "transforms",
      "grow",
      "transforms.grow.type",
      "org.apache.kafka.connect.transforms.InsertHeader",
      "transforms.grow.header",
      "grown",
      "transforms.grow.value.literal",
      "y".repeat(100_000)
    };
    try (Peer leader = leader(events)) {
      worker.rest.create(name, settings(leader, name, grow));
      String failure = worker.failure(name);
      assertTrue(failure.contains("RecordTooLargeException"), failure);
      assertTrue(failure.contains("max.request.size"), failure);
      assertTrue(acked(leader) < TOO_LARGE, leader.heard.toString());
      Map<String, String> raised = settings(leader, name, grow);
      raised.put("producer.override.max.request.size", "2000000");
      worker.rest.configure(name, raised);
      worker.rest.restart(name);
      // without exactly-once those before it may come twice
      Await.until(
          "all have come",
          Await.LIMIT,
          () -> worker.distinct(name).equals(idsWithout()),
          () -> worker.distinct(name).toString());
      worker.awaitFigure(name, "refusedAndSkipped", 0L);
      worker.rest.delete(name);
    }
    try (Peer leader = leader(events)) {
      String tolerated = name + "-tolerated";
      Map<String, String> tolerant = settings(leader, tolerated, grow);
      tolerant.put("errors.tolerance", "all");
      tolerant.put("errors.tolerance.accepted", "true");
      worker.rest.create(tolerated, tolerant);
      assertEquals(idsWithout(TOO_LARGE), worker.await(tolerated, EVENTS - 1));
      worker.awaitFigure(tolerated, "dropped", 1L);
      worker.awaitFigure(tolerated, "confirmed", EVENTS - 1L);
      worker.rest.delete(tolerated);
    }
  }

  /** Connect's producer would wait for it for ever, and the task be RUNNING. */
  @Test
  void aTopicThatNobodyCreatesFailsTheTaskAfterATime() throws Exception {
    String name = "refused-nowhere";
    try (Peer leader = leader(number -> Events.event(number, "{}"))) {
      Map<String, String> settings = settings(leader, name, "produce.timeout.ms", "3000");
      settings.keySet().removeIf(key -> key.startsWith("topic.creation."));
      worker.rest.create(name, settings);
      Await.until(
          "it is seen that nothing is confirmed",
          Await.LIMIT,
          () -> (long) worker.figure(name, "unconfirmedMs") > 1000);
      String failure = worker.failure(name);
      assertTrue(failure.contains("InterruptException"), failure);
      assertEquals(0, acked(leader));
      worker.topics.create(name, 1, Map.of("retention.ms", "-1"));
      worker.rest.restart(name);
      assertEquals(idsWithout(), worker.await(name, EVENTS));
      worker.awaitFigure(name, "unconfirmedMs", 0L);
      worker.rest.awaitRunning(name, 1, Await.LIMIT);
      worker.rest.delete(name);
    }
  }

  /** An event's tenant is the topic that the worker keeps connectors in. */
  @Test
  void noEventIsAConnector() throws Exception {
    String configs = "connect-configs";
    LongFunction<Event> evil =
        number ->
            Events.event(
                    number,
                    "{\"properties\":{\"connector.class\":\"Evil\"}}",
                    "order.placed",
                    "connector-evil")
                .withTenant(number == 9 ? configs : "t-" + number % 2);
    try (Peer leader = leader(evil)) {
      ConnectRest.Refused refused =
          assertThrows(
              ConnectRest.Refused.class,
              () -> worker.rest.create("evil", settings(leader, "${tenant_id}")));
      assertTrue(refused.getMessage().contains("topic.name.regex"), refused.getMessage());
      worker.rest.create("evil", settings(leader, "${tenant_id}", "topic.name.regex", "t-[01]"));
      String failure = worker.failure("evil");
      assertTrue(failure.contains(evil.apply(9).id()), failure);
      assertTrue(failure.contains("tenant_id \"" + configs + "\""), failure);
      worker.rest.configure(
          "evil",
          settings(
              leader,
              "${tenant_id}",
              "topic.name.regex",
              "t-[01]",
              "topic.invalid.policy",
              "dlq",
              "dlq.topic",
              "evils"));
      worker.rest.restart("evil");
      assertEquals(10, worker.await("t-0", 10).size());
      assertEquals(9, worker.await("t-1", 9).size());
      ConsumerRecord<byte[], byte[]> note = worker.topics.await("evils", 1, Await.LIMIT).get(0);
      assertEquals("tenant_id", header(note, "allsource.error_field"));
      for (ConsumerRecord<byte[], byte[]> record : worker.topics.read(configs)) {
        assertNull(record.headers().lastHeader("allsource.event_id"), "in the config topic");
      }
      worker.rest.delete("evil");
    }
  }

  @Test
  void toleranceOfErrorsMustBeAccepted() throws Exception {
    try (Peer leader = leader(RefusedEventsIT::event)) {
      ConnectRest.Refused refused =
          assertThrows(
              ConnectRest.Refused.class,
              () ->
                  worker.rest.create("tolerant", settings(leader, "x", "errors.tolerance", "all")));
      assertTrue(refused.getMessage().contains("errors.tolerance.accepted"), refused.getMessage());
    }
  }
}
