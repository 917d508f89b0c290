package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Lines of a leader, {@code wal_entry} from sequence 1 on without a hole, each with its {@code \n}.
 * Immutable.
 */
final class PreparedLines {
  /** {@code 2026-11-01T00:00:00Z}. */
  private static final long FIRST_SECOND = 1_793_491_200L;

  private static final int ENTITIES = 9973;
  private static final int NOTE = 120;
  private static final byte[] DATA = "\"data\":".getBytes(UTF_8);

  private final byte[] bytes;
  private final int[] starts;

  private PreparedLines(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  /** So many entries of about 510 bytes, a second apart, the same for every call. */
  static PreparedLines generate(int count) {
    return generate(count, NOTE, ENTITIES);
  }

  /**
   * The same of other events.
   *
   * @param note how many characters of the payload are a text
   * @param entities how many entities they are of, in turns
   */
  static PreparedLines generate(int count, int note, int entities) {
    SplittableRandom random = new SplittableRandom(5);
    ByteArrayOutputStream out = new ByteArrayOutputStream(count * (440 + note));
    String text = "x".repeat(note);
    for (int n = 1; n <= count; n++) {
      out.writeBytes(line(n, random, text, entities).getBytes(UTF_8));
    }
    return of(out.toByteArray());
  }

  /** The lines of a file. */
  static PreparedLines read(Path file) throws IOException {
    return of(Files.readAllBytes(file));
  }

  private static PreparedLines of(byte[] bytes) {
    int count = 0;
    for (byte b : bytes) {
      count += b == '\n' ? 1 : 0;
    }
    int[] starts = new int[count + 1];
    int line = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        starts[++line] = i + 1;
      }
    }
    return new PreparedLines(bytes, starts);
  }

  private static String line(int n, SplittableRandom random, String note, int entities) {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    String id = new UUID(high, low).toString();
    String time = Timestamps.of(FIRST_SECOND + n, (int) (n * 1_000_003L % 1_000_000_000L));
    return "{\"type\":\"wal_entry\",\"offset\":"
        + n
        + ",\"data\":{\"sequence\":"
        + n
        + ",\"wal_timestamp\":\""
        + time
        + "\",\"event\":{\"id\":\""
        + id
        + "\",\"event_type\":\"order.placed\",\"entity_id\":\"order-"
        + n % entities
        + "\",\"tenant_id\":\"default\",\"payload\":{\"n\":"
        + n
        + ",\"amount\":12.5,\"note\":\""
        + note
        + "\"},\"timestamp\":\""
        + time
        + "\",\"metadata\":{\"src\":\"gen\"},\"version\":1},\"checksum\":"
        + WalChecksum.compute(n, time, id)
        + "}}\n";
  }

  int count() {
    return starts.length - 1;
  }

  /** All of them; not to be written to. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the line after the {@code n}th begins. */
  int startAfter(int n) {
    return starts[n];
  }

  /** The entry's own text in the {@code n}th line, from 1: the value that the source makes. */
  byte[] value(int n) {
    int at = starts[n - 1];
    while (!Arrays.equals(bytes, at, at + DATA.length, DATA, 0, DATA.length)) {
      at++;
    }
    // without the message's brace and the end of the line
    return Arrays.copyOfRange(bytes, at + DATA.length, starts[n] - 2);
  }

  void write(Path file) throws IOException {
    Files.write(file, bytes);
  }
}
