package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.protocol.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A connector's settings, from the worker's REST interface or from a file. Stateless. */
final class ConnectorSettings {
  private static final int TIMEOUT_MS = 10_000;

  private ConnectorSettings() {}

  /**
   * Reads them.
   *
   * @param from {@code http://…/connectors/NAME}, or a file of properties or JSON
   * @throws Unjudgeable saying what is wrong with it
   */
  static Map<String, String> read(String from) throws Unjudgeable {
    try {
      return from.startsWith("http://") || from.startsWith("https://")
          ? json(get(from))
          : text(Files.readString(Path.of(from)));
    } catch (IOException | IllegalArgumentException e) {
      throw new Unjudgeable(
          "the connector's settings can't be read from "
              + withoutUser(from)
              + ": "
              + Printable.of(e.toString()),
          e);
    }
  }

  private static String withoutUser(String url) {
    return url.replaceFirst("//[^/@]*@", "//");
  }

  private static String get(String url) throws IOException {
    String whole = url.replaceFirst("/+$", "");
    URI uri = URI.create(whole.endsWith("/config") ? whole : whole + "/config");
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    if (uri.getUserInfo() != null) {
      String user = Base64.getEncoder().encodeToString(uri.getUserInfo().getBytes(UTF_8));
      connection.setRequestProperty("Authorization", "Basic " + user);
    }
    int status = connection.getResponseCode();
    if (status != HttpURLConnection.HTTP_OK) {
      throw new IOException("the worker answers " + status);
    }
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static Map<String, String> text(String text) throws IOException {
    if (text.stripLeading().startsWith("{")) {
      return json(text);
    }
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    Map<String, String> settings = new TreeMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value.toString()));
    return settings;
  }

  /** The settings themselves, or with the name beside them. */
  private static Map<String, String> json(String text) throws IOException {
    JsonNode root = new ObjectMapper().readTree(text);
    JsonNode config = root.path("config").isObject() ? root.get("config") : root;
    if (!config.isObject()) {
      throw new IOException("it is no JSON object");
    }
    Map<String, String> settings = new TreeMap<>();
    if (root.path("name").isTextual()) {
      settings.put("name", root.get("name").asText());
    }
    for (Map.Entry<String, JsonNode> field : config.properties()) {
      if (!field.getValue().isNull()) {
        settings.put(field.getKey(), field.getValue().asText());
      }
    }
    return settings;
  }
}
