package io.github.allsourceconnect.protocol;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the fields of a snapshot's messages: what they name is bounded while it is read. */
public final class SnapshotFields {
  /** How many files a snapshot may have. */
  public static final int MAX_FILES = 100_000;

  /** How many characters the names of a snapshot's files may have together. */
  public static final int MAX_FILE_NAMES_LENGTH = 12_000_000;

  private static final int MAX_FILE_NAME = 255;

  /** Each character written as an escape. */
  private static final int MAX_FILE_NAME_BYTES = 6 * MAX_FILE_NAME;

  private SnapshotFields() {}

  static LeaderMessage.SnapshotStart start(LineParser in, String first, boolean typeSeen)
      throws ProtocolException {
    List<String> files = null;
    Boolean replays = null;
    for (String field = first; field != null; field = in.nextField()) {
      switch (field) {
        case "type" -> in.once(typeSeen, field);
        case "parquet_files" -> {
          in.once(files != null, field);
          files = fileNames(in, field);
        }
        case "replays" -> {
          in.once(replays != null, field);
          replays = in.bool(field);
        }
        default -> in.skipValue();
      }
    }
    in.endLine();
    if (files == null) {
      throw in.missing("parquet_files");
    }
    return new LeaderMessage.SnapshotStart(files, replays != null && replays);
  }

  /** Counted while they are read: a line within its limit may hold millions of names. */
  private static List<String> fileNames(LineParser in, String field) throws ProtocolException {
    Set<String> names = new LinkedHashSet<>();
    long[] characters = new long[1];
    in.texts(
        field,
        MAX_FILE_NAME_BYTES,
        name -> {
          checkFileName(in, field, name);
          characters[0] += name.length();
          if (names.size() == MAX_FILES || characters[0] > MAX_FILE_NAMES_LENGTH) {
            throw in.wrong(
                field,
                "names more than "
                    + MAX_FILES
                    + " files, or has more than "
                    + MAX_FILE_NAMES_LENGTH
                    + " characters of names (merge the leader's files: its compaction does)");
          }
          if (!names.add(name)) {
            throw in.wrong(field, "names a file twice");
          }
        });
    return List.copyOf(names);
  }

  static LeaderMessage.SnapshotChunk chunk(LineParser in, String first, boolean typeSeen)
      throws ProtocolException {
    String filename = null;
    byte[] data = null;
    long chunkOffset = -1;
    Boolean last = null;
    for (String field = first; field != null; field = in.nextField()) {
      switch (field) {
        case "type" -> in.once(typeSeen, field);
        case "filename" -> {
          in.once(filename != null, field);
          filename = in.text(field, MAX_FILE_NAME_BYTES);
          checkFileName(in, field, filename);
        }
        case "data" -> {
          in.once(data != null, field);
          data = in.base64(field);
        }
        case "chunk_offset" -> {
          in.once(chunkOffset >= 0, field);
          chunkOffset = in.unsigned(field, Long.MAX_VALUE);
        }
        case "is_last" -> {
          in.once(last != null, field);
          last = in.bool(field);
        }
        default -> in.skipValue();
      }
    }
    in.endLine();
    if (filename == null || data == null || chunkOffset < 0 || last == null) {
      throw in.missing(
          filename == null
              ? "filename"
              : data == null ? "data" : chunkOffset < 0 ? "chunk_offset" : "is_last");
    }
    return new LeaderMessage.SnapshotChunk(filename, data, chunkOffset, last);
  }

  /** A bare name: nothing that leads out of the folder it is written to. */
  private static void checkFileName(LineParser in, String field, String name)
      throws ProtocolException {
    if (!isBareFileName(name)) {
      throw in.wrong(
          field,
          "holds something that is not a bare file name (a path, or a character no name has)");
    }
  }

  /** Whether a file of this name can only lie in the folder it is put into. */
  public static boolean isBareFileName(String name) {
    if (name.isEmpty() || name.length() > MAX_FILE_NAME || name.equals(".") || name.equals("..")) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '/' || c == '\\' || c == ':' || c < 0x20 || c == 0x7F) {
        return false;
      }
    }
    return true;
  }
}
