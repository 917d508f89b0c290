package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
  @Test
  void pageIsUpToDate() throws IOException {
    assertEquals(
        ConfigurationPage.text(),
        Files.readString(ConfigurationPage.FILE),
        "write it again with the main method of " + ConfigurationPage.class.getSimpleName());
  }
}
