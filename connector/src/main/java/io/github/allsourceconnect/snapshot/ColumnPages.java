package io.github.allsourceconnect.snapshot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/**
 * The pages of a column of a row group, read from the file one at a time as the rows are asked for.
 * A page of up to {@link ReadLimits#pageBytes} is held; a larger one is decompressed as a stream
 * and given on in small pieces. Whatever Parquet's decoders would make room for by a number of the
 * page has been held against the page before they see it. One thread.
 *
 * <p>Throws {@link UncheckedIOException}, as Parquet's interface has no other.
 */
final class ColumnPages implements PageReader, AutoCloseable {
  /** Dictionaries of up to so many entries and bytes are given to Parquet, so values are shared. */
  private static final int SHARED_ENTRIES = 1024;

  private static final int SHARED_BYTES = 64 << 10;
  private static final int LENGTH = 4;

  /** What is needed beside pages and dictionary: buffers, and the window of a stream. */
  private static final int OVERHEAD = 2 * ChunkInput.BUFFER;

  private final ChunkInput in;
  private final FileFooter.Chunk chunk;
  private final boolean optional;
  private final ReadLimits limits;
  private final Path folder;
  private PageHeader pending;
  private Entries entries;
  private boolean shared;
  private PagePieces pieces;
  private long values;

  ColumnPages(
      FileChannel file, FileFooter.Chunk chunk, boolean optional, ReadLimits limits, Path folder) {
    this.in = new ChunkInput(file, chunk.start(), chunk.end());
    this.chunk = chunk;
    this.optional = optional;
    this.limits = limits;
    this.folder = folder;
  }

  /** What it takes in memory, at most, once it was begun. */
  long memory() {
    long page = Math.min(chunk.uncompressed(), limits.pageBytes());
    boolean mayStream = chunk.uncompressed() > limits.pageBytes();
    return OVERHEAD
        + page
        + (mayStream ? SnappyInput.MEMORY : 0)
        + (mayStream || (entries != null && !shared) ? 2 * PagePieces.PIECE : 0)
        + (entries == null ? 0 : entries.memory() * (shared ? 3L : 1L));
  }

  @Override
  public long getTotalValueCount() {
    return chunk.values();
  }

