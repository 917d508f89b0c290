package io.github.allsourceconnect.tool.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.allsourceconnect.harness.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ConnectorSettingsTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String wrong(Executable what) {
    String message = assertThrows(UsageException.class, what).getMessage();
    assertFalse(message.contains("\n"), message);
    return message;
  }

  @Test
  void aFileIsReadAsItIsPosted() throws Exception {
    assertEquals(
        Map.of("topic", "t", "name", "n", "tasks.max", "1"),
        ConnectorSettings.ofFile(
            file("a.json", "{\"name\":\"n\",\"config\":{\"topic\":\"t\",\"tasks.max\":1}}")));
    assertEquals(
        Map.of("topic", "t"), ConnectorSettings.ofFile(file("b.json", "{\"topic\":\"t\"}")));
    assertEquals(
        Map.of("topic", "t", "name", "n"),
        ConnectorSettings.ofFile(file("c.properties", "# of mine\nname=n\ntopic = t\n")));
  }

  @Test
  void aFileThatIsOfNoUseIsNamed() throws Exception {
    assertTrue(
        wrong(() -> ConnectorSettings.ofFile(folder.resolve("none.json"))).contains("none.json"));
    Path properties = file("p.json", "topic=t\n");
    String message = wrong(() -> ConnectorSettings.ofFile(properties));
    assertTrue(message.contains("p.json") && message.contains(".properties"), message);
    Path list = file("l.json", "[1]");
    assertTrue(wrong(() -> ConnectorSettings.ofFile(list)).contains("object"));
    Path nested = file("n.json", "{\"topic\":{\"a\":1}}");
    assertTrue(wrong(() -> ConnectorSettings.ofFile(nested)).contains("topic"));
  }

  @Test
  void aWorkerIsAsked() throws Exception {
    AtomicReference<String> user = new AtomicReference<>();
    HttpServer worker =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    worker.createContext(
        "/connectors/mine/config",
        call -> {
          user.set(call.getRequestHeaders().getFirst("Authorization"));
          byte[] answer = "{\"topic\":\"t\",\"name\":\"mine\"}".getBytes(UTF_8);
          call.sendResponseHeaders(200, answer.length);
          call.getResponseBody().write(answer);
          call.close();
        });
    worker.start();
    try {
      String host = "127.0.0.1:" + worker.getAddress().getPort();
      Map<String, String> settings = Map.of("topic", "t", "name", "mine");
      assertEquals(settings, ConnectorSettings.ofWorker("http://" + host + "/connectors/mine"));
      assertEquals(
          settings, ConnectorSettings.ofWorker("http://u:p@" + host + "/connectors/mine/config"));
      assertEquals("Basic dTpw", user.get());
      String absent =
          wrong(() -> ConnectorSettings.ofWorker("http://u:p@" + host + "/connectors/other"));
      assertTrue(absent.contains("404") && absent.contains("other"), absent);
      assertFalse(absent.contains("u:p"), absent);
    } finally {
      worker.stop(0);
    }
  }

  @Test
  void aWorkerThatIsNotThereIsNamed() {
    String address = "127.0.0.1:" + Ports.free();
    String message =
        wrong(() -> ConnectorSettings.ofWorker("http://" + address + "/connectors/mine"));
    assertTrue(message.contains(address), message);
    assertTrue(
        wrong(() -> ConnectorSettings.ofWorker("localhost:8083")).contains("/connectors/NAME"));
  }

  @Test
  void pairsAreSettings() throws Exception {
    assertEquals(
        Map.of("topic", "a=b", "x", ""), ConnectorSettings.ofPairs(List.of("topic=a=b", "x=")));
    assertTrue(wrong(() -> ConnectorSettings.ofPairs(List.of("topic"))).contains("KEY=VALUE"));
  }
}
