package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What the history of a partition consists of. Invariant: the files' ranges follow one another
 * without a hole from {@code after} on, in the order of their names, and none ends above {@code
 * upTo}; so every entry of the log in {@code (after, upTo]} is in exactly one file. Immutable; each
 * change is a new one with the next number.
 *
 * @param number rises with each change, whoever makes it
 * @param after entries up to here are not part of the history; -1 when it has not begun
 * @param upTo the history reaches this WAL offset; -1 when it has not begun
 * @param retired files that are no longer part of it, but may not be deleted yet
 */
record HistoryManifest(
    long number, long after, long upTo, List<HistoryFile> files, List<HistoryFile> retired) {
  /** No history yet. */
  static final HistoryManifest NONE = new HistoryManifest(0, -1, -1, List.of(), List.of());

  private static final String TITLE = "allsource history 1";

  HistoryManifest {
    files = List.copyOf(files);
    retired = List.copyOf(retired);
    if (number < 0 || after < -1 || upTo < after || (after < 0 && upTo >= 0)) {
      throw new IllegalArgumentException("a history from " + after + " to " + upTo);
    }
    long reached = after;
    String name = "";
    for (HistoryFile file : files) {
      if (file.after() != reached || file.name().compareTo(name) <= 0) {
        throw new IllegalArgumentException("the files don't follow one another at " + file.name());
      }
      reached = file.upTo();
      name = file.name();
    }
    if (reached > upTo) {
      throw new IllegalArgumentException("a file ends above the history");
    }
  }

  boolean begun() {
    return after >= 0;
  }

  /** Where the next file's range begins. */
  long filesUpTo() {
    return files.isEmpty() ? after : files.get(files.size() - 1).upTo();
  }

  /** The same, taken over by a new owner. */
  HistoryManifest takenOver(long newNumber) {
    return new HistoryManifest(newNumber, after, upTo, files, retired);
  }

  /** The same change, with what is retired now. */
  HistoryManifest withRetired(List<HistoryFile> all) {
    return new HistoryManifest(number, after, upTo, files, all);
  }

  HistoryManifest begin(long newAfter) {
    return new HistoryManifest(number + 1, newAfter, newAfter, List.of(), retired);
  }

  HistoryManifest add(HistoryFile file) {
    List<HistoryFile> more = new ArrayList<>(files);
    more.add(file);
    return new HistoryManifest(number + 1, after, Math.max(upTo, file.upTo()), more, retired);
  }

  /** The log has nothing more up to that offset. */
  HistoryManifest reach(long walOffset) {
    return new HistoryManifest(number + 1, after, Math.max(upTo, walOffset), files, retired);
  }

  /** One file in place of a run of them. */
  HistoryManifest replace(List<HistoryFile> run, HistoryFile merged) {
    int from = files.indexOf(run.get(0));
    if (from < 0
        || from + run.size() > files.size()
        || !files.subList(from, from + run.size()).equals(run)) {
      throw new IllegalArgumentException("no such run of files");
    }
    List<HistoryFile> fewer = new ArrayList<>(files.subList(0, from));
    fewer.add(merged);
    fewer.addAll(files.subList(from + run.size(), files.size()));
    return new HistoryManifest(number + 1, after, upTo, fewer, retired);
  }

  /** Without the last files from {@code count} on. */
  HistoryManifest keepFirst(int count) {
    List<HistoryFile> kept = files.subList(0, count);
    long end = kept.isEmpty() ? after : kept.get(count - 1).upTo();
    return new HistoryManifest(number + 1, after, end, kept, retired);
  }

  /**
   * As text: a title, the figures, a line a file, the retired ones last, and the CRC-32C of all
   * that in the last line.
   */
  byte[] encode() {
    StringBuilder text = new StringBuilder(TITLE).append('\n');
    text.append(number).append(' ').append(after).append(' ').append(upTo).append(' ');
    text.append(files.size()).append('\n');
    files.forEach(file -> line(text, file));
    retired.forEach(file -> line(text, file));
    String body = text.toString();
    return (body + checksum(body) + "\n").getBytes(UTF_8);
  }

  private static void line(StringBuilder text, HistoryFile file) {
    text.append(file.name()).append(' ').append(file.after()).append(' ').append(file.upTo());
    text.append(' ').append(file.rows()).append(' ').append(file.bytes()).append(' ');
    text.append(Long.toHexString(file.crc())).append(' ').append(file.first()).append('\n');
  }

  /**
   * What {@link #encode} gave.
   *
   * @throws IllegalArgumentException when it is incomplete or altered
   */
  static HistoryManifest decode(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    int last = text.lastIndexOf('\n', text.length() - 2) + 1;
    String body = text.substring(0, last);
    if (!text.substring(last).equals(checksum(body) + "\n")) {
      throw new IllegalArgumentException("the list of files is incomplete or altered");
    }
    List<String> lines = body.lines().toList();
    if (lines.size() < 2 || !lines.get(0).equals(TITLE)) {
      throw new IllegalArgumentException("a list of files of an unknown kind");
    }
    String[] head = lines.get(1).split(" ", -1);
    List<HistoryFile> files = new ArrayList<>();
    for (String line : lines.subList(2, lines.size())) {
      String[] part = line.split(" ", -1);
      files.add(
          new HistoryFile(
              part[0],
              Long.parseLong(part[1]),
              Long.parseLong(part[2]),
              Long.parseLong(part[3]),
              Long.parseLong(part[4]),
              Long.parseLong(part[5], 16),
              Long.parseLong(part[6])));
    }
    int count = Integer.parseInt(head[3]);
    return new HistoryManifest(
        Long.parseLong(head[0]),
        Long.parseLong(head[1]),
        Long.parseLong(head[2]),
        files.subList(0, count),
        files.subList(count, files.size()));
  }

  private static String checksum(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
