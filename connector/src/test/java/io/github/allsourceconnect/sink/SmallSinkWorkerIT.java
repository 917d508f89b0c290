package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/**
 * A worker with a heap of 256 MB, default settings, a task of several partitions that grow by far
 * more than that, followers that are far behind, and some that do not read.
 */
class SmallSinkWorkerIT {
  private static final int HEAP_MB = 256;
  private static final int PARTITIONS = 8;
  private static final int RECORDS = 300;
  private static final int SIZE = 100_000;
  private static final int READERS = 2;
  private static final int DEAF = 10;
  private static final String NAME = "small-sink";

  @Test
  void followersFarBehind() throws Exception {
    List<Socket> open = new ArrayList<>();
    try (Broker broker = Broker.start();
        WorkerProcess worker =
            WorkerProcess.start(WorkerSettings.of(broker, Folders.pluginPath()), HEAP_MB)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(NAME, PARTITIONS, Map.of());
      int port = Ports.free(PARTITIONS);
      Map<String, String> settings = ConnectorSettings.sink(broker, NAME, port);
      settings.put("key.converter", ConnectorSettings.STRING);
      settings.put("event.type", "made");
      settings.put("snapshot.topic", NAME + "-history");
      settings.put("snapshot.topic.replication.factor", "1");
      worker.rest().create(NAME, settings);
      worker.rest().awaitRunning(NAME, 1, Await.LIMIT);
      for (int p = 0; p < PARTITIONS; p++) {
        int served = port + p;
        Await.until("port " + served, Await.LIMIT, () -> ScriptedFollower.canConnect(served));
      }
      long began = System.nanoTime();
      write(topics);
      System.out.println("written " + ms(began));
      List<CompletableFuture<Integer>> reading = new ArrayList<>();
      for (int p = 0; p < PARTITIONS; p++) {
        for (int i = 0; i < DEAF; i++) {
          open.add(subscribed(port + p));
        }
        for (int i = 0; i < READERS; i++) {
          Socket socket = subscribed(port + p);
          open.add(socket);
          reading.add(reads(socket));
        }
      }
      for (CompletableFuture<Integer> each : reading) {
        assertEquals(RECORDS + 1, each.get(5, TimeUnit.MINUTES));
      }
      System.out.println("all read " + ms(began));
      worker.rest().awaitRunning(NAME, 1, Duration.ofMinutes(1));
      String status = worker.rest().status(NAME).toString();
      assertTrue(!status.contains("OutOfMemory"), status);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private static long ms(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }

  private static void write(Topics topics) {
    String pad = "x".repeat(SIZE);
    for (int from = 0; from < RECORDS; from += 100) {
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int i = from; i < Math.min(RECORDS, from + 100); i++) {
        for (int p = 0; p < PARTITIONS; p++) {
          records.add(
              new ProducerRecord<>(
                  NAME,
                  p,
                  ("order-" + i).getBytes(UTF_8),
                  ("{\"number\":" + i + ",\"pad\":\"" + pad + "\"}").getBytes(UTF_8)));
        }
      }
      topics.write(records);
    }
  }

  private static Socket subscribed(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setReceiveBufferSize(64 << 10);
    socket.getOutputStream().write("{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8));
    return socket;
  }

  /** How many lines come until caught_up, with that. */
  private static CompletableFuture<Integer> reads(Socket socket) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              int lines = 0;
              byte[] block = new byte[64 << 10];
              try {
                InputStream in = socket.getInputStream();
                for (int n = in.read(block); n >= 0 && lines < RECORDS + 1; n = in.read(block)) {
                  for (int i = 0; i < n; i++) {
                    lines += block[i] == '\n' ? 1 : 0;
                  }
                  if (lines >= RECORDS + 1) {
                    break;
                  }
                }
                done.complete(lines);
              } catch (IOException e) {
                System.out.println("reader ended at " + lines + ": " + e);
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }
}
