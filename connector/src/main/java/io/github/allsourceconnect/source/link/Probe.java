package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the leader over a second connection how far it has come, when the live one is silent; reads
 * the first line and closes. The answer goes to the follower's mailbox a moment later, so that the
 * live connection could bring what was on its way. One question at a time, on a thread of its own.
 */
public final class Probe implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Probe.class);
  private static final int BLOCK = 64 << 10;

  private record Question(Request request, HostPort address, long lastOffset) {}

  /** The beginning of what the leader says. */
  private static final class Answer implements Handshake.Answers {
    private long offset = -1;
    private boolean more;

    @Override
    public void caughtUp(long currentOffset) {
      offset = currentOffset;
    }

    @Override
    public void snapshotStart(boolean replays) {
      more = true;
    }

    @Override
    public void replays() {
      more = true;
    }

    boolean given() {
      return offset >= 0 || more;
    }
  }

  private final LeaderSettings settings;
  private final Dialer dialer;
  private final MessageCodec codec;
  private final LiveConnection live;
  private final Consumer<Consumer<Follower>> mailbox;
  private final int answerMs;
  private final long graceMs;
  private final OrderThread<Question> questions;

  private Closeable opened;

  public Probe(
      String name,
      LeaderSettings settings,
      Dialer dialer,
      MessageCodec codec,
      LiveConnection live,
      Consumer<Consumer<Follower>> mailbox,
      Consumer<Throwable> onFailure) {
    this.settings = settings;
    this.dialer = dialer;
    this.codec = codec;
    this.live = live;
    this.mailbox = mailbox;
    // with half of it for the silence before, all is within the dead-connection timeout
    answerMs = (int) Math.max(1, settings.deadTimeout().toMillis() / 3);
    graceMs = settings.deadTimeout().toMillis() / 6;
    questions =
        new OrderThread<>("allsource-" + name + "-probe", this, taken -> {}, this::put, onFailure);
  }

  public void start() {
    questions.start();
  }

  /** Asks; returns at once. */
  public void ask(Request request, long lastOffset) {
    HostPort address = settings.addresses().get(request.epoch().leader());
    questions.order(new Question(request, address, lastOffset));
  }

  private void put(Question question) throws InterruptedException {
    Request request = question.request;
    long before = live.receivedBytes();
    Answer answer = new Answer();
    String why = null;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(answerMs);
    try (Wire wire = dialer.dial(question.address, deadline, this::opened)) {
      wire.resetOnClose();
      wire.write(codec.encode(new FollowerMessage.Subscribe(question.lastOffset)));
      read(question, wire, answer, deadline);
    } catch (IOException e) {
      why = e.getMessage() == null ? e.toString() : e.getMessage();
    } finally {
      synchronized (this) {
        opened = null;
      }
    }
    if (!grace()) {
      return;
    }
    boolean heard = live.receivedBytes() != before;
    String failed = why;
    LOG.debug("Asked {}: {}, {} more, {}", question.address, answer.offset, answer.more, failed);
    mailbox.accept(
        follower -> {
          if (failed != null) {
            follower.onProbeFailed(request, failed, heard);
          } else {
            // a leader that says both replays, and told where it stands
            boolean more = answer.more && answer.offset < 0;
            follower.onProbeAnswered(request, more, answer.offset, heard);
          }
        });
  }

  private void read(Question question, Wire wire, Answer answer, long deadline) throws IOException {
    Handshake handshake = new Handshake(codec, settings.lineMaxBytes(), answer);
    byte[] block = new byte[BLOCK];
    while (!answer.given()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw notAnswered(question, null);
      }
      wire.readTimeout((int) left);
      int read;
      try {
        read = wire.read(block, 0, block.length);
      } catch (SocketTimeoutException e) {
        throw notAnswered(question, e);
      }
      if (read < 0) {
        throw new IOException(question.address + " closed without an answer");
      }
      handshake.feed(block, 0, read);
    }
  }

  private IOException notAnswered(Question question, IOException cause) {
    return new IOException(
        question.address + " accepted, but did not answer within " + answerMs + " ms", cause);
  }

  private synchronized boolean grace() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMs);
    for (long left = graceMs; !questions.isClosed() && left > 0; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
    return !questions.isClosed();
  }

  private synchronized void opened(Closeable closeable) {
    opened = closeable;
    if (questions.isClosed()) {
      closeQuietly();
    }
  }

  private void closeQuietly() {
    if (opened != null) {
      try {
        opened.close();
      } catch (IOException e) {
        LOG.debug("While closing a probe", e);
      }
    }
  }

  /** Ends the thread; waits a bounded time for it. */
  @Override
  public void close() {
    synchronized (this) {
      questions.close();
      closeQuietly();
    }
    questions.join();
  }
}
