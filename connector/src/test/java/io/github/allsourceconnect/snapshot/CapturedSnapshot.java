package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
import java.nio.file.Path;

/** The snapshot that a capture begins with. */
public final class CapturedSnapshot {
  private CapturedSnapshot() {}

  /** Its files, whole; to be closed by the caller. */
  public static SnapshotAssembler assemble(String capture, Path folder) throws IOException {
    SnapshotAssembler assembler = new SnapshotAssembler(folder, 1 << 30);
    for (LeaderMessage message : Captures.messages(capture)) {
      if (message instanceof LeaderMessage.SnapshotStart start) {
        assembler.start(start);
      } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
        assembler.chunk(chunk);
      } else if (message instanceof LeaderMessage.SnapshotEnd) {
        assembler.end();
      }
    }
    return assembler;
  }
}
