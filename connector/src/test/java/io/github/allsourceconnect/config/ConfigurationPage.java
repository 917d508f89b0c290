package io.github.allsourceconnect.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** The page of all settings, made from the settings themselves. */
final class ConfigurationPage {
  static final Path FILE = Path.of("docs", "configuration.md");

  private static final long MIB = 1 << 20;

  private ConfigurationPage() {}

  /** Writes the page; to be run in the module's folder. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, text());
  }

  static String text() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Settings

        Made from the settings' own texts; a test compares. Keys of Connect itself (`name`,
        `tasks.max`, converters, `topic.creation.…`, `errors.…`) are not listed. Sizes are bytes.

        """);
    page.append("## Source\n\n`io.github.allsourceconnect.AllSourceSourceConnector`\n\n");
    tables(page, SourceConfig.configDef());
    page.append("## Sink\n\n`io.github.allsourceconnect.AllSourceSinkConnector`\n\n");
    tables(page, SinkConfig.configDef());
    page.append(
        """
        ## TLS, both connectors

        With `security.protocol=SSL` Kafka's own `ssl.` settings hold for the connection between the
        source and its leader, and for the sink's listener: `ssl.keystore.location`, `.password`,
        `.type`, `ssl.key.password`, `ssl.truststore.location`, `.password`, `.type`,
        `ssl.enabled.protocols`, `ssl.cipher.suites`, `ssl.endpoint.identification.algorithm` and
        the others that Kafka's documentation lists for clients. PEM works as it does in Kafka:
        `ssl.keystore.certificate.chain`, `ssl.keystore.key`, `ssl.truststore.certificates`.
        """);
    return page.toString();
  }

  private static void tables(StringBuilder page, ConfigDef def) {
    Map<String, List<ConfigKey>> groups = new LinkedHashMap<>();
    for (ConfigKey key : def.configKeys().values()) {
      boolean kafkas = key.name.startsWith("ssl.") && !key.name.equals(SinkConfig.CLIENT_AUTH);
      if (key.group != null && !kafkas) {
        groups.computeIfAbsent(key.group, group -> new ArrayList<>()).add(key);
      }
    }
    groups.forEach(
        (group, keys) -> {
          keys.sort(Comparator.comparingInt(key -> key.orderInGroup));
          page.append("### ").append(group).append("\n\n");
          page.append("| key | default | values | meaning |\n|---|---|---|---|\n");
          for (ConfigKey key : keys) {
            row(page, key);
          }
          page.append('\n');
        });
  }

  private static void row(StringBuilder page, ConfigKey key) {
    page.append("| `")
        .append(key.name)
        .append("` | ")
        .append(defaultOf(key))
        .append(" | ")
        .append(key.validator == null ? "" : cell(key.validator.toString()))
        .append(" | ")
        .append(cell(key.documentation))
        .append(" |\n");
  }

  private static String defaultOf(ConfigKey key) {
    if (!key.hasDefault()) {
      return "required";
    }
    Object value = key.defaultValue;
    if (value == null || (value instanceof Collection<?> list && list.isEmpty())) {
      return "";
    }
    if (value instanceof Collection<?> list) {
      return "`" + String.join(",", list.stream().map(String::valueOf).toList()) + "`";
    }
    String text = "`" + value + "`";
    boolean bytes = key.name.endsWith(".bytes") && value instanceof Number;
    long number = bytes ? ((Number) value).longValue() : 0;
    if (number >= 1024 * MIB) {
      return text + " (" + number / (1024 * MIB) + " GiB)";
    }
    return number >= MIB ? text + " (" + number / MIB + " MiB)" : text;
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace(",...,", " … ").replace(",...]", " …]");
  }
}
