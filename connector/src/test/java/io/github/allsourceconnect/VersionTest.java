package io.github.allsourceconnect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.AllSourceSinkTask;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.VersionRange;
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
  void theListedVersionTellsTheCommitAndIsInTheRangeOfItsNumber() throws Exception {
    String commit = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
    assertEquals("1.2.3-ga1b2c3d4e5", Version.plugin("1.2.3", commit));
    assertEquals("1.2.3-ga1b2c3d4e5-dirty", Version.plugin("1.2.3", commit + "-dirty"));
    assertEquals("1.2.3", Version.plugin("1.2.3", "unknown"));
    assertEquals("1.2.3-SNAPSHOT", Version.plugin("1.2.3-SNAPSHOT", commit));

    VersionRange range = VersionRange.createFromVersionSpec("[1.2.3,1.2.4)");
    for (char first : "0123456789abcdef".toCharArray()) {
      for (String dirty : new String[] {"", "-dirty"}) {
        String listed = Version.plugin("1.2.3", first + commit.substring(1) + dirty);
        assertTrue(range.containsVersion(new DefaultArtifactVersion(listed)), listed);
        assertTrue(
            new DefaultArtifactVersion(listed)
                    .compareTo(new DefaultArtifactVersion("1.2.3-SNAPSHOT"))
                > 0,
            listed);
      }
    }
  }

  @Test
  void commitIsAnIdOrUnknown() {
    assertTrue(
        Version.commit().matches("[0-9a-f]{40}(-dirty)?|unknown"), "commit: " + Version.commit());
    assertEquals(Version.number() + " (commit " + Version.commit() + ")", Version.described());
  }
}
