package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.LogLines;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a leader puts into its texts, log and REST answers (the trace) show it escaped. */
@Timeout(300)
class HostileTextsTest {
  /** Colours, a line's end, the other direction: all of it may stand in names. */
  private static final String EVIL = "a\u009B31m\u2028\u0085\u202Eb\uFEFF";

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();

  private byte[] entry(String text) {
    Event made = Events.event(1, "{}", text, text).withTenant(text);
    String time = Timestamps.ofMicros(Events.BASE_MICROS);
    return codec.encode(
        new LeaderMessage.Entry(
            1, new WalEntry(1, time, made, WalChecksum.compute(1, time, made.id()), null, null)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tenant",
        "type",
        "first line",
        "line",
        "file",
        "chunk of another file",
        "chunk too late"
      })
  void areShownEscaped(String where) throws Exception {
    String start = "{\"type\":\"snapshot_start\",\"parquet_files\":[\"" + EVIL + "\"";
    try (LogLines log = LogLines.keep();
        Peer peer =
            new Peer(
                call -> {
                  boolean snapshot = call.hear().endsWith(":0}") && !where.contains("line");
                  if (where.equals("first line")) {
                    call.say(EVIL + "\n");
                  } else if (where.equals("tenant") || where.equals("type")) {
                    call.say(entry(EVIL));
                  } else if (!snapshot) {
                    call.say("{\"type\":\"caught_up\",\"current_offset\":0}\n");
                    call.say(where.equals("line") ? "{\"type\":\"" + EVIL + "\"}\n" : "");
                  } else {
                    call.say(start + "]}\n");
                    call.say(
                        codec.encode(
                            new LeaderMessage.SnapshotChunk(
                                where.startsWith("chunk of") ? EVIL + "2" : EVIL,
                                new byte[20],
                                where.equals("chunk too late") ? 7 : 0,
                                true)));
                    call.say(codec.encode(new LeaderMessage.SnapshotEnd(0)));
                  }
                  call.stay();
                });
        SourcePipeline source =
            new SourcePipeline(
                PromptSource.config(
                    "hostile",
                    peer,
                    folder,
                    Map.of(
                        "topic",
                        where.equals("type") ? "e.${event_type}" : "e.${tenant_id}",
                        "repair.min.interval.ms",
                        "0",
                        "same.failure.timeout.ms",
                        "300")),
                SourcePosition.START)) {
      ConnectException failure =
          assertThrows(
              ConnectException.class,
              () -> {
                while (true) {
                  source.poll();
                }
              });
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      if (!where.contains("line")) {
        assertTrue(trace.toString().contains("a\\u009B31m\\u2028"), trace.toString());
      }
      assertEquals("", steering(trace.toString()), trace.toString());
      assertEquals(List.of(), log.with("\u009B"));
      assertEquals(List.of(), log.with("\u202E"));
      assertEquals("", steering(String.join("", log.with(""))));
    }
  }

  /** Names of connectors and leaders are no peer's, but no less shown. */
  @Test
  void soAreNamesOfConnectors() throws Exception {
    String name = "q\"u*o?t,e=:\n" + EVIL + "n".repeat(300);
    Map<String, String> settings =
        Map.of(
            "name",
            name,
            "leader.name",
            name,
            "leader.addresses",
            "127.0.0.1:1",
            "buffer.disk.dir",
            folder.toString());
    ObjectName bean =
        new ObjectName(
            "io.github.allsourceconnect:type=source-metrics,connector="
                + ObjectName.quote(name)
                + ",task=0");
    try (LogLines log = LogLines.keep();
        SourcePipeline source =
            new SourcePipeline(new SourceConfig(settings), SourcePosition.START)) {
      assertTrue(ManagementFactory.getPlatformMBeanServer().isRegistered(bean));
      List<String> threads =
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(thread -> thread.startsWith("allsource-q"))
              .toList();
      assertTrue(threads.size() >= 5, threads.toString());
      assertEquals("", steering(threads.toString()));
      assertTrue(threads.stream().allMatch(thread -> thread.length() < 200), threads.toString());
      assertFalse(threads.toString().contains("\n"));
      try (Stream<Path> files = Files.list(folder)) {
        List<String> made = files.map(path -> path.getFileName().toString()).toList();
        assertEquals(1, made.size());
        assertTrue(made.get(0).matches("[A-Za-z0-9._-]{1,200}"), made.get(0));
      }
      while (log.with("can't be reached").isEmpty()) {
        source.poll();
      }
      assertEquals("", steering(String.join("", log.with(""))));
    }
    assertFalse(ManagementFactory.getPlatformMBeanServer().isRegistered(bean));
  }

  private static String steering(String text) {
    assertTrue(text.getBytes(UTF_8).length > 0);
    return text.codePoints()
        .filter(c -> c >= 0x7F && c <= 0x9F || c == 0x2028 || c == 0x202E || c == 0xFEFF)
        .mapToObj(Integer::toHexString)
        .reduce("", (a, b) -> a + " " + b);
  }
}
