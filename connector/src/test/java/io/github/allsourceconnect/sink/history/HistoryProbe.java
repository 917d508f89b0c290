package io.github.allsourceconnect.sink.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.history.HistoryReader.Chunk;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** A history with a clock that stands still until it is told otherwise, and what followers get. */
final class HistoryProbe {
  static final LogIdentity LOG = new LogIdentity("cluster-1", "topic-1");
  static final AtomicLong RANDOM = new AtomicLong(1);

  final AtomicLong clock = new AtomicLong(1_767_323_045_120L);
  final History history;
  final HistoryAppender appender;

  HistoryProbe(HistoryStorage storage, HistoryPlan plan) {
    this.history =
        new History(
            storage,
            plan,
            () -> Long.MAX_VALUE,
            clock::get,
            () -> RANDOM.getAndAdd(0x9E3779B97F4A7C15L));
    this.appender = history.appender();
  }

  /** Opens it as the history of {@link #LOG}. */
  HistoryCoverage open() throws IOException {
    return appender.open(LOG);
  }

  /** Opens it and begins it behind an offset. */
  HistoryProbe begunAt(long after) throws IOException {
    open();
    begin(after);
    return this;
  }

  void begin(long after) throws IOException {
    assertEquals(after, appender.goOn(new HistoryPlace.Begin(after)));
  }

  /** Goes on where it must when the log has these Kafka offsets. */
  long goOn(long begin, long end) throws IOException {
    return appender.goOn(HistoryPlace.of(history.coverage(), begin, end));
  }

  /** Appends every entry above one offset, up to another. */
  void append(long after, long upTo) throws IOException {
    append(range(after, upTo));
  }

  /** A task writes the first entries, and ends. */
  void written(long upTo) throws IOException {
    begunAt(0).append(0, upTo);
    appender.close();
  }

  void append(Iterable<Long> offsets) throws IOException {
    for (long offset : offsets) {
      appender.append(entry(offset));
    }
  }

  /** Opened anew it has every entry up to this one, and a new follower gets them. */
  void assertKept(long upTo, Path temp) throws IOException {
    assertEquals(new HistoryCoverage(0, upTo), open());
    assertEquals(range(0, upTo), received(history, 0, temp));
    appender.close();
  }

  /** Every offset above one, up to another. */
  static List<Long> range(long after, long upTo) {
    return LongStream.rangeClosed(after + 1, upTo).boxed().toList();
  }

  static WalEntry entry(long offset) {
    return Events.entry(offset, "{\"n\":" + offset + ",\"big\":18446744073709551615}");
  }

  /** The offsets that a follower with {@code after} gets, each row compared with its entry. */
  static List<Long> received(History history, long after, Path temp) throws IOException {
    return received(history.read(after, false), temp);
  }

  /** The offsets that a new follower gets of what there is. */
  static List<Long> receivedAcrossHoles(History history, Path temp) throws IOException {
    return received(history.read(0, true), temp);
  }

  private static List<Long> received(HistoryReader reader, Path temp) throws IOException {
    List<Long> offsets = new ArrayList<>();
    try (HistoryReader transfer = reader) {
      List<String> names = transfer.files();
      assertTrue(!names.isEmpty());
      assertEquals(names, names.stream().sorted().distinct().toList());
      for (String name : names) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        boolean last = false;
        while (!last) {
          Chunk chunk = transfer.next();
          assertEquals(name, chunk.file());
          assertEquals(file.size(), chunk.offset());
          assertTrue(chunk.last() || chunk.data().length == 512 << 10);
          file.write(chunk.data());
          last = chunk.last();
        }
        for (SnapshotRow row : ReceivedFile.rows(name, file.toByteArray(), temp)) {
          WalEntry entry = entry(row.walOffset());
          assertEquals(entry.event().id(), row.event().id());
          assertEquals(entry.event().tenantId(), row.event().tenantId());
          assertEquals(entry.event().payload(), row.event().payload());
          assertEquals(entry.event().micros(), row.event().micros());
          assertEquals(entry.event().version(), row.event().version());
          offsets.add(row.walOffset());
        }
      }
      assertEquals(null, transfer.next());
      assertTrue(offsets.stream().allMatch(offset -> offset <= transfer.endOffset()));
    }
    return offsets;
  }
}
