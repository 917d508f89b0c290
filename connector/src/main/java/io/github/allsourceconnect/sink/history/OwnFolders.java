package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders and files for the worker's user alone (0700 and 0600, where the file system knows that).
 * A symbolic link where one of them should be is an error, and is never followed. Stateless.
 */
final class OwnFolders {
  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

  private OwnFolders() {}

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  /** What a new file is created with. */
  static FileAttribute<?>[] forFile() {
    return posix()
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FILE)}
        : new FileAttribute<?>[0];
  }

  /** What a new folder is created with. */
  static FileAttribute<?>[] forFolder() {
    return posix()
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FOLDER)}
        : new FileAttribute<?>[0];
  }

  /** Sees to it that the folder is there; its parent is. */
  static void ensure(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, forFolder());
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            folder + " is a symbolic link or a file, not a folder of the history; remove it", e);
      }
      if (posix()) {
        Files.setPosixFilePermissions(folder, FOLDER);
      }
    }
  }

  /** The file is there; nobody else may read it. */
  static void restrict(Path file) throws IOException {
    if (posix()) {
      Files.setPosixFilePermissions(file, FILE);
    }
  }

  /** What is in a folder, links as such. */
  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  /** Deletes the files in a folder, and links instead of what they point to. */
  static void empty(Path folder) throws IOException {
    for (Path path : list(folder)) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(path);
      }
    }
  }
}
