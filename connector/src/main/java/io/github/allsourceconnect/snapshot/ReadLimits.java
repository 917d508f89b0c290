package io.github.allsourceconnect.snapshot;

/**
 * What one reading of snapshot files may take, however many of them are open. The shares are fixed:
 * three quarters of the memory for open row groups, a quarter for rows that wait for an earlier one
 * (see {@link TimeOrderedRows}). One value that is larger than any share passes all the same, up to
 * {@code valueBytes}.
 *
 * @param memoryBytes heap
 * @param valueBytes the largest payload, or other text, of a row
 * @param diskBytes what rows may take on disk when the memory does not suffice
 */
public record ReadLimits(long memoryBytes, long valueBytes, long diskBytes) {
  /** The least {@code memoryBytes}. */
  public static final long LEAST_MEMORY = 1L << 20;

  /** 64 MiB of memory, texts of 64 MiB, 64 GiB on disk. */
  public static final ReadLimits DEFAULT = new ReadLimits(64L << 20, 64L << 20, 64L << 30);

  /** Checks the values. */
  public ReadLimits {
    if (memoryBytes < LEAST_MEMORY || valueBytes < 1 || diskBytes < 0) {
      throw new IllegalArgumentException(
          "memory " + memoryBytes + ", value " + valueBytes + ", disk " + diskBytes);
    }
  }

  /** Up to this size a page, or a dictionary, is held in memory; a larger one is streamed. */
  int pageBytes() {
    return (int) Math.min(memoryBytes / 32, 64 << 20);
  }

  /** A footer or a page's header. */
  int headerBytes() {
    return (int) Math.min(memoryBytes / 4, 64 << 20);
  }

  /** Structs and list elements of a footer or a page's header. */
  int headerNodes() {
    return (int) Math.min(Math.max(memoryBytes / 512, 100_000), 1 << 20);
  }

  /** Entries of the index that tells which rows must wait. */
  int indexEntries() {
    return (int) Math.min(memoryBytes / 64, 1 << 28);
  }

  /** Entries of a dictionary that is kept on disk. */
  int dictionaryEntries() {
    return indexEntries();
  }

  /** Row groups of all files together: a list says when each is reached. */
  int groups() {
    return (int) Math.min(Math.max(memoryBytes / 256, 200_000), 1 << 24);
  }

  /** All open row groups, except that one may always be open. */
  long openBytes() {
    return memoryBytes / 4 * 3;
  }

  /** All rows that wait in memory. */
  long waitingBytes() {
    return memoryBytes / 4;
  }
}
