package io.github.allsourceconnect.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** What the sink reads: whatever comes is a message, told the same by Jackson, or refused. */
class FollowerLinesFuzzTest {
  private final MessageCodec codec = new MessageCodec();

  static List<byte[]> seeds() {
    return List.of(
        Lines.input(
            40,
            "{\"type\":\"subscribe\",\"last_offset\":0}",
            "{\"type\":\"ack\",\"offset\":9223372036854775807}"),
        Lines.input(3, "{\"offset\":7,\"x\":[{\"y\":null}],\"type\":\"ack\"}", "", "[]"),
        Lines.input(255, "{\"type\":\"ack\",\"offset\":1e3}", "{\"type\":\"\\u0061ck\"}"));
  }

  @MethodSource("seeds")
  @FuzzTest
  void lines(byte[] input) throws IOException {
    Lines.frame(input, this::line);
  }

  @Test
  void damaged() {
    Damage.run("follower lines", seeds(), this::lines);
  }

  private void line(byte[] buf, int off, int len, long number) throws IOException {
    FollowerMessage message;
    try {
      message = codec.decodeFollower(buf, off, len, number);
    } catch (ProtocolException e) {
      assertEquals(ProtocolException.Kind.MALFORMED, e.kind());
      assertEquals(number, e.lineNumber());
      assertTrue(e.getMessage().startsWith("line " + number + ": "), e.getMessage());
      return;
    }
    JsonNode json = Lines.json(buf, off, len);
    boolean ack = message instanceof FollowerMessage.Ack;
    assertEquals(ack ? "ack" : "subscribe", json.get("type").textValue());
    JsonNode offset = json.get(ack ? "offset" : "last_offset");
    assertTrue(offset.isIntegralNumber());
    assertEquals(
        offset.longValue(),
        message instanceof FollowerMessage.Ack a
            ? a.offset()
            : ((FollowerMessage.Subscribe) message).lastOffset());
    byte[] encoded = codec.encode(message);
    assertEquals(message, codec.decodeFollower(encoded, 0, encoded.length - 1, 1));
  }
}
