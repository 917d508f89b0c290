package io.github.allsourceconnect.source.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.SecuritySettings;
import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.transport.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every address of a configuration who is there, all at once and within a time for all of
 * them. One leader that answers is enough, for a standby may not listen yet; but an address that
 * answers as something else is wrong in any case.
 *
 * <p>It subscribes behind entry 1: as a follower that has not acknowledged anything, so that no
 * write of a semi-synchronous leader returns because of it.
 */
public final class LeaderCheck {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderCheck.class);
  private static final int BEGINNING = 64;

  /** What was found at an address; {@code wrong} when it is no leader that is away for now. */
  private record Answer(String problem, boolean wrong) {}

  private LeaderCheck() {}

  /**
   * What is wrong with the addresses, a message for each; none if the connector can work.
   *
   * @param limitMs how long all of it may take
   */
  public static List<String> ask(LeaderSettings leader, SecuritySettings security, long limitMs) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs);
    Map<HostPort, Answer> answers = new ConcurrentHashMap<>();
    ConcurrentLinkedQueue<Closeable> opened = new ConcurrentLinkedQueue<>();
    try (Dialer dialer = new Dialer(leader, security)) {
      CountDownLatch left = new CountDownLatch(leader.addresses().size());
      for (HostPort address : leader.addresses()) {
        Runnable work =
            () -> {
              answers.put(address, ask(dialer, address, end, opened));
              left.countDown();
            };
        Thread thread = new Thread(LogContext.here().around(work), "allsource-validate-" + address);
        thread.setDaemon(true);
        thread.start();
      }
      boolean all = left.await(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      LOG.debug("Asked {}, {}", leader.addresses(), all ? "all answered" : "not all answered");
      // what is said once the connections are closed is no answer
      return judged(leader.addresses(), Map.copyOf(answers), limitMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of("can't be tried: interrupted");
    } catch (IOException | KafkaException e) {
      return List.of("can't be tried: " + Printable.message(e.getMessage()));
    } finally {
      opened.forEach(LeaderCheck::closeQuietly);
    }
  }

  private static List<String> judged(
      List<HostPort> addresses, Map<HostPort, Answer> answers, long limitMs) {
    List<String> problems = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    boolean anyLeader = false;
    for (HostPort address : addresses) {
      Answer answer =
          answers.getOrDefault(
              address,
              new Answer(
                  address
                      + " did not answer within "
                      + limitMs
                      + " ms (validate.live=false accepts that)",
                  false));
      if (answer.problem() == null) {
        anyLeader = true;
      } else {
        problems.add(answer.problem());
        if (answer.wrong()) {
          wrong.add(answer.problem());
        }
      }
    }
    if (!anyLeader) {
      return problems;
    }
    problems.removeAll(wrong);
    problems.forEach(problem -> LOG.warn("An address of {}: {}", addresses, problem));
    return wrong;
  }

  private static Answer ask(
      Dialer dialer, HostPort address, long deadline, ConcurrentLinkedQueue<Closeable> opened) {
    try (Wire wire = dialer.dial(address, deadline, opened::add)) {
      wire.resetOnClose();
      wire.readTimeout(Dialer.leftMs(deadline));
      wire.write(new MessageCodec().encode(new FollowerMessage.Subscribe(1)));
      byte[] beginning = new byte[BEGINNING];
      int read = 0;
      while (read < BEGINNING) {
        int more = wire.read(beginning, read, BEGINNING - read);
        if (more < 0) {
          break;
        }
        read += more;
        if (new String(beginning, 0, read, ISO_8859_1).indexOf('\n') >= 0) {
          break;
        }
      }
      return judge(address, new String(beginning, 0, read, ISO_8859_1));
    } catch (SocketTimeoutException e) {
      return new Answer(
          address
              + " accepts connections, but does not answer as a leader. Is it the replication port"
              + " (3910 unless set otherwise)?",
          false);
    } catch (IOException e) {
      return new Answer(Printable.message(e.getMessage()), false);
    }
  }

  private static Answer judge(HostPort address, String beginning) {
    if (beginning.startsWith("HTTP/")) {
      return new Answer(
          address
              + " answers in HTTP: that is the store's API. Name its replication port instead,"
              + " 3910 unless set otherwise",
          true);
    }
    if (beginning.startsWith("{")) {
      return new Answer(null, false);
    }
    if (beginning.startsWith("\u0015\u0003")) {
      return new Answer(address + " speaks TLS: set security.protocol=SSL", true);
    }
    if (beginning.isEmpty()) {
      return new Answer(
          address
              + " closed the connection without an answer. Is it the replication port (3910 unless"
              + " set otherwise), and does it want TLS?",
          false);
    }
    return new Answer(address + " does not answer as a leader", true);
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      LOG.debug("While closing a connection", e);
    }
  }
}
