package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;

/**
 * Some columns of a row group, row by row, out of pages that are read as they are needed. Parquet's
 * own file reader holds a whole row group. One thread.
 */
final class GroupColumns implements AutoCloseable {
  private final List<ColumnPages> pages = new ArrayList<>();
  private final List<ColumnValue> read = new ArrayList<>();
  private final ColumnValue[] columns = new ColumnValue[SnapshotSchema.WAL_OFFSET + 1];

  /**
   * Begins before the first row.
   *
   * @param wanted of the nine columns
   * @param folder where a dictionary that is too large goes for a while
   */
  GroupColumns(
      FileChannel file,
      FileFooter footer,
      int group,
      List<Integer> wanted,
      ReadLimits limits,
      Path folder)
      throws IOException {
    FileFooter.Group rows = footer.groups().get(group);
    List<ColumnDescriptor> described =
        SnapshotSchema.project(footer.columns(), wanted).getColumns();
    try {
      for (int i = 0; i < wanted.size(); i++) {
        int at = SnapshotSchema.place(footer.columns(), wanted.get(i));
        boolean optional = footer.columns().get(at).optional();
        ColumnPages column = new ColumnPages(file, rows.chunks().get(at), optional, limits, folder);
        pages.add(column);
        ColumnValue value = new ColumnValue(described.get(i), column);
        read.add(value);
        columns[wanted.get(i)] = value;
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Goes to the next row; the caller knows that there is one. */
  void next() {
    for (int i = 0; i < read.size(); i++) {
      read.get(i).next();
    }
  }

  /**
   * One of the nine columns in the current row.
   *
   * @return null where it is not read
   */
  ColumnValue column(int column) {
    return columns[column];
  }

  /** Whether the current row has a value of one of the nine columns, and it is read. */
  boolean has(int column) {
    return columns[column] != null && columns[column].isThere();
  }

  /** What this takes in memory at most, apart from the current row. */
  long memory() {
    return pages.stream().mapToLong(ColumnPages::memory).sum();
  }

  @Override
  public void close() throws IOException {
    for (ColumnPages column : pages) {
      column.close();
    }
  }
}
