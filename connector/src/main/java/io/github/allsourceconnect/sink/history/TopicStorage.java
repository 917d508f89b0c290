package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.sink.history.SnapshotStore.FencedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * Files in one partition of a compacted Kafka topic: a record for each chunk of 512 KiB (key {@code
 * <owner>/<file>/<number>}), and one for the list of files (key {@code <owner>/files}, gzip). A
 * file and the list that names it are one transaction, and the transactional id is the owner's, so
 * a writer that should be gone can't add to it: its transaction is aborted. The local folder is a
 * temporary one. {@link #read} uses a consumer of its own; everything else is the writer's
 * thread's.
 */
final class TopicStorage implements HistoryStorage {
  private static final int TAIL = 64;
  private static final int TAIL_GROWTH = 16;

  private final SnapshotTopic topic;
  private final TopicPartition partition;
  private final String owner;
  private final Duration timeout;
  private final Path tempDir;
  private final Map<String, Shared> shared = new HashMap<>();

  /** A reader that has nothing to do now, for the next file; null when there is none. */
  private final AtomicReference<Consumer<byte[], byte[]>> idle = new AtomicReference<>();

  private Path work;
  private Producer<byte[], byte[]> producer;
  private boolean inTransaction;
  private volatile boolean closed;

  /** A local copy and how many read it; guarded by the map it is in. */
  private static final class Shared {
    private int readers;
    private Path path;
  }

  /**
   * @param topic makes the topic and its clients
   * @param owner what tells this history from others in the topic: connector, topic, partition
   * @param tempDir where a temporary folder is made
   */
  TopicStorage(SnapshotTopic topic, int partition, String owner, Path tempDir, Duration timeout) {
    this.topic = topic;
    this.partition = new TopicPartition(topic.name(), partition);
    this.owner = owner;
    this.tempDir = tempDir;
    this.timeout = timeout;
  }

  @Override
  public HistoryManifest open() throws IOException {
    Files.createDirectories(tempDir);
    work = Files.createTempDirectory(tempDir, "allsource-history-");
    topic.ensure(partition.partition());
    producer = topic.producer("allsource-history/" + owner);
    return kafka(
        "taking over the history",
        () -> {
          producer.initTransactions();
          return newestList();
        });
  }

  /** The newest list stands near the end: look there first, then further and further back. */
  private HistoryManifest newestList() throws IOException {
    byte[] key = key("files");
    try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
      consumer.assign(List.of(partition));
      long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long from = end;
      for (long tail = TAIL; from > begin; tail *= TAIL_GROWTH) {
        from = Math.max(begin, end - tail);
        byte[] newest = null;
        consumer.seek(partition, from);
        Progress progress = new Progress(consumer, from);
        while (progress.position < end) {
          for (ConsumerRecord<byte[], byte[]> record : progress.poll()) {
            if (Arrays.equals(record.key(), key) && record.value() != null) {
              newest = record.value();
            }
          }
        }
        if (newest != null) {
          return HistoryManifest.decode(unzip(newest));
        }
      }
      return HistoryManifest.NONE;
    } catch (IllegalArgumentException e) {
      throw new IOException("the list of files in " + describe() + " is damaged", e);
    }
  }

  /** Polls while something comes, and gives up when nothing does for the timeout. */
  private final class Progress {
    private final Consumer<byte[], byte[]> consumer;
    private long position;

    Progress(Consumer<byte[], byte[]> consumer, long position) {
      this.consumer = consumer;
      this.position = position;
    }

    List<ConsumerRecord<byte[], byte[]>> poll() throws IOException {
      long deadline = System.nanoTime() + timeout.toNanos();
      while (true) {
        List<ConsumerRecord<byte[], byte[]>> records =
            consumer.poll(Duration.ofMillis(200)).records(partition);
        long now = consumer.position(partition);
        if (now > position) {
          position = now;
          return records;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IOException(
              describe()
                  + " can't be read: nothing came for snapshot.timeout.ms="
                  + timeout.toMillis());
        }
      }
    }
  }

  @Override
  public Set<String> unusable(HistoryManifest manifest) throws IOException {
    return kafka(
        "looking for the files",
        () -> {
          try (Consumer<byte[], byte[]> consumer = topic.consumer()) {
            // Kafka's consumer complains when it is asked for what is not assigned to it
            consumer.assign(List.of(partition));
            long begin = consumer.beginningOffsets(List.of(partition)).get(partition);
            Set<String> unusable = new HashSet<>();
            for (HistoryFile file : manifest.files()) {
              if (file.first() < begin) {
                unusable.add(file.name());
              }
            }
            return unusable;
          }
        });
  }

  @Override
  public Path workFolder() {
    return work;
  }

  @Override
  public HistoryFile store(Path built, HistoryFile file) throws IOException {
    return kafka(
        "storing a file",
        () -> {
          begin();
          List<Future<RecordMetadata>> sent = new ArrayList<>();
          try (InputStream in = Files.newInputStream(built)) {
            for (int chunk = 0; chunk < chunks(file); chunk++) {
              // the producer's own memory bounds how much is on its way: send waits for it
              sent.add(send(key(file.name() + "/" + chunk), in.readNBytes(chunkBytes())));
            }
          }
          producer.flush();
          long first = Long.MAX_VALUE;
          for (Future<RecordMetadata> future : sent) {
            first = Math.min(first, await(future).offset());
          }
          return file.at(first);
        });
  }

  @Override
  public void commit(HistoryManifest manifest) throws IOException {
    kafka(
        "storing the list of files",
        () -> {
          begin();
          Future<RecordMetadata> sent = send(key("files"), zip(manifest.encode()));
          producer.flush();
          await(sent);
          producer.commitTransaction();
          inTransaction = false;
          return null;
        });
  }

  @Override
  public void checkOwner() {
    // the producer's own errors say so
  }

  @Override
  public void discard(Collection<HistoryFile> files) throws IOException {
    kafka(
        "deleting merged files",
        () -> {
          begin();
          for (HistoryFile file : files) {
            for (int chunk = 0; chunk < chunks(file); chunk++) {
              Future<RecordMetadata> unused = send(key(file.name() + "/" + chunk), null);
            }
          }
          producer.commitTransaction();
          inTransaction = false;
          return null;
        });
  }

  private void begin() {
    if (!inTransaction) {
      producer.beginTransaction();
      inTransaction = true;
    }
  }

  private Future<RecordMetadata> send(byte[] key, byte[] value) {
    return producer.send(
        new ProducerRecord<>(partition.topic(), partition.partition(), key, value));
  }

  private RecordMetadata await(Future<RecordMetadata> future) throws IOException {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new IOException("a record can't be written to " + describe(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("a record was not written to " + describe() + " in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing to " + describe(), e);
    }
  }

  @Override
  public Local read(HistoryFile file) throws IOException {
    Shared copy;
    synchronized (shared) {
      copy = shared.computeIfAbsent(file.name(), name -> new Shared());
      copy.readers++;
    }
    Local local = release(file.name(), copy);
    try {
      // the first reader fetches it, the others wait for that
      synchronized (copy) {
        if (copy.path == null) {
          Path path = Files.createTempFile(work, "kept-", ".parquet");
          try {
            kafka(
                "reading a file",
                () -> {
                  fetch(file, path);
                  return null;
                });
          } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(path);
            throw e;
          }
          copy.path = path;
        }
      }
      return local;
    } catch (IOException | RuntimeException e) {
      local.close();
      throw e;
    }
  }

  private Local release(String name, Shared copy) {
    return new Local() {
      private boolean closed;

      @Override
      public Path path() {
        synchronized (copy) {
          return copy.path;
        }
      }

      @Override
      public void close() {
        synchronized (shared) {
          if (closed) {
            return;
          }
          closed = true;
          copy.readers--;
          if (copy.readers > 0) {
            return;
          }
          shared.remove(name);
        }
        Path path = path();
        if (path != null) {
          FileCopies.temporary(path).close();
        }
      }
    };
  }

  /** A snapshot has many files, and to connect takes longer than to read one. */
  private void fetch(HistoryFile file, Path to) throws IOException {
    Consumer<byte[], byte[]> consumer = idle.getAndSet(null);
    boolean good = false;
    try {
      if (consumer == null) {
        consumer = topic.consumer();
      }
      fetch(consumer, file, to);
      consumer.unsubscribe();
      good = !closed && idle.compareAndSet(null, consumer);
    } finally {
      if (!good && consumer != null) {
        consumer.close();
      }
    }
  }

  private void fetch(Consumer<byte[], byte[]> consumer, HistoryFile file, Path to)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(to)) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.seek(partition, file.first());
      Progress progress = new Progress(consumer, file.first());
      int next = 0;
      String prefix = owner + "/" + file.name() + "/";
      while (next < chunks(file) && progress.position < end) {
        for (ConsumerRecord<byte[], byte[]> record : progress.poll()) {
          String key = record.key() == null ? "" : new String(record.key(), UTF_8);
          if (key.startsWith(prefix) && record.value() != null && key.equals(prefix + next)) {
            out.write(record.value());
            next++;
          }
        }
      }
      if (next < chunks(file)) {
        throw new DamagedFileException(
            file, "lost (chunk " + next + " of " + chunks(file) + ")", describe(), null);
      }
    } catch (OffsetOutOfRangeException e) {
      throw new DamagedFileException(file, "lost", describe(), e);
    }
  }

  @Override
  public String describe() {
    return "topic " + partition + " (" + owner + ")";
  }

  private byte[] key(String rest) {
    return (owner + "/" + rest).getBytes(UTF_8);
  }

  private static int chunks(HistoryFile file) {
    return Math.toIntExact((file.bytes() + chunkBytes() - 1) / chunkBytes());
  }

  private static int chunkBytes() {
    return HistoryTransfer.CHUNK_BYTES;
  }

  private static byte[] zip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] unzip(byte[] bytes) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }

  /** A step that uses Kafka. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T kafka(String what, Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new FencedException(
          "another task writes to the history in " + describe() + "; this one stops", e);
    } catch (KafkaException e) {
      if (e.getCause() instanceof ProducerFencedException
          || e.getCause() instanceof InvalidProducerEpochException) {
        throw new FencedException(
            "another task writes to the history in " + describe() + "; this one stops", e);
      }
      throw new IOException(what + " in " + describe() + " failed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    Consumer<byte[], byte[]> reader = idle.getAndSet(null);
    if (reader != null) {
      reader.close();
    }
    if (producer != null) {
      // what is not committed is aborted, by this or by the next owner
      producer.close(timeout);
    }
    if (work != null) {
      try (var left = Files.list(work)) {
        for (Path path : left.toList()) {
          Files.deleteIfExists(path);
        }
      }
      Files.deleteIfExists(work);
    }
  }
}
