package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.function.BiConsumer;
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
    SslConfigs.addClientSslSupport(def);
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

  /** Whether connections are encrypted. */
  public boolean encrypted() {
    return protocol == Protocol.SSL;
  }
}
