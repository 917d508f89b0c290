package io.github.allsourceconnect.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;

class LogContextTest {
  @Test
  void aThreadSaysOfItselfWhatItsMakerSaid() throws Exception {
    // the tests' own log has no such context
    Field adapter = MDC.class.getDeclaredField("mdcAdapter");
    adapter.setAccessible(true);
    Object before = adapter.get(null);
    adapter.set(null, new BasicMDCAdapter());
    try {
      MDC.put("connector.context", "[mine|task-0] ");
      LogContext context = LogContext.here();
      MDC.clear();
      String[] seen = new String[1];
      Thread thread =
          new Thread(context.around(() -> seen[0] = MDC.get("connector.context")), "test-context");
      thread.start();
      thread.join();
      assertEquals("[mine|task-0] ", seen[0]);
    } finally {
      adapter.set(null, before);
    }
  }

  @Test
  void noThreadIsMadeWithoutIt() throws IOException {
    List<String> without = new ArrayList<>();
    int with = 0;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(LogContextTest::isOfConnectors).toList()) {
        for (String line : Files.readAllLines(file)) {
          if (line.matches(
              ".*(new Thread\\(|new DefaultThreadFactory\\(|Executors\\.new\\w+\\().*")) {
            boolean carried = Files.readString(file).contains("LogContext.here()");
            with += carried ? 1 : 0;
            if (!carried) {
              without.add(file.getFileName() + ": " + line.trim());
            }
          }
        }
      }
    }
    assertTrue(with >= 5, "found only " + with);
    assertEquals(List.of(), without);
  }

  /** The commands run in a process of their own, for no connector. */
  private static boolean isOfConnectors(Path file) {
    return file.toString().endsWith(".java") && !file.toString().contains("/tool/");
  }
}
