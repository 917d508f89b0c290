package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import java.io.IOException;

/** {@link SnapshotLines}, for tests of other packages. */
public final class SnapshotLinesProbe {
  private final SnapshotLines lines;

  public SnapshotLinesProbe(SnapshotAssembler assembler, boolean leavesOut) {
    lines = new SnapshotLines(new MessageCodec(), assembler, leavesOut);
  }

  /** As {@link SnapshotLines#line}. */
  public void line(byte[] buf, int off, int len, long number) throws IOException {
    lines.line(buf, off, len, number);
  }

  /** Whether a snapshot came whole. */
  public boolean complete() {
    return lines.outcome() == SnapshotLines.Outcome.COMPLETE;
  }
}
