package io.github.allsourceconnect.config;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.transport.TlsContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.SslConfigs;

/**
 * How the connection to a leader is secured.
 *
 * @param protocol plain TCP or TLS
 * @param ssl all parsed settings, Kafka's {@code ssl.} ones among them
 */
public record SecuritySettings(Protocol protocol, Map<String, ?> ssl) {
  /** Encryption of a connection. */
  public enum Protocol {
    PLAINTEXT,
    SSL
  }

  public static final String SECURITY_PROTOCOL = "security.protocol";

  static void define(ConfigDef def) {
    def.define(
        SECURITY_PROTOCOL,
        ConfigDef.Type.STRING,
        "PLAINTEXT",
        Validators.oneOf(Protocol.class),
        Importance.MEDIUM,
        "PLAINTEXT or SSL, between this connector and the leader. With SSL, ssl.truststore.… says"
            + " which leaders are trusted, and ssl.keystore.… is the certificate shown to them.",
        "Security",
        1,
        Width.SHORT,
        "Security protocol");
    Validators.defineSsl(def, "Security");
  }

  static SecuritySettings from(AbstractConfig config) {
    return new SecuritySettings(
        Validators.parse(Protocol.class, config.getString(SECURITY_PROTOCOL)), config.values());
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG) != null) {
      error.accept(
          SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG,
          "can't be used here: the connection to the leader takes Kafka's own engine; remove it");
    }
  }

  static boolean encrypted(Map<String, ?> parsed) {
    return parsed.get(SECURITY_PROTOCOL) instanceof String text
        && text.trim().equalsIgnoreCase(Validators.name(Protocol.SSL));
  }

  /** Whether key and trust store can be read; the one that can't is blamed. */
  static void checkStores(Map<String, ?> parsed, BiConsumer<String, String> error) {
    try (TlsContext all = TlsContext.client(parsed)) {
      return;
    } catch (IOException | KafkaException e) {
      boolean keys = parsed.get(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG) != null;
      boolean trust = parsed.get(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG) != null;
      Map<String, Object> keysOnly = new HashMap<>(parsed);
      keysOnly.keySet().removeIf(key -> key.startsWith("ssl.truststore."));
      boolean trustIsWrong = trust && (!keys || works(keysOnly));
      String guilty =
          trustIsWrong
              ? SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG
              : keys
                  ? SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG
                  : parsed.get(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG) != null
                      ? SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG
                      : SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG;
      Throwable deepest = e;
      while (deepest.getCause() != null) {
        deepest = deepest.getCause();
      }
      error.accept(
          guilty,
          "can't be used: "
              + deepest.getClass().getSimpleName()
              + ": "
              + Printable.message(String.valueOf(deepest.getMessage()))
              + ". Check the file, its type and its password");
    }
  }

  private static boolean works(Map<String, ?> settings) {
    try (TlsContext made = TlsContext.client(settings)) {
      return true;
    } catch (IOException | KafkaException e) {
      return false;
    }
  }

  /** Whether connections are encrypted. */
  public boolean encrypted() {
    return protocol == Protocol.SSL;
  }
}
