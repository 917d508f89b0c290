package io.github.allsourceconnect.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.allsourceconnect.sink.history.DamagedHistoryException;
import io.github.allsourceconnect.sink.history.HistoryRecordsProbe;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records of a history's topic that somebody else wrote, or that were damaged: each is read, and is
 * the same when it is written and read again, or it is refused as damaged.
 *
 * <p>The first byte of an input says what the rest is: a record with a list of files ({@code z}), a
 * list that is not zipped ({@code p}), one whose checksum is to be right ({@code s}), or two chunks
 * of a file ({@code c}), cut where the next byte says.
 */
class HistoryRecordFuzzTest {
  private static final byte[] WHOLE_CHUNK = new byte[512 << 10];

  static List<byte[]> seeds() throws IOException {
    byte[] plain = HistoryRecordsProbe.plainList();
    String first =
        "allsource history 1\n4 5 9 1\n" + HistoryRecordsProbe.FILE + " 5 9 3 100 ffffffff 2\n";
    return List.of(
        input('z', HistoryRecordsProbe.list()),
        input('z', new byte[0]),
        input('p', plain),
        input('s', Arrays.copyOf(plain, plain.length - 9)),
        input('s', first.getBytes(UTF_8)),
        input('c', new byte[] {2, 1, 2, 3}));
  }

  private static byte[] input(char kind, byte[] rest) {
    byte[] input = new byte[rest.length + 1];
    input[0] = (byte) kind;
    System.arraycopy(rest, 0, input, 1, rest.length);
    return input;
  }

  @MethodSource("seeds")
  @FuzzTest
  void historyRecords(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    try {
      switch (input[0]) {
        case 'z' -> HistoryRecordsProbe.readList(rest);
        case 'p' -> HistoryRecordsProbe.readPlainList(rest);
        case 's' -> HistoryRecordsProbe.readPlainList(sealed(rest));
        case 'c' -> chunks(rest);
        default -> {
          // a letter of its own for each kind, or most of the time goes into the last one
        }
      }
    } catch (DamagedHistoryException e) {
      assertFalse(e.getMessage().chars().anyMatch(Character::isISOControl), "not printable: " + e);
    }
  }

  private static byte[] sealed(byte[] body) {
    // as it is read, or the checksum is not right for what is no UTF-8
    byte[] text = new String(body, UTF_8).getBytes(UTF_8);
    CRC32C crc = new CRC32C();
    crc.update(text);
    byte[] line = String.format(Locale.ROOT, "%08x\n", crc.getValue()).getBytes(UTF_8);
    byte[] all = Arrays.copyOf(text, text.length + line.length);
    System.arraycopy(line, 0, all, text.length, line.length);
    return all;
  }

  private static void chunks(byte[] rest) throws IOException {
    int cut = rest.length == 0 ? 0 : Math.min(rest.length - 1, rest[0] & 0xff);
    byte[] first = Arrays.copyOf(rest, cut);
    byte[] second = Arrays.copyOfRange(rest, cut, rest.length);
    String prefix = "o/" + HistoryRecordsProbe.FILE + "/";
    HistoryRecordsProbe.chunks(prefix + 0, first, prefix + 1, second);
    HistoryRecordsProbe.chunks(prefix + 0, WHOLE_CHUNK, prefix + 1, second);
  }

  @Test
  void damaged() throws IOException {
    Damage.run("history records", seeds(), this::historyRecords);
  }
}
