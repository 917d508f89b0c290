package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFileReader;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.transport.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which events a real leader has, by a snapshot of the demo's own. */
@SuppressWarnings("AddressSelection")
final class LeaderCensus {
  private static final int LINE_MAX = 64 << 20;
  private static final int TIMEOUT_MS = 20_000;
  private static final long BYTES_MAX = 64L << 30;

  private LeaderCensus() {}

  /** The ids of all events in the leader's snapshot; none where it sends no snapshot. */
  static Set<String> take(HostPort leader) throws IOException {
    MessageCodec codec = new MessageCodec();
    Path folder = Folders.temporary("demo-census-");
    try (SnapshotAssembler assembler = new SnapshotAssembler(folder, BYTES_MAX);
        Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(leader.host(), leader.port()), TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(codec.encode(new FollowerMessage.Subscribe(0)));
      boolean[] caughtUp = {false};
      LineFramer framer = new LineFramer(LINE_MAX);
      InputStream in = socket.getInputStream();
      while (!caughtUp[0]) {
        byte[] block = new byte[64 << 10];
        int count = in.read(block);
        if (count < 0) {
          throw new IOException("the leader closed the connection within its snapshot");
        }
        framer.feed(
            block,
            0,
            count,
            (buf, off, len, number) -> {
              LeaderMessage message = codec.decodeLeader(buf, off, len, number);
              if (message instanceof LeaderMessage.SnapshotStart start) {
                assembler.start(start);
              } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
                assembler.chunk(chunk);
              } else if (message instanceof LeaderMessage.SnapshotEnd) {
                assembler.end();
              } else {
                caughtUp[0] = true;
              }
            });
      }
      return assembler.ended() ? ids(assembler.files()) : Set.of();
    } finally {
      Folders.delete(folder);
    }
  }

  private static Set<String> ids(List<SnapshotFile> files) throws IOException {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < files.size(); i++) {
      try (SnapshotFileReader reader = SnapshotFileReader.open(files.get(i), i, true)) {
        for (SnapshotRow row = reader.next(); row != null; row = reader.next()) {
          ids.add(row.event().id());
        }
      }
    }
    return ids;
  }
}
