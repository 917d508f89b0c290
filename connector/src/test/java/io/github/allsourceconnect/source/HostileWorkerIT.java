package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.transport.HostPort;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker with a heap of 256 MB and peers that mean it no good, one after the other: each task
 * fails with what was wrong, or goes on, and the worker serves the next one.
 */
class HostileWorkerIT {
  private static final int HEAP_MB = 256;
  private static final String CAUGHT_UP = "{\"type\":\"caught_up\",\"current_offset\":0}\n";
  private static final byte[] SUBSCRIBE =
      "{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8);
  private static final int DEAF = 150;
  private static final int SILENT = 1_500;
  private static final int RECORDS = 300;

  private final MessageCodec codec = new MessageCodec();
  private final Map<String, String> follower = new HashMap<>();
  @TempDir Path folder;

  @Test
  void theWorkerLives() throws Exception {
    try (Broker broker = Broker.start();
        WorkerProcess worker =
            WorkerProcess.start(WorkerSettings.of(broker, Folders.pluginPath()), HEAP_MB)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("events", 1, Map.of());
      // some 40 MB, five million names
      byte[] names =
          ("{\"type\":\"snapshot_start\",\"parquet_files\":["
                  + String.join(",", Collections.nCopies(5_000_000, "\"abcdef\""))
                  + "]}\n")
              .getBytes(UTF_8);
      fails(worker, "names", "parquet_files", Map.of("snapshot.mode", "initial"), names);
      byte[] different = differentNames();
      fails(worker, "many-names", "parquet_files", Map.of("snapshot.mode", "initial"), different);
      String deep = "[".repeat(20_000) + "]".repeat(20_000);
      String entry =
          new String(codec.encode(new LeaderMessage.Entry(1, Events.entry(1, "\"@\""))), UTF_8);
      byte[] nested = (CAUGHT_UP + entry.replace("\"@\"", deep)).getBytes(UTF_8);
      fails(worker, "nested", "nested", Map.of(), nested);
      byte[] endless = (CAUGHT_UP + entry.replace("@", "x".repeat(70 << 20))).getBytes(UTF_8);
      fails(
          worker, "endless", "line.max.bytes", Map.of("same.failure.timeout.ms", "1000"), endless);
      deafFollowers(worker, broker, topics);
      silentConnections(worker, broker, Map.of());
      TlsStores stores = TlsStores.in(folder);
      follower.putAll(stores.follower());
      Map<String, String> tls = new HashMap<>(stores.leader());
      tls.put("security.protocol", "SSL");
      silentConnections(worker, broker, tls);
      unpacked(worker, broker, topics);
      refused(worker, topics);
      slow(worker, topics, entry);
      // and an ordinary leader is followed
      try (Peer peer = ordinary(entry)) {
        worker.rest().create("ordinary", config(peer, Map.of()));
        assertEquals(1, topics.await("events", 1, Await.LIMIT).size());
        worker.rest().awaitRunning("ordinary", 1, Await.LIMIT);
      }
    }
  }

  private static byte[] differentNames() {
    StringBuilder line = new StringBuilder("{\"type\":\"snapshot_start\",\"parquet_files\":[\"0\"");
    IntStream.range(1, 5_000_000).forEach(i -> line.append(",\"").append(i).append('"'));
    return line.append("]}\n").toString().getBytes(UTF_8);
  }

  private static Map<String, String> config(Peer peer, Map<String, String> more) {
    Map<String, String> config = ConnectorSettings.source(peer.address().toString(), "events");
    config.put("snapshot.mode", "no_data");
    config.put("reconnect.backoff.ms", "10");
    config.put("reconnect.backoff.max.ms", "100");
    config.put("repair.min.interval.ms", "100");
    config.put("validate.live", "false");
    config.putAll(more);
    return config;
  }

  /** A leader that says this on each connection. */
  private static void fails(
      WorkerProcess worker, String name, String word, Map<String, String> more, byte[] said)
      throws IOException {
    boolean snapshot = more.containsKey("snapshot.mode");
    try (Peer peer =
        new Peer(
            call -> {
              if (snapshot && !call.hear().contains(":0}")) {
                call.say(CAUGHT_UP);
              } else {
                call.say(said);
              }
              call.stay();
            })) {
      worker.rest().create(name, config(peer, more));
      failed(worker, name, word);
    }
  }

