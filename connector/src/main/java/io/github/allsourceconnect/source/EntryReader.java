package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.source.decision.Follower;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the blocks of the live connection into lines, entries and inputs of the follower, on the
 * follower's thread. Stops between two lines when the follower, or the output, wants no more.
 * What is no good entry goes by {@code corrupt.entry.policy}.
 */
final class EntryReader {
  private static final Logger LOG = LoggerFactory.getLogger(EntryReader.class);
  private static final long LOG_EVERY_NANOS = 10_000_000_000L;

  private final RecordSettings settings;
  private final int lineMax;
  private final MessageCodec codec;
  private final ReceiveBuffer buffer;
  private final LiveConnection connection;
  private final BatchBuilder output;
  private final String leader;

  private int generation;
  private int brokenGeneration;
  private LineFramer framer;
  private int count;
  private int next;
  private byte[][] arrays = new byte[256][];
  private int[] offsets = new int[256];
  private int[] lengths = new int[256];
  private long[] numbers = new long[256];
  private long protocolErrors;
  private long corruptLines;
  private long loggedAt = System.nanoTime() - LOG_EVERY_NANOS;
  private long notLogged;

  EntryReader(
      RecordSettings settings,
      int lineMax,
      MessageCodec codec,
      ReceiveBuffer buffer,
      LiveConnection connection,
      BatchBuilder output,
      String leader) {
    this.settings = settings;
    this.lineMax = lineMax;
    this.codec = codec;
    this.buffer = buffer;
    this.connection = connection;
    this.output = output;
    this.leader = leader;
  }

  /** Whether everything that was received has been handed in. */
  boolean isEmpty() {
    return next == count && buffer.isEmpty();
  }

  /**
   * Hands in the lines of one block at most, while they are wanted and there is room.
   *
   * @return whether anything was handed in
   * @throws ConnectException under {@code corrupt.entry.policy=fail}
   * @throws IOException if the read-ahead can't be read again
   */
  boolean read(Follower follower, BooleanSupplier room) throws IOException {
    if (!follower.wantsEntries()) {
      return false;
    }
    boolean did = false;
    if (next == count) {
      count = 0;
      next = 0;
      ReceiveBuffer.Block block = buffer.take();
      if (block == null) {
        return false;
      }
      did = true;
      frame(block);
    }
    while (next < count && follower.wantsEntries() && room.getAsBoolean()) {
      int i = next++;
      byte[] array = arrays[i];
      arrays[i] = null;
      line(follower, array, offsets[i], lengths[i], numbers[i]);
      did = true;
    }
    return did;
  }

  private void frame(ReceiveBuffer.Block block) throws IOException {
    if (block.generation() != generation) {
      generation = block.generation();
      framer = new LineFramer(lineMax);
    }
    if (generation == brokenGeneration) {
      return;
    }
    try {
      framer.feed(block.array(), block.off(), block.len(), this::keep);
    } catch (ProtocolException e) {
      broken(e.getMessage());
    }
  }

  private void keep(byte[] array, int off, int len, long number) {
    if (count == arrays.length) {
      int more = 2 * count;
      arrays = Arrays.copyOf(arrays, more);
      offsets = Arrays.copyOf(offsets, more);
      lengths = Arrays.copyOf(lengths, more);
      numbers = Arrays.copyOf(numbers, more);
    }
    arrays[count] = array;
    offsets[count] = off;
    lengths[count] = len;
    numbers[count] = number;
    count++;
  }

  private void line(Follower follower, byte[] array, int off, int len, long number) {
    LeaderMessage.Entry entry;
    try {
      LeaderMessage message = codec.decodeLeader(array, off, len, number);
      if (message instanceof LeaderMessage.CaughtUp) {
        return; // a leader that replays tells where it has become live
      }
      if (!(message instanceof LeaderMessage.Entry)) {
        if (generation != brokenGeneration) {
          broken("line " + number + " belongs to a snapshot, but the live stream had begun");
        }
        return;
      }
      entry = (LeaderMessage.Entry) message;
      WalChecksum.verify(entry.data(), number);
    } catch (ProtocolException e) {
      corrupt(follower, array, off, len, e);
      return;
    }
    follower.onEntry(generation, entry.data());
  }

  /** The rest of this connection is of no use. */
  private void broken(String why) {
    protocolErrors++;
    brokenGeneration = generation;
    LOG.error(
        "Protocol error {} since the start, connection {} to leader {}: {}",
        protocolErrors,
        generation,
        leader,
        why);
    connection.lost(generation, "protocol error: " + why);
  }

  private void corrupt(
      Follower follower, byte[] array, int off, int len, ProtocolException wrong) {
    corruptLines++;
    if (settings.corrupt() == CorruptPolicy.FAIL) {
      throw new ConnectException(
          "Leader "
              + leader
              + ", connection "
              + generation
              + ": "
              + wrong.getMessage()
              + ". corrupt.entry.policy=fail: the position stays before it. To go on without it (the"
              + " event itself may come by a repair), set corrupt.entry.policy=skip, or dlq with"
              + " dlq.topic.",
          wrong);
    }
    long now = System.nanoTime();
    if (now - loggedAt >= LOG_EVERY_NANOS) {
      LOG.error(
          "Skipped a line of leader {} by corrupt.entry.policy ({} since the start, {} of them not"
              + " logged): {}",
          leader,
          corruptLines,
          notLogged,
          wrong.getMessage());
      loggedAt = now;
      notLogged = 0;
    } else {
      notLogged++;
    }
    if (settings.corrupt() == CorruptPolicy.DLQ) {
      deadLetter(array, off, len, wrong);
    }
    follower.onCorruptSkipped(generation, wrong.walOffset());
  }

  /** The line as text if it is UTF-8, otherwise in base64; a header tells. */
  private void deadLetter(byte[] array, int off, int len, ProtocolException wrong) {
    String text;
    String encoding = "utf-8";
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(array, off, len)).toString();
    } catch (CharacterCodingException e) {
      encoding = "base64";
      text = Base64.getEncoder().encodeToString(Arrays.copyOfRange(array, off, off + len));
    }
    ConnectHeaders headers = new ConnectHeaders();
    headers.addString("allsource.error.reason", wrong.getMessage());
    headers.addString("allsource.error.kind", wrong.kind().name());
    headers.addString("allsource.error.encoding", encoding);
    headers.addString("allsource.error.leader", leader);
    headers.addLong("allsource.error.line", wrong.lineNumber());
    if (wrong.walOffset() > 0) {
      headers.addLong("allsource.error.wal_offset", wrong.walOffset());
    }
    output.add(settings.deadLetterTopic(), null, Schema.STRING_SCHEMA, text, null, headers, len);
  }

  /** Connections that broke the protocol. */
  long protocolErrors() {
    return protocolErrors;
  }
}
