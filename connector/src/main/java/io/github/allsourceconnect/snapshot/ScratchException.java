package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The disk does not take what reading a snapshot puts there for a while. The snapshot's files are
 * not to blame.
 */
public final class ScratchException extends IOException {
  private static final long serialVersionUID = 1L;

  ScratchException(Path folder, String why, Throwable cause) {
    super("the folder " + folder + ", where snapshots are read, " + why, cause);
  }
}
