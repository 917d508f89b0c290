package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Changes what the storage holds, one step after another, and what the {@link History} says of it
 * when they are durable. After a step that failed nothing is changed any more, for it is not known
 * what is in the storage: the next owner finds it out. One thread, the writer's.
 */
final class HistoryChanges {
  private enum State {
    NEW,
    OPEN,
    FAILED,
    CLOSED
  }

  /** A step that changes what is kept. */
  interface Step<T> {
    T run() throws IOException;
  }

  private final History history;
  private final HistoryStorage storage;
  private final LongSupplier clockMs;
  private State state = State.NEW;
  private long committedMs;

  HistoryChanges(History history, HistoryStorage storage, LongSupplier clockMs) {
    this.history = history;
    this.storage = storage;
    this.clockMs = clockMs;
  }

  /** The storage is this writer's from now on. */
  void begin() {
    state = State.OPEN;
    committedMs = clockMs.getAsLong();
  }

  /** Nothing more is changed. */
  void end() {
    state = State.CLOSED;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  void checkOpen() throws IOException {
    if (state != State.OPEN) {
      throw new IOException(
          "the history in "
              + storage.describe()
              + (state == State.FAILED ? " failed before; restart the task" : " is not open"));
    }
  }

  /** When the list was last changed. */
  long committedMs() {
    return committedMs;
  }

  /** Makes this the list of files; those that are retired are deleted when nobody reads them. */
  void commit(HistoryManifest next, List<HistoryFile> retired) throws IOException {
    HistoryManifest complete = history.complete(next, retired);
    guarded(
        () -> {
          storage.commit(complete);
          return null;
        });
    history.committed(complete, retired);
    committedMs = clockMs.getAsLong();
  }

  /** Deletes retired files that nobody reads. */
  void deleteFree() throws IOException {
    List<HistoryFile> free = history.deletable();
    if (!free.isEmpty()) {
      guarded(
          () -> {
            storage.delete(free);
            return null;
          });
      history.deleted(free);
    }
  }

  /**
   * Runs a step.
   *
   * @throws FencedException when it failed because another writer has taken over
   * @throws DamagedFileException when a file that it was to read is damaged; nothing was changed
   */
  <T> T guarded(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (DamagedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      state = State.FAILED;
      try {
        storage.checkOwner();
      } catch (IOException owner) {
        owner.addSuppressed(e);
        throw owner;
      }
      if (e instanceof FencedException
          || e instanceof DamagedHistoryException
          || e instanceof RuntimeException) {
        throw e;
      }
      throw new IOException(
          "the history in "
              + storage.describe()
              + ", whose files are built in "
              + storage.workFolder()
              + ", can't be written: "
              + e.getMessage(),
          e);
    }
  }
}
