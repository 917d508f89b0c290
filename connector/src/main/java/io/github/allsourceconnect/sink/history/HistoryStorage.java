package io.github.allsourceconnect.sink.history;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

/**
 * Where files and their list are. Only I/O: what is kept, merged or deleted is decided by its user.
 * All but {@link #fetch} is called by the history's appender only.
 */
interface HistoryStorage extends Closeable {
  /**
   * Shuts out whoever wrote here before and finds what is kept; {@link HistoryManifest#NONE} when
   * nothing is. The next list committed must have a higher number.
   */
  HistoryManifest takeOver() throws IOException;

  /** Of the listed files those that are lost or have another size, and why; none is read. */
  Map<String, String> unusable(HistoryManifest manifest) throws IOException;

  /** Where files are to be built that are then stored. */
  Path workFolder();

  /**
   * Stores a file that was built in the work folder; it is moved or copied. It becomes part of the
   * history with the next {@link #commit}.
   *
   * @return the file with its place
   */
  HistoryFile store(Path built, HistoryFile file, HistoryManifest of) throws IOException;

  /**
   * How full this list is, in percent of what the storage can keep and read again. A short one is
   * not measured, and 0.
   */
  int fullPercent(HistoryManifest manifest) throws IOException;

  /**
   * Makes this the list of files, in one step. One that could not be read again is not written.
   *
   * @throws FencedException when another writer has taken over
   */
  void commit(HistoryManifest manifest) throws IOException;

  /**
   * Keeps the list of a history that is no longer this log's, and so its files, under its log's id.
   *
   * @return where, for messages
   */
  String setAside(HistoryManifest manifest) throws IOException;

  /**
   * Asked when a step has failed: whether that is because another writer has taken over.
   *
   * @throws FencedException when it is
   */
  void checkOwner() throws IOException;

  /** Deletes files that are in no list any more and that nobody reads. */
  void delete(Collection<HistoryFile> files) throws IOException;

  /**
   * A readable copy of a file, or the file itself, not checked yet. Any thread.
   *
   * @return to be released when done
   */
  LocalFile fetch(HistoryFile file) throws IOException;

  /** What the storage is called in messages. */
  String describe();

  /** A file that can be read. */
  interface LocalFile extends Closeable {
    Path path();

    @Override
    void close();
  }
}
