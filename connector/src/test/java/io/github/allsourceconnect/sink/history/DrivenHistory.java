package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A history in a folder that a test opens again and again. */
abstract class DrivenHistory {
  static final HistoryPlan PLAN = new HistoryPlan(10, 1 << 20, 1000, 3, 1 << 20);

  @TempDir Path temp;

  Path folder() {
    return temp.resolve("connector-c").resolve("t-0");
  }

  HistoryProbe probe() {
    return probe(PLAN);
  }

  HistoryProbe probe(HistoryPlan plan) {
    return new HistoryProbe(new FolderStorage(temp, "c", "t-0"), plan);
  }

  List<Path> parquetFiles() throws IOException {
    return files(".*\\.parquet");
  }

  List<Path> files(String named) throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(path -> path.getFileName().toString().matches(named)).sorted().toList();
    }
  }
}
