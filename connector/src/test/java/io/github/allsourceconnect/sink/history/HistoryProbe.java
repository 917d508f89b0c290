package io.github.allsourceconnect.sink.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.history.SnapshotStore.Chunk;
import io.github.allsourceconnect.sink.history.SnapshotStore.Transfer;
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
  static final AtomicLong RANDOM = new AtomicLong(1);

  final AtomicLong clock = new AtomicLong(1_767_323_045_120L);
  final KeptHistory history;

  HistoryProbe(HistoryStorage storage, HistoryDecisions decisions) {
    this.history =
        new KeptHistory(
            storage, decisions, clock::get, () -> RANDOM.getAndAdd(0x9E3779B97F4A7C15L));
  }

  /** Opens it and begins it behind an offset. */
  HistoryProbe begunAt(long after) throws IOException {
    history.open();
    history.begin(after);
    return this;
  }

  /** Appends every entry above one offset, up to another. */
  void append(long after, long upTo) throws IOException {
    for (long offset = after + 1; offset <= upTo; offset++) {
      history.append(entry(offset));
    }
  }

  /** Every offset above one, up to another. */
  static List<Long> range(long after, long upTo) {
    return LongStream.rangeClosed(after + 1, upTo).boxed().toList();
  }

  static WalEntry entry(long offset) {
    return Events.entry(offset, "{\"n\":" + offset + ",\"big\":18446744073709551615}");
  }

  /** The offsets that a follower with {@code after} gets, each row compared with its entry. */
  static List<Long> received(SnapshotStore history, long after, Path temp) throws IOException {
    List<Long> offsets = new ArrayList<>();
    try (Transfer transfer = history.transfer(after)) {
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
