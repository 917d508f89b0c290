package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.LogLines;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.transport.HostPort;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Those who begin a TLS handshake and never end it, and those who speak no TLS. */
@Timeout(300)
class TlsNewcomersTest {
  private static final int FOLLOWERS = 10;

  @TempDir static Path folder;
  private static TlsStores stores;
  private static TlsContext follower;

  private final MemoryTopic topic = new MemoryTopic("orders");
  private final Map<String, String> settings = MemoryParts.settings(0);
  private Leader leader;

  @BeforeAll
  static void keys() {
    stores = TlsStores.in(folder);
    Map<String, String> all = new HashMap<>(stores.follower());
    all.put("security.protocol", "SSL");
    follower = TlsContext.client(new SourceConfig(all).security().ssl());
  }

  private int start() {
    settings.putAll(stores.leader());
    settings.put("security.protocol", "SSL");
    // who is not in by then is closed by the sink itself
    settings.put("subscribe.timeout.ms", "5000");
    leader = MemoryParts.leader(topic, settings);
    MemoryParts.open(leader, 0);
    Await.until("a port", Await.LIMIT, () -> leader.port(0) > 0);
    return leader.port(0);
  }

  @AfterEach
  void close() {
    leader.close();
    List<String> left =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.contains("-handshakes"))
            .toList();
    assertEquals(List.of(), left);
  }

  /** One that tries a second time, as real ones do time and again. */
  private static ScriptedFollower follower(int port) throws IOException {
    try {
      return subscribed(port);
    } catch (IOException e) {
      return subscribed(port);
    }
  }

  private static ScriptedFollower subscribed(int port) throws IOException {
    // another address than the attacker's
    Socket plain =
        new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName("127.0.0.2"), 0);
    ScriptedFollower made =
        new ScriptedFollower(follower.overlay(plain, new HostPort("localhost", port)), port);
    made.send("{\"type\":\"subscribe\",\"last_offset\":0}");
    return made;
  }

  /** What a client says first, whole and good. */
  private static byte[] hello() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  /**
   * So many connections at once say a whole hello, for which the sink has to work, and then
   * nothing; the oldest is renewed all the time.
   */
  @ParameterizedTest
  @ValueSource(ints = {25, 300})
  void handshakesThatStallKeepOutNobody(int atOnce) throws Exception {
    topic.append(0, "order-0", Events.json(0));
    int port = start();
    byte[] hello = hello();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger opened = new AtomicInteger();
    Thread attacker = new Thread(() -> attack(port, hello, atOnce, over, opened), "attacker");
    List<ScriptedFollower> followers = new ArrayList<>();
    try {
      followers.add(follower(port));
      assertEquals(1, followers.get(0).nextEntry());
      assertEquals(1, followers.get(0).nextCaughtUp());
      attacker.start();
      Await.until("the attack is on", Await.LIMIT, () -> opened.get() > 2 * atOnce);
      for (int i = 1; i <= FOLLOWERS; i++) {
        int before = opened.get();
        ScriptedFollower next = follower(port);
        followers.add(next);
        assertEquals(1, next.nextEntry(), "follower " + i);
        assertEquals(1, next.nextCaughtUp());
        Await.until("the attack goes on", Await.LIMIT, () -> opened.get() > before);
      }
      // whoever is there already is served meanwhile
      topic.append(0, "order-1", Events.json(1));
      for (ScriptedFollower each : followers) {
        assertEquals(2, each.nextEntry());
      }
      assertEquals(FOLLOWERS + 1, leader.figures(0).followers());
      long hellos = cpuMs("sink-0-handshakes");
      long loop = cpuMs("sink-0-followers");
      System.out.println(
          atOnce
              + " at once: "
              + opened
              + " hellos, "
              + hellos
              + " ms of CPU for"
              + " them, "
              + loop
              + " ms on the event loops");
      assertTrue(hellos > loop / 4, "the event loops do the work of handshakes");
    } finally {
      over.set(true);
      attacker.join();
      for (ScriptedFollower each : followers) {
        each.close();
      }
    }
  }

  /** What threads of that name have used so far, whatever else the machine does. */
  private static long cpuMs(String name) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(name))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getId()) / 1_000_000)
        .sum();
  }

  private static void attack(
      int port, byte[] hello, int atOnce, AtomicBoolean over, AtomicInteger opened) {
    ArrayDeque<Socket> held = new ArrayDeque<>();
    try {
      while (!over.get()) {
        if (held.size() == atOnce) {
          held.remove().close();
        }
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        held.add(socket);
        try {
          socket.getOutputStream().write(hello);
        } catch (IOException e) {
          // turned away already
        }
        opened.incrementAndGet();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      for (Socket socket : held) {
        try {
          socket.close();
        } catch (IOException e) {
          // it is over
        }
      }
    }
  }

  /** A password that is sent to the wrong port must not stand in the log, nor in hex. */
  @Test
  void whatIsSentInsteadOfTlsIsNotLogged() throws Exception {
    int port = start();
    String secret = Base64.getEncoder().encodeToString("admin:hunter2hunter2".getBytes(UTF_8));
    String request = "GET / HTTP/1.1\r\nAuthorization: Basic " + secret + "\r\n\r\n";
    try (LogLines log = LogLines.keep();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(UTF_8));
      InputStream in = socket.getInputStream();
      try {
        while (in.read() >= 0) {
          // an alert may come first
        }
      } catch (IOException e) {
        // or the connection is reset
      }
      Await.until("it is said", Await.LIMIT, () -> !log.with("is not TLS").isEmpty());
      String text = String.join("", log.with()).toLowerCase(Locale.ROOT).replaceAll("\\s", "");
      for (String part : List.of("Authorization", secret, secret.substring(4, 16))) {
        assertFalse(text.contains(part.toLowerCase(Locale.ROOT)), part);
        assertFalse(text.contains(HexFormat.of().formatHex(part.getBytes(UTF_8))), part);
      }
      assertTrue(text.contains("isnottls"), text);
    }
  }
}
