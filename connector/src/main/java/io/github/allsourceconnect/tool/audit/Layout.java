package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Function;

/** How fingerprints are laid out to be sorted. */
enum Layout {
  /** By id, then by where they are. */
  BY_ID,
  /** By entity, then by where they are. */
  BY_ENTITY,
  /** By where they are, then by id. */
  BY_PLACE,
  /** By time, then by id. */
  BY_TIME;

  private static final int WIDTH = 11 * Long.BYTES + 4 * Integer.BYTES;
  private static final int KEY = 3 * Long.BYTES + Integer.BYTES;

  /** Sorts fingerprints. One thread. */
  static final class Sort implements AutoCloseable {
    private final Layout layout;
    private final ExternalSort sort;
    private final ByteBuffer buffer = ByteBuffer.allocate(WIDTH);

    /**
     * @param memoryBytes as {@link ExternalSort} has it
     */
    Sort(Layout layout, Path folder, String name, long memoryBytes) {
      this.layout = layout;
      sort = new ExternalSort(folder, name, WIDTH, KEY, memoryBytes);
    }

    void add(Fingerprint fingerprint) throws IOException {
      buffer.clear();
      layout.put(fingerprint, buffer);
      sort.add(buffer.array());
    }

    long count() {
      return sort.count();
    }

    /** All in order; errors of the disk come as {@link java.io.UncheckedIOException}. */
    Iterator<Fingerprint> read() throws IOException {
      Iterator<byte[]> records = sort.read();
      Function<byte[], Fingerprint> get = record -> layout.get(ByteBuffer.wrap(record));
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return records.hasNext();
        }

        @Override
        public Fingerprint next() {
          return get.apply(records.next());
        }
      };
    }

    @Override
    public void close() throws IOException {
      sort.close();
    }
  }

  private void put(Fingerprint f, ByteBuffer to) {
    // 28 bytes are the key; times are made such that their bytes are in their order
    switch (this) {
      case BY_ID -> {
        to.putLong(f.idHigh()).putLong(f.idLow()).putInt(f.source()).putLong(f.place());
        to.putLong(f.micros()).putLong(f.entity());
      }
      case BY_ENTITY -> {
        to.putLong(f.entity()).putInt(f.source()).putLong(f.place());
        to.putLong(f.idHigh()).putLong(f.idLow()).putLong(f.micros());
      }
      case BY_PLACE -> {
        to.putInt(f.source()).putLong(f.place()).putLong(f.idHigh()).putLong(f.idLow());
        to.putLong(f.micros()).putLong(f.entity());
      }
      case BY_TIME -> {
        to.putLong(f.micros() ^ Long.MIN_VALUE).putLong(f.idHigh()).putLong(f.idLow());
        to.putInt(f.source()).putLong(f.place()).putLong(f.entity());
      }
    }
    to.putLong(f.payload()).putLong(f.metadata()).putLong(f.type()).putLong(f.tenant());
    to.putLong(f.version()).putLong(f.walOffset());
    to.putInt(f.typeName()).putInt(f.tenantName()).putInt(f.fate());
  }

  private Fingerprint get(ByteBuffer from) {
    long idHigh = 0;
    long idLow = 0;
    long entity = 0;
    long micros = 0;
    int source = 0;
    long place = 0;
    switch (this) {
      case BY_ID -> {
        idHigh = from.getLong();
        idLow = from.getLong();
        source = from.getInt();
        place = from.getLong();
        micros = from.getLong();
        entity = from.getLong();
      }
      case BY_ENTITY -> {
        entity = from.getLong();
        source = from.getInt();
        place = from.getLong();
        idHigh = from.getLong();
        idLow = from.getLong();
        micros = from.getLong();
      }
      case BY_PLACE -> {
        source = from.getInt();
        place = from.getLong();
        idHigh = from.getLong();
        idLow = from.getLong();
        micros = from.getLong();
        entity = from.getLong();
      }
      case BY_TIME -> {
        micros = from.getLong() ^ Long.MIN_VALUE;
        idHigh = from.getLong();
        idLow = from.getLong();
        source = from.getInt();
        place = from.getLong();
        entity = from.getLong();
      }
    }
    long payload = from.getLong();
    long metadata = from.getLong();
    long type = from.getLong();
    long tenant = from.getLong();
    long version = from.getLong();
    long walOffset = from.getLong();
    return new Fingerprint(
        idHigh,
        idLow,
        source,
        place,
        micros,
        payload,
        metadata,
        type,
        entity,
        tenant,
        version,
        walOffset,
        from.getInt(),
        from.getInt(),
        from.getInt());
  }
}
