package io.github.allsourceconnect.source.readahead;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The read-ahead between the connection's thread and the follower's, in memory, under all
 * interleavings that Lincheck tries. A put here waits for nothing: a full buffer, the disk and the
 * waiting are in {@link ReceiveBufferTest} with two real threads, as Lincheck does not follow a
 * thread into the file system.
 */
@Timeout(900)
public class ReceiveBufferLincheckTest {
  private static final int MEMORY = 3;

  private final ReceiveBuffer buffer =
      new ReceiveBuffer(MEMORY, new SpillFiles(Path.of("never-made"), 0), () -> {});
  private byte next;

  /** One byte in an array of its own; what was put, or 0 when there is no room. */
  @Operation(nonParallelGroup = "connection")
  public int put() throws InterruptedException {
    if (buffer.memoryBytes() >= MEMORY) {
      return 0;
    }
    byte[] one = {++next};
    return buffer.put(1, one, 0, 1) ? next : -1;
  }

  /** All bytes of what is taken, in order. */
  @Operation(nonParallelGroup = "follower")
  public String take() throws IOException {
    ReceiveBuffer.Block block = buffer.take();
    return block == null ? "nothing" : Arrays.toString(block.array());
  }

  @Operation(nonParallelGroup = "follower")
  public boolean isEmpty() {
    return buffer.isEmpty();
  }

  @Test
  void isLinearizable() {
    new ModelCheckingOptions()
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(4)
        .actorsAfter(2)
        .iterations(12)
        .invocationsPerIteration(300)
        .check(ReceiveBufferLincheckTest.class);
  }
}
