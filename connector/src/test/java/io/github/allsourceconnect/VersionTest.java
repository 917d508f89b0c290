package io.github.allsourceconnect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.AllSourceSinkTask;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;

/** As the classes in a folder; {@code PackageIT} asks the packaged ones. */
class VersionTest {
  @Test
  void connectorsAndTasksHaveTheVersionOfThePom() throws Exception {
    String pom =
        XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                    "/project/version",
                    DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(Path.of("..", "pom.xml").toFile()))
            + "-SNAPSHOT";

    assertEquals(pom, new AllSourceSourceConnector().version());
    assertEquals(pom, new AllSourceSinkConnector().version());
    assertEquals(pom, new AllSourceSourceTask().version());
    assertEquals(pom, new AllSourceSinkTask().version());
  }

  @Test
  void commitIsAnIdOrUnknown() {
    assertTrue(
        Version.commit().matches("[0-9a-f]{40}(-dirty)?|unknown"), "commit: " + Version.commit());
    assertEquals(Version.number() + " (commit " + Version.commit() + ")", Version.described());
  }
}
