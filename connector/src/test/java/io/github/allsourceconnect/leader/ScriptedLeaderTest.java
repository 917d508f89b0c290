package io.github.allsourceconnect.leader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalChecksum;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That the scripted leader has the real one's habits. */
class ScriptedLeaderTest {
  private static final LeaderScript IN_ORDER = LeaderScript.observed(1).withLate(0);

  private final MessageCodec codec = new MessageCodec();
  private final List<Socket> sockets = new ArrayList<>();
  private ScriptedLeader leader;

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    leader.close();
  }

  @Test
  void nothingIsReplayedAndWhatIsAtOrBelowTheSubscriptionIsFiltered() throws IOException {
    leader = ScriptedLeader.start(IN_ORDER);
    InputStream in = subscribe(0);
    assertEquals(0, caughtUp(in));
    write(3);
    assertEquals(List.of(1L, 2L, 3L), entries(in, 3));

    InputStream later = subscribe(4);
    assertEquals(3, caughtUp(later));
    write(2);
    assertEquals(List.of(5L), entries(later, 1));
  }

  @Test
  void subscriptionFromTheBeginningIsAnsweredWithFiles() throws IOException {
    leader = ScriptedLeader.start(IN_ORDER);
    write(3);
    // a connection that is made before that gets them live
    Await.until("the entries are published", Await.LIMIT, () -> leader.published() == 3);
    InputStream in = subscribe(0);
    LeaderMessage.SnapshotStart start = (LeaderMessage.SnapshotStart) next(in);
    assertEquals(1, start.parquetFiles().size());
    LeaderMessage.SnapshotChunk chunk = (LeaderMessage.SnapshotChunk) next(in);
    assertTrue(chunk.last());
    assertEquals("PAR1", new String(chunk.data(), 0, 4, UTF_8));
    assertEquals(0, ((LeaderMessage.SnapshotEnd) next(in)).walOffsetAfterSnapshot());
    assertEquals(0, caughtUp(in), "what was shipped to somebody, not the end of the log");
    write(1);
    assertEquals(List.of(4L), entries(in, 1));
  }

  @Test
  void slowFollowerLosesTheOldestAndAnOverrunLosesWhatIsNext() throws IOException {
    leader = ScriptedLeader.start(IN_ORDER.withRing(10));
    InputStream in = subscribe(0);
    caughtUp(in);
    leader.overrun(4);
    write(5);
    assertEquals(List.of(5L), entries(in, 1));
    assertEquals(4, leader.overwritten());
    // far more than sockets and ring hold, while nobody reads
    JsonText large = JsonText.of("\"" + "x".repeat(1 << 16) + "\"");
    for (int i = 0; i < 400; i++) {
      leader.write("t", "e", "big", large, null);
    }
    Await.until("the ring is overwritten", Await.LIMIT, () -> leader.overwritten() > 4);
  }

  @Test
  void entriesComeOutOfOrderAndAcksAreSeen() throws IOException {
    leader = ScriptedLeader.start(LeaderScript.observed(7));
    InputStream in = subscribe(0);
    caughtUp(in);
    write(500);
    List<Long> offsets = entries(in, 500);
    List<Long> sorted = offsets.stream().sorted().toList();
    assertFalse(offsets.equals(sorted), "nothing came late");
    assertEquals(500L, sorted.get(499));
    sockets.get(0).getOutputStream().write("{\"type\":\"ack\",\"offset\":500}\n".getBytes(UTF_8));
    Await.until(
        "the ack is seen", Await.LIMIT, () -> leader.lastAck() == 500 && leader.acks() == 1);
  }

  @Test
  void crashNumbersAnewAndHidesTheHistoryUntilTheFirstWrite() throws IOException {
    leader = ScriptedLeader.start(IN_ORDER);
    write(5);
    leader.crash();
    leader.restart();
    InputStream in = subscribe(0);
    assertEquals(0, caughtUp(in));
    write(1);
    assertEquals(List.of(1L), entries(in, 1));
    assertTrue(next(subscribe(0)) instanceof LeaderMessage.SnapshotStart);
  }

  @Test
  void faultsAreInjectedAtMessageBoundaries() throws IOException {
    leader =
        ScriptedLeader.start(
            IN_ORDER.withFaults(
                (connection, message, type) -> message == 3 ? Fault.TEAR : Fault.NONE));
    InputStream in = subscribe(0);
    caughtUp(in);
    write(2);
    assertEquals(List.of(1L), entries(in, 1));
    assertNull(next(in), "the second entry was torn");
  }

  private void write(int count) {
    for (int i = 0; i < count; i++) {
      leader.write("tenant", "entity-" + i % 3, "order.placed", JsonText.of("{\"n\":1}"), null);
    }
  }

  private InputStream subscribe(long lastOffset) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), leader.port());
    sockets.add(socket);
    socket.setSoTimeout((int) Await.LIMIT.toMillis());
    socket
        .getOutputStream()
        .write(("{\"type\":\"subscribe\",\"last_offset\":" + lastOffset + "}\n").getBytes(UTF_8));
    return new BufferedInputStream(socket.getInputStream());
  }

  private long caughtUp(InputStream in) throws IOException {
    return ((LeaderMessage.CaughtUp) next(in)).currentOffset();
  }

  private List<Long> entries(InputStream in, int count) throws IOException {
    List<Long> offsets = new ArrayList<>();
    while (offsets.size() < count) {
      LeaderMessage.Entry entry = (LeaderMessage.Entry) next(in);
      assertTrue(WalChecksum.matches(entry.data()));
      offsets.add(entry.offset());
    }
    return offsets;
  }

  /** Null at the end of the stream. */
  private LeaderMessage next(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      line.write(b);
    }
    return codec.decodeLeader(line.toByteArray(), 0, line.size(), 1);
  }
}
