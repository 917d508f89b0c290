package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leader's numbers that jump: nothing is as large as a number says, and none turns round. */
class FarOffsetsTest {
  private final RecordedOrders orders = new RecordedOrders();
  private final LiveStream stream =
      new LiveStream(
          orders, SourcePosition.START, new ProducedEvents(4096), new Lateness(0, 0), 1 << 20);

  private final Sequencer entries = new Sequencer(stream);

  private void take(WalEntry entry) {
    entries.entry(entry, 1);
    while (entries.dueBytes() >= 0) {
      entries.release(1);
    }
  }

  private static WalEntry entry(long event, long offset) {
    WalEntry near = Events.entry(event, "{}");
    return new WalEntry(offset, near.walTimestamp(), near.event(), near.checksum(), null, null);
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 40, Long.MAX_VALUE - 1, Long.MAX_VALUE})
  void aNumberThatJumpsIsAGapAndWhatComesAfterIsProduced(long far) {
    stream.switchTo(new Epoch(0, 1, 0), false, false);
    stream.establish(0, true, 0);
    List<String> expected = new ArrayList<>();
    for (long n = 1; n <= 5; n++) {
      take(entry(n, n));
      expected.add(Events.event(n, "{}").id());
    }
    take(entry(6, far));
    assertEquals(5, stream.walOffset());
    assertEquals(far - 6, stream.arrears.open());
    assertTrue(stream.holeSince() >= 0);
    // nobody has them, and the policy goes on
    stream.closeGap(far, 0, true);
    stream.handover.entry(entry(6, far));
    stream.establish(far, false, 1);
    expected.add(Events.event(6, "{}").id());
    assertEquals(far, stream.walOffset());
    for (long n = 7; n <= 12; n++) {
      take(entry(n, n - 1));
      expected.add(Events.event(n, "{}").id());
    }
    assertEquals(expected, orders.produced);
    assertEquals(far, stream.walOffset());
    assertTrue(stream.held.currentIsEmpty());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void linesThatCanNotBeReadTakeNoMemoryEach() {
    SkippedLines lines = new SkippedLines();
    for (long line = 1; line <= 3L * SkippedLines.PLACED_MAX; line++) {
      lines.add(1_000_000 + line);
      lines.addSomewhere(line, line, 32);
    }
    assertEquals(0, lines.upTo(1));
    assertEquals(3L * SkippedLines.PLACED_MAX, lines.upTo(1_000_000));
    assertEquals(4L * SkippedLines.PLACED_MAX, lines.upTo(Long.MAX_VALUE));
    lines.settled(1_000_000, 0, 0);
    assertEquals(SkippedLines.PLACED_MAX, lines.upTo(Long.MAX_VALUE));
    lines.clear();
    assertEquals(0, lines.upTo(Long.MAX_VALUE));
  }
}
