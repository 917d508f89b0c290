package io.github.allsourceconnect.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * What an event looks like under {@code value.format=cloudevents}.
 *
 * @param mode where attributes stand
 * @param source the attribute {@code source}, a URI reference
 */
public record CloudEventSettings(Mode mode, String source) {

  /** The two modes of the Kafka protocol binding. */
  public enum Mode {
    /** Attributes are headers, the value is the payload. */
    BINARY,
    /** The value is a JSON object of attributes and payload. */
    STRUCTURED
  }

  public static final String MODE = "cloudevents.mode";
  public static final String SOURCE = "cloudevents.source";

  private static final String GROUP = "CloudEvents";
  private static final String UNRESERVED = "-._~!$&'()*+,;=:@";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        MODE,
        ConfigDef.Type.STRING,
        "binary",
        Validators.oneOf(Mode.class),
        Importance.MEDIUM,
        "The content mode of value.format=cloudevents: binary (the value is the payload, attributes"
            + " are ce_ headers) or structured (the value is a JSON object of type"
            + " application/cloudevents+json with the attributes, and the payload as data).",
        GROUP,
        ++order,
        Width.SHORT,
        "Content mode");
    def.define(
        SOURCE,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a URI reference", CloudEventSettings::checkSource),
        Importance.LOW,
        "The attribute source of value.format=cloudevents, the same for all events. Default:"
            + " allsource/ and leader.name, percent-encoded. Keep it: source and id together tell a"
            + " consumer which events are the same.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Source");
  }

  static CloudEventSettings from(AbstractConfig config, String leaderName) {
    String source = config.getString(SOURCE);
    return new CloudEventSettings(
        Validators.parse(Mode.class, config.getString(MODE)),
        source == null ? "allsource/" + segment(leaderName) : source.trim());
  }

  static void check(
      Map<String, Object> parsed, Map<String, String> given, BiConsumer<String, String> error) {
    for (String key : new String[] {MODE, SOURCE}) {
      if (given.get(key) != null
          && parsed.get(RecordSettings.VALUE_FORMAT) instanceof String format
          && !format.trim().equalsIgnoreCase("cloudevents")) {
        error.accept(key, "does nothing without " + RecordSettings.VALUE_FORMAT + "=cloudevents");
      }
    }
  }

  private static void checkSource(String text) {
    String source = text.trim();
    try {
      if (!new URI(source).toASCIIString().equals(source)) {
        throw new IllegalArgumentException(
            "must be percent-encoded: it has characters beyond ASCII");
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URI reference: " + e.getReason(), e);
    }
  }

  /** One segment of a URI's path (RFC 3986). */
  private static String segment(String text) {
    StringBuilder segment = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || UNRESERVED.indexOf(c) >= 0) {
        segment.append(c);
      } else {
        segment.append(String.format("%%%02X", (int) c));
      }
    }
    return segment.toString();
  }
}
