package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchBuilder;
import io.github.allsourceconnect.source.record.Deliveries;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/** What the surroundings tell the ledger topic: pauses, failures. */
class LedgerTopicTest {
  private static final long BEGUN = 1_000;

  private final SourceConfig config =
      new SourceConfig(Map.of("name", "main", "ledger.topic", "marks", "value.format", "payload"));
  private final BatchBuilder batch = new BatchBuilder(config, SourcePosition.START);
  private final Follower follower =
      new Follower(
          config.follower(),
          SourcePosition.START,
          (FollowerOrders)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {FollowerOrders.class},
                  (proxy, method, arguments) -> null),
          new SplittableRandom(1));
  private final LedgerTopic ledger =
      new LedgerTopic(config, SourcePosition.START, new Deliveries(), batch, BEGUN);

  private List<JsonNode> said(long nowMs) throws Exception {
    ledger.look(follower, false, 0, nowMs);
    ledger.close(batch, follower, false, 0, nowMs);
    Batch closed = batch.close(0, false);
    List<JsonNode> all = new ArrayList<>();
    for (SourceRecord record : closed == null ? List.<SourceRecord>of() : closed.records()) {
      all.add(new ObjectMapper().readTree((String) record.value()));
    }
    return all;
  }

  private static List<String> types(List<JsonNode> records) {
    return records.stream().map(record -> record.get("type").asText()).toList();
  }

  @Test
  void aPauseIsToldWhenItIsOver() throws Exception {
    assertEquals(List.of("started", "version", "mark"), types(said(BEGUN + 500)));
    ledger.resumed(20_000, true);
    List<JsonNode> resumed = said(BEGUN + 30_500);
    assertEquals(List.of("resumed", "mark"), types(resumed));
    assertEquals(20_000, resumed.get(0).get("not_polled_ms").asLong());
    assertTrue(resumed.get(0).get("paused").asBoolean());
    assertEquals(List.of(), said(BEGUN + 30_600), "it is told once");
  }

  @Test
  void aFailureIsTheLastThatIsSaid() throws Exception {
    said(BEGUN);
    ledger.fails("A gap that nothing closes");
    List<JsonNode> failed = said(BEGUN + 1);
    assertEquals(List.of("failed", "mark"), types(failed));
    assertEquals("A gap that nothing closes", failed.get(0).get("why").asText());
  }
}
