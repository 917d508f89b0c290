package io.github.allsourceconnect.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @ParameterizedTest
  @CsvSource({
    "localhost:3910, localhost, 3910",
    "' leader-1.example.org:1 ', leader-1.example.org, 1",
    "10.0.0.1:65535, 10.0.0.1, 65535",
    "[::1]:3910, ::1, 3910"
  })
  void readsAddresses(String text, String host, int port) {
    HostPort address = HostPort.parse(text);
    assertEquals(new HostPort(host, port), address);
    assertEquals(text.trim(), address.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:",
        ":3910",
        "a:0",
        "a:65536",
        "a:x",
        "::1:3910",
        "[::1]",
        "http://a:1",
        "a b:1",
        "me@a:1",
        "a\u202Eb:1"
      })
  void refusesTheRest(String text) {
    assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text));
  }
}
