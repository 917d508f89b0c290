package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A leader with the habits of the real one (0.19.1): it never replays, sends entries out of order,
 * loses runs of them when its ring is overwritten, filters what is not above the follower's offset,
 * and keeps its history in Parquet files that it sends to whoever subscribes with 0.
 */
final class ShopLeader implements AutoCloseable {
  /** Entries that wait for a follower; more overwrite the oldest. */
  private static final int RING = 4096;

  private static final int FILE_ROWS_MAX = 10_000;
  private static final int CHUNK_BYTES = 512 << 10;
  private static final int LINE_BYTES_MAX = 1 << 20;
  private static final int SEND_TIMEOUT_MS = 30_000;

  /** One entry in so many overtakes its predecessor. */
  private static final int OVERTAKES_ONE_IN = 12;

  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmssSSS").withZone(ZoneOffset.UTC);

  private final MessageCodec codec = new MessageCodec();
  private final Path folder = Folders.temporary("allsource-shop-");
  private final ServerSocket listener;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private final RandomGenerator random;
  private final Orders orders;
  private final Consumer<Event> written;

  // under this object's lock
  private final List<String> files = new ArrayList<>();
  private List<Event> unflushed = new ArrayList<>();
  private long sequence;
  private long shipped;
  private byte[] overtaken;
  private long overtakenOffset;
  private int losing;
  private long lost;
  private volatile long acked;
  private volatile boolean closed;

  /**
   * @param written is told of every event, before any follower
   */
  ShopLeader(RandomGenerator random, Consumer<Event> written) throws IOException {
    this.random = random;
    this.written = written;
    orders = new Orders(random);
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread("shop-accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many entries were written. */
  synchronized long written() {
    return sequence;
  }

  /** How many entries never were sent to a follower that was there. */
  synchronized long lost() {
    return lost;
  }

  /** The last offset that a follower has acked. */
  long acked() {
    return acked;
  }

  /** Overwrites the next {@code entries} entries of every follower's ring. */
  synchronized void lose(int entries) {
    losing = followers.isEmpty() ? 0 : entries;
  }

  /** Writes the next event. */
  synchronized void write() {
    Instant now = Instant.now();
    Event event = orders.next(now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000);
    written.accept(event);
    unflushed.add(event);
    if (unflushed.size() == FILE_ROWS_MAX) {
      flush();
    }
    sequence++;
    long checksum = WalChecksum.compute(sequence, event.timestamp(), event.id());
    WalEntry entry = new WalEntry(sequence, event.timestamp(), event, checksum, null, null);
    byte[] line = codec.encode(new LeaderMessage.Entry(sequence, entry));
    if (losing > 0) {
      losing--;
      lost++;
    } else if (overtaken == null && random.nextInt(OVERTAKES_ONE_IN) == 0) {
      overtaken = line;
      overtakenOffset = sequence;
      return;
    } else {
      ship(sequence, line);
    }
    if (overtaken != null) {
      ship(overtakenOffset, overtaken);
      overtaken = null;
    }
  }

  private void ship(long offset, byte[] line) {
    for (Follower follower : followers) {
      shipped = Math.max(shipped, offset);
      follower.offer(offset, line);
    }
  }

  private void flush() {
    if (unflushed.isEmpty()) {
      return;
    }
    String name =
        "events-"
            + FILE_TIME.format(Instant.now())
            + "-"
            + UUID.randomUUID().toString().replace("-", "")
            + ".parquet";
    try (SnapshotWriter writer = new SnapshotWriter(folder.resolve(name), false)) {
      for (Event event : unflushed) {
        writer.add(event, 0);
      }
      writer.commit();
    } catch (IOException e) {
      throw new UncheckedIOException("the shop cannot write " + name, e);
    }
    files.add(name);
    unflushed = new ArrayList<>();
  }

  private void accept() {
    while (!closed) {
      try {
        Follower follower = new Follower(listener.accept());
        thread("shop-read", follower::read);
      } catch (IOException e) {
        if (!closed) {
          throw new UncheckedIOException("the shop cannot accept", e);
        }
      }
    }
  }

  private static void thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    followers.forEach(Follower::close);
    Folders.delete(folder);
  }

  /** A connected follower; one thread reads what it sends, another sends. */
  private final class Follower {
    private final Socket socket;
    private final ArrayDeque<byte[]> ring = new ArrayDeque<>();
    private long filter;

    Follower(Socket socket) {
      this.socket = socket;
    }

    void read() {
      LineFramer framer = new LineFramer(LINE_BYTES_MAX);
      byte[] block = new byte[8192];
      try {
        for (int count; (count = socket.getInputStream().read(block)) >= 0; ) {
          framer.feed(
              Arrays.copyOf(block, count),
              0,
              count,
              (line, off, len, number) -> {
                FollowerMessage message = codec.decodeFollower(line, off, len, number);
                if (message instanceof FollowerMessage.Subscribe subscribe) {
                  thread("shop-send", () -> send(subscribe.lastOffset()));
                } else if (message instanceof FollowerMessage.Ack ack) {
                  acked = Math.max(acked, ack.offset());
                }
              });
        }
      } catch (IOException e) {
        // it went away; what it lacks is its own business, as with the real leader
      }
      close();
    }

    private void send(long lastOffset) {
      try {
        OutputStream out = socket.getOutputStream();
        socket.setSoTimeout(0);
        List<String> snapshot = begin(lastOffset);
        if (!snapshot.isEmpty()) {
          sendSnapshot(out, snapshot);
        }
        long current;
        synchronized (ShopLeader.this) {
          current = shipped;
        }
        out.write(codec.encode(new LeaderMessage.CaughtUp(current)));
        while (!socket.isClosed()) {
          out.write(next());
        }
      } catch (IOException e) {
        // as above
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      close();
    }

    /** The files that it gets first; from then on its ring fills. */
    private List<String> begin(long lastOffset) {
      synchronized (ShopLeader.this) {
        boolean wantsAll = lastOffset == 0 && sequence > 0;
        if (wantsAll) {
          flush();
        }
        filter = wantsAll ? shipped : lastOffset;
        followers.add(this);
        return wantsAll ? List.copyOf(files) : List.of();
      }
    }

    private void sendSnapshot(OutputStream out, List<String> names) throws IOException {
      out.write(codec.encode(new LeaderMessage.SnapshotStart(names)));
      for (String name : names) {
        byte[] file = Files.readAllBytes(folder.resolve(name));
        for (int at = 0; at < file.length; at += CHUNK_BYTES) {
          int end = Math.min(file.length, at + CHUNK_BYTES);
          out.write(
              codec.encode(
                  new LeaderMessage.SnapshotChunk(
                      name, Arrays.copyOfRange(file, at, end), at, end == file.length)));
        }
      }
      out.write(codec.encode(new LeaderMessage.SnapshotEnd(filter)));
    }

    void offer(long offset, byte[] line) {
      synchronized (ring) {
        if (offset > filter) {
          if (ring.size() == RING) {
            ring.poll();
          }
          ring.add(line);
          ring.notifyAll();
        }
      }
    }

    private byte[] next() throws InterruptedException {
      synchronized (ring) {
        while (ring.isEmpty() && !socket.isClosed()) {
          ring.wait(SEND_TIMEOUT_MS);
        }
        return ring.isEmpty() ? new byte[0] : ring.poll();
      }
    }

    void close() {
      followers.remove(this);
      try {
        socket.close();
      } catch (IOException e) {
        // nothing is left to close
      }
      synchronized (ring) {
        ring.notifyAll();
      }
    }
  }
}
