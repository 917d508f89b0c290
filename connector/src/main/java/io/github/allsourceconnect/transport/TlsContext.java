package io.github.allsourceconnect.transport;

import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS by Kafka's own {@code ssl.} settings, for the end that connects and the end that accepts. Key
 * and trust stores are read once, when it is made. Thread-safe after that.
 */
public final class TlsContext implements AutoCloseable {
  /**
   * Whether the accepting end asks for a certificate: {@code required}, {@code requested}, {@code
   * none}.
   */
  public static final String CLIENT_AUTH = "ssl.client.auth";

  private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

  private final DefaultSslEngineFactory factory;
  private final String endpointIdentification;

  private TlsContext(Map<String, ?> settings) {
    factory = new DefaultSslEngineFactory();
    factory.configure(settings);
    Object identification = settings.get(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
    endpointIdentification = identification == null ? "" : identification.toString();
  }

  /**
   * For the end that connects.
   *
   * @param settings parsed {@code ssl.} settings, as {@code AbstractConfig.values()} gives them;
   *     others among them are ignored
   * @throws org.apache.kafka.common.KafkaException if a store can't be read or does not fit
   */
  public static TlsContext client(Map<String, ?> settings) {
    return new TlsContext(settings);
  }

  /**
   * For the end that accepts.
   *
   * @param settings as for {@link #client}
   * @param clientAuth {@code required}, {@code requested} or {@code none}
   * @throws org.apache.kafka.common.KafkaException if a store can't be read or does not fit
   */
  public static TlsContext server(Map<String, ?> settings, String clientAuth) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put(CLIENT_AUTH, clientAuth);
    return new TlsContext(all);
  }

  /**
   * Lays TLS over a connected socket and shakes hands; the socket's read timeout bounds each step.
   * The host name is checked by {@code ssl.endpoint.identification.algorithm}. The hands are shaken
   * once: up to TLS 1.2 the other end may ask for a new handshake at any time, and one is refused.
   *
   * @return closes {@code connected} when it is closed
   * @throws IOException if the handshake fails; {@code connected} is still the caller's to close
   */
  public SSLSocket overlay(Socket connected, HostPort peer) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            factory
                .sslContext()
                .getSocketFactory()
                .createSocket(connected, peer.host(), peer.port(), true);
    SSLEngine model =
        factory.createClientSslEngine(peer.host(), peer.port(), endpointIdentification);
    SSLParameters parameters = model.getSSLParameters();
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    // a new session is refused at once; one that is resumed is cheap, and the last
    socket.setEnableSessionCreation(false);
    socket.addHandshakeCompletedListener(again -> close(connected));
    return socket;
  }

  private static void close(Socket connected) {
    try {
      connected.close();
    } catch (IOException e) {
      LOG.debug("While closing a connection whose other end asked for a second handshake", e);
    }
  }

  /** An engine for one accepted connection; it shakes hands once. */
  public SSLEngine serverEngine(String peerHost, int peerPort) {
    return new OneHandshakeEngine(factory.createServerSslEngine(peerHost, peerPort));
  }

  @Override
  public void close() throws IOException {
    factory.close();
  }
}
