package io.github.allsourceconnect.transport;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.TlsStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The end that connects shakes hands once as well: a leader that asks again is left. */
@Timeout(300)
class OneHandshakeTest {
  @TempDir Path folder;

  private static Map<String, ?> parsed(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("security.protocol", "SSL");
    return new SourceConfig(all).security().ssl();
  }

  @Test
  void onTls12ASecondHandshakeIsRefused() throws Exception {
    talk("TLSv1.2");
  }

  @Test
  void onTls13TicketsAndNewKeysAreNoHandshake() throws Exception {
    talk("TLSv1.3");
  }

  private void talk(String protocol) throws Exception {
    TlsStores stores = TlsStores.in(folder);
    DefaultSslEngineFactory leader = new DefaultSslEngineFactory();
    leader.configure(parsed(stores.leader()));
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    try (TlsContext context = TlsContext.client(parsed(stores.follower()));
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread peer =
          new Thread(
              () -> {
                try (Socket plain = server.accept();
                    SSLSocket socket =
                        (SSLSocket)
                            leader
                                .sslContext()
                                .getSocketFactory()
                                .createSocket(plain, null, true)) {
                  socket.setUseClientMode(false);
                  socket.setEnabledProtocols(new String[] {protocol});
                  socket.startHandshake();
                  socket.getOutputStream().write('a');
                  while (true) {
                    socket.getSession().invalidate();
                    socket.startHandshake();
                    socket.getInputStream().read();
                    socket.getOutputStream().write('b');
                  }
                } catch (IOException e) {
                  ended.complete(e);
                }
              },
              "peer");
      peer.setDaemon(true);
      peer.start();
      Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (SSLSocket socket =
          context.overlay(plain, new HostPort("localhost", server.getLocalPort()))) {
        assertEquals(protocol, socket.getSession().getProtocol());
        assertEquals('a', socket.getInputStream().read());
        Executable talk =
            () -> {
              for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write('c');
                if (socket.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              }
            };
        if (protocol.equals("TLSv1.2")) {
          assertThrows(IOException.class, talk);
        } else {
          assertDoesNotThrow(talk);
        }
      }
      ended.get();
    }
  }
}
