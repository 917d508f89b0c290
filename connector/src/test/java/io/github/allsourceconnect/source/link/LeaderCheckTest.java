package io.github.allsourceconnect.source.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeaderCheckTest {
  private static final long LIMIT_MS = 4_000;

  private static List<String> ask(String addresses) {
    SourceConfig config = new SourceConfig(Map.of("leader.addresses", addresses));
    return LeaderCheck.ask(config.leader(), config.security(), LIMIT_MS);
  }

  private static String answer(byte[] bytes) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket peer = server.accept()) {
                  byte[] asked = new byte[20];
                  int read = peer.getInputStream().read(asked);
                  assertTrue(read > 0);
                  peer.getOutputStream().write(bytes);
                } catch (IOException e) {
                  // the check is over
                }
              },
              "test-answer");
      thread.setDaemon(true);
      thread.start();
      List<String> problems = ask("127.0.0.1:" + server.getLocalPort());
      assertEquals(1, problems.size(), problems.toString());
      return problems.get(0);
    }
  }

  @Test
  void aLeaderIsALeader() {
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(1))) {
      assertEquals(List.of(), ask(leader.address()));
      // a standby may not listen yet
      assertEquals(List.of(), ask(leader.address() + ",127.0.0.1:" + Ports.free()));
      assertEquals(0, leader.snapshots());
    }
  }

  @Test
  void othersAreRecognised() throws IOException {
    String http = answer("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
    assertTrue(http.contains("HTTP") && http.contains("3910"), http);
    String tls = answer(new byte[] {0x15, 3, 3, 0, 2, 2, 10, '\n'});
    assertTrue(tls.contains("security.protocol=SSL"), tls);
    String closed = answer(new byte[0]);
    assertTrue(closed.contains("closed"), closed);
    String other = answer("220 mail\r\n".getBytes(UTF_8));
    assertTrue(other.contains("does not answer as a leader"), other);
  }

  @Test
  void nobodyIsThere() {
    List<String> problems = ask("127.0.0.1:" + Ports.free() + ",no.such.host.invalid:3910");
    assertEquals(2, problems.size(), problems.toString());
    assertTrue(problems.get(0).contains("refused"), problems.toString());
    assertTrue(problems.get(1).contains("no.such.host.invalid"), problems.toString());
  }

  @Test
  void whoSaysNothingIsNotWaitedForLong() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      SourceConfig config =
          new SourceConfig(Map.of("leader.addresses", "127.0.0.1:" + silent.getLocalPort()));
      List<String> problems = LeaderCheck.ask(config.leader(), config.security(), 300);
      assertEquals(1, problems.size());
      assertTrue(problems.get(0).contains("answer"), problems.toString());
    }
  }
}
