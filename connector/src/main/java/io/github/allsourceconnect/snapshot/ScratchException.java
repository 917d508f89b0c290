package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The disk does not take what fetching or reading a snapshot, or sorting, puts there for a while.
 * What is read is not to blame.
 */
public final class ScratchException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String trouble;
  private final boolean limit;

  private ScratchException(String trouble, String advice, boolean limit, Throwable cause) {
    super(trouble + advice, cause);
    this.trouble = trouble;
    this.limit = limit;
  }

  /**
   * The disk takes no more, or will soon.
   *
   * @param cause what it said; null if it was asked in time
   */
  public static ScratchException full(Path folder, String why, Throwable cause) {
    String trouble = "the work folder " + folder + " " + why;
    return new ScratchException(trouble, advice("buffer.disk.dir"), false, cause);
  }

  /** A limit of ours is reached, not the disk's; {@code why} says which. */
  static ScratchException limit(Path folder, String why) {
    String trouble = "the work folder " + folder + " " + why;
    return new ScratchException(trouble, "", true, null);
  }

  private static String advice(String setting) {
    return "; if there is no space, free some, or let " + setting + " name a folder that has it";
  }

  /** Whether a setting is in the way, so that no other attempt can end otherwise. */
  public boolean isLimit() {
    return limit;
  }

  /**
   * The message for who has named the folder otherwise than the connector does.
   *
   * @param setting what names it
   */
  public String message(String setting) {
    return limit ? trouble : trouble + advice(setting);
  }
}
