package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.LogIdentities;
import io.github.allsourceconnect.sink.topic.LogIdentities.Committed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** A topic in memory, with holes, retention and truncation. Any thread. */
final class MemoryTopic {
  private final String name;
  private final Map<Integer, Part> parts = new HashMap<>();
  private int consumers;
  private int polls;
  private int created = 1;
  private int boundsToFail;
  private int pollsToFail;
  private final Set<Integer> leaderless = new HashSet<>();
  private final Map<Integer, List<Committed>> committed = new HashMap<>();

  private static final class Part {
    long begin;
    long end;
    long cutAt;
    int cuts;
    final TreeMap<Long, ConsumerRecord<byte[], byte[]>> records = new TreeMap<>();
  }

  MemoryTopic(String name) {
    this.name = name;
  }

  private Part part(int partition) {
    return parts.computeIfAbsent(partition, p -> new Part());
  }

  /** Appends; returns the Kafka offset. */
  long append(int partition, String key, String value) {
    return append(partition, key, value, ConsumerRecord.NO_TIMESTAMP);
  }

  /** The same, with a time. */
  synchronized long append(int partition, String key, String value, long timestamp) {
    Part part = part(partition);
    long offset = part.end++;
    byte[] k = key == null ? null : key.getBytes(UTF_8);
    byte[] v = value == null ? null : value.getBytes(UTF_8);
    part.records.put(
        offset,
        new ConsumerRecord<>(
            name,
            partition,
            offset,
            timestamp,
            TimestampType.CREATE_TIME,
            ConsumerRecord.NULL_SIZE,
            ConsumerRecord.NULL_SIZE,
            k,
            v,
            new RecordHeaders(),
            Optional.empty()));
    notifyAll();
    return offset;
  }

  /** Offsets that hold nothing: markers, aborted or compacted records. */
  synchronized void hole(int partition, int offsets) {
    part(partition).end += offsets;
    notifyAll();
  }

  synchronized void retain(int partition, long begin) {
    part(partition).begin = begin;
    part(partition).records.headMap(begin).clear();
  }

  synchronized void truncate(int partition, long end) {
    part(partition).end = end;
    part(partition).cutAt = end;
    part(partition).cuts++;
    part(partition).records.tailMap(end).clear();
    notifyAll();
  }

  /** So many questions for bounds, and so many reads, time out from now on. */
  synchronized void fail(int bounds, int polls) {
    boundsToFail = bounds;
    pollsToFail = polls;
    notifyAll();
  }

  /** A partition has no leader: nothing comes of it, and nobody says where it ends. */
  synchronized void loseLeader(int partition) {
    leaderless.add(partition);
  }

  /** It has one again. */
  synchronized void electLeader(int partition) {
    leaderless.remove(partition);
    notifyAll();
  }

  /** Whether all that was to fail has failed. */
  synchronized boolean hasFailed() {
    return boundsToFail == 0 && pollsToFail == 0;
  }

  /** The topic is deleted and created again, empty, with another id. */
  synchronized void recreate() {
    created++;
    parts.clear();
    notifyAll();
  }

  /** What the connector's group has committed. */
  synchronized void commit(int partition, long offset, String note) {
    committed.put(partition, List.of(new Committed(true, offset, note)));
  }

  LogIdentities identities() {
    return new LogIdentities() {
      @Override
      public LogIdentity ask() {
        synchronized (MemoryTopic.this) {
          return new LogIdentity("memory", name + "." + created);
        }
      }

      @Override
      public List<Committed> committed(int partition) {
        synchronized (MemoryTopic.this) {
          return committed.getOrDefault(partition, List.of());
        }
      }

      @Override
      public void close() {}
    };
  }

  synchronized long end(int partition) {
    return part(partition).end;
  }

  /** How many reads brought something so far. */
  synchronized int reads() {
    return polls;
  }

  synchronized int openConsumers() {
    return consumers;
  }

  LogConsumer consumer() {
    synchronized (this) {
      consumers++;
    }
    return new MemoryConsumer();
  }

  private final class MemoryConsumer implements LogConsumer {
    private final Map<Integer, Long> positions = new HashMap<>();
    private final Map<Integer, Integer> cutsSeen = new HashMap<>();
    private boolean woken;

    @Override
    public Bounds bounds(int partition) {
      synchronized (MemoryTopic.this) {
        if (boundsToFail > 0 || leaderless.contains(partition)) {
          boundsToFail = Math.max(0, boundsToFail - 1);
          throw new TimeoutException("no answer in time");
        }
        return new Bounds(part(partition).begin, part(partition).end);
      }
    }

    @Override
    public void seek(Map<Integer, Long> wanted) {
      positions.clear();
      positions.putAll(wanted);
    }

    @Override
    public long position(int partition) {
      return positions.get(partition);
    }

    @Override
    public List<Stretch> poll(Duration timeout) {
      synchronized (MemoryTopic.this) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
          if (pollsToFail > 0) {
            pollsToFail--;
            throw new TimeoutException("no answer in time");
          }
          List<Stretch> stretches = ready();
          long left = (deadline - System.nanoTime()) / 1_000_000;
          if (!stretches.isEmpty() || woken || left <= 0) {
            woken = false;
            polls += stretches.size();
            return stretches;
          }
          try {
            MemoryTopic.this.wait(left);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
          }
        }
      }
    }

    private List<Stretch> ready() {
      List<Stretch> stretches = new ArrayList<>();
      Set<Integer> assigned = new HashSet<>(positions.keySet());
      assigned.removeAll(leaderless);
      for (int partition : assigned) {
        Part part = part(partition);
        long from = positions.get(partition);
        Integer seen = cutsSeen.put(partition, part.cuts);
        if (seen != null && seen < part.cuts && from > part.cutAt) {
          throw new OutOfRangeException(partition, from, true, part.cutAt, null);
        }
        if (from < part.begin || from > part.end) {
          throw new OutOfRangeException(partition, from, false, null);
        }
        List<ConsumerRecord<byte[], byte[]>> batch =
            part.records.tailMap(from).values().stream().limit(500).toList();
        long to = batch.size() == 500 ? batch.get(499).offset() + 1 : part.end;
        if (to > from) {
          stretches.add(new Stretch(partition, from, to, batch));
          positions.put(partition, to);
        }
      }
      return stretches;
    }

    @Override
    public void wakeUp() {
      synchronized (MemoryTopic.this) {
        woken = true;
        MemoryTopic.this.notifyAll();
      }
    }

    @Override
    public void close() {
      synchronized (MemoryTopic.this) {
        consumers--;
      }
    }
  }
}