  private static void failed(WorkerProcess worker, String name, String word) {
    worker.rest().awaitState(name, 1, "FAILED", Await.LIMIT);
    String trace = worker.rest().status(name).path("tasks").path(0).path("trace").asText();
    assertTrue(trace.contains(word), name + ": " + trace);
    assertTrue(!trace.contains("OutOfMemoryError"), trace);
    System.out.println(name + ": " + trace.lines().findFirst().orElse(""));
    worker.rest().delete(name);
  }

  /** Followers that subscribe to 30 MB and do not read, beside one that does. */
  private static void deafFollowers(WorkerProcess worker, Broker broker, Topics topics)
      throws IOException {
    topics.create("log", 1, Map.of());
    String pad = "x".repeat(100_000);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      records.add(
          new ProducerRecord<>(
              "log",
              ("order-" + i).getBytes(UTF_8),
              ("{\"pad\":\"" + pad + "\"}").getBytes(UTF_8)));
    }
    topics.write(records);
    int port = Ports.free();
    worker.rest().create("sink", sink(broker, port));
    worker.rest().awaitRunning("sink", 1, Await.LIMIT);
    List<Socket> deaf = new ArrayList<>();
    try {
      for (int i = 0; i < DEAF; i++) {
        deaf.add(subscribed(port));
      }
      try (Socket reads = subscribed(port)) {
        assertTrue(readsAll(reads));
      }
      worker.rest().awaitRunning("sink", 1, Await.LIMIT);
    } finally {
      for (Socket socket : deaf) {
        socket.close();
      }
    }
    worker.rest().delete("sink");
  }

  private static Map<String, String> sink(Broker broker, int port) {
    Map<String, String> config = ConnectorSettings.sink(broker, "log", port);
    config.put("key.converter", ConnectorSettings.STRING);
    config.put("event.type", "made");
    config.put("validate.live", "false");
    return config;
  }

  /** Connections that say nothing, or begin a handshake and no more, beside a follower. */
  private void silentConnections(WorkerProcess worker, Broker broker, Map<String, String> tls)
      throws IOException {
    int port = Ports.free();
    Map<String, String> config = sink(broker, port);
    config.putAll(tls);
    worker.rest().create("sink", config);
    worker.rest().awaitRunning("sink", 1, Await.LIMIT);
    awaitPort(port);
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < SILENT; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        silent.add(socket);
        if (!tls.isEmpty()) {
          // a hello of 200 bytes, of which no more comes
          socket.getOutputStream().write(new byte[] {22, 3, 1, 0, (byte) 200, 1});
        }
      }
      Await.until("a follower gets everything", Await.LIMIT, () -> getsAll(port, !tls.isEmpty()));
      worker.rest().awaitRunning("sink", 1, Await.LIMIT);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
    worker.rest().delete("sink");
  }

  /** From another address than the silent ones; one that is pushed out comes again. */
  private boolean getsAll(int port, boolean encrypted) {
    try (Socket plain =
            new Socket(
                InetAddress.getLoopbackAddress(), port, InetAddress.getByName("127.0.0.2"), 0);
        Socket socket = encrypted ? encrypted(plain, port) : plain) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(SUBSCRIBE);
      return readsAll(socket);
    } catch (IOException e) {
      return false;
    }
  }

  private Socket encrypted(Socket plain, int port) throws IOException {
    follower.put("security.protocol", "SSL");
    return TlsContext.client(new SourceConfig(follower).security().ssl())
        .overlay(plain, new HostPort("localhost", port));
  }

  private static boolean readsAll(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    int lines = 0;
    for (int c = in.read(); c >= 0 && lines < RECORDS; c = in.read()) {
      lines += c == '\n' ? 1 : 0;
    }
    return lines == RECORDS;
  }

  /** Events that the store takes and Kafka would not. */
  private void refused(WorkerProcess worker, Topics topics) throws IOException {
    topics.create("refused", 1, Map.of());
    String large = "\"" + "x".repeat(1_500_000) + "\"";
    try (Peer peer =
        new Peer(
            call -> {
              call.hear();
              call.say(CAUGHT_UP);
              for (int n = 1; n <= 50; n++) {
                String payload = n % 10 == 0 ? "\"small\"" : large;
                call.say(codec.encode(new LeaderMessage.Entry(n, Events.entry(n, payload))));
              }
              call.stay();
            })) {
      Map<String, String> more = Map.of("topic", "refused", "record.refused.policy", "skip");
      worker.rest().create("refused", config(peer, more));
      assertEquals(5, topics.await("refused", 5, Await.LIMIT).size());
      worker.rest().awaitRunning("refused", 1, Await.LIMIT);
      worker.rest().delete("refused");
    }
  }

  private static Peer ordinary(String entry) throws IOException {
    return new Peer(
        call -> {
          call.hear();
          call.say(CAUGHT_UP);
          call.say(entry);
          call.stay();
        });
  }

  /** A leader that says its first line at a byte a second, before one that is well. */
  private static void slow(WorkerProcess worker, Topics topics, String entry) throws IOException {
    topics.create("slow", 1, Map.of());
    try (Peer drips =
            new Peer(
                call -> {
                  call.hear();
                  for (byte each : CAUGHT_UP.getBytes(UTF_8)) {
                    call.say(new byte[] {each});
                    Thread.sleep(1_000);
                  }
                });
        Peer well = ordinary(entry)) {
      Map<String, String> more = new HashMap<>(Map.of("topic", "slow"));
      more.put("leader.addresses", drips.address() + "," + well.address());
      more.put("connect.timeout.ms", "3000");
      worker.rest().create("slow", config(drips, more));
      assertEquals(1, topics.await("slow", 1, Await.LIMIT).size());
      worker.rest().delete("slow");
    }
  }

  private static void awaitPort(int port) {
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
  }

  /** Small records of the history's topic that unpack to much. */
  private static void unpacked(WorkerProcess worker, Broker broker, Topics topics)
      throws IOException {
    topics.create("kept", 1, Map.of("cleanup.policy", "compact"));
    Map<String, byte[]> lists = new LinkedHashMap<>();
    lists.put("zeros", zipped(List.of(new byte[1 << 20]), 1024));
    // a list that is what it should be, but for one field that nobody knows
    byte[] begin = "{\"format\":2,\"number\":1,\"after\":-1,\"upTo\":-1,\"x\":[".getBytes(UTF_8);
    List<byte[]> parts = new ArrayList<>(List.of(begin));
    parts.addAll(Collections.nCopies(15, "1111,".repeat(200_000).getBytes(UTF_8)));
    parts.add("1],\"number\":2}\n".getBytes(UTF_8));
    CRC32C crc = new CRC32C();
    parts.forEach(crc::update);
    parts.add(String.format(Locale.ROOT, "%08x\n", crc.getValue()).getBytes(UTF_8));
    lists.put("numbers", zipped(parts, 1));
    for (Map.Entry<String, byte[]> list : lists.entrySet()) {
      String name = "unpacked-" + list.getKey();
      byte[] key = (name + "/log-0/files").getBytes(UTF_8);
      topics.write(List.of(new ProducerRecord<>("kept", 0, key, list.getValue())));
      Map<String, String> config = sink(broker, Ports.free());
      config.put("snapshot.topic", "kept");
      worker.rest().create(name, config);
      failed(worker, name, "topic kept-0 (" + name + "/log-0), key " + name + "/log-0/files");
    }
  }

  private static byte[] zipped(List<byte[]> parts, int times) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      for (int i = 0; i < times; i++) {
        for (byte[] part : parts) {
          zip.write(part);
        }
      }
    }
    return out.toByteArray();
  }

  private static Socket subscribed(int port) throws IOException {
    Socket[] made = new Socket[1];
    Await.until(
        "somebody listens",
        Await.LIMIT,
        () -> {
          try {
            made[0] = new Socket(InetAddress.getLoopbackAddress(), port);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    made[0].setSoTimeout((int) Await.LIMIT.toMillis());
    made[0].getOutputStream().write(SUBSCRIBE);
    return made[0];
  }
}
