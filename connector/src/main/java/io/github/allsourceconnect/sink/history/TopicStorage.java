package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.files.TaskFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Files in one partition of a compacted Kafka topic: a record for each chunk of 512 KiB (key {@code
 * <owner>/<file>/<number>}), and one for the list of files (key {@code <owner>/files}, gzip); the
 * header {@link HistoryManifest#LOG} of each says of which log it is. A file and the list that
 * names it are one transaction. The local folder is a temporary one.
 */
final class TopicStorage implements HistoryStorage {
  private static final String LIST = "files";

  /** Beside the list, its record has a key and headers. */
  private static final int LIST_ZIPPED_MAX = HistoryTopic.RECORD_BYTES_MAX - (64 << 10);

  private final HistoryTopic topic;
  private final TopicPartition partition;
  private final String owner;
  private final Duration timeout;
  private final Path tempDir;
  private final TopicReader reader;
  private final LocalCopies copies;
  private TaskFolder work;
  private TopicWriter writer;

  /**
   * @param topic makes the topic and its clients
   * @param owner what tells this history from others in the topic: connector, topic, partition
   * @param tempDir where a temporary folder is made
   */
  TopicStorage(HistoryTopic topic, int partition, String owner, Path tempDir, Duration timeout) {
    this.topic = topic;
    this.partition = new TopicPartition(topic.name(), partition);
    this.owner = owner;
    this.tempDir = tempDir;
    this.timeout = timeout;
    this.reader = new TopicReader(topic, this.partition, describe(), timeout);
    this.copies = new LocalCopies((file, to) -> reader.fetch(file, chunkKey(file), to));
  }

  @Override
  public HistoryManifest takeOver() throws IOException {
    work =
        TaskFolder.create(
            "snapshot.temp.dir", tempDir, "allsource-history-" + OwnerNames.hash(owner) + "-");
    topic.ensure(partition.partition());
    writer =
        new TopicWriter(
            topic.producer("allsource-history/" + owner), partition, describe(), timeout);
    writer.takeOver();
    TopicReader.Found list = reader.newest(key(LIST));
    return list == null ? HistoryManifest.NONE : decode(list);
  }

  private HistoryManifest decode(TopicReader.Found list) throws DamagedHistoryException {
    return decode(list.value(), describe() + ", key " + owner + "/" + LIST, list.offset());
  }

  /** A list of files as a record of the topic holds it. */
  static HistoryManifest decode(byte[] value, String place, long offset)
      throws DamagedHistoryException {
    try {
      return ManifestFormat.decode(Zipped.unzip(value, Zipped.BYTES_MAX));
    } catch (IllegalArgumentException e) {
      throw DamagedHistoryException.manifest(place + ", offset " + offset, e);
    }
  }

  @Override
  public Map<String, String> unusable(HistoryManifest manifest) throws IOException {
    return manifest.files().isEmpty() ? Map.of() : reader.deleted(manifest.files());
  }

  @Override
  public Path workFolder() {
    return work.path();
  }

  @Override
  public HistoryFile store(Path built, HistoryFile file, HistoryManifest of) throws IOException {
    List<Header> headers = headers(of);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (InputStream in = Files.newInputStream(built)) {
      for (int chunk = 0; chunk < ChunkedFile.chunks(file); chunk++) {
        // the producer's own memory bounds how much is on its way: send waits for it
        byte[] data = in.readNBytes(HistoryReader.CHUNK_BYTES);
        sent.add(writer.send(key(file.name() + "/" + chunk), data, headers));
      }
    }
    long first = Long.MAX_VALUE;
    for (Future<RecordMetadata> each : sent) {
      first = Math.min(first, writer.written(each));
    }
    return file.at(first);
  }

  @Override
  public int fullPercent(HistoryManifest manifest) throws IOException {
    return percent(manifest);
  }

  /** As {@link #fullPercent}, of any such topic. */
  static int percent(HistoryManifest manifest) throws IOException {
    if (ManifestFormat.atMostBytes(manifest) < LIST_ZIPPED_MAX / 4) {
      return 0;
    }
    byte[] encoded = ManifestFormat.encode(manifest);
    long zipped = 100L * Zipped.zip(encoded).length / LIST_ZIPPED_MAX;
    return (int) Math.max(zipped, 100L * encoded.length / Zipped.BYTES_MAX);
  }

  @Override
  public void commit(HistoryManifest manifest) throws IOException {
    put(LIST, manifest);
  }

  @Override
  public String setAside(HistoryManifest manifest) throws IOException {
    // the number makes it a key of its own, should the same log come back and be left again
    String key = LIST + "@" + OwnerNames.of(manifest.log().text()) + "@" + manifest.number();
    put(key, manifest);
    return "key " + owner + "/" + key;
  }

  private void put(String key, HistoryManifest manifest) throws IOException {
    byte[] encoded = ManifestFormat.encode(manifest);
    if (encoded.length > Zipped.BYTES_MAX) {
      throw new IOException(
          "its list would have " + encoded.length + " bytes, not " + Zipped.BYTES_MAX);
    }
    byte[] value = Zipped.zip(encoded);
    long unused = writer.written(writer.send(key(key), value, headers(manifest)));
    writer.commit();
  }

  private static List<Header> headers(HistoryManifest manifest) {
    List<Header> headers = new ArrayList<>();
    manifest
        .notes()
        .forEach((name, text) -> headers.add(new RecordHeader(name, text.getBytes(UTF_8))));
    return headers;
  }

  @Override
  public void checkOwner() {
    // the producer's own errors say so
  }

  @Override
  public void delete(Collection<HistoryFile> files) throws IOException {
    Future<RecordMetadata> last = null;
    for (HistoryFile file : files) {
      for (int chunk = 0; chunk < ChunkedFile.chunks(file); chunk++) {
        last = writer.send(key(file.name() + "/" + chunk), null, List.of());
      }
    }
    if (last != null) {
      long unused = writer.written(last);
      writer.commit();
    }
  }

  @Override
  public LocalFile fetch(HistoryFile file) throws IOException {
    return copies.open(file, work.path());
  }

  @Override
  public String describe() {
    return "topic " + partition + " (" + owner + ")";
  }

  private String chunkKey(HistoryFile file) {
    return owner + "/" + file.name() + "/";
  }

  private byte[] key(String rest) {
    return (owner + "/" + rest).getBytes(UTF_8);
  }

  @Override
  public void close() throws IOException {
    reader.close();
    if (writer != null) {
      writer.close();
    }
    if (work != null) {
      work.close();
    }
  }
}
