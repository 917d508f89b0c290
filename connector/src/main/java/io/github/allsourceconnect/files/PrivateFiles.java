package io.github.allsourceconnect.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Folders and files for the worker's user alone (0700 and 0600, where the file system knows that).
 * A symbolic link where one of them should be is an error, and is never followed. Stateless.
 */
public final class PrivateFiles {
  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

  private static final int NAME_MAX = 60;

  private PrivateFiles() {}

  private static boolean posix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  /** What a new file is created with. */
  public static FileAttribute<?>[] forFile() {
    return posix()
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FILE)}
        : new FileAttribute<?>[0];
  }

  /** What a new folder is created with. */
  public static FileAttribute<?>[] forFolder() {
    return posix()
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(FOLDER)}
        : new FileAttribute<?>[0];
  }

  /** Sees to it that the folder is there; its parent is. */
  public static void ensure(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, forFolder());
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(folder + " is a symbolic link or a file, not a folder; remove it", e);
      }
      if (posix()) {
        Files.setPosixFilePermissions(folder, FOLDER);
      }
    }
  }

  /** The file is there; nobody else may read it. */
  public static void restrict(Path file) throws IOException {
    if (posix()) {
      Files.setPosixFilePermissions(file, FILE);
    }
  }

  /** What is in a folder, links as such. */
  public static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  /** Deletes the files in a folder, and links instead of what they point to. */
  public static void empty(Path folder) throws IOException {
    for (Path path : list(folder)) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Creates a file that is not there yet, to be written; a link in its place is an error. */
  public static FileChannel create(Path file, OpenOption... more) throws IOException {
    Set<OpenOption> options =
        new HashSet<>(Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    options.addAll(List.of(more));
    return FileChannel.open(file, options, forFile());
  }

  /** Deletes a folder with all that is in it, and links instead of what they point to. */
  public static void delete(Path folder) throws IOException {
    for (Path path : list(folder)) {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        delete(path);
      } else {
        Files.deleteIfExists(path);
      }
    }
    Files.deleteIfExists(folder);
  }

  /**
   * A part of a file's name that stands for any text: short, of letters, digits, dots and dashes,
   * and another text's is another one.
   */
  public static String nameOf(String text) {
    String legal = text.replaceAll("[^a-zA-Z0-9._-]", "_");
    return legal.substring(0, Math.min(NAME_MAX, legal.length()))
        + "-"
        + UUID.nameUUIDFromBytes(text.getBytes(UTF_8));
  }
}
