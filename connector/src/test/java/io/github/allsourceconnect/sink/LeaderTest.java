package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.sink.decision.LogTrust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The leader on real sockets, fed from a topic in memory. */
class LeaderTest {
  private final MemoryTopic topic = new MemoryTopic("orders");
  private final Map<String, String> settings = MemoryParts.settings(0);
  private Leader leader;

  @AfterEach
  void close() {
    if (leader != null) {
      leader.close();
      assertEquals(0, topic.openConsumers());
    }
  }

  @TempDir Path folder;

  private int start() {
    leader = MemoryParts.leader(topic, settings);
    MemoryParts.open(leader, 0);
    return port(0);
  }

  private int port(int partition) {
    Await.until("a port", Await.LIMIT, () -> leader.port(partition) > 0);
    return leader.port(partition);
  }

  private ConnectException failure() {
    AtomicReference<ConnectException> thrown = new AtomicReference<>();
    Await.until(
        "the leader fails",
        Await.LIMIT,
        () -> {
          try {
            leader.check();
          } catch (ConnectException e) {
            thrown.set(e);
          }
          return thrown.get() != null;
        });
    return thrown.get();
  }

  private long produce(int partition, int number) {
    return topic.append(partition, "order-" + number, Events.json(number));
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      produce(0, i);
    }
  }

  @Test
  void bringsWhatIsThereThenCaughtUpThenWhatComes() throws IOException {
    fill(3000);
    topic.hole(0, 2);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int i = 1; i <= 3000; i++) {
        assertEquals(i, follower.nextEntry());
      }
      assertEquals(3000, follower.nextCaughtUp());
      produce(0, 3000);
      assertEquals(3003, follower.nextEntry());
    }
  }

  @Test
  void startsBehindWhatTheFollowerHas() throws IOException {
    fill(100);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 98);
        ScriptedFollower atEnd = ScriptedFollower.subscribed(port, 100)) {
      assertEquals(99, follower.nextEntry());
      assertEquals(100, follower.nextEntry());
      assertEquals(100, follower.nextCaughtUp());
      assertEquals(100, atEnd.nextCaughtUp());
    }
  }

  @Test
  void sameRecordSameLineFromTopicAndTail() throws IOException {
    int port = start();
    List<String> live = new ArrayList<>();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      follower.nextCaughtUp();
      fill(50);
      for (int i = 0; i < 50; i++) {
        follower.nextEntry();
        live.add(follower.line());
      }
    }
    leader.close();
    port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int i = 0; i < 50; i++) {
        follower.nextEntry();
        assertEquals(live.get(i), follower.line());
      }
    }
  }

  @Test
  void commitsWhatIsAckedAndTheHolesBehindIt() throws IOException {
    fill(10);
    topic.hole(0, 1);
    int port = start();
    assertEquals(-1, leader.commitPoint(0).offset());
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int i = 0; i < 10; i++) {
        follower.nextEntry();
      }
      follower.nextCaughtUp();
      assertEquals(0, leader.commitPoint(0).offset());
      follower.ack(7);
      Await.until("ack", Await.LIMIT, () -> leader.commitPoint(0).offset() == 7);
      follower.ack(10);
      Await.until("ack", Await.LIMIT, () -> leader.commitPoint(0).offset() == 11);
    }
  }

  @Test
  void aSlowFollowerLosesNothingAndHoldsUpNobody() throws IOException {
    settings.put("log.tail.bytes", "1048576");
    settings.put("follower.buffer.bytes", "65536");
    int port = start();
    int count = 60_000;
    try (ScriptedFollower slow = ScriptedFollower.subscribed(port, 0);
        ScriptedFollower quick = ScriptedFollower.subscribed(port, 0)) {
      quick.nextCaughtUp();
      slow.nextCaughtUp();
      fill(count);
      for (int i = 1; i <= count; i++) {
        assertEquals(i, quick.nextEntry());
      }
      assertTrue(leader.figures(0).memoryBytes() < 3 << 20);
      for (int i = 1; i <= count; i++) {
        assertEquals(i, slow.nextEntry());
      }
    }
  }

  @Test
  void everyOffenceClosesTheConnection() throws IOException {
    settings.put("subscribe.timeout.ms", "300");
    settings.put("follower.line.max.bytes", "1024");
    fill(5);
    int port = start();
    List<String> garbage =
        List.of(
            "hello",
            "{\"type\":\"ack\",\"offset\":1}",
            "{\"type\":\"subscribe\",\"last_offset\":-1}",
            "{\"type\":\"subscribe\",\"last_offset\":6}",
            "x".repeat(2000));
    for (String line : garbage) {
      try (ScriptedFollower follower = new ScriptedFollower(port)) {
        follower.send(line);
        follower.assertClosed();
      }
    }
    try (ScriptedFollower silent = new ScriptedFollower(port)) {
      silent.assertClosed();
    }
    for (String line :
        List.of(
            "{\"type\":\"ack\",\"offset\":6}",
            "{\"type\":\"ack\",\"offset\":2}",
            "{\"type\":\"subscribe\",\"last_offset\":5}")) {
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 3)) {
        follower.nextEntry();
        follower.nextEntry();
        follower.nextCaughtUp();
        follower.send(line);
        follower.assertClosed();
      }
    }
    Await.until(
        "nine were refused and nobody is left",
        Await.LIMIT,
        () -> leader.figures(0).refused() == 9 && leader.figures(0).followers() == 0,
        () -> leader.figures(0).toString());
  }

  /** Hundreds that come and go at once: some say nothing, some subscribe, some send half a line. */
  @Test
  void aStormOfConnectionsDisturbsNobody() throws IOException {
    int port = start();
    int storm = 400;
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0)) {
      live.nextCaughtUp();
      for (int i = 0; i < storm; i++) {
        try (ScriptedFollower passing = new ScriptedFollower(port)) {
          if (i % 3 == 1) {
            passing.send("{\"type\":\"subscribe\",\"last_offset\":0}");
          } else if (i % 3 == 2) {
            passing.send("{\"type\":\"subscr");
          }
        }
        produce(0, i);
      }
      for (int offset = 1; offset <= storm; offset++) {
        assertEquals(offset, live.nextEntry());
      }
      Await.until(
          "only the live one is left",
          Await.LIMIT,
          () -> leader.figures(0).followers() == 1,
          () -> leader.figures(0).toString());
    }
  }

  /** A follower that takes what it gets and says nothing any more: half-open, as far as we know. */
  @Test
  void oneThatFallsSilentIsClosedAndTheOtherOneNoticesNothing() throws IOException {
    settings.put("follower.idle.timeout.ms", "500");
    int port = start();
    try (ScriptedFollower silent = ScriptedFollower.subscribed(port, 0);
        ScriptedFollower live = ScriptedFollower.subscribed(port, 0)) {
      silent.nextCaughtUp();
      live.nextCaughtUp();
      produce(0, 0);
      assertEquals(1, live.nextEntry());
      live.ack(1);
      assertEquals(1, silent.nextEntry());
      silent.assertClosed();
      produce(0, 1);
      assertEquals(2, live.nextEntry());
      live.ack(2);
    }
  }

  @Test
  void tooManyAndStrangersAreTurnedAway() throws IOException {
    settings.put("follower.max", "1");
    int port = start();
    try (ScriptedFollower first = ScriptedFollower.subscribed(port, 0)) {
      first.nextCaughtUp();
      try (ScriptedFollower second = ScriptedFollower.subscribed(port, 0)) {
        second.assertClosed();
      }
      produce(0, 0);
      assertEquals(1, first.nextEntry());
    }
    leader.close();
    settings.put("listener.allowed.cidrs", "10.0.0.0/8");
    port = start();
    try (ScriptedFollower stranger = new ScriptedFollower(port)) {
      stranger.assertClosed();
    }
  }

  @Test
  void refusesWhatRetentionTook() throws IOException {
    fill(20);
    topic.retain(0, 10);
    int port = start();
    try (ScriptedFollower lost = ScriptedFollower.subscribed(port, 9);
        ScriptedFollower fine = ScriptedFollower.subscribed(port, 10)) {
      lost.assertClosed();
      assertEquals(11, fine.nextEntry());
    }
  }

  @Test
  void closesEverybodyWhenTheLogIsTruncated() throws IOException {
    fill(20);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 20)) {
      follower.nextCaughtUp();
      Await.until("the tail is read", Await.LIMIT, () -> leader.figures(0).logEnd() == 20);
      topic.truncate(0, 5);
      follower.assertClosed();
    }
    int end = 20 + (int) LogTrust.MARGIN + 10;
    for (int i = 5; i < end; i++) {
      produce(0, i);
    }
    // Connect has begun anew
    leader.handed(0, 1, Long.MAX_VALUE);
    for (long offset : new long[] {end + 10, 20 + LogTrust.MARGIN, 20, 4}) {
      // ahead of the log; perhaps, and certainly, of the log before the cut; perhaps of a topic
      // that was created again
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port, offset)) {
        follower.assertClosed();
      }
    }
    for (long offset : new long[] {0, 21 + LogTrust.MARGIN}) {
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port, offset)) {
        assertEquals(offset + 1, follower.nextEntry());
      }
    }
  }

  @Test
  void waitsForAPortThatIsInUse() throws IOException {
    settings.put("port.retry.ms", "50");
    int port;
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = other.getLocalPort();
      settings.put("listener.port", Integer.toString(port));
      leader = MemoryParts.leader(topic, settings);
      MemoryParts.open(leader, 0);
      assertEquals(0, leader.port(0));
    }
    assertEquals(port, port(0));
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      follower.nextCaughtUp();
    }
  }

  @Test
  void saysWhereWhenAPortStaysInUse() throws IOException {
    settings.put("port.retry.ms", "20");
    settings.put("port.retry.timeout.ms", "100");
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      settings.put("listener.port", Integer.toString(other.getLocalPort()));
      leader = MemoryParts.leader(topic, settings);
      MemoryParts.open(leader, 0);
      ConnectException e = failure();
      assertTrue(e.getMessage().contains("127.0.0.1:" + other.getLocalPort()), e.getMessage());
      assertNotNull(e.getCause());
    }
  }

  @Test
  void aRecordThatIsNoEventFailsTheTaskWithItsPlace() throws IOException {
    fill(2);
    topic.append(0, "k", "{");
    settings.put("event.mapping", "auto");
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      ConnectException e = failure();
      assertTrue(e.getMessage().contains("orders-0@2 "), e.getMessage());
    }
  }

  @Test
  void manyFollowersShareWhatIsRead() throws IOException {
    fill(2000);
    int port = start();
    List<ScriptedFollower> followers = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        followers.add(ScriptedFollower.subscribed(port, 0));
      }
      for (ScriptedFollower follower : followers) {
        for (int i = 1; i <= 2000; i++) {
          assertEquals(i, follower.nextEntry());
        }
        assertEquals(2000, follower.nextCaughtUp());
      }
      assertTrue(topic.reads() < 100, "reads: " + topic.reads());
      produce(0, 2000);
      for (ScriptedFollower follower : followers) {
        assertEquals(2001, follower.nextEntry());
      }
    } finally {
      for (ScriptedFollower follower : followers) {
        follower.close();
      }
    }
  }

  @Test
  void closedPartitionFreesItsPort() throws IOException {
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      assertInstanceOf(LeaderMessage.CaughtUp.class, follower.next());
      leader.close(List.of(0), "test");
      follower.assertClosed();
    }
    try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(port, free.getLocalPort());
    }
  }

  /**
   * Deleted and created again while a follower is there: what it has is of a log that is no more.
   */
  @Test
  void aTopicThatIsCreatedAgainIsAnotherLog() throws IOException {
    fill(100);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 100)) {
      follower.nextCaughtUp();
      follower.ack(100);
      Await.until("ack", Await.LIMIT, () -> leader.commitPoint(0).offset() == 100);
      topic.recreate();
      for (int i = 0; i < 200; i++) {
        produce(0, 1_000 + i);
      }
      follower.assertClosed();
    }
    Await.until("Connect is to begin anew", Await.LIMIT, () -> leader.commitPoint(0).epoch() == 1);
    leader.handed(0, 1, Long.MAX_VALUE);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 100)) {
      follower.assertClosed();
    }
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int offset = 1; offset <= 200; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      assertEquals(200, follower.nextCaughtUp());
    }
  }

  /** The topic is deleted and created again while no task runs, and its offsets with it. */
  private void createdAgainMeanwhile() throws IOException {
    fill(100);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 100)) {
      assertEquals(100, follower.nextCaughtUp());
    }
    leader.close();
    topic.recreate();
    fill(200);
  }

  @Test
  void theHistoryTellsOfATopicThatWasCreatedAgainWhileNoTaskRan() throws IOException {
    settings.put("snapshot.dir", folder.toString());
    createdAgainMeanwhile();
    int port = start();
    try (ScriptedFollower old = ScriptedFollower.subscribed(port, 100);
        ScriptedFollower reset = ScriptedFollower.subscribed(port, 0)) {
      old.assertClosed();
      for (int offset = 1; offset <= 200; offset++) {
        assertEquals(offset, reset.nextEntry());
      }
    }
    Await.until(
        "the doubt is to be committed",
        Await.LIMIT,
        () -> leader.commitPoint(0).note().doubtfulUpTo() >= 100);
  }

  /** The limit of what is known: without a history nothing is left that tells. */
  @Test
  void withoutAHistoryOnlyFollowersAheadOfATopicThatWasCreatedAgainMeanwhileAreRefused()
      throws IOException {
    createdAgainMeanwhile();
    int port = start();
    try (ScriptedFollower ahead = ScriptedFollower.subscribed(port, 201);
        ScriptedFollower old = ScriptedFollower.subscribed(port, 100)) {
      ahead.assertClosed();
      assertEquals(101, old.nextEntry(), "not known to be of another log: see guarantees.md");
    }
  }

  /** What Connect does not hand over, a paused connector does not send; acks are taken. */
  @Test
  void aPausedConnectorSendsNothingNew() throws IOException {
    fill(10);
    leader = MemoryParts.leader(topic, settings);
    leader.open(0, false);
    leader.handed(0, 0, 4);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port(0), 0)) {
      for (int offset = 1; offset <= 4; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      follower.ack(4);
      Await.until("ack", Await.LIMIT, () -> leader.commitPoint(0).offset() == 4);
      assertEquals(4, leader.figures(0).highestAcked());
      leader.handed(0, 0, 10);
      for (int offset = 5; offset <= 10; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      assertEquals(10, follower.nextCaughtUp());
    }
  }

  /** A thousand and more connections that say nothing, renewed all the time, keep nobody out. */
  @Test
  void silentConnectionsTakeNoFollowersPlace() throws Exception {
    settings.put("follower.max", "30");
    fill(1);
    int port = start();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> attackers = new ArrayList<>();
    AtomicInteger opened = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      Thread attacker =
          new Thread(
              () -> {
                ArrayDeque<Socket> held = new ArrayDeque<>();
                try {
                  while (!over.get()) {
                    held.add(new Socket(InetAddress.getLoopbackAddress(), port));
                    opened.incrementAndGet();
                    if (held.size() > 260) {
                      held.remove().close();
                    }
                  }
                } catch (IOException e) {
                  // this one gives up
                } finally {
                  for (Socket socket : held) {
                    try {
                      socket.close();
                    } catch (IOException e) {
                      // it is over
                    }
                  }
                }
              },
              "attacker-" + i);
      attackers.add(attacker);
      attacker.start();
    }
    List<ScriptedFollower> followers = new ArrayList<>();
    try {
      Await.until("the attack is on", Await.LIMIT, () -> opened.get() > 1_040);
      for (int i = 0; i < 20; i++) {
        ScriptedFollower follower = ScriptedFollower.subscribed(port, 0);
        followers.add(follower);
        assertEquals(1, follower.nextEntry(), "follower " + i);
        assertEquals(1, follower.nextCaughtUp());
      }
      assertEquals(20, leader.figures(0).followers());
    } finally {
      over.set(true);
      for (Thread attacker : attackers) {
        attacker.join();
      }
      for (ScriptedFollower follower : followers) {
        follower.close();
      }
    }
  }

  /** Shares of closed partitions were counted for ever; so were reads of followers that left. */
  @Test
  void nothingIsLeftOfWhoWent() throws IOException {
    fill(2_000);
    int port = start();
    for (int i = 0; i < 300; i++) {
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port, i)) {
        follower.send("");
      } catch (SocketException e) {
        // it was closed before the line was sent
      }
    }
    Await.until(
        "nothing is read for who left",
        Await.LIMIT,
        () -> leader.figures(0).followers() == 0 && leader.readsWaiting() == 0);
    for (int i = 0; i < 20; i++) {
      leader.close(List.of(0), "test");
      MemoryParts.open(leader, 0);
      try (ScriptedFollower follower = ScriptedFollower.subscribed(port(0), 1_999)) {
        assertEquals(2_000, follower.nextEntry());
      }
    }
    assertEquals(1, leader.shares());
  }

  /** Also where it was still being bound: whoever connects then reaches the next one. */
  @Test
  void thePortIsFreeAsSoonAsThePartitionIsClosed() {
    int port = Ports.free();
    leader = MemoryParts.leader(topic, MemoryParts.settings(port));
    for (int i = 0; i < 200; i++) {
      leader.open(0, false);
      leader.close(List.of(0), "test");
      assertTrue(Ports.isFree(port), "closed for the " + (i + 1) + ". time");
    }
  }

  @Test
  void twentyPartitionsAreClosedTogether() {
    settings.put("value.converter", "");
    settings.remove("value.converter");
    leader = MemoryParts.leader(topic, settings);
    List<Integer> all = new ArrayList<>();
    for (int partition = 0; partition < 20; partition++) {
      MemoryParts.open(leader, partition);
      all.add(partition);
    }
    all.forEach(this::port);
    assertTimeout(Duration.ofSeconds(5), () -> leader.close(all, "test"));
  }

  /** A time-out that passes failed the task, when it came while the reader looked for its place. */
  @Test
  void brokersThatDoNotAnswerForAWhileAreAskedAgain() throws IOException {
    fill(10);
    topic.fail(3, 3);
    int port = start();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int offset = 1; offset <= 10; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      assertEquals(10, follower.nextCaughtUp());
      Await.until("the tail is read", Await.LIMIT, () -> leader.figures(0).logEnd() == 10);
      // the tail finds its position gone, and then no answer to where the log begins
      topic.fail(3, 0);
      topic.truncate(0, 5);
      follower.assertClosed();
    }
    Await.until("all that was to fail has", Await.LIMIT, topic::hasFailed);
    leader.check();
  }

  /** A partition that was closed and opened again was not sought anew, and stood still. */
  @Test
  void aPartitionThatIsOpenedAgainAtOnceGoesOn() throws IOException {
    fill(50);
    start();
    for (int i = 0; i < 20; i++) {
      leader.close(List.of(0), "test");
      MemoryParts.open(leader, 0);
    }
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port(0), 50)) {
      assertEquals(50, follower.nextCaughtUp());
      assertEquals(50, produce(0, 50));
      assertEquals(51, follower.nextEntry());
    }
  }
}
