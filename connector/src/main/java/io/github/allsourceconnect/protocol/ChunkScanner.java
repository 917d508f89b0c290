package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * Reads a {@code snapshot_chunk} written exactly as real leaders write it: the fields in their
 * order, no white space between them. What stands behind the data is found from the line's end, so
 * that the data is gone over only once, when it is decoded. Whatever differs in the least is left
 * to {@link MessageCodec}'s parser, as with {@link EntryScanner}. Stateless.
 */
final class ChunkScanner {
  private static final byte[] BEGIN = bytes("{\"type\":\"snapshot_chunk\",\"filename\":\"");
  private static final byte[] DATA = bytes("\",\"data\":\"");
  private static final byte[] OFFSET = bytes("\",\"chunk_offset\":");
  private static final byte[] LAST = bytes(",\"is_last\":true}");
  private static final byte[] NOT_LAST = bytes(",\"is_last\":false}");
  private static final int DIGITS_MAX = 18;

  private ChunkScanner() {}

  /** The chunk of a line, or null if the line is not of the usual form. */
  static LeaderMessage.SnapshotChunk scan(byte[] buf, int off, int len) {
    int end = off + len;
    if (!stands(BEGIN, buf, off, end)) {
      return null;
    }
    int name = off + BEGIN.length;
    int nameEnd = nameEnd(buf, name, end);
    if (!stands(DATA, buf, nameEnd, end)) {
      return null;
    }
    int data = nameEnd + DATA.length;
    boolean last = stands(LAST, buf, end - LAST.length, end);
    if (!last && !stands(NOT_LAST, buf, end - NOT_LAST.length, end)) {
      return null;
    }
    int numberEnd = end - (last ? LAST : NOT_LAST).length;
    int number = numberEnd;
    while (number > data
        && JsonCursor.isDigit(buf[number - 1])
        && numberEnd - number < DIGITS_MAX) {
      number--;
    }
    int dataEnd = number - OFFSET.length;
    if (number == numberEnd
        || (buf[number] == '0' && number + 1 < numberEnd)
        || dataEnd < data
        || !stands(OFFSET, buf, dataEnd, end)) {
      return null;
    }
    String filename = new String(buf, name, nameEnd - name, ISO_8859_1);
    // what is no digit of base64, quotes and escapes among it, is not taken
    byte[] bytes =
        SnapshotFields.isBareFileName(filename)
            ? LineParser.base64OrNull(buf, data, dataEnd - data)
            : null;
    return bytes == null
        ? null
        : new LeaderMessage.SnapshotChunk(filename, bytes, number(buf, number, numberEnd), last);
  }

  private static long number(byte[] buf, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = 10 * value + (buf[i] - '0');
    }
    return value;
  }

  /** Behind the last byte that is a plain character of ASCII. */
  private static int nameEnd(byte[] buf, int from, int end) {
    int at = from;
    while (at < end && buf[at] >= ' ' && buf[at] != '"' && buf[at] != '\\') {
      at++;
    }
    return at;
  }

  private static boolean stands(byte[] text, byte[] buf, int at, int end) {
    return at >= 0
        && at + text.length <= end
        && Arrays.equals(buf, at, at + text.length, text, 0, text.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
