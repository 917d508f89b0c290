package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.files.PrivateFiles;
import io.github.allsourceconnect.snapshot.ScratchException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Sorts any number of records of one length in bounded memory: what does not fit goes to disk as
 * sorted runs, which are merged when they are read. A record begins with its key, whose bytes are
 * compared as unsigned numbers. First all are added, then they are read, as often as is wanted. One
 * thread.
 */
final class ExternalSort implements AutoCloseable {
  private static final int INDEX_BITS = 24;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
  private static final int LEAST_BUFFER = 64 << 10;

  private final Path folder;
  private final String name;
  private final int width;
  private final int keyBytes;
  private final long memoryBytes;
  private final int capacity;
  private final List<Path> runs = new ArrayList<>();
  private byte[] block;
  private int inBlock;
  private long count;
  private boolean reading;

  /**
   * @param folder where runs go; not deleted
   * @param name what their files' names begin with
   * @param width bytes of a record
   * @param keyBytes bytes of its key, 8 at least
   * @param memoryBytes what may be taken while records are added, and again while they are read
   */
  ExternalSort(Path folder, String name, int width, int keyBytes, long memoryBytes) {
    this.folder = folder;
    this.name = name;
    this.width = width;
    this.keyBytes = keyBytes;
    this.memoryBytes = memoryBytes;
    long fits = memoryBytes / (width + Long.BYTES);
    capacity = (int) Math.max(16, Math.min(fits, Math.min(INDEX_MASK, (1 << 30) / width)));
    block = new byte[Math.min(capacity, 1024) * width];
  }

  /**
   * Adds a record; it is copied.
   *
   * @throws ScratchException if the disk takes no more
   */
  void add(byte[] record) throws IOException {
    if (reading) {
      throw new IllegalStateException("records are being read");
    }
    if (inBlock == capacity) {
      spill();
    } else if ((inBlock + 1) * width > block.length) {
      block =
          Arrays.copyOf(block, (int) Math.min((long) capacity * width, 2L * block.length + width));
    }
    System.arraycopy(record, 0, block, inBlock * width, width);
    inBlock++;
    count++;
  }

  /** How many were added. */
  long count() {
    return count;
  }

  private void spill() throws IOException {
    Path run = folder.resolve(name + "-" + runs.size());
    long[] order = order();
    try (OutputStream out =
        new BufferedOutputStream(Channels.newOutputStream(PrivateFiles.create(run)), 1 << 20)) {
      for (long place : order) {
        out.write(block, (int) (place & INDEX_MASK) * width, width);
      }
    } catch (IOException e) {
      throw ScratchException.full(folder, "takes no more: " + e.getMessage(), e);
    }
    runs.add(run);
    inBlock = 0;
  }

  /** Places in the block, in order: the upper bits are the key's first ones. */
  private long[] order() {
    long[] order = new long[inBlock];
    for (int i = 0; i < inBlock; i++) {
      long prefix = 0;
      for (int b = 0; b < Long.BYTES; b++) {
        prefix = (prefix << 8) | (block[i * width + b] & 0xFF);
      }
      order[i] = ((prefix >>> (INDEX_BITS + 1)) << INDEX_BITS) | i;
    }
    Arrays.sort(order);
    int from = 0;
    for (int i = 1; i <= order.length; i++) {
      if (i == order.length || order[i] >>> INDEX_BITS != order[from] >>> INDEX_BITS) {
        if (i - from > 1) {
          sortByWholeKey(order, from, i);
        }
        from = i;
      }
    }
    return order;
  }

  private void sortByWholeKey(long[] order, int from, int to) {
    Long[] same = new Long[to - from];
    for (int i = from; i < to; i++) {
      same[i - from] = order[i];
    }
    Arrays.sort(
        same,
        (one, other) -> {
          int a = (int) (one & INDEX_MASK) * width;
          int b = (int) (other & INDEX_MASK) * width;
          return Arrays.compareUnsigned(block, a, a + keyBytes, block, b, b + keyBytes);
        });
    for (int i = from; i < to; i++) {
      order[i] = same[i - from];
    }
  }

  /**
   * All records in order. Each array is given once and is the caller's until the next is asked for.
   * Errors of the disk come as {@link UncheckedIOException}.
   */
  Iterator<byte[]> read() throws IOException {
    reading = true;
    if (runs.isEmpty()) {
      return inMemory();
    }
    if (inBlock > 0) {
      spill();
    }
    block = new byte[0];
    return new Merge();
  }

  private Iterator<byte[]> inMemory() {
    long[] order = order();
    byte[] record = new byte[width];
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < order.length;
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int at = (int) (order[next++] & INDEX_MASK) * width;
        System.arraycopy(block, at, record, 0, width);
        return record;
      }
    };
  }

  /** A run that is read; ordered by its next record. */
  private final class Run implements Comparable<Run> {
    private final InputStream in;
    private final byte[] record = new byte[width];

    private Run(Path file, int buffer) throws IOException {
      in = new BufferedInputStream(Files.newInputStream(file), buffer);
    }

    private boolean advance() throws IOException {
      int read = in.readNBytes(record, 0, width);
      if (read == width) {
        return true;
      }
      in.close();
      if (read > 0) {
        throw new IOException("a file in " + folder + " ends in the middle of a record");
      }
      return false;
    }

    @Override
    public int compareTo(Run other) {
      return Arrays.compareUnsigned(record, 0, keyBytes, other.record, 0, keyBytes);
    }
  }

  private final class Merge implements Iterator<byte[]> {
    private final PriorityQueue<Run> open = new PriorityQueue<>();
    private Run given;

    private Merge() throws IOException {
      int buffer =
          (int) Math.max(LEAST_BUFFER, Math.min(1 << 20, memoryBytes / Math.max(1, runs.size())));
      for (Path file : runs) {
        Run run = new Run(file, buffer);
        if (run.advance()) {
          open.add(run);
        }
      }
    }

    @Override
    public boolean hasNext() {
      settle();
      return !open.isEmpty();
    }

    /** The record that was given is not needed any more. */
    private void settle() {
      if (given != null) {
        Run run = given;
        given = null;
        try {
          if (run.advance()) {
            open.add(run);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      given = open.poll();
      return given.record;
    }
  }

  /** Deletes the runs. */
  @Override
  public void close() throws IOException {
    block = new byte[0];
    for (Path run : runs) {
      Files.deleteIfExists(run);
    }
  }
}
