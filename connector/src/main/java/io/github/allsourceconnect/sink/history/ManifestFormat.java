package io.github.allsourceconnect.sink.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * A manifest as bytes: a line of JSON, and in a second line the CRC-32C of the first. Fields that
 * are not known are passed over, those that are must be of their type. What the first build wrote,
 * lines of words, is read, too. Stateless.
 */
final class ManifestFormat {
  private static final int FORMAT = 2;
  private static final long ENTRY_BYTES = 1_000;
  private static final String FIRST_TITLE = "allsource history 1";
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private ManifestFormat() {}

  static byte[] encode(HistoryManifest manifest) {
    ObjectNode node = JSON.createObjectNode();
    node.put("format", FORMAT).put("number", manifest.number());
    if (manifest.log() != null) {
      node.putObject("log")
          .put("cluster", manifest.log().clusterId())
          .put("topic", manifest.log().topicId());
    }
    if (manifest.earlier() != null) {
      node.putObject("earlier")
          .put("cluster", manifest.earlier().log().clusterId())
          .put("topic", manifest.earlier().log().topicId())
          .put("mayHave", manifest.earlier().mayHave());
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
    byte[] body = (node + "\n").getBytes(UTF_8);
    byte[] end = (checksum(body, body.length) + "\n").getBytes(UTF_8);
    byte[] all = Arrays.copyOf(body, body.length + end.length);
    System.arraycopy(end, 0, all, body.length, end.length);
    return all;
  }

  /** More than it has as bytes; what is said of a hole is shorter. */
  static long atMostBytes(HistoryManifest manifest) {
    return ENTRY_BYTES
        * (2L + manifest.files().size() + manifest.retired().size() + manifest.holes().size());
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
   * What {@link #encode} gave. Memory: what the files and holes take; what is not known is passed
   * over unread.
   *
   * @throws IllegalArgumentException when it is incomplete, altered, or can't be; the message says
   *     what is wrong and shows nothing of it
   */
  static HistoryManifest decode(byte[] bytes) {
    int last = bytes.length - 1;
    while (last > 0 && bytes[last - 1] != '\n') {
      last--;
    }
    byte[] end = (checksum(bytes, Math.max(0, last)) + "\n").getBytes(UTF_8);
    if (last < 0 || !Arrays.equals(bytes, last, bytes.length, end, 0, end.length)) {
      throw new IllegalArgumentException("it is incomplete or altered");
    }
    byte[] first = (FIRST_TITLE + "\n").getBytes(UTF_8);
    return last > first.length && Arrays.equals(bytes, 0, first.length, first, 0, first.length)
        ? first(new String(bytes, 0, last, UTF_8))
        : second(bytes, last);
  }

  private static HistoryManifest second(byte[] bytes, int length) {
    Map<String, Object> read;
    try (JsonParser in = JSON.createParser(bytes, 0, length)) {
      in.nextToken();
      read = object(in, LIST, "list");
      if (in.nextToken() != null) {
        throw new IllegalArgumentException("it is more than one list");
      }
    } catch (IOException e) {
      // its message may show what is in the text
      throw new IllegalArgumentException("it is not JSON", e);
    }
    long format = number(read, "format");
    if (format != FORMAT) {
      throw new IllegalArgumentException("its format is " + format + ", not " + FORMAT);
    }
    return new HistoryManifest(
        number(read, "number"),
        (LogIdentity) read.get("log"),
        (EarlierLog) read.get("earlier"),
        number(read, "after"),
        number(read, "upTo"),
        members(read, "holes"),
        members(read, "files"),
        members(read, "retired"));
  }

  /** How a field's value is read, the parser standing at its first token. */
  private interface Value {
    Object read(JsonParser in, String field) throws IOException;
  }

  private static final Value NUMBER =
      (in, field) -> {
        if (in.currentToken() != JsonToken.VALUE_NUMBER_INT
            || in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw new IllegalArgumentException("its " + field + " is not a whole number");
        }
        return in.getLongValue();
      };

  private static final Value TEXT =
      (in, field) -> {
        // it stands in messages later
        if (in.currentToken() != JsonToken.VALUE_STRING || !Printable.isPrintable(in.getText())) {
          throw new IllegalArgumentException("its " + field + " is not printable text");
        }
        return in.getText();
      };

  private static final Map<String, Value> LOG = Map.of("cluster", TEXT, "topic", TEXT);
  private static final Map<String, Value> EARLIER =
      Map.of("cluster", TEXT, "topic", TEXT, "mayHave", NUMBER);
  private static final Map<String, Value> HOLE =
      Map.of("after", NUMBER, "upTo", NUMBER, "why", TEXT);
  private static final Map<String, Value> FILE =
      Map.of(
          "name", TEXT, "after", NUMBER, "upTo", NUMBER, "rows", NUMBER, "bytes", NUMBER, "crc",
          NUMBER, "first", NUMBER);
  private static final Map<String, Value> LIST =
      Map.of(
          "format",
          NUMBER,
          "number",
          NUMBER,
          "log",
          (in, field) ->
              in.currentToken() == JsonToken.VALUE_NULL ? null : log(object(in, LOG, field)),
          "earlier",
          (in, field) -> earlier(object(in, EARLIER, field)),
          "after",
          NUMBER,
          "upTo",
          NUMBER,
          "holes",
          each(HOLE, ManifestFormat::hole),
          "files",
          each(FILE, ManifestFormat::file),
          "retired",
          each(FILE, ManifestFormat::file));

  private static Value each(
      Map<String, Value> fields, Function<Map<String, Object>, Object> member) {
    return (in, field) -> {
      if (in.currentToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("its " + field + " are not a list");
      }
      List<Object> members = new ArrayList<>();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        members.add(member.apply(object(in, fields, field)));
      }
      return members;
    };
  }

  private static Map<String, Object> object(JsonParser in, Map<String, Value> fields, String what)
      throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("its " + what + " has no fields");
    }
    Map<String, Object> read = new HashMap<>();
    for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
      in.nextToken();
      Value value = fields.get(field);
      if (value == null) {
        in.skipChildren();
      } else if (read.put(field, value.read(in, field)) != null) {
        throw new IllegalArgumentException("its " + field + " is there twice");
      }
    }
    return read;
  }

  private static LogIdentity log(Map<String, Object> read) {
    return new LogIdentity(text(read, "cluster"), text(read, "topic"));
  }

  private static EarlierLog earlier(Map<String, Object> read) {
    return new EarlierLog(log(read), number(read, "mayHave"));
  }

  private static Hole hole(Map<String, Object> read) {
    return new Hole(number(read, "after"), number(read, "upTo"), text(read, "why"));
  }

  private static HistoryFile file(Map<String, Object> read) {
    return new HistoryFile(
        name(text(read, "name")),
        number(read, "after"),
        number(read, "upTo"),
        number(read, "rows"),
        number(read, "bytes"),
        number(read, "crc"),
        number(read, "first"));
  }

  private static String name(String name) {
    long unused = FileNames.timeOf(name);
    return name;
  }

  private static long number(Map<String, Object> read, String field) {
    if (read.get(field) instanceof Long number) {
      return number;
    }
    throw new IllegalArgumentException("its " + field + " is not there");
  }

  private static String text(Map<String, Object> read, String field) {
    if (read.get(field) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("its " + field + " is not there");
  }

  @SuppressWarnings("unchecked") // what each() has made
  private static <T> List<T> members(Map<String, Object> read, String field) {
    return (List<T>) read.getOrDefault(field, List.of());
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

  private static String checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