  @Override
  public DictionaryPage readDictionaryPage() {
    try {
      PageHeader header = header();
      if (header.getType() != PageType.DICTIONARY_PAGE) {
        pending = header;
        return null;
      }
      dictionary(header);
      return shared
          ? new DictionaryPage(BytesInput.from(entries.held()), entries.count(), Encoding.PLAIN)
          : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public DataPage readPage() {
    try {
      while (true) {
        if (pieces != null) {
          DataPage piece = pieces.next();
          if (piece != null) {
            return piece;
          }
          pieces = null;
        }
        PageHeader header = pending != null ? pending : header();
        pending = null;
        DataPage page =
            switch (header.getType()) {
              case DATA_PAGE -> page(header, header.getData_page_header());
              case DATA_PAGE_V2 -> page(header, header.getData_page_header_v2());
              case DICTIONARY_PAGE -> throw new BadFile("a column has a dictionary in its midst");
              default -> {
                in.pass(header.getCompressed_page_size());
                yield null;
              }
            };
        if (page != null) {
          return page;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PageHeader header() throws IOException {
    if (in.left() == 0) {
      throw new BadFile("a column has fewer values than the file has rows");
    }
    long start = in.position();
    int most = (int) Math.min(in.left(), limits.headerBytes());
    ThriftBounds.check(in, most, limits.headerNodes());
    in.seek(start);
    PageHeader header = Util.readPageHeader(in);
    int compressed = header.getCompressed_page_size();
    if (compressed < 0 || compressed > in.left()) {
      throw new BadFile("a page goes beyond its column");
    }
    if (header.getUncompressed_page_size() > chunk.uncompressed()) {
      throw new BadFile("a page is larger than its column");
    }
    if (header.isSetCrc() && in.crc(compressed) != header.getCrc()) {
      throw new BadFile("the checksum of a page does not match");
    }
    return header;
  }

  private void dictionary(PageHeader header) throws IOException {
    PageBytes bytes =
        PageBytes.of(
            in,
            chunk.codec(),
            header.getCompressed_page_size(),
            header.getUncompressed_page_size());
    int count = header.getDictionary_page_header().getNum_values();
    entries = Entries.read(bytes, chunk.type(), count, limits, folder);
    shared =
        count <= SHARED_ENTRIES && entries.held() != null && entries.held().length <= SHARED_BYTES;
  }

  private void count(int inPage) throws BadFile {
    if (inPage < 0 || inPage > chunk.values() - values) {
      throw new BadFile("a column has more values than the file has rows");
    }
    values += inPage;
  }

  private DataPage page(PageHeader header, DataPageHeader data) throws IOException {
    int count = data.getNum_values();
    count(count);
    if (count == 0) {
      in.pass(header.getCompressed_page_size());
      return null;
    }
    if (optional && data.getDefinition_level_encoding() != org.apache.parquet.format.Encoding.RLE) {
      throw new BadFile("levels are in an encoding that is not read");
    }
    PageBytes bytes =
        PageBytes.of(
            in,
            chunk.codec(),
            header.getCompressed_page_size(),
            header.getUncompressed_page_size());
    Encoding encoding = Encoding.valueOf(data.getEncoding().name());
    if (isHeld(bytes.uncompressed(), count, encoding)) {
      byte[] whole = bytes.whole();
      int levels = 0;
      int skip = 0;
      if (optional) {
        skip = LENGTH;
        levels = whole.length < LENGTH ? -1 : littleEndian(whole);
        if (levels < 0 || levels > whole.length - LENGTH) {
          throw new BadFile("levels go beyond their page");
        }
      }
      return held(
          count,
          ByteBuffer.wrap(whole, skip, levels).slice(),
          ByteBuffer.wrap(whole, skip + levels, whole.length - skip - levels).slice(),
          encoding);
    }
    InputStream stream = bytes.stream();
    byte[] levels = null;
    long left = bytes.uncompressed();
    if (optional) {
      byte[] length = stream.readNBytes(LENGTH);
      int size = length.length < LENGTH ? -1 : littleEndian(length);
      left -= LENGTH + (long) size;
      if (size < 0 || left < 0) {
        throw new BadFile("levels go beyond their page");
      }
      levels = levels(stream, size);
    }
    pieces = pieces(count, levels, stream, left, bytes.uncompressed(), encoding);
    return null;
  }

  private DataPage page(PageHeader header, DataPageHeaderV2 data) throws IOException {
    int count = data.getNum_values();
    count(count);
    int levelsSize = data.getDefinition_levels_byte_length();
    if (data.getRepetition_levels_byte_length() != 0
        || levelsSize < 0
        || levelsSize > header.getCompressed_page_size()
        || levelsSize > header.getUncompressed_page_size()
        || (!optional && levelsSize > 0)) {
      throw new BadFile("levels go beyond their page");
    }
    if (count == 0) {
      in.pass(header.getCompressed_page_size());
      return null;
    }
    byte[] levels = levels(in, levelsSize);
    int compressed = header.getCompressed_page_size() - levelsSize;
    boolean isCompressed = !data.isSetIs_compressed() || data.isIs_compressed();
    PageBytes bytes =
        PageBytes.of(
            in,
            // nothing at all may stand uncompressed for nothing at all
            isCompressed && compressed > 0 ? chunk.codec() : CompressionCodec.UNCOMPRESSED,
            compressed,
            header.getUncompressed_page_size() - levelsSize);
    Encoding encoding = Encoding.valueOf(data.getEncoding().name());
    if (isHeld(header.getUncompressed_page_size(), count, encoding)) {
      return held(count, ByteBuffer.wrap(levels), ByteBuffer.wrap(bytes.whole()), encoding);
    }
    pieces =
        pieces(
            count,
            optional ? levels : null,
            bytes.stream(),
            bytes.uncompressed(),
            header.getUncompressed_page_size(),
            encoding);
    return null;
  }

  private byte[] levels(InputStream from, int size) throws IOException {
    if (size > limits.pageBytes()) {
      throw tooLarge("the levels of a page", size);
    }
    byte[] levels = from.readNBytes(size);
    if (levels.length < size) {
      throw new BadFile("levels go beyond their page");
    }
    return levels;
  }

  /** Parquet's decoders make room for the values of a page at once, eight bytes each at most. */
  private boolean isHeld(int uncompressed, int count, Encoding encoding) {
    return uncompressed <= limits.pageBytes()
        && count <= limits.pageBytes() / Long.BYTES
        && !(encoding.usesDictionary() && !shared);
  }

  private PagePieces pieces(
      int count, byte[] levels, InputStream data, long left, long page, Encoding encoding)
      throws IOException {
    if (encoding != Encoding.PLAIN && !encoding.usesDictionary()) {
      throw tooLarge("a page in encoding " + encoding, Math.max(page, (long) count * Long.BYTES));
    }
    if (encoding.usesDictionary() && entries == null) {
      throw new BadFile("a dictionary is missing");
    }
    return new PagePieces(
        chunk.type(),
        count,
        levels == null ? null : new RleInts(new ByteArrayInputStream(levels), 1),
        data,
        left,
        encoding.usesDictionary() ? entries : null,
        limits);
  }

  private static BadFile tooLarge(String what, long bytes) {
    return new BadFile(
        what
            + ", of "
            + bytes
            + " bytes, is more than snapshot.memory.bytes allows; raise it to "
            + 32 * bytes);
  }

  private DataPage held(int count, ByteBuffer levels, ByteBuffer data, Encoding encoding)
      throws IOException {
    if (optional) {
      RleInts.check(input(levels), 1, count);
    }
    check(data, count, encoding);
    return DataPageV2.uncompressed(
        count,
        0,
        count,
        BytesInput.empty(),
        BytesInput.from(levels),
        encoding,
        BytesInput.from(data),
        null);
  }

  private void check(ByteBuffer data, int count, Encoding encoding) throws IOException {
    switch (encoding) {
      case PLAIN -> {}
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
        if (data.hasRemaining()) {
          InputStream places = input(data);
          RleInts.check(places, places.read(), count);
        }
      }
      case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY ->
          checkDelta(ByteBufferInputStream.wrap(data.duplicate()), count);
      case DELTA_BYTE_ARRAY -> {
        checkDelta(ByteBufferInputStream.wrap(data.duplicate()), count);
        ByteBufferInputStream in = ByteBufferInputStream.wrap(data.duplicate());
        new DeltaBinaryPackingValuesReader().initFromPage(count, in);
        checkDelta(in.remainingStream(), count);
      }
      default -> throw new BadFile("a page is in an encoding that is not read: " + encoding);
    }
  }

  /** Of such a stream, because it throws at its end: Parquet would take -1 for a number's part. */
  private static void checkDelta(ByteBufferInputStream data, int count) throws IOException {
    int block = BytesUtils.readUnsignedVarInt(data);
    int blocks = BytesUtils.readUnsignedVarInt(data);
    int total = BytesUtils.readUnsignedVarInt(data);
    if (block <= 0 || block > 1 << 16 || blocks <= 0 || blocks > block / 8) {
      throw new BadFile("differences come in blocks of an impossible size");
    }
    if (total < 0 || total > count) {
      throw new BadFile("a page has more values than its header says");
    }
  }

  private static InputStream input(ByteBuffer bytes) {
    return new ByteArrayInputStream(
        bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
  }

  private static int littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  @Override
  public void close() throws IOException {
    if (entries != null) {
      entries.close();
    }
  }
}
