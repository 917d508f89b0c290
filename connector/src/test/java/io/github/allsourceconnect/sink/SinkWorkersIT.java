package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
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
  private static final long RETRY_NANOS = 20_000_000;
  private static final String TOPIC = "moving";
  private static final int PARTITIONS = 3;

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
          Await.LIMIT,
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
      for (int partition = 0; partition < PARTITIONS; partition++) {
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
    topics.create(TOPIC, PARTITIONS, Map.of());
    int port = Ports.free(PARTITIONS);
    WorkerSettings first =
        WorkerSettings.of(broker, Folders.pluginPath())
            .with("consumer.session.timeout.ms", "6000")
            .with("consumer.heartbeat.interval.ms", "1000");
    List<Persistent> followers = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      followers.add(new Persistent(port + partition));
    }
    WorkerProcess killed = WorkerProcess.start(first);
    try {
      Map<String, String> config = ConnectorSettings.sink(broker, TOPIC, port);
      config.put("tasks.max", Integer.toString(PARTITIONS));
      config.put("port.retry.ms", "100");
      killed.rest().create("sink", config);
      killed.rest().awaitRunning("sink", PARTITIONS, Await.LIMIT);
      followers.forEach(Thread::start);
      produce(0, 2_000);
      followers.forEach(follower -> follower.await(2_000));
      // two more workers come: partitions move while events are written
      try (WorkerProcess second = WorkerProcess.start(first.another())) {
        produceSlowly(2_000);
        try (WorkerProcess third = WorkerProcess.start(first.another())) {
          produceSlowly(4_000);
          followers.forEach(follower -> follower.await(6_000));
          killed.kill();
          produceSlowly(6_000);
          followers.forEach(follower -> follower.await(8_000));
          third.rest().awaitRunning("sink", PARTITIONS, Await.LIMIT);
        }
        // and one leaves in peace
        produceSlowly(8_000);
        followers.forEach(follower -> follower.await(10_000));
        second.rest().awaitRunning("sink", PARTITIONS, Await.LIMIT);
      }
    } finally {
      followers.forEach(follower -> follower.ended = true);
      killed.kill();
    }
  }

  private void produceSlowly(int from) {
    for (int i = 0; i < 20; i++) {
      produce(from + 100 * i, from + 100 * (i + 1));
    }
  }
}
