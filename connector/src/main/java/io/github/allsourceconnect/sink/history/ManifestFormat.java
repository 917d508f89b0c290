package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * A manifest as bytes: a line of JSON, and in a second line the CRC-32C of the first. Fields that
 * are not known are passed over, those that are must be of their type. What the first build wrote,
 * lines of words, is read, too. Stateless.
 */
final class ManifestFormat {
  private static final int FORMAT = 2;
  private static final String FIRST_TITLE = "allsource history 1";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private ManifestFormat() {}

  static byte[] encode(HistoryManifest manifest) {
    ObjectNode node = JSON.createObjectNode();
    node.put("format", FORMAT).put("number", manifest.number());
    if (manifest.log() != null) {
      node.putObject("log")
          .put("cluster", manifest.log().clusterId())
          .put("topic", manifest.log().topicId());
    }
    node.put("after", manifest.after()).put("upTo", manifest.upTo());
    ArrayNode holes = node.putArray("holes");
    manifest
        .holes()
        .forEach(
            hole ->
                holes
                    .addObject()
                    .put("after", hole.after())
                    .put("upTo", hole.upTo())
                    .put("why", hole.why()));
    manifest.files().forEach(file -> put(node.withArray("/files"), file));
    manifest.retired().forEach(file -> put(node.withArray("/retired"), file));
    String body = node + "\n";
    return (body + checksum(body) + "\n").getBytes(UTF_8);
  }

  private static void put(ArrayNode to, HistoryFile file) {
    to.addObject()
        .put("name", file.name())
        .put("after", file.after())
        .put("upTo", file.upTo())
        .put("rows", file.rows())
        .put("bytes", file.bytes())
        .put("crc", file.crc())
        .put("first", file.first());
  }

  /**
   * What {@link #encode} gave.
   *
   * @throws IllegalArgumentException when it is incomplete, altered, or can't be; the message says
   *     what is wrong and shows nothing of it
   */
  static HistoryManifest decode(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    int last = text.lastIndexOf('\n', text.length() - 2) + 1;
    String body = text.substring(0, last);
    if (!text.substring(last).equals(checksum(body) + "\n")) {
      throw new IllegalArgumentException("it is incomplete or altered");
    }
    return body.startsWith(FIRST_TITLE + "\n") ? first(body) : second(body);
  }

  private static HistoryManifest second(String body) {
    JsonNode node;
    try {
      node = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      // its message may show what is in the text
      throw new IllegalArgumentException("it is not JSON", e);
    }
    long format = number(node, "format");
    if (format != FORMAT) {
      throw new IllegalArgumentException("its format is " + format + ", not " + FORMAT);
    }
    JsonNode log = node.path("log");
    return new HistoryManifest(
        number(node, "number"),
        log.isMissingNode() || log.isNull()
            ? null
            : new LogIdentity(text(log, "cluster"), text(log, "topic")),
        number(node, "after"),
        number(node, "upTo"),
        list(
            node,
            "holes",
            hole -> new Hole(number(hole, "after"), number(hole, "upTo"), text(hole, "why"))),
        list(node, "files", ManifestFormat::file),
        list(node, "retired", ManifestFormat::file));
  }

  private static HistoryFile file(JsonNode node) {
    return new HistoryFile(
        name(text(node, "name")),
        number(node, "after"),
        number(node, "upTo"),
        number(node, "rows"),
        number(node, "bytes"),
        number(node, "crc"),
        number(node, "first"));
  }

  private static String name(String name) {
    long unused = FileNames.timeOf(name);
    return name;
  }

  private static long number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException("its " + field + " is not a whole number");
    }
    return value.longValue();
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("its " + field + " is not text");
    }
    return value.textValue();
  }

  private static <T> List<T> list(JsonNode node, String field, Function<JsonNode, T> member) {
    JsonNode value = node.path(field);
    if (value.isMissingNode()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw new IllegalArgumentException("its " + field + " are not a list");
    }
    List<T> members = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      members.add(member.apply(value.get(i)));
    }
    return members;
  }

  /** Title, figures, a line a file, the retired ones last. */
  private static HistoryManifest first(String body) {
    List<String> lines = body.lines().toList();
    try {
      String[] head = lines.get(1).split(" ", -1);
      List<HistoryFile> files = new ArrayList<>();
      for (String line : lines.subList(2, lines.size())) {
        String[] part = line.split(" ", -1);
        files.add(
            new HistoryFile(
                name(part[0]),
                Long.parseLong(part[1]),
                Long.parseLong(part[2]),
                Long.parseLong(part[3]),
                Long.parseLong(part[4]),
                Long.parseLong(part[5], 16),
                Long.parseLong(part[6])));
      }
      int count = Integer.parseInt(head[3]);
      return new HistoryManifest(
          Long.parseLong(head[0]),
          null,
          Long.parseLong(head[1]),
          Long.parseLong(head[2]),
          List.of(),
          files.subList(0, count),
          files.subList(count, files.size()));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new IllegalArgumentException("its lines are not those of the first format", e);
    }
  }

  private static String checksum(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
