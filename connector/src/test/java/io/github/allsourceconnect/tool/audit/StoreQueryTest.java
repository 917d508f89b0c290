package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store's events are asked for tenant after tenant, page after page. */
class StoreQueryTest {
  private static final Map<String, Integer> EVENTS = Map.of("a b", 7, "default", 0, "t&1", 3);
  private static final Pattern QUERY =
      Pattern.compile("tenant_id=(.*)&limit=([0-9]+)&offset=([0-9]+)");

  private HttpServer server;
  private int pageMost = 3;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/stats", exchange -> answer(exchange, 200, "{\"total_events\":10}"));
    server.createContext("/api/v1/events/query", this::page);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void page(HttpExchange exchange) throws IOException {
    Matcher query = QUERY.matcher(exchange.getRequestURI().getQuery());
    if (!query.matches() || pageMost == 0) {
      answer(exchange, 500, "{}");
      return;
    }
    int all = EVENTS.get(query.group(1).replace('+', ' '));
    int offset = Integer.parseInt(query.group(3));
    int end = Math.min(all, offset + pageMost);
    List<String> events = new ArrayList<>();
    for (int i = offset; i < end; i++) {
      events.add("{\"n\":" + i + ".12345678901234567890}");
    }
    answer(exchange, 200, "{\"events\":" + events + ",\"has_more\":" + (end < all) + "}");
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private StoreQuery query() {
    return new StoreQuery("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  @Test
  void allPagesOfAllTenantsAreRead() throws Exception {
    Progress progress = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);
    List<String> read = new ArrayList<>();
    assertEquals(10, query().total());
    long count =
        query()
            .read(List.of("a b", "default", "t&1"), progress, e -> read.add(new String(e, UTF_8)));
    assertEquals(10, count);
    assertEquals(10, read.size());
    assertEquals("{\"n\":6.12345678901234567890}", read.get(6));
  }

  @Test
  void aStoreThatDoesNotAnswerIsSaid() {
    pageMost = 0;
    Progress progress = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);
    Unjudgeable said =
        assertThrows(Unjudgeable.class, () -> query().read(List.of("a b"), progress, event -> {}));
    assertTrue(said.getMessage().endsWith("answers with 500"), said.getMessage());
    server.stop(0);
    assertThrows(Unjudgeable.class, () -> query().total());
  }
}
