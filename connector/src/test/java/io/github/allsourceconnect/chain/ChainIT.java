package io.github.allsourceconnect.chain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.LogLines;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.transport.HostPort;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Topic → sink → source → topic, over TLS with certificates at both ends, the source exactly-once:
 * 100,000 entries come out as they went in, byte for byte, in order and once, although both
 * connectors are restarted on the way. Three sources follow at the same time, one for each way in
 * which a record can keep the text.
 */
class ChainIT {
  private static final Duration LIMIT = Duration.ofSeconds(240);
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
  private static final int COUNT = 100_000;
  private static final String BEFORE = "before";
  private static final List<String> FORMATS = List.of("wal_entry", "event_json", "payload");

  /** A record has its event's time, so that retention by time would count from then. */
  private static final Map<String, String> KEPT = Map.of("retention.ms", "-1");

  @TempDir Path folder;

  /** What a source wrote into the first topic: the entry's text, and the parts of it. */
  private record Written(
      int n,
      String id,
      String entity,
      String tenant,
      String payload,
      String metadata,
      String time,
      String walTime) {

    static Written of(int n) {
      // nine, six, three and no fraction digits
      int nanos = n % 1000 * 1_000_000 + new int[] {123_456, 123_000, 0}[n % 3];
      long second = 1_760_000_000L + n / 1000;
      return new Written(
          n,
          new UUID(0x4000L | (long) n << 16, 0x8000000000000000L | n * 31L).toString(),
          "order-" + n % 997,
          n % 3 == 0 ? "acme" : "default",
          switch (n % 6) {
            case 0 -> "{\"n\":" + n + ",\"u64\":18446744073709551615,\"small\":5e-324}";
            case 1 -> "{ \"n\" : " + n + " , \"text\" : \"\u2028 \ud83d\ude00 \\u0000 \\/\" }";
            case 2 -> "[" + n + ",1e308,-9223372036854775808,1.10,[[[{}]]]]";
            case 3 -> "\"just text " + n + "\"";
            case 4 -> n + ".50";
            default -> "null";
          },
          n % 2 == 0 ? "null" : "{\"trace\":\"" + n + "\", \"hops\":[1,2.0]}",
          Timestamps.of(second, nanos),
          Timestamps.of(second, nanos / 1000 * 1000 + 7));
    }

    String event() {
      return "{\"id\":\"%s\",\"event_type\":\"order.placed\",\"entity_id\":\"%s\",\"tenant_id\":\"%s\",\"payload\":%s,\"timestamp\":\"%s\",\"metadata\":%s,\"version\":%d}"
          .formatted(id, entity, tenant, payload, time, metadata, 1 + n / 997);
    }

    String entry() {
      return "{\"sequence\":%d,\"wal_timestamp\":\"%s\",\"event\":%s,\"checksum\":%d}"
          .formatted(n, walTime, event(), WalChecksum.compute(n, walTime, id));
    }

    String value(String format) {
      return switch (format) {
        case "wal_entry" -> entry();
        case "event_json" -> event();
        default -> payload;
      };
    }

    Map<String, String> headers() {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("allsource.event_id", id);
      headers.put("allsource.event_type", "order.placed");
      headers.put("allsource.tenant_id", tenant);
      headers.put("allsource.snapshot", "false");
      headers.put("allsource.wal_offset", Integer.toString(n));
      return headers;
    }

    /** What the headers say besides where the value is the payload alone. */
    Map<String, String> headers(String format) {
      Map<String, String> headers = new HashMap<>(headers());
      if (format.equals("payload")) {
        headers.put("allsource.timestamp", time);
        headers.put("allsource.wal_timestamp", walTime);
        headers.put("allsource.version", Integer.toString(1 + n / 997));
        if (!metadata.equals("null")) {
          headers.put("allsource.metadata", metadata);
        }
      }
      return headers;
    }

    ProducerRecord<byte[], byte[]> record() {
      List<Header> headers = new ArrayList<>();
      headers().forEach((name, text) -> headers.add(new RecordHeader(name, text.getBytes(UTF_8))));
      return new ProducerRecord<>(
          BEFORE, 0, null, entity.getBytes(UTF_8), entry().getBytes(UTF_8), headers);
    }
  }

  @Test
  void byteForByteOverTlsAndOnce() throws Exception {
    TlsStores stores = TlsStores.in(folder);
    try (LogLines log = LogLines.keep();
        Broker broker = Broker.start();
        InProcessWorker worker =
            InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce())) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(BEFORE, 1, KEPT);
      ConnectRest rest = worker.rest();
      int port = Ports.free();
      rest.create("sink", sink(broker, port, stores));
      rest.awaitRunning("sink", 1, LIMIT);
      Await.until("the sink listens", LIMIT, () -> !Ports.isFree(port));
      refused(port, stores, log);

