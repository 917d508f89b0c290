package io.github.allsourceconnect.leader;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A leader on a loopback port that behaves like the real store's (connector/docs/protocol.md): it
 * sends entries out of order, overwrites what a follower does not take in time, never replays,
 * filters what is at or below the subscription, answers {@code subscribe 0} with Parquet files once
 * something was written, and tells the last offset that was shipped to anybody as if it were the
 * end of its log. Besides, it {@linkplain #overrun loses entries} when it is told to.
 *
 * <p>Safe for several threads. Threads: one accepts, one publishes, two serve each connection.
 */
public final class ScriptedLeader implements AutoCloseable {
  private static final long JOIN_MS = 10_000;

  private final LeaderScript script;
  private final Consumer<? super WalEntry> written;
  private final MessageCodec codec = new MessageCodec();
  private final StoredHistory history;
  private final List<LeaderConnection> connections = new CopyOnWriteArrayList<>();
  private final DelayQueue<Late> publishing = new DelayQueue<>();
  private final Thread publisher;
  private volatile long published;
  private final int port;

  private final Object writeLock = new Object();
  private final SplittableRandom random;
  private final Map<String, Long> lastMicros = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private ServerSocket server;
  private Thread acceptor;
  private volatile LongConsumer lost = sequence -> {};
  private volatile boolean up;
  private volatile boolean acksLost;
  private volatile long sequence;
  private volatile long oldestKept = 1;

  private final AtomicInteger run = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger overrun = new AtomicInteger();
  private final AtomicLong shipped = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong overwritten = new AtomicLong();
  private final AtomicLong snapshots = new AtomicLong();
  private final AtomicLong acks = new AtomicLong();
  private final AtomicLong lastAck = new AtomicLong();

  /** An entry on its way to the connections. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Late(int run, long sequence, long atNanos, byte[] line) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Late that = (Late) other;
      int byTime = Long.signum(atNanos - that.atNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, that.sequence);
    }
  }

  /** Starts a leader on a free port. */
  public static ScriptedLeader start(LeaderScript script) {
    return start(script, 0, entry -> {});
  }

  /**
   * Starts a leader.
   *
   * @param port 0 for a free one
   * @param written is told of each entry before any follower can have it; in the order of the log
   */
  public static ScriptedLeader start(
      LeaderScript script, int port, Consumer<? super WalEntry> written) {
    return new ScriptedLeader(script, port, written);
  }

  private ScriptedLeader(LeaderScript script, int port, Consumer<? super WalEntry> written) {
    this.script = script;
    this.written = written;
    this.random = new SplittableRandom(script.seed());
    this.history =
        new StoredHistory(script.release() == LeaderScript.Release.V0_27_0, random.split());
    this.publisher = new Thread(this::publish, "scripted-leader-publish");
    publisher.setDaemon(true);
    publisher.start();
    this.port = listen(port);
  }

  /** Where it listens, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** {@code host:port} for followers. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /**
   * A client's write: stored, numbered and on its way to the followers when this returns.
   *
   * @param metadata null for none
   * @throws IllegalStateException while the leader is down
   */
  public WalEntry write(
      String tenantId, String entityId, String eventType, JsonText payload, JsonText metadata) {
    synchronized (writeLock) {
      if (!up) {
        throw new IllegalStateException("the leader is down");
      }
      Instant now = Instant.now();
      Event event = event(now, tenantId, entityId, eventType, payload, metadata);
      long number = sequence + 1;
      String walTime = Timestamps.of(now.getEpochSecond(), now.getNano());
      WalEntry entry =
          new WalEntry(
              number, walTime, event, WalChecksum.compute(number, walTime, event.id()), null, null);
      try {
        history.add(event);
      } catch (IOException e) {
        throw new UncheckedIOException("the leader can't store an event", e);
      }
      sequence = number;
      events.incrementAndGet();
      written.accept(entry);
      boolean late = random.nextInt(100) < script.latePercent();
      long delay = late ? random.nextLong(script.latenessMs() * 1_000_000L + 1) : 0;
      publishing.add(
          new Late(
              run.get(),
              number,
              System.nanoTime() + delay,
              codec.encode(new LeaderMessage.Entry(number, entry))));
      return entry;
    }
  }

  /**
   * Loses the next {@code count} entries for all followers, as when the ring was overwritten before
   * they were sent; 0 takes back what is left of an earlier call.
   */
  public void overrun(int count) {
    overrun.set(count);
  }

  /** Calls {@code each} with the sequence of every entry that is overwritten from now on. */
  public void onOverwritten(LongConsumer each) {
    lost = each;
  }

  /** The sequence of the entry that was offered last to all that were connected. */
  public long published() {
    return published;
  }

  /** Whether acks are lost on their way from now on. */
  public void loseAcks(boolean lost) {
    acksLost = lost;
  }

  /** Retires the log's old entries: a subscription below then gets a snapshot. */
  public void checkpoint() {
    synchronized (writeLock) {
      oldestKept = sequence + 1;
    }
  }

  /** {@code kill -9}: connections break; all events are kept, the numbering is not. */
  public void crash() {
    synchronized (writeLock) {
      boolean anew = script.release() == LeaderScript.Release.V0_27_0 || history.hasUnflushed();
      down(anew);
    }
    awaitDown();
  }

  /** An orderly stop. */
  public void stop() {
    synchronized (writeLock) {
      try {
        history.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("the leader can't flush", e);
      }
      down(script.release() == LeaderScript.Release.V0_27_0);
    }
    awaitDown();
  }

  /** Comes back on the same port after {@link #crash} or {@link #stop}. */
  public void restart() {
    listen(port);
  }

  /** Loses its Parquet files. */
  public void forgetFiles() {
    try {
      history.forget();
    } catch (IOException e) {
      throw new UncheckedIOException("the leader can't delete its files", e);
    }
  }

  /** Breaks all connections; followers may come back at once. */
  public void cutConnections() {
    connections.forEach(LeaderConnection::close);
  }

  /** The last WAL offset that was given, 0 after a crash. */
  public long sequence() {
    return sequence;
  }

  /** How many events were written in all. */
  public long events() {
    return events.get();
  }

  /** How many entries were overwritten before they were sent, over all connections. */
  public long overwritten() {
    return overwritten.get();
  }

  /** How many snapshots were begun. */
  public long snapshots() {
    return snapshots.get();
  }

  /** How many connections were accepted. */
  public int connections() {
    return accepted.get();
  }

  /** How many connections are open. */
  public int open() {
    return connections.size();
  }

  /** How many ack lines came. */
  public long acks() {
    return acks.get();
  }

  /** What the last ack line said: as for the real leader, the last counts, whatever it is. */
  public long lastAck() {
    return lastAck.get();
  }

  @Override
  public void close() {
    synchronized (writeLock) {
      down(true);
    }
    awaitDown();
    publisher.interrupt();
    join(publisher);
    history.delete();
  }

  // ---- for the connections

  LeaderScript script() {
    return script;
  }

  MessageCodec codec() {
    return codec;
  }

  /** Whether a subscription is answered with files. */
  boolean needsSnapshot(long lastOffset) {
    long now = sequence;
    return (lastOffset == 0 && now > 0) || (lastOffset + 1 < oldestKept && now >= oldestKept);
  }

  List<Path> takeSnapshot() throws IOException {
    snapshots.incrementAndGet();
    return history.flush();
  }

  long shipped() {
    return shipped.get();
  }

  void shipped(int ofRun, long offset) {
    if (ofRun == run.get()) {
      shipped.set(offset);
    }
  }

  int run() {
    return run.get();
  }

  void acked(long offset) {
    if (acksLost) {
      return;
    }
    acks.incrementAndGet();
    lastAck.set(offset);
  }

  void overwrote(long sequence) {
    overwritten.incrementAndGet();
    lost.accept(sequence);
  }

  void closed(LeaderConnection connection) {
    connections.remove(connection);
  }

  // ---- the process

  private int listen(int at) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 50);
      synchronized (writeLock) {
        server = socket;
        up = true;
        acceptor = new Thread(() -> accept(socket), "scripted-leader-accept");
        acceptor.setDaemon(true);
        acceptor.start();
      }
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("the leader can't listen on port " + at, e);
    }
  }

  private void accept(ServerSocket socket) {
    while (up) {
      try {
        Socket peer = socket.accept();
        LeaderConnection connection = new LeaderConnection(this, peer, accepted.incrementAndGet());
        connections.add(connection);
        if (!up) {
          connection.close();
        }
        connection.start();
      } catch (IOException e) {
        // the server's socket was closed, or a peer was gone before it was accepted
        if (socket.isClosed()) {
          return;
        }
      }
    }
  }

  private void down(boolean numberAnew) {
    up = false;
    run.incrementAndGet();
    publishing.clear();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the leader can't close its port", e);
    }
    shipped.set(0);
    if (numberAnew) {
      sequence = 0;
      oldestKept = 1;
    }
  }

  private void awaitDown() {
    join(acceptor);
    cutConnections();
    connections.forEach(connection -> join(connection.thread()));
  }

  private static void join(Thread thread) {
    try {
      thread.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish() {
    try {
      while (true) {
        Late entry = publishing.take();
        if (entry.run() != run.get()) {
          continue;
        }
        if (overrun.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          overwrote(entry.sequence());
          continue;
        }
        for (LeaderConnection connection : connections) {
          connection.offer(entry.sequence(), entry.line());
        }
        published = entry.sequence();
      }
    } catch (InterruptedException e) {
      // the leader is closed
      Thread.currentThread().interrupt();
    }
  }

  private Event event(
      Instant now,
      String tenantId,
      String entityId,
      String eventType,
      JsonText payload,
      JsonText metadata) {
    long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    int nanos = now.getNano() % 1000;
    if (random.nextInt(4) == 0) {
      micros -= random.nextInt(script.latenessMs() * 1000 + 1);
    }
    Long last = lastMicros.get(entityId);
    if (last != null && micros <= last) {
      micros = last + 1;
    }
    lastMicros.put(entityId, micros);
    long version =
        script.release() == LeaderScript.Release.V0_27_0
            ? versions.merge(entityId, 1L, Long::sum)
            : 1;
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new Event(
        new UUID(high, low).toString(),
        high,
        low,
        eventType,
        entityId,
        tenantId,
        payload,
        Timestamps.of(
            Math.floorDiv(micros, 1_000_000L),
            (int) Math.floorMod(micros, 1_000_000L) * 1000 + nanos),
        micros,
        metadata,
        version);
  }
}
