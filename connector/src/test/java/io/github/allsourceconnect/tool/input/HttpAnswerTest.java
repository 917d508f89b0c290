package io.github.allsourceconnect.tool.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.allsourceconnect.harness.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpAnswerTest {
  private static HttpAnswer of(String said, Duration limit) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          new Thread(
              () -> {
                try {
                  Socket socket = server.accept(); // closed by nobody
                  socket.getOutputStream().write(said.getBytes(UTF_8));
                } catch (IOException e) {
                  // the test is over
                }
              });
      answering.setDaemon(true);
      answering.start();
      return HttpAnswer.get(
          HttpClient.newHttpClient(),
          URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"),
          null,
          limit);
    }
  }

  @Test
  void aWholeAnswerIsGiven() throws Exception {
    HttpAnswer answer = of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Await.LIMIT);
    assertEquals(200, answer.status());
    assertArrayEquals("{}".getBytes(UTF_8), answer.body());
  }

  /** Java's own limit is over once the head has come. */
  @Test
  void halfAnAnswerIsNotWaitedForForEver() {
    assertTimeoutPreemptively(
        Await.LIMIT,
        () ->
            assertThrows(
                IOException.class,
                () ->
                    of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Duration.ofSeconds(1))));
  }
}
