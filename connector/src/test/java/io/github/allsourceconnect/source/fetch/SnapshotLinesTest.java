package io.github.allsourceconnect.source.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.source.fetch.SnapshotLines.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotLinesTest {
  private static final List<String> FILES = List.of("a", "b", "c");
  private static final byte[] CAUGHT_UP =
      "{\"type\":\"caught_up\",\"current_offset\":9}".getBytes(UTF_8);

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();

  private byte[] line(LeaderMessage message) {
    String text = new String(codec.encode(message), UTF_8);
    return text.substring(0, text.length() - 1).getBytes(UTF_8);
  }

  /** Of three files: three chunks, one chunk, two chunks; then the end and caught_up. */
  private List<byte[]> snapshot(boolean ofLog) {
    List<byte[]> lines = new ArrayList<>();
    lines.add(line(new LeaderMessage.SnapshotStart(FILES, ofLog)));
    for (String chunk : List.of("a0", "a1", "a2!", "b0!", "c0", "c1!")) {
      lines.add(
          line(
              new LeaderMessage.SnapshotChunk(
                  chunk.substring(0, 1),
                  new byte[] {1},
                  chunk.charAt(1) - '0',
                  chunk.endsWith("!"))));
    }
    lines.add(line(new LeaderMessage.SnapshotEnd(5)));
    lines.add(CAUGHT_UP);
    return lines;
  }

  private static List<String> ways(byte[] line) {
    String good = new String(line, UTF_8);
    return List.of(
        "",
        "this is no JSON",
        good.substring(0, good.length() / 2),
        good + "}",
        good.replaceAll("\"data\":\"..", "\"data\":\"-_").replaceAll(":\\d+", ":-1"),
        good.replaceAll("\"type\":\"\\w+\"", "\"type\":\"other\""),
        good.replaceAll("\"filename\":\".\"|snapshot_end", "\"filename\":\"../z\""),
        good.replaceAll("\"filename\":\".\"|snapshot_end", "\"filename\":\"z\""));
  }

  private static SnapshotLines feed(SnapshotLines to, List<byte[]> lines) throws IOException {
    long number = 0;
    for (byte[] line : lines) {
      to.line(line, 0, line.length, ++number);
    }
    return to;
  }

  /** A log that is replayed is known by its first entry, however long that is. */
  @Test
  void anEntryAboveTheLimitTellsOfAReplay() throws Exception {
    byte[] entry = line(new LeaderMessage.Entry(1, Events.entry(1, "\"" + "x".repeat(900) + "\"")));
    try (SnapshotAssembler assembler = new SnapshotAssembler(folder, 1 << 20)) {
      SnapshotLines lines = new SnapshotLines(codec, assembler, false);
      new LineFramer(500).feed(entry, 0, entry.length, lines);
      assertEquals(Outcome.REPLAYS, lines.outcome());
    }
    try (SnapshotAssembler assembler = new SnapshotAssembler(folder, 1 << 20)) {
      SnapshotLines lines = new SnapshotLines(codec, assembler, false);
      assertThrows(
          ProtocolException.class, () -> new LineFramer(500).feed(new byte[900], 0, 900, lines));
      assertNull(lines.outcome());
    }
  }

  /** Every line but the first, in every way, replaced or with a bad one before it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anUnreadableLine(boolean replaced) throws Exception {
    List<byte[]> good = snapshot(false);
    List<Set<String>> lacks = new ArrayList<>();
    for (String file : List.of("", "a", "a", "a", "b", "c", "c", "")) {
      lacks.add(!replaced || file.isEmpty() ? Set.of() : Set.of(file));
    }
    for (int at = 1; at < lacks.size(); at++) {
      for (String bad : ways(good.get(at))) {
        List<byte[]> lines = new ArrayList<>(good);
        if (replaced) {
          lines.set(at, bad.getBytes(UTF_8));
        } else {
          lines.add(at, bad.getBytes(UTF_8));
        }
        String what = "line " + at + ": " + bad;
        Set<String> lost = lacks.get(at);
        if (!lost.isEmpty()) {
          assertEquals(lost, damagedIn(lines, true), what);
        }
        // the second time they are left out, and the rest is whole
        try (SnapshotAssembler files = new SnapshotAssembler(folder, 100, lost)) {
          SnapshotLines read = feed(new SnapshotLines(codec, files, true), lines);
          assertEquals(Outcome.COMPLETE, read.outcome(), what);
          assertEquals(replaced && at == good.size() - 2 ? 9 : 5, read.offset(), what);
          assertEquals(
              FILES.stream().filter(file -> !lost.contains(file)).toList(),
              files.files().stream().map(SnapshotFile::name).toList(),
              what);
        }
        // where nothing is left out, it is not usable, and no file is remembered
        assertEquals(Set.of(), damagedIn(lines, false), what);
      }
    }
  }

  private Set<String> damagedIn(List<byte[]> lines, boolean leavesOut) throws IOException {
    try (SnapshotAssembler files = new SnapshotAssembler(folder, 100)) {
      SnapshotLines read = new SnapshotLines(codec, files, leavesOut);
      ProtocolException e = assertThrows(ProtocolException.class, () -> feed(read, lines));
      assertEquals(ProtocolException.Kind.SNAPSHOT, e.kind());
      assertTrue(read.leavingOutHelps());
      assertNull(read.outcome());
      return read.toLeaveOut();
    }
  }

  /** Its rows are not counted: nobody would miss those of a file that is left out. */
  @Test
  void nothingOfALogIsLeftOut() throws Exception {
    for (int at = 1; at < 8; at++) {
      List<byte[]> lines = snapshot(true);
      lines.set(at, "bad".getBytes(UTF_8));
      assertEquals(Set.of(), damagedIn(lines, true));
    }
  }

  @Test
  void allOfSeveralFilesAreNotLeftOut() throws Exception {
    List<byte[]> lines = snapshot(false);
    lines.set(2, "bad".getBytes(UTF_8));
    lines.set(4, "bad".getBytes(UTF_8));
    assertEquals(Set.of("a", "b"), damagedIn(lines, true));
    lines.set(5, "bad".getBytes(UTF_8));
    try (SnapshotAssembler files = new SnapshotAssembler(folder, 100)) {
      SnapshotLines read = new SnapshotLines(codec, files, true);
      assertThrows(ProtocolException.class, () -> feed(read, lines));
      assertEquals(Set.of(), read.toLeaveOut());
      assertFalse(read.leavingOutHelps());
    }
  }

  @Test
  void whatComesBeforeItsEndNamesNoFile() throws Exception {
    List<byte[]> lines = snapshot(false);
    lines.add(3, CAUGHT_UP);
    try (SnapshotAssembler files = new SnapshotAssembler(folder, 100)) {
      SnapshotLines read = new SnapshotLines(codec, files, true);
      ProtocolException e = assertThrows(ProtocolException.class, () -> feed(read, lines));
      assertTrue(e.getMessage().contains("line 4 goes on with the stream"), e.getMessage());
      assertEquals(Set.of(), read.toLeaveOut());
      assertFalse(read.leavingOutHelps());
    }
  }

  private SnapshotLines first(byte[] line) throws IOException {
    try (SnapshotAssembler files = new SnapshotAssembler(folder, 100)) {
      return feed(new SnapshotLines(codec, files, true), List.of(line));
    }
  }

  @Test
  void theFirstLineTellsWhatTheLeaderHas() throws Exception {
    assertNull(first(line(new LeaderMessage.SnapshotStart(FILES))).outcome());
    SnapshotLines none = first(CAUGHT_UP);
    assertEquals(Outcome.NONE, none.outcome());
    assertEquals(9, none.offset());
    assertEquals(Outcome.REPLAYS, first(line(new LeaderMessage.CaughtUp(9, true))).outcome());
    byte[] entry = line(new LeaderMessage.Entry(1, Events.entry(1, "{}")));
    assertEquals(Outcome.REPLAYS, first(entry).outcome());
    byte[] half = new String(entry, UTF_8).substring(0, 50).getBytes(UTF_8);
    assertEquals(Outcome.REPLAYS, first(half).outcome());
    assertThrows(ProtocolException.class, () -> first("bad".getBytes(UTF_8)));
    assertThrows(ProtocolException.class, () -> first(line(new LeaderMessage.SnapshotEnd(1))));
  }
}
