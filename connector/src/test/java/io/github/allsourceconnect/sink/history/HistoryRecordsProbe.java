package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Set;

/** What reads the records of a history's topic, for those who damage them. */
public final class HistoryRecordsProbe {
  /** The one file that {@link #chunks} puts together. */
  public static final String FILE =
      "events-20260102-030405120-00000000000000090000000000000001.parquet";

  /** Its size: two chunks. */
  public static final int BYTES = HistoryReader.CHUNK_BYTES + 3;

  private HistoryRecordsProbe() {}

  /** A list of files as a record holds it. */
  public static byte[] list() throws IOException {
    HistoryFile file = new HistoryFile(FILE, 0, 9, 9, BYTES, 7, 3);
    return Zipped.zip(ManifestFormat.encode(HistoryManifest.NONE.begin(0).add(file)));
  }

  /** The same, not zipped. */
  public static byte[] plainList() {
    HistoryFile file = new HistoryFile(FILE, 0, 9, 9, BYTES, 7, 3);
    return ManifestFormat.encode(HistoryManifest.NONE.begin(0).add(file));
  }

  /** Reads a list; what was read is written and read again. */
  public static void readList(byte[] record) throws DamagedHistoryException {
    again(TopicStorage.decode(record, "topic-0, key k", 5));
  }

  /** Reads a list that is not zipped. */
  public static void readPlainList(byte[] list) throws DamagedHistoryException {
    try {
      again(ManifestFormat.decode(list));
    } catch (IllegalArgumentException e) {
      throw DamagedHistoryException.manifest("here", e);
    }
  }

  private static void again(HistoryManifest manifest) {
    if (!manifest.equals(ManifestFormat.decode(ManifestFormat.encode(manifest)))) {
      throw new AssertionError("not the same when it is read again: " + manifest);
    }
    long unused = HistoryPlan.coverage(manifest, Map.of()).missing();
    new HistoryPlan(10, 10, 10, 2, 1 << 20).merge(manifest.files(), Set.of());
    manifest.files().forEach(ChunkedFile::chunks);
  }

  /** Puts a file together from two records; whole, it is as long as the list says. */
  public static void chunks(String firstKey, byte[] first, String secondKey, byte[] second)
      throws IOException {
    HistoryFile file = new HistoryFile(FILE, 0, 9, 9, BYTES, 7, 3);
    long[] size = new long[1];
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {
            size[0]++;
          }

          @Override
          public void write(byte[] bytes, int off, int len) {
            size[0] += len;
          }
        };
    ChunkedFile chunks = new ChunkedFile(file, "o/" + FILE + "/", "topic-0", out);
    chunks.take(firstKey, first);
    chunks.take(secondKey, second);
    chunks.checkComplete();
    if (size[0] != BYTES) {
      throw new AssertionError(size[0] + " bytes");
    }
  }
}
