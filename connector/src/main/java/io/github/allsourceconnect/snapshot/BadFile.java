package io.github.allsourceconnect.snapshot;

import java.io.IOException;

/** What is wrong with a file, in words that may be logged; {@link SnapshotFileReader} names it. */
final class BadFile extends IOException {
  private static final long serialVersionUID = 1L;

  BadFile(String why) {
    super(why);
  }
}
