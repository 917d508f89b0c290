package io.github.allsourceconnect.source.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private final MessageCodec codec = new MessageCodec();

  /** What was reported, and behind it the stream's first bytes. */
  private List<String> run(byte[] sent, int piece, int lineMax) throws IOException {
    List<String> seen = new ArrayList<>();
    Handshake handshake =
        new Handshake(
            codec,
            lineMax,
            new Handshake.Answers() {
              @Override
              public void caughtUp(long currentOffset) {
                seen.add("caught up " + currentOffset);
              }

              @Override
              public void snapshotStart(boolean replays) {
                seen.add(replays ? "snapshot of one that replays" : "snapshot");
              }

              @Override
              public void replays() {
                seen.add("replays");
              }
            });
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    boolean begun = false;
    for (int at = 0; at < sent.length; at += piece) {
      int end = Math.min(sent.length, at + piece);
      int from = at;
      if (!begun) {
        from = handshake.feed(sent, at, end);
        begun = handshake.done();
        if (begun) {
          stream.writeBytes(handshake.firstOfStream());
        }
      }
      stream.write(sent, from, end - from);
    }
    seen.add(stream.toString(UTF_8));
    return seen;
  }

  private byte[] lines(LeaderMessage... messages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (LeaderMessage message : messages) {
      out.writeBytes(codec.encode(message));
    }
    return out.toByteArray();
  }

  private String snapshot() {
    return new String(
        lines(
            new LeaderMessage.SnapshotStart(List.of("a.parquet")),
            new LeaderMessage.SnapshotEnd(5)),
        UTF_8);
  }

  @Test
  void aReplayBehindADrainedSnapshotDoesNotCountAsOne() throws Exception {
    byte[] plain = lines(new LeaderMessage.CaughtUp(7, true));
    assertEquals(List.of("replays", "caught up 7", ""), run(plain, 9, 1 << 20));
    byte[] drained =
        lines(
            new LeaderMessage.SnapshotStart(List.of("a.parquet")),
            new LeaderMessage.SnapshotEnd(5),
            new LeaderMessage.CaughtUp(7, true));
    assertEquals(List.of("snapshot", "caught up 7", ""), run(drained, 9, 1 << 20));
    byte[] said =
        lines(
            new LeaderMessage.SnapshotStart(List.of("a.parquet"), true),
            new LeaderMessage.SnapshotEnd(5),
            entry(6));
    List<String> seen = run(said, 9, 1 << 20);
    assertEquals(List.of("snapshot of one that replays", "caught up 5"), seen.subList(0, 2));
  }

  @Test
  void whatFollowsCaughtUpIsTheStream() throws Exception {
    byte[] sent = Captures.bytes("live-from-empty");
    String all = new String(sent, UTF_8);
    String stream = all.substring(all.indexOf('\n') + 1);
    for (int piece : new int[] {1, 7, 40, 41, 1 << 20}) {
      assertEquals(List.of("caught up 0", stream), run(sent, piece, 1 << 20), "piece " + piece);
    }
  }

  @Test
  void aSnapshotIsDrained() throws Exception {
    byte[] sent = Captures.bytes("0.27.0-snapshot-doubled-by-tenant");
    String all = new String(sent, StandardCharsets.UTF_8);
    String stream = all.substring(all.indexOf("{\"type\":\"wal_entry\""));
    List<String> seen = run(sent, 1000, 1 << 20);
    assertEquals("snapshot", seen.get(0));
    assertEquals("caught up ", seen.get(1).substring(0, 10));
    assertEquals(stream, seen.get(2));
  }

  @Test
  void anEntryFirstIsAReplayAndPartOfTheStream() throws Exception {
    byte[] sent = lines(entry(1), entry(2), new LeaderMessage.CaughtUp(2), entry(3));
    for (int piece : new int[] {1, 100, 1 << 20}) {
      assertEquals(List.of("replays", new String(sent, UTF_8)), run(sent, piece, 1 << 20));
    }
  }

  /**
   * What becomes of it is for corrupt.entry.policy to say; a new connection would bring it again.
   */
  @Test
  void anUnreadableEntryFirstIsPartOfTheStream() throws Exception {
    String sent = "{\"type\":\"wal_entry\",\"offset\":1,\"data\":{\"sequ\n";
    for (int piece : new int[] {1, 100}) {
      assertEquals(List.of("replays", sent), run(sent.getBytes(UTF_8), piece, 1 << 20));
    }
    assertEquals(
        List.of("snapshot", "caught up 5", sent),
        run((snapshot() + sent).getBytes(UTF_8), 9, 1 << 20));
  }

  /** As one that can't be read: all that came of it, and what follows, is the stream's. */
  @Test
  void anEntryAboveTheLimitFirstIsPartOfTheStream() throws Exception {
    String sent = "{\"type\":\"wal_entry\",\"offset\":1,\"data\":{" + "x".repeat(3000) + "\nnext\n";
    for (int piece : new int[] {1, 100, 1000, 10_000}) {
      assertEquals(List.of("replays", sent), run(sent.getBytes(UTF_8), piece, 1000));
      if (piece == 1) {
        continue; // lines of a snapshot may be longer
      }
      String longer = sent.replace("x", "x".repeat(400));
      assertEquals(
          List.of("snapshot", "caught up 5", longer),
          run((snapshot() + longer).getBytes(UTF_8), piece, 1000));
    }
  }

  @Test
  void whatBelongsElsewhereEndsTheConnection() {
    assertThrows(ProtocolException.class, () -> run("hello\n".getBytes(UTF_8), 100, 1000));
    assertThrows(
        ProtocolException.class, () -> run(lines(new LeaderMessage.SnapshotEnd(1)), 100, 1000));
    assertThrows(
        ProtocolException.class,
        () ->
            run(lines(new LeaderMessage.SnapshotStart(List.of("a.parquet")), entry(1)), 100, 1000));
    ProtocolException tooLong =
        assertThrows(ProtocolException.class, () -> run(new byte[2000], 100, 1000));
    assertEquals(ProtocolException.Kind.TOO_LONG, tooLong.kind());
  }

  /** A snapshot is nothing that this connection needs; who fetches it judges its lines. */
  @Test
  void unreadableLinesOfADrainedSnapshotArePassedOver() throws Exception {
    String start = "{\"type\":\"snapshot_start\",\"parquet_files\":[\"../a\"]}\n";
    String bad = "this is no JSON\n{\"type\":\"snapshot_chunk\",\"data\":\n{\"type\":\"other\"}\n";
    String rest = new String(lines(new LeaderMessage.CaughtUp(7), entry(8)), UTF_8);
    String stream = rest.substring(rest.indexOf('\n') + 1);
    for (int piece : new int[] {1, 100}) {
      assertEquals(
          List.of("snapshot", "caught up 7", stream),
          run((start + bad + rest).getBytes(UTF_8), piece, 1 << 20));
    }
    // but not an entry that can't be read: it would be lost
    String entry = "{\"type\":\"wal_entry\",\"offset\":1,\"data\":{\"sequ\n";
    assertThrows(ProtocolException.class, () -> run((start + entry).getBytes(UTF_8), 100, 1 << 20));
  }

  private static LeaderMessage.Entry entry(long sequence) {
    return new LeaderMessage.Entry(sequence, Events.entry(sequence, "{}"));
  }
}
