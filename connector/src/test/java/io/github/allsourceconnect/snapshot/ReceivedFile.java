package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A snapshot file as a follower has put it together from its chunks. */
public final class ReceivedFile {
  private ReceivedFile() {}

  /**
   * The rows, in the file's order.
   *
   * @param folder where the file may be put while it is read
   */
  public static List<SnapshotRow> rows(String name, byte[] content, Path folder)
      throws IOException {
    Path path = Files.createTempFile(folder, "got", ".parquet");
    Files.write(path, content);
    List<SnapshotRow> rows = new ArrayList<>();
    try (SnapshotFileReader reader =
        SnapshotFileReader.open(new SnapshotFile(name, path), 0, false)) {
      for (SnapshotRow row = reader.next(); row != null; row = reader.next()) {
        rows.add(row);
      }
    }
    Files.delete(path);
    return rows;
  }
}
