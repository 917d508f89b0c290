package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** As much of Apicurio's registry (version 2 of its interface) as its converters ask for. */
final class SchemaRegistry implements AutoCloseable {
  private static final String BASE = "/apis/registry/v2";
  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // otherwise each answer waits 40 ms for the asker's acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();

  private SchemaRegistry(HttpServer server) {
    this.server = server;
  }

  static SchemaRegistry start() throws IOException {
    SchemaRegistry registry =
        new SchemaRegistry(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    registry.server.createContext(BASE, registry::answer);
    registry.server.start();
    return registry;
  }

  /** A converter's settings. */
  Map<String, String> settings() {
    return Map.of(
        "apicurio.registry.url",
        "http://127.0.0.1:" + server.getAddress().getPort() + BASE,
        "apicurio.registry.auto-register",
        "true",
        "apicurio.registry.find-latest",
        "false");
  }

  synchronized List<String> schemas() {
    return List.copyOf(schemas);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(BASE.length());
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    if (exchange.getRequestMethod().equals("POST") && path.endsWith("/artifacts")) {
      String content = content(body);
      if (!schemas.contains(content)) {
        schemas.add(content);
      }
      int id = schemas.indexOf(content) + 1;
      send(
          exchange,
          200,
          "{\"globalId\":%d,\"contentId\":%d,\"id\":\"s%d\",\"groupId\":\"g\",\"version\":\"1\"}"
              .formatted(id, id, id));
    } else if (path.matches("/ids/(globalIds|contentIds)/\\d+")) {
      int id = Integer.parseInt(path.replaceFirst(".*/", ""));
      send(exchange, 200, schemas.get(id - 1));
    } else if (path.endsWith("/references")) {
      send(exchange, 200, "[]");
    } else {
      send(exchange, 404, "{\"error_code\":404,\"message\":\"" + path + "\"}");
    }
  }

  private static String content(String body) throws IOException {
    JsonNode sent = JSON.readTree(body);
    return sent.isObject() && sent.has("content") ? sent.get("content").asText() : body;
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
