package io.github.allsourceconnect.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.TlsStores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneHandshakeEngineTest {
  private static final int ROUNDS = 200;

  @TempDir Path folder;
  private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16).flip();
  private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16).flip();
  private final ByteBuffer atServer = ByteBuffer.allocate(1 << 16);
  private final ByteBuffer atClient = ByteBuffer.allocate(1 << 16);
  private SSLEngine client;
  private SSLEngine server;

  private void engines(String protocol) {
    TlsStores stores = TlsStores.in(folder);
    server = TlsContext.server(parsed(stores.leader()), "required").serverEngine("localhost", 1);
    DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
    factory.configure(parsed(stores.follower()));
    client = factory.createClientSslEngine("localhost", 1, "");
    client.setEnabledProtocols(new String[] {protocol});
  }

  private static Map<String, ?> parsed(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("security.protocol", "SSL");
    return new SourceConfig(all).security().ssl();
  }

  private static void tasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out, ByteBuffer got)
      throws SSLException {
    tasks(engine);
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      out.compact();
      engine.wrap(ByteBuffer.allocate(0), out);
      out.flip();
      tasks(engine);
    }
    if (in.hasRemaining()) {
      SSLEngineResult result = engine.unwrap(in, got);
      tasks(engine);
      assertTrue(result.bytesConsumed() >= 0);
    }
  }

  private void shake() throws SSLException {
    for (int i = 0; i < ROUNDS; i++) {
      step(client, toClient, toServer, atClient);
      step(server, toServer, toClient, atServer);
    }
  }

  private void say(String text) throws SSLException {
    toServer.compact();
    client.wrap(ByteBuffer.wrap(text.getBytes()), toServer);
    toServer.flip();
    for (int i = 0; i < ROUNDS && toServer.hasRemaining(); i++) {
      step(server, toServer, toClient, atServer);
    }
  }

  @Test
  void onTls12ASecondHandshakeIsRefused() throws Exception {
    engines("TLSv1.2");
    client.beginHandshake();
    shake();
    assertEquals("TLSv1.2", server.getSession().getProtocol());
    say("hello");
    assertArrayEquals("hello".getBytes(), received());
    client.beginHandshake();
    SSLException refused = assertThrows(SSLException.class, this::shake);
    assertTrue(refused.getMessage().contains("second handshake"), refused.getMessage());
  }

  @Test
  void onTls13TicketsAndNewKeysAreNoHandshake() throws Exception {
    engines("TLSv1.3");
    client.beginHandshake();
    shake();
    assertEquals("TLSv1.3", server.getSession().getProtocol());
    say("hello");
    client.beginHandshake();
    shake();
    say("again");
    assertArrayEquals("helloagain".getBytes(), received());
    client.closeOutbound();
    toServer.compact();
    client.wrap(ByteBuffer.allocate(0), toServer);
    toServer.flip();
    for (int i = 0; i < 10; i++) {
      step(server, toServer, toClient, atServer);
    }
    assertTrue(server.isInboundDone(), "a farewell is taken");
  }

  private byte[] received() {
    byte[] bytes = new byte[atServer.position()];
    atServer.duplicate().flip().get(bytes);
    return bytes;
  }
}
