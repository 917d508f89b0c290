package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where Connect's thread may be when Kafka has confirmed nothing for too long. Connect takes an
 * interrupt outside of the producer for a wish to end the task, which then is neither running nor
 * failed.
 */
@Timeout(300)
class ConnectInterruptTest {

  /** As while the connector is paused, and between two attempts to look for a topic. */
  @Test
  void outsideOfTheProducerConnectIsNotInterruptedAndWhatItTriesAgainFails(@TempDir Path folder)
      throws Exception {
    String failure = failure(folder, "");
    assertTrue(failure.contains("produce.timeout.ms=1000"), failure);
  }

  /** Whatever else has ended the work is what Connect is told, and is told in time. */
  @Test
  void whatFailedBeforeIsToldAlsoWhileKafkaIsSilent(@TempDir Path folder) throws Exception {
    String failure = failure(folder, "no entry\n");
    assertTrue(failure.startsWith("Corrupt entry"), failure);
  }

  /** Why a batch that Kafka has not confirmed is not tried again any more. */
  private static String failure(Path folder, String later) throws Exception {
    CountDownLatch isPolled = new CountDownLatch(1);
    byte[] entry = new MessageCodec().encode(new LeaderMessage.Entry(1, Events.entry(1, "{}")));
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  call.say("{\"type\":\"caught_up\",\"current_offset\":0}\n".getBytes(UTF_8));
                  call.say(entry);
                  assertTrue(await(isPolled));
                  call.say(later.getBytes(UTF_8));
                  call.stay();
                });
        SourcePipeline source =
            new SourcePipeline(
                PromptSource.config(
                    "test",
                    peer,
                    folder,
                    Map.of(
                        "value.format", "wal_entry",
                        "snapshot.mode", "no_data",
                        "produce.timeout.ms", "1000")),
                SourcePosition.START)) {
      AtomicReference<List<SourceRecord>> polled = new AtomicReference<>();
      Await.until(
          "a batch is polled",
          Await.LIMIT,
          () -> {
            polled.set(source.poll());
            return polled.get() != null;
          });
      isPolled.countDown();
      List<SourceRecord> again = polled.get().subList(0, 1);
      AtomicReference<ConnectException> failure = new AtomicReference<>();
      Await.until(
          "what is tried again fails",
          Await.LIMIT,
          () -> {
            try {
              return again.iterator().next() == null;
            } catch (ConnectException e) {
              failure.set(e);
              return true;
            }
          });
      assertFalse(Thread.interrupted(), "it would end the task without a word");
      assertSame(failure.get(), assertThrows(ConnectException.class, source::poll));
      return failure.get().getMessage();
    }
  }

  @Test
  void aSendWithoutAnEndIsEnded() throws Exception {
    try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      KafkaProducer<byte[], byte[]> producer = producer(nobody.getLocalPort());
      AtomicReference<Throwable> ended = new AtomicReference<>();
      Thread sends =
          new Thread(
              () ->
                  ended.set(
                      assertThrows(
                          InterruptException.class,
                          () -> producer.send(new ProducerRecord<>("t", new byte[1])))));
      sends.start();
      Await.until("it sends", Await.LIMIT, () -> SourcePipeline.isInProducer(sends));
      sends.interrupt();
      sends.join();
      assertTrue(ended.get() != null);
      // or closing would wait for an answer
      nobody.close();
      producer.close(Duration.ZERO);
      CountDownLatch end = new CountDownLatch(1);
      Thread waits = new Thread(() -> assertTrue(await(end)));
      waits.start();
      Await.until("it waits", Await.LIMIT, () -> waits.getState() == Thread.State.WAITING);
      assertFalse(SourcePipeline.isInProducer(waits));
      end.countDown();
      waits.join();
    }
  }

  private static boolean await(CountDownLatch end) {
    try {
      end.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(int port) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port,
            ProducerConfig.MAX_BLOCK_MS_CONFIG, "" + Long.MAX_VALUE),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}
