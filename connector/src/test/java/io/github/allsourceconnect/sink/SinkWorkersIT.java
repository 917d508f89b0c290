package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several workers: partitions move, workers are killed, and followers notice nothing but a cut. */
class SinkWorkersIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final long RETRY_NANOS = 20_000_000;
  private static final String TOPIC = "moving";

  private Broker broker;
  private Topics topics;

  @BeforeEach
  void startBroker() {
    broker = Broker.start();
    topics = new Topics(broker.bootstrap());
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  /** Follows a partition through whatever happens, with what it has; checks every entry. */
  private static final class Persistent extends Thread {
    private final int port;
    private final AtomicLong has = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private volatile boolean ended;
    private volatile AssertionError broken;

    Persistent(int port) {
      super("follower-" + port);
      this.port = port;
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!ended && broken == null) {
        try (ScriptedFollower follower = ScriptedFollower.subscribed(port, has.get())) {
          connections.incrementAndGet();
          LeaderMessage message = follower.next();
          while (message != null && !ended) {
            if (message instanceof LeaderMessage.Entry entry) {
              assertEquals(has.get() + 1, entry.offset());
              has.set(entry.offset());
              follower.ack(entry.offset());
            }
            message = follower.next();
          }
        } catch (IOException e) {
          // nobody listens there now, or the connection was cut
          LockSupport.parkNanos(RETRY_NANOS);
        } catch (AssertionError e) {
          if (!String.valueOf(e.getMessage()).contains("nothing came")) {
            broken = e;
          }
        }
      }
    }

    void await(long end) {
      Await.until(
          getName() + " has " + end,
          LIMIT,
          () -> broken != null || has.get() >= end,
          () -> "but it has " + has.get());
      if (broken != null) {
        throw broken;
      }
    }
  }

  private void produce(int from, int to) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = from; number < to; number++) {
      for (int partition = 0; partition < 2; partition++) {
        records.add(
            new ProducerRecord<>(
                TOPIC,
                partition,
                ("order-" + number).getBytes(UTF_8),
                Events.json(number).getBytes(UTF_8)));
      }
    }
    topics.write(records);
  }

  @Test
  void partitionsMoveAndAWorkerIsKilledUnderLoad() {
    topics.create(TOPIC, 2, Map.of());
    int port = Ports.free(2);
    WorkerSettings first =
        WorkerSettings.of(broker, Folders.pluginPath())
            .with("consumer.session.timeout.ms", "6000")
            .with("consumer.heartbeat.interval.ms", "1000");
    WorkerSettings second = first.another();
    Persistent zero = new Persistent(port);
    Persistent one = new Persistent(port + 1);
    WorkerProcess killed = WorkerProcess.start(first);
    try {
      killed
          .rest()
          .create(
              "sink",
              Map.of(
                  "connector.class",
                  "io.github.allsourceconnect.AllSourceSinkConnector",
                  "tasks.max",
                  "2",
                  "topics",
                  TOPIC,
                  "listener.port",
                  Integer.toString(port),
                  "port.retry.ms",
                  "100",
                  "log.bootstrap.servers",
                  broker.bootstrap(),
                  "value.converter",
                  "org.apache.kafka.connect.storage.StringConverter"));
      killed.rest().awaitRunning("sink", 2, LIMIT);
      zero.start();
      one.start();
      produce(0, 2_000);
      zero.await(2_000);
      one.await(2_000);
      // a second worker comes: partitions move while events are written
      try (WorkerProcess survivor = WorkerProcess.start(second)) {
        for (int i = 0; i < 20; i++) {
          produce(2_000 + 100 * i, 2_100 + 100 * i);
        }
        zero.await(4_000);
        one.await(4_000);
        killed.kill();
        for (int i = 0; i < 20; i++) {
          produce(4_000 + 100 * i, 4_100 + 100 * i);
        }
        zero.await(6_000);
        one.await(6_000);
        survivor.rest().awaitRunning("sink", 2, LIMIT);
      }
    } finally {
      zero.ended = true;
      one.ended = true;
      killed.kill();
    }
  }
}
