package io.github.allsourceconnect.snapshot;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.parquet.format.Type;

/**
 * The entries of a column's dictionary, by number: in memory, or in a file when they are too large
 * for that. A store whose events have 100 KB writes dictionaries of 100 MB. One thread.
 */
final class Entries implements AutoCloseable {
  private static final int LENGTH = 4;

  private final byte[] held;
  private final FileChannel file;
  private final long[] ends;
  private final int memory;

  private Entries(byte[] held, FileChannel file, long[] ends) {
    this.held = held;
    this.file = file;
    this.ends = ends;
    this.memory = (held == null ? 0 : held.length) + 8 * ends.length;
  }

  /**
   * Reads a dictionary.
   *
   * @param count of entries, as the page's header says
   * @param folder for the file
   */
  static Entries read(PageBytes page, Type type, int count, ReadLimits limits, Path folder)
      throws IOException {
    int least = type == Type.INT64 ? Long.BYTES : LENGTH;
    if (count < 0 || (long) count * least > page.uncompressed()) {
      throw new BadFile("a dictionary claims more entries than it has room for");
    }
    if (count > limits.dictionaryEntries()) {
      throw new BadFile(
          "a dictionary of "
              + count
              + " entries is more than snapshot.memory.bytes allows; raise it to "
              + 64L * count);
    }
    if (page.uncompressed() <= limits.pageBytes()) {
      byte[] bytes = page.whole();
      return new Entries(bytes, null, ends(ByteBuffer.wrap(bytes), type, count));
    }
    return onDisk(page, type, count, folder);
  }

  private static long[] ends(ByteBuffer bytes, Type type, int count) throws BadFile {
    long[] ends = new long[count];
    int at = 0;
    for (int i = 0; i < count; i++) {
      int length = Long.BYTES;
      if (type == Type.BYTE_ARRAY) {
        if (at > bytes.limit() - LENGTH) {
          throw new BadFile("a dictionary ends too early");
        }
        length = LENGTH + Integer.reverseBytes(bytes.getInt(at));
      }
      if (length < LENGTH || length > bytes.limit() - at) {
        throw new BadFile("a dictionary ends too early");
      }
      at += length;
      ends[i] = at;
    }
    return ends;
  }

  private static Entries onDisk(PageBytes page, Type type, int count, Path folder)
      throws IOException {
    FileChannel file = scratch(folder, "dictionary-");
    try {
      long[] ends = new long[count];
      InputStream in = page.stream();
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16);
      byte[] block = new byte[ChunkInput.BUFFER];
      long at = 0;
      for (int i = 0; i < count; i++) {
        int length = Long.BYTES;
        if (type == Type.BYTE_ARRAY) {
          if (in.readNBytes(block, 0, LENGTH) < LENGTH) {
            throw new EOFException();
          }
          int bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getInt();
          if (bytes < 0 || bytes > page.uncompressed() - at - LENGTH) {
            throw new BadFile("a dictionary ends too early");
          }
          write(out, folder, block, LENGTH);
          at += LENGTH;
          length = bytes;
        }
        for (int left = length; left > 0; ) {
          int got = in.read(block, 0, Math.min(left, block.length));
          if (got < 0) {
            throw new EOFException();
          }
          write(out, folder, block, got);
          left -= got;
        }
        at += length;
        ends[i] = at;
      }
      try {
        out.flush();
      } catch (IOException e) {
        throw ScratchException.full(folder, "takes no more: " + e.getMessage(), e);
      }
      return new Entries(null, file, ends);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static void write(OutputStream out, Path folder, byte[] bytes, int count)
      throws ScratchException {
    try {
      out.write(bytes, 0, count);
    } catch (IOException e) {
      throw ScratchException.full(folder, "takes no more: " + e.getMessage(), e);
    }
  }

  /** A file that is gone when it is closed; only its owner may read it. */
  static FileChannel scratch(Path folder, String prefix) throws ScratchException {
    try {
      return FileChannel.open(
          Files.createTempFile(folder, prefix, ".tmp"),
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw ScratchException.full(folder, "takes no file: " + e, e);
    }
  }

  int count() {
    return ends.length;
  }

  /** What it takes in memory. */
  int memory() {
    return memory;
  }

  /** The whole dictionary as it was written, or null if it is on disk. */
  byte[] held() {
    return held;
  }

  /** How many bytes an entry has, the length that stands before a text included. */
  int length(int entry) throws BadFile {
    if (entry < 0 || entry >= ends.length) {
      throw new BadFile("a value is in no dictionary");
    }
    return (int) (ends[entry] - start(entry));
  }

  /** Copies an entry, the length that stands before a text included. */
  void copy(int entry, byte[] to, int off) throws IOException {
    int length = length(entry);
    long start = start(entry);
    if (held != null) {
      System.arraycopy(held, (int) start, to, off, length);
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(to, off, length);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, start + buffer.position() - off) < 0) {
        throw new EOFException();
      }
    }
  }

  private long start(int entry) {
    return entry == 0 ? 0 : ends[entry - 1];
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