      produce(topics, 1, COUNT / 2);
      for (String format : FORMATS) {
        topics.create(after(format), 1, KEPT);
        rest.create("source-" + format, source(format, port, stores));
      }
      for (String format : FORMATS) {
        awaitRecords(topics, after(format), 1_000);
        rest.restart("source-" + format);
      }
      produce(topics, COUNT / 2 + 1, COUNT * 3 / 4);
      rest.restart("sink");
      produce(topics, COUNT * 3 / 4 + 1, COUNT);

      for (String format : FORMATS) {
        check(topics, format);
      }
      awaitCommitted(rest, COUNT);
      // the position came from the acks of all three; none of them ever missed an offset
      assertEquals(List.of(), log.with("Gap behind offset"));
    }
  }

  private static void produce(Topics topics, int from, int to) {
    topics.write(
        () -> IntStream.rangeClosed(from, to).mapToObj(n -> Written.of(n).record()).iterator());
  }

  private static String after(String format) {
    return "after-" + format;
  }

  private static Map<String, String> sink(Broker broker, int port, TlsStores stores) {
    Map<String, String> config =
        ConnectorSettings.sink(broker, BEFORE, port, "key.converter", STRING);
    config.put("port.retry.ms", "100");
    config.put("security.protocol", "SSL");
    config.put("ssl.client.auth", "required");
    config.put("commit.acks", "all");
    config.putAll(stores.leader());
    return config;
  }

  private static Map<String, String> source(String format, int port, TlsStores stores) {
    Map<String, String> config = ConnectorSettings.source("127.0.0.1:" + port, after(format));
    config.put("exactly.once.support", "required");
    config.put("security.protocol", "SSL");
    config.put("reconnect.backoff.ms", "100");
    config.put("reconnect.backoff.max.ms", "500");
    config.put("value.format", format);
    config.putAll(stores.follower());
    return config;
  }

  /** A stranger without a certificate gets nothing; the log says so once, and why. */
  private static void refused(int port, TlsStores stores, LogLines log) throws IOException {
    ConfigDef def = new ConfigDef();
    SslConfigs.addClientSslSupport(def);
    try (TlsContext tls = TlsContext.client(def.parse(stores.followerWithoutCertificate()));
        Socket plain = new Socket("127.0.0.1", port)) {
      plain.setSoTimeout(20_000);
      assertThrows(
          IOException.class,
          () -> {
            // with TLS 1.3 the client only hears of it with the first answer
            try (SSLSocket socket = tls.overlay(plain, HostPort.parse("127.0.0.1:" + port))) {
              socket
                  .getOutputStream()
                  .write("{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8));
              assertEquals(-1, socket.getInputStream().read(), "it was served");
              throw new IOException("the connection was closed");
            }
          });
      String peer = "127.0.0.1:" + plain.getLocalPort();
      Await.until("the log tells of it", LIMIT, () -> !log.with(peer).isEmpty());
      List<String> lines = log.with(peer);
      assertEquals(1, lines.size(), lines::toString);
      assertEquals(1, log.with(peer, "is closed", "no TLS", "certificate").size(), lines::toString);
    }
    try (Socket plain = new Socket("127.0.0.1", port)) {
      plain.setSoTimeout(20_000);
      plain.getOutputStream().write("{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8));
      String peer = "127.0.0.1:" + plain.getLocalPort();
      Await.until("the log tells of it", LIMIT, () -> !log.with(peer).isEmpty());
      assertEquals(1, log.with(peer, "is closed", "no TLS").size(), () -> log.with(peer) + "");
    }
  }

  private static void awaitRecords(Topics topics, String topic, long count) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
      Await.until(
          topic + " has " + count,
          LIMIT,
          () -> consumer.endOffsets(List.of(partition)).get(partition) >= count);
    }
  }

  private static void awaitCommitted(ConnectRest rest, long offset) {
    Await.until(
        "the sink's position is " + offset,
        LIMIT,
        () -> rest.offsets("sink").at("/offsets/0/offset/kafka_offset").asLong() == offset,
        () -> rest.offsets("sink").toString());
  }

  private static void check(Topics topics, String format) {
    int[] seen = {0};
    topics.await(
        after(format),
        COUNT,
        LIMIT,
        record -> {
          seen[0]++;
          Written expected = Written.of(seen[0]);
          String what = format + ", record " + seen[0];
          assertEquals(expected.value(format), new String(record.value(), UTF_8), what);
          assertArrayEquals(expected.entity().getBytes(UTF_8), record.key(), what);
          assertEquals(expected.headers(format), headers(record), what);
          assertEquals(Instant.parse(expected.time()).toEpochMilli(), record.timestamp(), what);
        });
    assertEquals(COUNT, seen[0]);
    // no more come: what was sent twice would have been among them by now
    assertEquals(COUNT, topics.read(after(format)).size());
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    return StreamSupport.stream(record.headers().spliterator(), false)
        .collect(Collectors.toMap(Header::key, header -> new String(header.value(), UTF_8)));
  }
}
