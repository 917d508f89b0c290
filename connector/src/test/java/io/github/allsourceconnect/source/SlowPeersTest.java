package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Leaders that are never silent and never done: one deadline holds for the whole, so that the next
 * address is tried. And leaders that fail in the same way for ever.
 */
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class SlowPeersTest {
  private static final String CAUGHT_UP = "{\"type\":\"caught_up\",\"current_offset\":0}\n";
  private static final String SNAPSHOT_START =
      "{\"type\":\"snapshot_start\",\"parquet_files\":[\"a.parquet\"]}\n";

  private static final String SAME_FAILURE = "same.failure.timeout.ms";

  @TempDir Path folder;

  private static String entry(int number, String payload) {
    return new String(
        new MessageCodec().encode(new LeaderMessage.Entry(number, Events.entry(number, payload))),
        UTF_8);
  }

  private static SourceConfig config(List<Peer> peers, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    // a name of its own: the others run beside it
    settings.put("name", "slow-" + peers.get(0).address().port());
    settings.put(
        "leader.addresses",
        String.join(",", peers.stream().map(peer -> peer.address().toString()).toList()));
    settings.put("snapshot.mode", "no_data");
    settings.put("connect.timeout.ms", "500");
    settings.put("connection.dead.timeout.ms", "3000");
    settings.put("reconnect.backoff.ms", "10");
    settings.put("reconnect.backoff.max.ms", "50");
    settings.putAll(more);
    return new SourceConfig(settings);
  }

  private static void drip(Peer.Call call, byte[] bytes) throws Exception {
    for (int i = 0; ; i++) {
      call.say(new byte[] {bytes[i % bytes.length]});
      Thread.sleep(50);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a handshake", "a first line", "a snapshot", "a line"})
  void theNextAddressIsTried(String dripped) throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    Map<String, String> security = new HashMap<>();
    if (dripped.equals("a handshake")) {
      security.putAll(TlsStores.in(folder).follower());
      security.put("security.protocol", "SSL");
    }
    try (Peer slow =
            new Peer(
                call -> {
                  switch (dripped) {
                    // of a record of 16 KB: it takes a quarter of an hour
                    case "a handshake" -> drip(call, new byte[] {0x16, 3, 3, 0x3F, 0});
                    case "a first line" -> {
                      call.hear();
                      drip(call, "{".getBytes(UTF_8));
                    }
                    case "a line" -> {
                      call.hear();
                      call.say(CAUGHT_UP);
                      drip(call, entry(1, "{}").substring(0, 1).getBytes(UTF_8));
                    }
                    default -> {
                      call.hear();
                      call.say(SNAPSHOT_START);
                      drip(call, "{".getBytes(UTF_8));
                    }
                  }
                });
        Peer next =
            new Peer(
                call -> {
                  asked.countDown();
                  call.hear();
                  call.say(CAUGHT_UP);
                  call.say(entry(1, "{}"));
                  call.stay();
                });
        SourcePipeline source =
            new SourcePipeline(config(List.of(slow, next), security), SourcePosition.START)) {
      if (dripped.equals("a handshake")) {
        // it speaks no TLS: that it was asked is what counts
        asked.await();
        return;
      }
      List<SourceRecord> records = null;
      while (records == null || records.isEmpty()) {
        records = source.poll();
      }
      assertEquals(1, records.size());
    }
  }

  /** Of the beginning of a connection, which no policy passes over. */
  @ParameterizedTest
  @ValueSource(strings = {"fail", "skip", "dlq"})
  void anOverLongFirstLineAgainAndAgainFailsTheTask(String policy) throws Exception {
    breaks(
        policy,
        call -> {
          call.hear();
          call.say("{\"type\":\"caught_up\",\"pad\":\"" + "x".repeat(3_000_000));
          call.stay();
        },
        "line.max.bytes");
  }

  /** It is passed over as far as it is one line that is too long, and not for ever. */
  @ParameterizedTest
  @ValueSource(strings = {"skip", "dlq"})
  void aLineWithoutAnEndFailsTheTask(String policy) throws Exception {
    breaks(
        policy,
        call -> {
          call.hear();
          call.say(CAUGHT_UP);
          while (true) {
            call.say("x".repeat(1000));
          }
        },
        "of it came, and no end");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "skip", "dlq"})
  void aSnapshotInMidStreamAgainAndAgainFailsTheTask(String policy) throws Exception {
    breaks(
        policy,
        call -> {
          call.hear();
          call.say(CAUGHT_UP);
          call.say(SNAPSHOT_START);
          call.stay();
        },
        "a snapshot in the middle of the live stream");
  }

  /** It answers, so it is there; and nothing ever comes. */
  @Test
  void aLeaderThatClosesAtOnceAgainAndAgainFailsTheTask() throws Exception {
    breaks(
        "fail",
        call -> {
          call.hear();
          call.say(CAUGHT_UP);
        },
        "closed the connection as soon as it was live");
  }

  /** What no policy can pass over: the task fails, whatever it is, and says what to look at. */
  private static void breaks(String policy, Peer.Script script, String what) throws Exception {
    fails(
        script,
        Map.of(
            "line.max.bytes",
            "2000",
            "corrupt.entry.policy",
            policy,
            "dlq.topic",
            "dead",
            SAME_FAILURE,
            "500"),
        what,
        SAME_FAILURE);
  }

  private static void fails(Peer.Script script, Map<String, String> settings, String... words)
      throws Exception {
    try (Peer peer = new Peer(script);
        SourcePipeline source =
            new SourcePipeline(config(List.of(peer), settings), SourcePosition.START)) {
      String failure = failure(source);
      for (String each : words) {
        assertTrue(failure.contains(each), failure);
      }
    }
  }

  /** It answers each time, so it is no leader that can't be reached. */
  @ParameterizedTest
  @ValueSource(strings = {"a snapshot that stalls", "a line that stalls"})
  void whatStallsAgainAndAgainFailsTheTask(String stalls) throws Exception {
    boolean snapshot = stalls.equals("a snapshot that stalls");
    fails(
        call -> {
          call.hear();
          call.say(snapshot ? SNAPSHOT_START : CAUGHT_UP);
          call.say(snapshot ? "{" : entry(1, "{}").substring(0, 40));
          call.stay();
        },
        Map.of(SAME_FAILURE, "500"),
        SAME_FAILURE,
        snapshot ? "its answer" : "a line");
  }

  /** Fast enough at every moment, and without an end. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSnapshotThatGoesOnIsGivenUp(boolean onTheLiveConnection) throws Exception {
    String chunk =
        "{\"type\":\"snapshot_chunk\",\"filename\":\"a.parquet\",\"data\":\"\","
            + "\"chunk_offset\":0,\"is_last\":false}\n";
    fails(
        call -> {
          boolean all = call.hear().contains(":0}");
          if (!all && !onTheLiveConnection) {
            call.say(CAUGHT_UP);
            call.stay();
          }
          call.say(SNAPSHOT_START);
          while (true) {
            call.say(chunk);
            Thread.sleep(10);
          }
        },
        Map.of(
            "snapshot.mode",
            onTheLiveConnection ? "no_data" : "initial",
            "snapshot.min.bytes.per.second",
            "1",
            "snapshot.transfer.timeout.ms",
            "300",
            SAME_FAILURE,
            "500"),
        SAME_FAILURE,
        "snapshot.transfer.timeout.ms=300");
  }

  /** The live stream is there, and stays; a snapshot begins. */
  private static void beginsASnapshot(Peer.Call call) throws IOException {
    if (!call.hear().contains(":0}")) {
      call.say(CAUGHT_UP);
      call.stay();
    }
    call.say(SNAPSHOT_START);
  }

  /** The live stream is there, and the snapshot that repairs it stalls each time. */
  @Test
  void aSnapshotThatAlwaysStallsFailsTheTask() throws Exception {
    fails(
        call -> {
          beginsASnapshot(call);
          call.say("{");
          call.socket.shutdownOutput();
          call.stay();
        },
        Map.of("snapshot.mode", "initial", "repair.min.interval.ms", "100", SAME_FAILURE, "500"),
        SAME_FAILURE,
        "while it sent snapshots");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noLeaderForTooLongFailsTheTask(boolean garbage) throws Exception {
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  if (garbage) {
                    call.say("HTTP/1.1 400 Bad Request\r\n\r\n");
                  }
                });
        SourcePipeline source =
            new SourcePipeline(
                config(List.of(peer), Map.of("leader.unreachable.timeout.ms", "500")),
                SourcePosition.START)) {
      String failure = failure(source);
      assertTrue(failure.contains("leader.unreachable.timeout.ms=500"), failure);
      // who was asked, how the last attempt ended, and what to do
      assertTrue(failure.contains("leader.addresses=" + peer.address()), failure);
      assertTrue(failure.contains("the last time: " + peer.address()), failure);
      assertTrue(failure.contains("restart the task"), failure);
    }
  }

  /** Chunks that bring nothing, and those of a file that is damaged already, take no disk. */
  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA"})
  void aSnapshotWithoutAnEndFailsTheTask(String data) throws Exception {
    String chunk =
        "{\"type\":\"snapshot_chunk\",\"filename\":\"a.parquet\",\"data\":\""
            + data
            + "\",\"chunk_offset\":0,\"is_last\":false}\n";
    fails(
        call -> {
          beginsASnapshot(call);
          while (true) {
            call.say(chunk.repeat(1000));
          }
        },
        Map.of("snapshot.mode", "initial", "snapshot.disk.bytes", "1048576"),
        "snapshot.disk.bytes",
        "has not ended");
  }

  /** Dead letters may come before. */
  private static String failure(SourcePipeline source) {
    return assertThrows(
            ConnectException.class,
            () -> {
              while (true) {
                source.poll();
              }
            })
        .getMessage();
  }
}
