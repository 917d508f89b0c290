package io.github.allsourceconnect.source;

import static io.github.allsourceconnect.source.PromptSource.failure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.ForgedParquet;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What can't be read, for each {@code corrupt.entry.policy}: {@code fail} says what, where and what
 * to do, keeps the position and says the same after a restart; {@code skip} and {@code dlq} go on
 * and count; a change of the setting goes on where {@code fail} stopped.
 */
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class CorruptInputTest {
  private static final int CHUNK = 2_000;

  /** What is wrong with a line of the stream. */
  enum BadLine {
    CHECKSUM,
    UNREADABLE
  }

  /** What is wrong with the second of three files. */
  enum BadFile {
    TRUNCATED,
    /** It claims a dictionary of 2^31 values. */
    HOSTILE,
    ALTERED,
    CHUNK_MISSING,
    LAST_CHUNK_MISSING,
    FILE_MISSING
  }

  /** Which line of a snapshot of three files can't be read. */
  enum BadSpot {
    FIRST_OF_ALL,
    FIRST_OF_FILE,
    MIDDLE_OF_FILE,
    LAST_OF_FILE,
    ONLY_OF_FILE,
    LAST_OF_ALL,
    MORE_BEFORE_ALL,
    MORE_IN_FILE,
    MORE_BETWEEN_FILES,
    END;

    /** The file that lacks it; -1 for none. */
    int file() {
      return switch (this) {
        case FIRST_OF_ALL -> 0;
        case FIRST_OF_FILE, MIDDLE_OF_FILE, LAST_OF_FILE, ONLY_OF_FILE -> 1;
        case LAST_OF_ALL -> 2;
        default -> -1;
      };
    }
  }

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();

  private SourceConfig config(Peer peer, String policy, String... more) {
    Map<String, String> usual = new HashMap<>();
    usual.put("corrupt.entry.policy", policy);
    if (policy.equals("dlq")) {
      usual.put("dlq.topic", "dead");
    }
    usual.put("gap.timeout.ms", "100");
    usual.put("repair.min.interval.ms", "50");
    usual.put("reconnect.backoff.ms", "10");
    usual.put("reconnect.backoff.max.ms", "50");
    usual.put("connect.timeout.ms", "2000");
    return PromptSource.config(name(), peer, folder, usual, more);
  }

  private static List<SourceRecord> take(SourcePipeline source, int count) throws Exception {
    List<SourceRecord> all = PromptSource.take(source, count);
    assertEquals(count, all.size());
    return all;
  }

  /** Its own, as the folder is: the others run beside it. */
  private String name() {
    return folder.getFileName().toString();
  }

  private void awaitFigure(String figure, long value) {
    PromptSource.awaitFigure(name(), figure, value);
  }

  private SourcePipeline begun(Peer peer, String policy, String... more) {
    return new SourcePipeline(config(peer, policy, more), SourcePosition.START);
  }

  private static List<String> ids(List<SourceRecord> records) {
    return records.stream()
        .filter(record -> !record.topic().equals("dead"))
        .map(record -> (String) record.headers().lastWithName("allsource.event_id").value())
        .toList();
  }

  private static List<String> idsOf(LongStream numbers) {
    return numbers.mapToObj(n -> Events.event(n, "{}").id()).toList();
  }

  private byte[] line(long number) {
    return codec.encode(new LeaderMessage.Entry(number, Events.entry(number, "{}")));
  }

  // ---- lines

  private String bad(BadLine what) {
    String good = new String(line(4), UTF_8);
    return switch (what) {
      case CHECKSUM -> good.replaceAll("\"checksum\":\\d+", "\"checksum\":1");
      case UNREADABLE -> good.substring(0, good.length() / 2) + "\n";
    };
  }

  /** A leader without files that goes on at the offset asked for; its fourth entry is bad. */
  private Peer withBadLine(BadLine what) throws IOException {
    return new Peer(
        call -> {
          String subscribe = call.hear();
          long from = Long.parseLong(subscribe.replaceAll("\\D+", ""));
          for (long n = from + 1; n <= 10; n++) {
            call.say(n == 4 ? bad(what).getBytes(UTF_8) : line(n));
          }
          call.say("{\"type\":\"caught_up\",\"current_offset\":10,\"replays\":true}\n");
          call.stay();
        });
  }

  @ParameterizedTest
  @EnumSource(BadLine.class)
  void aBadLineStopsTheTaskAgainAndAgainUntilItIsSkipped(BadLine what) throws Exception {
    try (Peer peer = withBadLine(what)) {
      SourcePosition position;
      String said;
      try (SourcePipeline source = begun(peer, "fail")) {
        List<SourceRecord> before = take(source, 3);
        assertEquals(idsOf(LongStream.rangeClosed(1, 3)), ids(before));
        position = PromptSource.positionAfter(before);
        assertEquals(3, position.walOffset());
        said = failure(source);
        assertTrue(said.contains(peer.address() + ", line 4"), said);
        assertTrue(said.contains("corrupt.entry.policy=skip"), said);
        assertTrue(what == BadLine.UNREADABLE || said.contains("offset 4"), said);
      }
      // a restart meets the same line and says so again, with nothing produced before it
      try (SourcePipeline source = new SourcePipeline(config(peer, "fail"), position)) {
        assertEquals(said.replace("line 4", "line 1"), failure(source));
      }
      try (SourcePipeline source = new SourcePipeline(config(peer, "skip"), position)) {
        assertEquals(idsOf(LongStream.rangeClosed(5, 10)), ids(take(source, 6)));
        awaitFigure("corrupt", 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BadLine.class)
  void aBadLineGoesToTheDeadLetters(BadLine what) throws Exception {
    try (Peer peer = withBadLine(what);
        SourcePipeline source = begun(peer, "dlq")) {
      List<SourceRecord> all = take(source, 10);
      assertEquals(
          idsOf(LongStream.rangeClosed(1, 10).filter(n -> n != 4)), ids(all), "the rest, in order");
      List<SourceRecord> dead = all.stream().filter(r -> r.topic().equals("dead")).toList();
      assertEquals(1, dead.size());
      String line = ((Struct) dead.get(0).value()).getString("payload");
      assertEquals(JsonFields.text(bad(what).stripTrailing()).toString(), line);
      awaitFigure("corrupt", 1);
    }
  }

  /** A line that is too long is one that can't be read: the same answers, but its text is gone. */
  @Test
  void aLineAboveTheLimitIsNoOther() throws Exception {
    byte[] tooLong =
        codec.encode(
            new LeaderMessage.Entry(4, Events.entry(4, "\"" + "x".repeat(300_000) + "\"")));
    try (Peer peer =
        new Peer(
            call -> {
              long from = Long.parseLong(call.hear().replaceAll("\\D+", ""));
              for (long n = from + 1; n <= 10; n++) {
                call.say(n == 4 ? tooLong : line(n));
              }
              call.say("{\"type\":\"caught_up\",\"current_offset\":10,\"replays\":true}\n");
              call.stay();
            })) {
      String[] limit = {"line.max.bytes", "100000"};
      SourcePosition position;
      try (SourcePipeline source = begun(peer, "fail", limit)) {
        position = PromptSource.positionAfter(take(source, 3));
        String said = failure(source);
        assertTrue(said.contains(peer.address() + ", line 4"), said);
        assertTrue(said.contains("limit of 100000 bytes (line.max.bytes); raise it"), said);
        assertTrue(said.contains("corrupt.entry.policy=skip"), said);
      }
      assertEquals(1, peer.heard.stream().filter(line -> line.contains("subscribe")).count());
      try (SourcePipeline source = new SourcePipeline(config(peer, "skip", limit), position)) {
        assertEquals(idsOf(LongStream.rangeClosed(5, 10)), ids(take(source, 6)));
        awaitFigure("corrupt", 1);
      }
      try (SourcePipeline source = new SourcePipeline(config(peer, "dlq", limit), position)) {
        List<SourceRecord> all = take(source, 7);
        assertEquals(idsOf(LongStream.rangeClosed(5, 10)), ids(all));
        SourceRecord dead = all.get(0);
        assertEquals("dead", dead.topic());
        assertEquals("TOO_LONG", dead.headers().lastWithName("allsource.error_kind").value());
        assertEquals("\"\"", ((Struct) dead.value()).getString("payload"));
        awaitFigure("corrupt", 1);
      }
      // and the way that the message names
      try (SourcePipeline source = new SourcePipeline(config(peer, "fail"), position)) {
        assertEquals(idsOf(LongStream.rangeClosed(4, 10)), ids(take(source, 7)));
      }
    }
  }

  /** An entry that a repair's snapshot has is not lost, whatever became of its line. */
  @ParameterizedTest
  @ValueSource(strings = {"this is no JSON", "over-long"})
  void aSkippedLineIsRepairedWhereThereAreFiles(String what) throws Exception {
    byte[] bad =
        (what.equals("over-long") ? "x".repeat(5_000_000) : what).concat("\n").getBytes(UTF_8);
    List<byte[]> snapshot = snapshot(null);
    try (Peer peer =
            new Peer(
                call -> {
                  boolean all = call.hear().endsWith(":0}");
                  for (byte[] line : all ? snapshot : List.<byte[]>of()) {
                    call.say(line);
                  }
                  call.say("{\"type\":\"caught_up\",\"current_offset\":295}\n");
                  for (int n = 296; !all && n <= 320; n++) {
                    call.say(n == 298 ? bad : line(n));
                  }
                  call.stay();
                });
        SourcePipeline source = begun(peer, "skip", "line.max.bytes", "1000000")) {
      assertEquals(
          idsOf(LongStream.rangeClosed(1, 320)).stream().sorted().toList(),
          ids(take(source, 320)).stream().sorted().toList());
      awaitFigure("corrupt", 1);
      awaitFigure("unaccounted", 0);
    }
  }

  // ---- files

  private List<Event> rows(int file) {
    return LongStream.rangeClosed(file * 100L + 1, file * 100L + 100)
        .mapToObj(n -> Events.event(n, "{\"pad\":\"" + "z".repeat((int) (n % 50)) + n * n + "\"}"))
        .toList();
  }

  /** Three files of a hundred rows; something is wrong with the second. */
  private List<byte[]> snapshot(BadFile what) throws IOException {
    return snapshot(what, false);
  }

  private List<byte[]> snapshot(BadFile what, boolean ofLog) throws IOException {
    return snapshot(what, ofLog, CHUNK);
  }

  private static String name(int file) {
    return "events-20260102-03040" + (5 + file) + "000-0.parquet";
  }

  /**
   * @param chunk how long the second file's chunks are
   */
  private List<byte[]> snapshot(BadFile what, boolean ofLog, int chunk) throws IOException {
    return snapshot(what, ofLog, chunk, Set.of(1));
  }

  /**
   * @param bad with which files something is wrong
   */
  private List<byte[]> snapshot(BadFile what, boolean ofLog, int chunk, Set<Integer> bad)
      throws IOException {
    List<String> names = new ArrayList<>();
    List<byte[]> chunks = new ArrayList<>();
    for (int file = 0; file < 3; file++) {
      String name = name(file);
      int size = file == 1 ? chunk : CHUNK;
      names.add(name);
      Path path = folder.resolve("made.parquet");
      try (SnapshotWriter writer = new SnapshotWriter(path, ofLog)) {
        long offset = file * 100L;
        for (Event row : rows(file)) {
          writer.add(row, ofLog ? ++offset : 0);
        }
        writer.commit();
      }
      byte[] bytes = Files.readAllBytes(path);
      Files.delete(path);
      assertTrue(bytes.length > 2 * CHUNK, "a file must be several chunks");
      BadFile wrong = bad.contains(file) ? what : null;
      if (wrong == BadFile.TRUNCATED) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2 / 3);
      } else if (wrong == BadFile.HOSTILE) {
        bytes = ForgedParquet.withHugeDictionary();
      } else if (wrong == BadFile.ALTERED) {
        bytes[bytes.length / 4] ^= 0x10;
      } else if (wrong == BadFile.FILE_MISSING) {
        continue;
      }
      for (int at = 0; at < bytes.length; at += size) {
        int end = Math.min(bytes.length, at + size);
        boolean last = end == bytes.length;
        if (wrong == BadFile.CHUNK_MISSING && at == CHUNK
            || wrong == BadFile.LAST_CHUNK_MISSING && last) {
          continue;
        }
        chunks.add(
            codec.encode(
                new LeaderMessage.SnapshotChunk(
                    name, Arrays.copyOfRange(bytes, at, end), at, last)));
      }
    }
    List<byte[]> lines = new ArrayList<>();
    lines.add(codec.encode(new LeaderMessage.SnapshotStart(names, ofLog)));
    lines.addAll(chunks);
    lines.add(codec.encode(new LeaderMessage.SnapshotEnd(300)));
    return lines;
  }

  private Peer withBadFile(BadFile what) throws IOException {
    return withSnapshot(snapshot(what));
  }

  private Peer withSnapshot(List<byte[]> snapshot) throws IOException {
    return new Peer(
        call -> {
          boolean all = call.hear().endsWith(":0}");
          for (byte[] line : all ? snapshot : List.<byte[]>of()) {
            call.say(line);
          }
          call.say("{\"type\":\"caught_up\",\"current_offset\":300}\n");
          for (int n = 301; !all && n <= 310; n++) {
            call.say(line(n));
          }
          call.stay();
        });
  }

  @ParameterizedTest
  @EnumSource(BadFile.class)
  void aBadFileStopsTheTaskUntilItIsLeftOut(BadFile what) throws Exception {
    try (Peer peer = withBadFile(what)) {
      for (int start = 1; start <= 2; start++) {
        try (SourcePipeline source = begun(peer, "fail")) {
          String said = failure(source);
          assertTrue(said.contains("events-20260102-030406000-0.parquet"), said);
          assertTrue(said.contains("5 times in a row"), said);
          assertTrue(said.contains("The position is kept"), said);
          assertTrue(said.contains("corrupt.entry.policy=skip"), said);
        }
      }
      for (String policy : List.of("skip", "dlq")) {
        try (SourcePipeline source = begun(peer, policy)) {
          List<SourceRecord> records = take(source, 210);
          assertEquals(
              idsOf(LongStream.rangeClosed(1, 310).filter(n -> n <= 100 || n > 200)), ids(records));
          assertEquals(310, PromptSource.positionAfter(records).walOffset());
          awaitFigure("snapshotFilesLeftOut", 1);
        }
      }
    }
  }

  /**
   * Where the leader replays its log, and the snapshot is the log's own older part, nothing is left
   * out by any policy: its rows are not counted, so nobody would miss them.
   */
  @ParameterizedTest
  @CsvSource({"TRUNCATED, fail", "TRUNCATED, skip", "CHUNK_MISSING, fail", "CHUNK_MISSING, skip"})
  void aBadFileOfALeaderThatReplaysAlwaysStopsTheTask(BadFile what, String policy)
      throws Exception {
    List<byte[]> snapshot = snapshot(what, true);
    try (Peer peer =
            new Peer(
                call -> {
                  boolean older = Long.parseLong(call.hear().replaceAll("\\D+", "")) < 300;
                  for (byte[] line : older ? snapshot : List.<byte[]>of()) {
                    call.say(line);
                  }
                  for (int n = 301; n <= 310; n++) {
                    call.say(line(n));
                  }
                  call.say("{\"type\":\"caught_up\",\"current_offset\":310,\"replays\":true}\n");
                  call.stay();
                });
        SourcePipeline source = begun(peer, policy)) {
      if (what == BadFile.TRUNCATED) {
        List<SourceRecord> before = take(source, 100);
        assertEquals(idsOf(LongStream.rangeClosed(1, 100)), ids(before));
        assertEquals(100, PromptSource.positionAfter(before).walOffset());
      }
      String said = failure(source);
      assertTrue(said.contains("events-20260102-030406000-0.parquet"), said);
      assertTrue(said.contains("times in a row"), said);
      assertTrue(said.contains("The position is kept. Repair the leader's history"), said);
    }
  }

  // ---- lines of a snapshot

  /** Bad JSON, bad base64, an unknown type, a name that no file has. */
  private static byte[] unreadable(byte[] line, int kind) {
    String good = new String(line, UTF_8);
    String bad =
        switch (kind) {
          case 0 -> "this is no JSON\n";
          case 1 ->
              good.replaceAll("\"data\":\"....", "\"data\":\"*-_*").replaceAll(":\\d+", ":-1");
          case 2 -> good.replaceAll("\"type\":\"\\w+\"", "\"type\":\"other\"");
          default -> good.replaceAll("events-2026|snapshot_end", "events-1926");
        };
    return bad.getBytes(UTF_8);
  }

  private List<Integer> linesOf(List<byte[]> snapshot, int file) {
    return IntStream.range(1, snapshot.size())
        .filter(at -> new String(snapshot.get(at), UTF_8).contains(name(file)))
        .boxed()
        .toList();
  }

  private List<byte[]> withBadSpot(BadSpot spot, int kind) throws IOException {
    List<byte[]> lines = snapshot(null, false, spot == BadSpot.ONLY_OF_FILE ? 1 << 20 : CHUNK);
    List<Integer> second = linesOf(lines, 1);
    assertEquals(spot == BadSpot.ONLY_OF_FILE, second.size() == 1);
    int first = second.get(0);
    int last = second.get(second.size() - 1);
    switch (spot) {
      case MORE_BEFORE_ALL -> lines.add(1, unreadable(lines.get(1), kind));
      case MORE_IN_FILE -> lines.add(first + 1, unreadable(lines.get(first), kind));
      case MORE_BETWEEN_FILES -> lines.add(first, unreadable(lines.get(first), kind));
      default -> {
        int at =
            switch (spot) {
              case FIRST_OF_ALL -> 1;
              case FIRST_OF_FILE, ONLY_OF_FILE -> first;
              case MIDDLE_OF_FILE -> first + 1;
              case LAST_OF_FILE -> last;
              case LAST_OF_ALL -> lines.size() - 2;
              default -> lines.size() - 1;
            };
        lines.set(at, unreadable(lines.get(at), kind));
      }
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(BadSpot.class)
  void anUnreadableLineOfASnapshotLosesTheFileThatLacksIt(BadSpot spot) throws Exception {
    int lost = spot.file();
    long from = lost * 100L + 1;
    long to = lost < 0 ? -1 : lost * 100L + 100;
    int kind = spot.ordinal() % 4;
    try (Peer peer = withSnapshot(withBadSpot(spot, kind))) {
      try (SourcePipeline source = begun(peer, "fail")) {
        String said = failure(source);
        assertTrue(said.contains("5 times in a row"), said);
        assertTrue(said.contains("The position is kept"), said);
        assertTrue(said.contains("corrupt.entry.policy=skip"), said);
        assertTrue(lost < 0 || said.contains(name(lost)), said);
      }
      String policy = spot.ordinal() % 2 == 0 ? "skip" : "dlq";
      try (SourcePipeline source = begun(peer, policy)) {
        List<SourceRecord> records = take(source, lost < 0 ? 310 : 210);
        assertEquals(
            idsOf(LongStream.rangeClosed(1, 310).filter(n -> n < from || n > to)), ids(records));
        assertEquals(310, PromptSource.positionAfter(records).walOffset());
        awaitFigure("snapshotFilesLeftOut", lost < 0 ? 0 : 1);
        awaitFigure("snapshotFailures", lost < 0 ? 0 : 2);
      }
    }
  }

  /**
   * What is wrong with a file's rows is found one file after the other; each is left out in turn.
   */
  @Test
  void severalAlteredFiles() throws Exception {
    try (Peer peer = withSnapshot(snapshot(BadFile.ALTERED, false, CHUNK, Set.of(0, 1, 2)));
        SourcePipeline source = begun(peer, "skip")) {
      assertEquals(idsOf(LongStream.rangeClosed(301, 310)), ids(take(source, 10)));
      awaitFigure("snapshotFilesLeftOut", 3);
      awaitFigure("snapshotFailures", 6);
    }
  }

  /** All damaged files are found in one attempt, so that they are left out together. */
  @Test
  void severalUnreadableLines() throws Exception {
    List<byte[]> lines = snapshot(null);
    for (int file = 0; file < 2; file++) {
      for (int at : linesOf(lines, file)) {
        lines.set(at, "this is no JSON\n".getBytes(UTF_8));
      }
    }
    try (Peer peer = withSnapshot(lines);
        SourcePipeline source = begun(peer, "skip")) {
      assertEquals(idsOf(LongStream.rangeClosed(201, 310)), ids(take(source, 110)));
      awaitFigure("snapshotFilesLeftOut", 2);
      awaitFigure("snapshotFailures", 2);
    }
  }

  /** What is left out is missing, and gap.policy decides. */
  @Test
  void whatARepairLeavesOutIsMissed() throws Exception {
    List<byte[]> lines = withBadSpot(BadSpot.ONLY_OF_FILE, 0);
    AtomicInteger end = new AtomicInteger(100);
    try (Peer peer =
        new Peer(
            call -> {
              int subscribed = Integer.parseInt(call.hear().replaceAll("\\D+", ""));
              boolean later = end.get() > 100;
              for (byte[] line : later && subscribed == 0 ? lines : List.<byte[]>of()) {
                call.say(line);
              }
              call.say("{\"type\":\"caught_up\",\"current_offset\":" + (later ? 300 : 0) + "}\n");
              for (int n = later ? 301 : 1; subscribed > 0 == later && n <= end.get(); n++) {
                call.say(line(n));
              }
              call.stay();
            })) {
      SourcePosition position;
      try (SourcePipeline source = begun(peer, "skip")) {
        position = PromptSource.positionAfter(take(source, 100));
        assertEquals(100, position.walOffset());
      }
      end.set(310);
      try (SourcePipeline source = new SourcePipeline(config(peer, "skip"), position)) {
        String said = failure(source);
        assertTrue(said.contains("Offsets 101 to 310: 200 events did not come, 100 were"), said);
      }
      try (SourcePipeline source =
          new SourcePipeline(config(peer, "skip", "gap.policy", "continue"), position)) {
        assertEquals(idsOf(LongStream.rangeClosed(201, 310)), ids(take(source, 110)));
        awaitFigure("snapshotFilesLeftOut", 1);
        awaitFigure("unaccounted", 100);
      }
    }
  }

  /** Where no file can be named, no policy could go on; the advice says so. */
  @ParameterizedTest
  @CsvSource({
    "unreadable start, fail",
    "unreadable start, skip",
    "hostile name, skip",
    "hostile name, dlq",
    "every file, fail",
    "every file, skip",
    "cut behind it, skip",
    "too long, skip",
    "stream in between, skip"
  })
  void whatNoPolicyCanLeaveOutStopsTheTask(String what, String policy) throws Exception {
    List<byte[]> lines = snapshot(null);
    byte[] start = lines.get(0);
    int middle = linesOf(lines, 1).get(1);
    switch (what) {
      case "unreadable start" ->
          lines.set(0, (new String(start, 0, start.length / 2, UTF_8) + "\n").getBytes(UTF_8));
      case "hostile name" ->
          lines.set(0, new String(start, UTF_8).replace("events", "../events").getBytes(UTF_8));
      case "every file" -> {
        for (int file = 0; file < 3; file++) {
          int at = linesOf(lines, file).get(0);
          lines.set(at, unreadable(lines.get(at), 1));
        }
      }
      case "cut behind it" -> {
        lines.set(middle, unreadable(lines.get(middle), 0));
        lines.subList(middle + 1, lines.size()).clear();
      }
      case "too long" -> lines.set(middle, new byte[(1 << 20) + 1]);
      default -> lines.add(middle, line(9));
    }
    boolean cut = what.equals("cut behind it");
    Peer.Script script =
        call -> {
          boolean all = call.hear().endsWith(":0}");
          for (byte[] line : all ? lines : List.<byte[]>of()) {
            call.say(line);
          }
          if (all && cut) {
            return;
          }
          call.say("{\"type\":\"caught_up\",\"current_offset\":300}\n");
          for (int n = 301; !all && n <= 310; n++) {
            call.say(line(n));
          }
          call.stay();
        };
    try (Peer peer = new Peer(script)) {
      SourceConfig config = config(peer, policy, "line.max.bytes", "65536");
      try (SourcePipeline source = new SourcePipeline(config, SourcePosition.START)) {
        String said = failure(source);
        assertTrue(said.contains("5 times in a row"), said);
        assertTrue(said.contains(peer.address().toString()), said);
        assertTrue(said.contains("The position is kept. It can't be told which file"), said);
        assertTrue(said.contains("gap.policy=continue goes on"), said);
        assertFalse(said.contains("corrupt.entry.policy=skip"), said);
        assertEquals(what.equals("too long"), said.contains("line.max.bytes"), said);
      }
      config = config(peer, policy, "line.max.bytes", "65536", "gap.policy", "continue");
      try (SourcePipeline source = new SourcePipeline(config, SourcePosition.START)) {
        assertEquals(idsOf(LongStream.rangeClosed(301, 310)), ids(take(source, 10)));
      }
    }
  }
}
