package io.github.allsourceconnect.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A worker's REST interface, as a user would call it. Safe for several threads. */
public final class ConnectRest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI root;

  public ConnectRest(URI root) {
    this.root = root;
  }

  /** What the worker answered instead of success. */
  public static final class Refused extends RuntimeException {
    private final int status;

    Refused(String call, int status, String body) {
      super(call + " was answered with " + status + ": " + body);
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }

    /** The group is rebalancing, or the machine too busy to answer in time what is tried. */
    private boolean mayPass() {
      return status == 409 || getMessage().contains("did not answer within");
    }
  }

  public URI root() {
    return root;
  }

  /** Waits until the worker answers and has a leader in its group. */
  public void awaitReady(Duration limit) {
    Await.until(
        "the worker at " + root + " answers",
        limit,
        () -> {
          call("GET", "/connectors", null);
          return true;
        });
  }

  public JsonNode plugins() {
    return call("GET", "/connector-plugins?connectorsOnly=false", null);
  }

  /** Creates a connector; asks again while the group is rebalancing (409). */
  public void create(String name, Map<String, String> config) {
    patiently("POST", "/connectors", Map.of("name", name, "config", untried(config)));
  }

  /**
   * Creates a connector as a user would, whose configuration is tried before it is accepted; again
   * when a leader takes too long to answer. The other tests create connectors before their leaders
   * are there.
   */
  public void createTried(String name, Map<String, String> config) {
    patiently("POST", "/connectors", Map.of("name", name, "config", config));
  }

  private static Map<String, String> untried(Map<String, String> config) {
    Map<String, String> untried = new HashMap<>(config);
    untried.putIfAbsent("validate.live", "false");
    return untried;
  }

  /** Creates a connector or changes its settings. */
  public void configure(String name, Map<String, String> config) {
    patiently("PUT", path(name) + "/config", untried(config));
  }

  /** What the worker says about settings, without creating anything. */
  public JsonNode validate(String connectorClass, Map<String, String> config) {
    String simple = connectorClass.substring(connectorClass.lastIndexOf('.') + 1);
    return call("PUT", "/connector-plugins/" + simple + "/config/validate", config);
  }

  public void pause(String name) {
    patiently("PUT", path(name) + "/pause", null);
  }

  public void resume(String name) {
    patiently("PUT", path(name) + "/resume", null);
  }

  /** Stops the tasks and keeps the connector, as is needed before its offsets are changed. */
  public void stop(String name) {
    patiently("PUT", path(name) + "/stop", null);
  }

  /** Restarts the connector and its tasks. */
  public void restart(String name) {
    patiently("POST", path(name) + "/restart?includeTasks=true", null);
  }

  public void delete(String name) {
    patiently("DELETE", path(name), null);
  }

  public JsonNode status(String name) {
    return call("GET", path(name) + "/status", null);
  }

  public JsonNode offsets(String name) {
    return call("GET", path(name) + "/offsets", null);
  }

  /** Sets the offset of a partition of a sink that is stopped. */
  public void setOffset(String name, String topic, int partition, long offset) {
    Map<String, Object> of = Map.of("kafka_topic", topic, "kafka_partition", partition);
    patiently(
        "PATCH",
        path(name) + "/offsets",
        Map.of(
            "offsets", List.of(Map.of("partition", of, "offset", Map.of("kafka_offset", offset)))));
  }

  /** Sets the offset of a source partition of a source that is stopped. */
  public void setOffset(String name, Map<String, ?> partition, Map<String, ?> offset) {
    patiently(
        "PATCH",
        path(name) + "/offsets",
        Map.of("offsets", List.of(Map.of("partition", partition, "offset", offset))));
  }

  /** Deletes all offsets of a connector that is stopped. */
  public void deleteOffsets(String name) {
    patiently("DELETE", path(name) + "/offsets", null);
  }

  /** Waits until the connector and {@code tasks} tasks are {@code RUNNING}. */
  public void awaitRunning(String name, int tasks, Duration limit) {
    awaitState(name, tasks, "RUNNING", limit);
  }

  /** Waits until {@code tasks} tasks of the connector are in {@code state}. */
  public void awaitState(String name, int tasks, String state, Duration limit) {
    Await.until(
        tasks + " task(s) of " + name + " are " + state,
        limit,
        () -> {
          int found = 0;
          for (JsonNode task : status(name).path("tasks")) {
            found += task.path("state").asText().equals(state) ? 1 : 0;
          }
          return found == tasks;
        },
        () -> status(name).toString());
  }

  private JsonNode patiently(String method, String path, Object body) {
    long end = System.nanoTime() + Await.LIMIT.toNanos();
    while (true) {
      try {
        return call(method, path, body);
      } catch (Refused e) {
        if (!e.mayPass() || System.nanoTime() > end) {
          throw e;
        }
      }
      Await.pause(method + " " + path + " is accepted");
    }
  }

  private JsonNode call(String method, String path, Object body) {
    String call = method + " " + root + path;
    try {
      HttpRequest request =
          HttpRequest.newBuilder(root.resolve(path))
              .timeout(TIMEOUT)
              .header("Content-Type", "application/json")
              .method(
                  method,
                  body == null
                      ? BodyPublishers.noBody()
                      : BodyPublishers.ofString(JSON.writeValueAsString(body)))
              .build();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() >= 300) {
        throw new Refused(call, response.statusCode(), response.body());
      }
      return response.body().isEmpty() ? NullNode.getInstance() : JSON.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(call, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(call + " was interrupted", e);
    }
  }

  private static String path(String name) {
    return "/connectors/" + URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }
}
