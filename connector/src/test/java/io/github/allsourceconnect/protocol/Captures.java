package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** What real leaders sent, byte for byte (resources of the tests). */
public final class Captures {
  /** Every capture in the resources. */
  public static final List<String> ALL =
      List.of(
          "live-from-empty",
          "live-concurrent-writers",
          "after-crash-idle-subscribe-0",
          "after-crash-subscribe-1",
          "after-crash-subscribe-high",
          "snapshot-then-live",
          "stalled-follower",
          "0.27.0-live-concurrent-writers",
          "0.27.0-snapshot-doubled-by-tenant");

  private Captures() {}

  /** The whole stream. */
  public static byte[] bytes(String name) {
    String resource = "/captures/" + name + ".ndjson.gz";
    try (InputStream in = Captures.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource);
      }
      return new GZIPInputStream(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its lines without {@code \n}, each in an array of its own. */
  public static List<byte[]> lines(String name) {
    List<byte[]> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte b : bytes(name)) {
      if (b == '\n') {
        lines.add(line.toByteArray());
        line.reset();
      } else {
        line.write(b);
      }
    }
    return lines;
  }

  /** Its entries, in the order in which they were sent. */
  public static List<WalEntry> entries(String name) {
    return messages(name).stream()
        .filter(LeaderMessage.Entry.class::isInstance)
        .map(message -> ((LeaderMessage.Entry) message).data())
        .toList();
  }

  /** The ids of the events that were really written; empty where that was not kept. */
  public static Set<String> ids(String name) {
    try (InputStream in = Captures.class.getResourceAsStream("/captures/" + name + ".ids.gz")) {
      return in == null
          ? Set.of()
          : new String(new GZIPInputStream(in).readAllBytes(), UTF_8)
              .lines()
              .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its messages. */
  public static List<LeaderMessage> messages(String name) {
    MessageCodec codec = new MessageCodec();
    List<LeaderMessage> messages = new ArrayList<>();
    for (byte[] line : lines(name)) {
      try {
        messages.add(codec.decodeLeader(line, 0, line.length, messages.size() + 1));
      } catch (ProtocolException e) {
        throw new UncheckedIOException(e);
      }
    }
    return messages;
  }
}
