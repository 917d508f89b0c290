package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Timestamps;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Rows that do not fit in memory, on disk for a while: sorted runs, each written once and read
 * once. Memory: some bytes a run, and a row while it is written or read. A file is deleted when its
 * runs have been read. One thread.
 */
final class RowSpill implements AutoCloseable {
  private static final long FILE_BYTES = 256L << 20;
  private static final int BLOCK = 64 << 10;
  private static final int HEADER = 20;

  private final Path folder;
  private final long most;
  private Segment current;
  private long bytes;
  private long written;

  /** Where rows come from; null after the last. */
  interface Source {
    SnapshotRow next() throws IOException;
  }

  private final class Segment {
    private final FileChannel file = Entries.scratch(folder, "rows-");
    private long size;
    private int live;

    private Segment() throws ScratchException {}

    void release() {
      live--;
      if (live == 0) {
        close();
      }
    }

    void close() {
      bytes -= size;
      size = 0;
      if (this == current) {
        current = null;
      }
      try {
        file.close();
      } catch (IOException e) {
        // its folder is deleted with all that is in it
      }
    }
  }

  /**
   * Makes no file yet.
   *
   * @param most bytes of all files
   */
  RowSpill(Path folder, long most) {
    this.folder = folder;
    this.most = most;
  }

  /** Rows written so far. */
  long written() {
    return written;
  }

  /** Writes rows, which come in their order, until there are no more; at least one. */
  Run write(Source rows) throws IOException {
    Segment segment = current == null || current.size > FILE_BYTES ? new Segment() : current;
    current = null; // taking a row may have others written meanwhile, which go elsewhere
    segment.live++;
    long start = segment.size;
    try {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
        encode(row, new DataOutputStream(block));
        written++;
        if (block.size() >= BLOCK) {
          append(segment, block);
          block = new ByteArrayOutputStream(BLOCK);
        }
      }
      append(segment, block);
      if (current == null) {
        current = segment;
      }
      return new Run(segment, start, segment.size);
    } catch (IOException | RuntimeException | Error e) {
      segment.release();
      throw e;
    }
  }

  private void append(Segment segment, ByteArrayOutputStream block) throws ScratchException {
    if (block.size() > most - bytes) {
      throw ScratchException.limit(
          folder,
          "may take no more than snapshot.disk.bytes="
              + most
              + "; raise it, or snapshot.memory.bytes.");
    }
    try {
      ByteBuffer buffer = ByteBuffer.wrap(block.toByteArray());
      while (buffer.hasRemaining()) {
        int count = segment.file.write(buffer, segment.size);
        segment.size += count;
        bytes += count;
      }
    } catch (IOException e) {
      throw ScratchException.full(folder, "takes no more: " + e.getMessage(), e);
    }
  }

  private static void encode(SnapshotRow row, DataOutputStream out) throws IOException {
    Event event = row.event();
    byte[] type = event.eventType().getBytes(UTF_8);
    byte[] entity = event.entityId().getBytes(UTF_8);
    byte[] tenant = event.tenantId() == null ? null : event.tenantId().getBytes(UTF_8);
    out.writeLong(event.micros());
    out.writeLong(row.row());
    out.writeInt(
        4 * Long.BYTES
            + 6 * Integer.BYTES
            + type.length
            + entity.length
            + (tenant == null ? 0 : tenant.length)
            + event.payload().length()
            + event.metadata().length());
    out.writeLong(event.idHigh());
    out.writeLong(event.idLow());
    out.writeLong(event.version());
    out.writeLong(row.walOffset());
    out.writeInt(row.file());
    bytes(out, type);
    bytes(out, entity);
    bytes(out, tenant);
    json(out, event.payload());
    json(out, event.metadata());
  }

  private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      out.write(bytes);
    }
  }

  private static void json(DataOutputStream out, JsonText json) throws IOException {
    out.writeInt(json.length());
    out.write(json.array(), json.offset(), json.length());
  }

  @Override
  public void close() {
    if (current != null) {
      current.close();
    }
  }

  /** A sorted run; its rows in order. */
  final class Run implements OrderedRows {
    private final Segment segment;
    private final long end;
    private long at;
    private long micros;
    private long row;
    private int length;
    private boolean closed;

    private Run(Segment segment, long start, long end) throws IOException {
      this.segment = segment;
      this.at = start;
      this.end = end;
      if (at < end) {
        header(read(HEADER));
      } else {
        close();
      }
    }

    private void header(ByteBuffer header) {
      micros = header.getLong();
      row = header.getLong();
      length = header.getInt();
    }

    @Override
    public long micros() {
      return closed ? Long.MAX_VALUE : micros;
    }

    /** The place of the next row in its file. */
    long row() {
      return row;
    }

    @Override
    public SnapshotRow take() throws IOException {
      boolean isLast = at + length == end;
      ByteBuffer body = read(isLast ? length : length + HEADER);
      SnapshotRow taken = decode(body.slice(0, length));
      if (isLast) {
        close();
      } else {
        header(body.position(length));
      }
      return taken;
    }

    private SnapshotRow decode(ByteBuffer body) {
      long high = body.getLong();
      long low = body.getLong();
      long version = body.getLong();
      long walOffset = body.getLong();
      int file = body.getInt();
      String type = text(body);
      String entity = text(body);
      String tenant = text(body);
      JsonText payload = json(body);
      JsonText metadata = json(body);
      return new SnapshotRow(
          new Event(
              EventIds.text(high, low),
              high,
              low,
              type,
              entity,
              tenant,
              payload,
              Timestamps.ofMicros(micros),
              micros,
              metadata,
              version),
          walOffset,
          file,
          row);
    }

    private String text(ByteBuffer body) {
      int bytes = body.getInt();
      if (bytes < 0) {
        return null;
      }
      String text = new String(body.array(), body.arrayOffset() + body.position(), bytes, UTF_8);
      body.position(body.position() + bytes);
      return text;
    }

    /** A slice of the row's own bytes, most of which are the payload. */
    private JsonText json(ByteBuffer body) {
      int bytes = body.getInt();
      JsonText text = new JsonText(body.array(), body.arrayOffset() + body.position(), bytes);
      body.position(body.position() + bytes);
      return text;
    }

    private ByteBuffer read(int count) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(count);
      while (buffer.hasRemaining()) {
        if (segment.file.read(buffer, at + buffer.position()) < 0) {
          throw ScratchException.full(folder, "has lost a part of a file", null);
        }
      }
      at += count;
      return buffer.flip();
    }

    @Override
    public long memory() {
      return 0;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        segment.release();
      }
    }
  }
}
