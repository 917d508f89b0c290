package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import org.junit.jupiter.api.Test;

/** Which offsets are missing: those that nothing tells of. */
class OffsetAccountTest {
  private final LiveStream stream =
      new LiveStream(
          new RecordedOrders(),
          SourcePosition.START,
          new ProducedEvents(4096),
          new Lateness(0, 0),
          1 << 20);
  private final Sequencer entries = new Sequencer(stream);

  private void begin(boolean holesNormal) {
    stream.switchTo(new Epoch(0, 1, 0), false, holesNormal);
    stream.establish(0, true, 0);
  }

  private void take(WalEntry entry) {
    entries.entry(entry, 1);
    while (entries.dueBytes() >= 0) {
      entries.release(1);
    }
  }

  @Test
  void anEventOfARowThatTellsItsOffsetIsCountedOnce() {
    begin(false);
    stream.handover.row(new SnapshotRow(Events.event(3, "{}"), 0, 0), null);
    stream.offsets.rowsBeyond(1);
    take(Events.entry(5, "{}"));
    assertEquals(3, stream.offsets.missingUpTo(5), "of five one is held, and one is there");
    take(Events.entry(3, "{}"));
    assertEquals(0, stream.offsets.beyond());
    assertEquals(3, stream.offsets.missingUpTo(5), "it is the one that was there");
    assertEquals(2, stream.offsets.missingUpTo(3));
    assertEquals(1, stream.ledger.duplicates);
    take(Events.entry(3, "{}"));
    assertEquals(0, stream.offsets.beyond());
    assertEquals(3, stream.offsets.missingUpTo(5));
  }

  @Test
  void aLineThatCanNotBeReadMayBeAnyThatIsMissingUnlessItTellsWhich() {
    begin(false);
    take(Events.entry(1, "{}"));
    stream.offsets.corrupt(5);
    assertEquals(0, stream.offsets.corruptUpTo(4));
    assertEquals(1, stream.offsets.corruptUpTo(5));
    stream.offsets.corrupt(0);
    assertEquals(0, stream.offsets.corruptUpTo(1));
    assertEquals(1, stream.offsets.corruptUpTo(2));
    assertEquals(2, stream.offsets.corruptUpTo(5));
    assertEquals(2, stream.ledger.corrupt);
  }

  @Test
  void whereHolesAreNormalNothingIsWaitedFor() {
    begin(true);
    take(Events.entry(1, "{}"));
    take(Events.entry(5, "{}"));
    assertEquals(5, stream.walOffset());
    assertEquals(-1, stream.holeSince());
  }
}
