package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.readahead.ReceiveBuffer;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live connection, one after the other as the follower orders them. Its thread connects, reads
 * the beginning, and then drains the socket into the {@link ReceiveBuffer}; it waits for nothing
 * else. What happens is reported to the follower's mailbox, in order and before the bytes that
 * follow it.
 *
 * <p>{@link #connect}, {@link #disconnect} and {@link #send} are for any thread and never wait for
 * the network, but {@code send} waits for a peer that does not read.
 */
public final class LiveConnection implements AutoCloseable {
  /** If the buffer took longer than this, it was not the leader who was slow. */
  private static final long WAITED_MS = 1_000;

  /** A stream that ends so soon and brought nothing was none. */
  private static final long AT_ONCE_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(LiveConnection.class);
  private static final int ARRAY = 128 << 10;

  /** What the connection is doing. */
  public enum State {
    DISCONNECTED,
    CONNECTING,
    CONNECTED,
    LIVE
  }

  /**
   * The stream of a connection.
   *
   * @param linesBefore how many lines of the connection came before it, so that its lines can be
   *     told by their place in the connection
   */
  public record Stream(Epoch epoch, long linesBefore) {}

  private record Order(Epoch epoch, HostPort address, long lastOffset) {
    int connection() {
      return epoch.connection();
    }
  }

  private final LeaderSettings settings;
  private final Dialer dialer;
  private final MessageCodec codec;
  private final ReceiveBuffer buffer;
  private final Consumer<Consumer<Follower>> mailbox;
  private final OrderThread<Order> orders;

  private final LinkWatch watch;

  /** Of the connections that have brought a stream, until a later one is taken. */
  private final TreeMap<Integer, Stream> streams = new TreeMap<>();

  private int current;
  private long subscribed;
  private Closeable opened;
  private Wire wire;
  private String closedBecause;

  /** Whether the last attempt connected, on the connection's thread. */
  private boolean reached = true;

  /** When the stream began that has brought nothing yet, on the connection's thread; 0: none. */
  private long emptySinceMs;

  private volatile State state = State.DISCONNECTED;
  private volatile HostPort address;
  private volatile long receivedAt = System.nanoTime();
  private final AtomicLong receivedBytes = new AtomicLong();

  /**
   * @param mailbox takes inputs for the follower
   * @param onFailure told what ends the thread unexpectedly
   */
  public LiveConnection(
      String name,
      LeaderSettings settings,
      Dialer dialer,
      MessageCodec codec,
      ReceiveBuffer buffer,
      Consumer<Consumer<Follower>> mailbox,
      Consumer<Throwable> onFailure) {
    this.settings = settings;
    this.dialer = dialer;
    this.codec = codec;
    this.buffer = buffer;
    this.mailbox = mailbox;
    watch = new LinkWatch(settings, onFailure);
    orders =
        new OrderThread<>(
            "allsource-" + name + "-receive", this, this::taken, this::serve, onFailure);
  }

  public void start() {
    orders.start();
  }

  /** Orders a connection; the one before is closed. */
  public void connect(Epoch epoch, long lastOffset) {
    orders.order(new Order(epoch, settings.addresses().get(epoch.leader()), lastOffset));
    disconnectUpTo(epoch.connection() - 1, "another one is made");
  }

  /** Closes this connection or an earlier one, if it is there. */
  public void disconnect(Epoch epoch, String why) {
    disconnectUpTo(epoch.connection(), why);
  }

  private void disconnectUpTo(int connection, String why) {
    buffer.abandon(connection);
    synchronized (this) {
      orders.withdraw(order -> order.connection() <= connection);
      if (current <= connection) {
        if (closedBecause == null) {
          closedBecause = why;
        }
        closeQuietly(opened);
      }
    }
  }

  /**
   * Closes the connection as if it had been lost, and reports that: for what is noticed elsewhere
   * (a protocol error in its stream, a dead peer).
   */
  public void lost(Epoch epoch, String why) {
    disconnect(epoch, why);
    mailbox.accept(follower -> follower.onLiveClosed(epoch, why));
  }

  /**
   * The stream of this connection breaks the protocol: as {@link #lost}, and what comes to this
   * again and again ends all.
   *
   * @param what what sort of mistake, without where it was
   */
  public void broken(Epoch epoch, String what, String why) {
    long lastOffset;
    synchronized (this) {
      lastOffset = epoch.connection() == current ? subscribed : -1;
    }
    if (lastOffset >= 0) {
      watch.protocolError(what, lastOffset, why);
    }
    lost(epoch, why);
    watch.ended(why);
  }

  /** How long it has gone wrong with the leaders. */
  public LinkWatch watch() {
    return watch;
  }

  /**
   * Sends a message on this connection.
   *
   * @return false if it is not there any more
   */
  boolean send(Epoch epoch, byte[] message) {
    Wire to;
    synchronized (this) {
      if (current != epoch.connection() || wire == null) {
        return false;
      }
      to = wire;
    }
    try {
      to.write(message);
      return true;
    } catch (IOException e) {
      lost(
          epoch,
          "nothing can be sent to " + address + " any more: " + Printable.of(e.getMessage()));
      return false;
    }
  }

  private void taken(Order order) {
    current = order.connection();
    subscribed = order.lastOffset;
    closedBecause = null;
  }

  private void serve(Order order) throws InterruptedException {
    String why;
    address = order.address;
    state = State.CONNECTING;
    String beginning = "Connecting to the leader at {} (connection {}), last offset {}";
    if (reached) {
      LOG.info(beginning, order.address, order.connection(), order.lastOffset);
    } else {
      // why the one before failed has been said, and how this one ends will be
      LOG.debug(beginning, order.address, order.connection(), order.lastOffset);
    }
    reached = false;
    emptySinceMs = 0;
    long deadline = dialer.deadline();
    try (Wire made = dialer.dial(order.address, deadline, this::opened)) {
      synchronized (this) {
        wire = made;
      }
      state = State.CONNECTED;
      reached = true;
      made.write(codec.encode(new FollowerMessage.Subscribe(order.lastOffset)));
      why = read(order, made, deadline);
    } catch (ProtocolException e) {
      why = order.address + ": " + e.getMessage();
      watch.protocolError(e.kind().name(), order.lastOffset, why);
    } catch (IOException e) {
      why = Printable.message(e.getMessage() == null ? e.toString() : e.getMessage());
    } finally {
      synchronized (this) {
        wire = null;
        opened = null;
      }
      state = State.DISCONNECTED;
    }
    synchronized (this) {
      if (orders.isClosed() || closedBecause != null) {
        LOG.info(
            "Connection {} to the leader was closed: {}",
            order.connection(),
            orders.isClosed() ? "the task ends" : closedBecause);
        return;
      }
    }
    if (emptySinceMs > 0 && nowMs() - emptySinceMs < AT_ONCE_MS) {
      watch.protocolError("CLOSED_AT_ONCE", order.lastOffset, why + " as soon as it was live");
    }
    watch.ended(why);
    String reason = why;
    mailbox.accept(follower -> follower.onLiveClosed(order.epoch, reason));
  }

  private synchronized void opened(Closeable closeable) {
    opened = closeable;
    if (orders.isClosed() || closedBecause != null) {
      closeQuietly(closeable);
    }
  }

  private String read(Order order, Wire from, long deadline)
      throws IOException, InterruptedException {
    int connection = order.connection();
    Handshake handshake = new Handshake(codec, settings.lineMaxBytes(), new Reports(order));
    Duration patience = settings.connectTimeout();
    if (patience.compareTo(settings.deadTimeout()) < 0) {
      patience = settings.deadTimeout();
    }
    ReadPace pace =
        new ReadPace(settings, order.address, patience, nowMs() + Dialer.leftMs(deadline));
    byte[] array = new byte[ARRAY];
    boolean streaming = false;
    while (true) {
      ReadPace.Overrun overrun = pace.overrun(nowMs());
      if (overrun != null) {
        if (overrun.sort() != null) {
          watch.protocolError(overrun.sort(), order.lastOffset, overrun.why());
        }
        return overrun.why();
      }
      from.readTimeout(pace.readTimeoutMs(nowMs()));
      int read;
      try {
        read = from.read(array, 0, array.length);
      } catch (SocketTimeoutException e) {
        continue;
      }
      if (read < 0) {
        return order.address
            + (handshake.answered() ? " closed the connection" : " closed without an answer");
      }
      receivedAt = System.nanoTime();
      receivedBytes.addAndGet(read);
      int begin = 0;
      if (!streaming) {
        begin = handshake.feed(array, 0, read);
        if (!handshake.done()) {
          pace.beginning(read, handshake.answered(), nowMs());
          continue;
        }
        streaming = true;
        pace.streams();
        begins(new Stream(order.epoch, handshake.linesBefore()));
        byte[] first = handshake.firstOfStream();
        emptySinceMs = first.length > 0 ? 0 : nowMs();
        if (first.length > 0 && !buffer.put(connection, first, 0, first.length)) {
          return "not wanted any more";
        }
      }
      if (read > begin) {
        emptySinceMs = 0;
        long before = nowMs();
        if (!buffer.put(connection, array, begin, read - begin)) {
          return "not wanted any more";
        }
        pace.stream(array, begin, read, nowMs() - before > WAITED_MS, nowMs());
      }
    }
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** Reports the beginning to the follower. */
  private final class Reports implements Handshake.Answers {
    private final Epoch epoch;
    private final HostPort peer;

    Reports(Order order) {
      epoch = order.epoch;
      peer = order.address;
    }

    @Override
    public void caughtUp(long currentOffset) {
      watch.answered();
      state = State.LIVE;
      LOG.info(
          "Live at {} (connection {}): caught up at {}", peer, epoch.connection(), currentOffset);
      mailbox.accept(follower -> follower.onLiveCaughtUp(epoch, currentOffset));
    }

    @Override
    public void snapshotStart(boolean replays) {
      watch.answered();
      LOG.info("{} begins connection {} with a snapshot", peer, epoch.connection());
      mailbox.accept(follower -> follower.onLiveSnapshotStart(epoch, replays));
    }

    @Override
    public void replays() {
      watch.answered();
      state = State.LIVE;
      LOG.info("Live at {} (connection {}): it replays its log", peer, epoch.connection());
      mailbox.accept(follower -> follower.onLiveReplays(epoch));
    }
  }

  private synchronized void begins(Stream stream) {
    streams.put(stream.epoch.connection(), stream);
  }

  /** The stream of a connection of which something was received; earlier ones are forgotten. */
  public synchronized Stream stream(int connection) {
    streams.headMap(connection).clear();
    return streams.get(connection);
  }

  /** What it is doing. */
  public State state() {
    return state;
  }

  /** The address that was connected to last, or null. */
  public HostPort address() {
    return address;
  }

  /** When something was received last, by {@link System#nanoTime}. */
  long receivedAt() {
    return receivedAt;
  }

  /** How long nothing was received, in milliseconds; since the start while nothing was. */
  public long silentMs() {
    return (System.nanoTime() - receivedAt) / 1_000_000;
  }

  /** Bytes received since the start. */
  public long receivedBytes() {
    return receivedBytes.get();
  }

  private static void closeQuietly(Closeable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (IOException e) {
        LOG.debug("While closing a connection", e);
      }
    }
  }

  /** Ends the connection and the thread; waits a bounded time for it. */
  @Override
  public void close() {
    synchronized (this) {
      orders.close();
      closeQuietly(opened);
    }
    orders.join();
  }
}
