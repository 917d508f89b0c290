package io.github.allsourceconnect.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFolderTest {
  @TempDir Path parent;

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void nobodyElseReadsIt() throws Exception {
    try (TaskFolder folder = TaskFolder.create("x", parent, "allsource-a-")) {
      assertEquals("rwx------", permissions(folder.path()));
      Path file = folder.path().resolve("f");
      PrivateFiles.create(file).close();
      assertEquals("rw-------", permissions(file));
      Files.createDirectories(folder.path().resolve("sub/sub"));
      Files.writeString(folder.path().resolve("sub/sub/f"), "x");
    }
    try (var left = Files.list(parent)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void whatAKilledTaskLeftIsDeletedAndWhatLinksPointToIsNot() throws Exception {
    Path kept = Files.createDirectory(parent.resolve("kept"));
    Files.writeString(kept.resolve("precious"), "x");
    Path left = Files.createDirectory(parent.resolve("allsource-a-1"));
    Files.writeString(left.resolve("in-use"), "");
    Files.createDirectory(left.resolve("snapshot-1"));
    Files.createSymbolicLink(left.resolve("snapshot-1/0.parquet"), kept.resolve("precious"));
    Files.createSymbolicLink(left.resolve("work"), kept);
    Path linked = parent.resolve("allsource-a-2");
    Files.createSymbolicLink(linked, kept);
    Path others = Files.createDirectory(parent.resolve("allsource-b-1"));
    Files.writeString(others.resolve("in-use"), "");
    try (TaskFolder alive = TaskFolder.create("x", parent, "allsource-a-");
        TaskFolder next = TaskFolder.create("x", parent, "allsource-a-")) {
      assertFalse(Files.exists(left, LinkOption.NOFOLLOW_LINKS));
      assertTrue(Files.isSymbolicLink(linked), "not ours to judge");
      assertTrue(Files.exists(kept.resolve("precious")));
      assertTrue(Files.exists(others));
      assertTrue(Files.exists(alive.path()), "its owner lives");
      assertNotEquals(alive.path(), next.path());
    }
  }

  @Test
  void aLinkInAFilesPlaceIsAnError() throws Exception {
    Path target = parent.resolve("target");
    Path link = Files.createSymbolicLink(parent.resolve("link"), target);
    assertThrows(
        IOException.class,
        () -> {
          try (FileChannel made = PrivateFiles.create(link)) {
            assertTrue(made.isOpen());
          }
        });
    assertFalse(Files.exists(target));
  }

  @Test
  void theSettingAndTheFolderAreNamed() throws Exception {
    Path file = Files.writeString(parent.resolve("file"), "x");
    String said =
        assertThrows(
                IOException.class,
                () -> TaskFolder.create("buffer.disk.dir", file.resolve("under"), "p-").close())
            .getMessage();
    assertTrue(said.startsWith("buffer.disk.dir: ") && said.contains(file.toString()), said);
  }

  @Test
  void anyTextBecomesAName() {
    assertNotEquals(PrivateFiles.nameOf("a b"), PrivateFiles.nameOf("a_b"));
    assertTrue(PrivateFiles.nameOf("../\u0000" + "x".repeat(5000)).matches("[\\w.-]{1,120}"));
  }

  /** Each start looks for what others have left, just when others make theirs and end. */
  @Test
  void manyThatComeAndGoAtOnceLeaveEachOtherAlone() throws Exception {
    List<CompletableFuture<Void>> tasks = new ArrayList<>();
    for (int task = 0; task < 4; task++) {
      tasks.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 300; i++) {
                  try (TaskFolder folder = TaskFolder.create("x", parent, "allsource-a-")) {
                    PrivateFiles.create(folder.path().resolve("f")).close();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              }));
    }
    for (CompletableFuture<Void> task : tasks) {
      task.get();
    }
    try (var left = Files.list(parent)) {
      assertEquals(0, left.count());
    }
  }
}
