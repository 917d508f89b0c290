package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The disk does not take what reading a snapshot puts there for a while. The snapshot's files are
 * not to blame.
 */
public final class ScratchException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What can be done when it takes no more. */
  static final String ADVICE =
      "; if there is no space, free some, or let buffer.disk.dir name a folder that has it";

  private final boolean limit;

  ScratchException(Path folder, String why, Throwable cause) {
    super("the folder " + folder + ", where snapshots are read, " + why, cause);
    this.limit = false;
  }

  /** A limit of ours is reached, not the disk's. */
  ScratchException(Path folder, String why) {
    super("the folder " + folder + ", where snapshots are read, " + why);
    this.limit = true;
  }

  /** Whether a setting is in the way, so that no other attempt can end otherwise. */
  public boolean isLimit() {
    return limit;
  }
}
