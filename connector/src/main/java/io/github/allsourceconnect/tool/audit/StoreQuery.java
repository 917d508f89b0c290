package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.tool.input.HttpAnswer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;

/** A store's events as its HTTP interface tells them: tenant after tenant, page after page. */
final class StoreQuery {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PAGE = 5_000;

  /** Takes events. */
  interface Each {
    /**
     * The next one.
     *
     * @param json its JSON text
     */
    void event(byte[] json) throws Exception;
  }

  private final String url;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  /** Numbers stay as they are told. */
  private final ObjectMapper mapper =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /**
   * @param url of the store's HTTP interface
   */
  StoreQuery(String url) {
    this.url = url.replaceFirst("/+$", "");
  }

  /** How many events the store says it has. */
  long total() throws Unjudgeable {
    return get("/api/v1/stats").path("total_events").asLong();
  }

  /**
   * All events of these tenants.
   *
   * @return how many
   */
  long read(Collection<String> tenants, Progress progress, Each each) throws Exception {
    long read = 0;
    progress.begin("store", -1);
    for (String tenant : tenants) {
      long ofTenant = 0;
      boolean more = true;
      while (more) {
        JsonNode page =
            get(
                "/api/v1/events/query?tenant_id="
                    + URLEncoder.encode(tenant, UTF_8)
                    + "&limit="
                    + PAGE
                    + "&offset="
                    + ofTenant);
        for (JsonNode event : page.path("events")) {
          each.event(event.toString().getBytes(UTF_8));
          ofTenant++;
          progress.at(++read);
        }
        more = page.path("has_more").asBoolean() && !page.path("events").isEmpty();
      }
    }
    progress.end(read);
    return read;
  }

  private JsonNode get(String path) throws Unjudgeable {
    try {
      HttpAnswer answer = HttpAnswer.get(http, URI.create(url + path), null, PATIENCE);
      if (answer.status() != 200) {
        throw new Unjudgeable("the store at " + url + " answers with " + answer.status());
      }
      return mapper.readTree(answer.body());
    } catch (IOException | IllegalArgumentException e) {
      throw new Unjudgeable(
          "the store at " + url + " can't be asked: " + Printable.of(e.toString()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unjudgeable("interrupted", e);
    }
  }
}
