package io.github.allsourceconnect.tool.input;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A connector's settings, from where they are kept: a file, a worker, the command line. */
public final class ConnectorSettings {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ConnectorSettings() {}

  /**
   * Of a file: JSON as it is POSTed to a worker ({@code name} and {@code config}) or the settings
   * alone, or Java properties where the name ends in {@code .properties}.
   *
   * @throws UsageException if it can't be read
   */
  public static Map<String, String> ofFile(Path file) throws UsageException {
    try (Reader in = Files.newBufferedReader(file, UTF_8)) {
      if (file.toString().endsWith(".properties")) {
        Properties properties = new Properties();
        properties.load(in);
        Map<String, String> settings = new LinkedHashMap<>();
        properties.stringPropertyNames().stream()
            .sorted()
            .forEach(key -> settings.put(key, properties.getProperty(key)));
        return settings;
      }
      return ofJson(JSON.readTree(in), file.toString());
    } catch (NoSuchFileException e) {
      throw new UsageException("there is no file " + file);
    } catch (JsonProcessingException e) {
      throw new UsageException(
          file
              + " is not JSON ("
              + e.getOriginalMessage()
              + (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr())
              + "); give a connector's JSON, or a file whose name ends in .properties");
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(file + " can't be read: " + e);
    }
  }

  /**
   * Of a connector that a worker runs.
   *
   * @param url {@code http://WORKER:8083/connectors/NAME}, with {@code user:password@} before the
   *     host if the worker wants that
   * @throws UsageException if the worker does not answer with settings
   */
  public static Map<String, String> ofWorker(String url) throws UsageException {
    URI asked = uri(url);
    String shown = asked.getScheme() + "://" + asked.getAuthority().replaceFirst(".*@", "");
    String path = asked.getRawPath().replaceFirst("/+$", "");
    URI config = URI.create(shown + (path.endsWith("/config") ? path : path + "/config"));
    try {
      String user = asked.getUserInfo();
      HttpAnswer answer =
          HttpAnswer.get(
              HttpClient.newBuilder().connectTimeout(PATIENCE).build(),
              config,
              user == null
                  ? null
                  : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)),
              PATIENCE);
      if (answer.status() == 404) {
        throw new UsageException(
            config + " is not there (404): is " + path.replaceFirst(".*/", "") + " its name?");
      }
      if (answer.status() != 200) {
        throw new UsageException(config + " answered with status " + answer.status());
      }
      return ofJson(JSON.readTree(answer.body()), config.toString());
    } catch (JsonProcessingException e) {
      throw new UsageException(config + " did not answer with JSON: is it a Connect worker's?");
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          shown
              + " can't be asked: Java's client does not take its host name"
              + " (a name with _, say; give the address instead)");
    } catch (IOException e) {
      throw new UsageException("no worker answers at " + shown + " (" + e + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UsageException("interrupted while asking " + shown);
    }
  }

  private static URI uri(String url) throws UsageException {
    try {
      URI uri = new URI(url);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getAuthority() != null
          && uri.getRawPath().matches("/.*connectors/.+")) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    // it may hold a password
    throw new UsageException(
        "the URL of a connector is http://WORKER:8083/connectors/NAME, and this one is not");
  }

  /**
   * Of {@code key=value} texts.
   *
   * @throws UsageException if one has no {@code =}
   */
  public static Map<String, String> ofPairs(List<String> pairs) throws UsageException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new UsageException("a setting is given as KEY=VALUE, not as " + pair);
      }
      settings.put(pair.substring(0, equals).trim(), pair.substring(equals + 1));
    }
    return settings;
  }

  /**
   * Checks that nothing that is used here is looked up by the worker only.
   *
   * @throws UsageException naming the first setting that is
   */
  public static void checkLookedUp(Map<String, String> settings) throws UsageException {
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      if (setting.getKey().startsWith("ssl.")
          && setting.getValue().matches("(?s).*\\$\\{.+:.+}.*")) {
        throw new UsageException(
            setting.getKey()
                + "="
                + setting.getValue()
                + " is looked up by the worker only; give its value: --set "
                + setting.getKey()
                + "=…");
      }
    }
  }

  private static Map<String, String> ofJson(JsonNode json, String where) throws UsageException {
    boolean wrapped = json != null && json.path("config").isObject();
    JsonNode config = wrapped ? json.get("config") : json;
    if (config == null || !config.isObject()) {
      throw new UsageException(
          where + " does not hold a connector's settings: an object is expected");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> setting : config.properties()) {
      if (setting.getValue().isContainerNode()) {
        throw new UsageException(
            where + ": " + setting.getKey() + " is not a text; a connector's settings are texts");
      }
      if (!setting.getValue().isNull()) {
        settings.put(setting.getKey(), setting.getValue().asText());
      }
    }
    if (wrapped && json.path("name").isTextual()) {
      settings.putIfAbsent("name", json.get("name").asText());
    }
    return settings;
  }
}
