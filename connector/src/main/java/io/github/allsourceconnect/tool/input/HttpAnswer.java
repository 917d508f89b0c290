package io.github.allsourceconnect.tool.input;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a server answers within a limit for all of it; Java's client has one for the beginning only.
 *
 * @param status the HTTP status
 * @param body all of it
 */
@SuppressWarnings("ArrayRecordComponent")
public record HttpAnswer(int status, byte[] body) {
  /**
   * Asks.
   *
   * @param authorization the header of that name; null for none
   * @throws IOException if there is no whole answer in time
   * @throws IllegalArgumentException if Java's client does not take the URI
   */
  public static HttpAnswer get(HttpClient http, URI uri, String authorization, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(limit);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    CompletableFuture<HttpResponse<byte[]>> asked =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    try {
      HttpResponse<byte[]> answer = asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new HttpAnswer(answer.statusCode(), answer.body());
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no whole answer within " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      asked.cancel(true);
    }
  }
}
