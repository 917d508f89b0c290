package io.github.allsourceconnect.source.record.shape;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.Numbers.Digits;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Payloads, which are well-formed JSON, to trees of maps, lists, texts, booleans, {@link Long}s,
 * {@link Double}s, {@link Digits}, nulls, and {@link JsonText} of what is nested too deeply, and
 * back. Of several members of one name the last counts, at the place of the first. Stateless.
 */
public final class PayloadJson {
  /** The line's own limits hold before; nothing is turned into a number here. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          // payloads may have any keys, also many of one hash
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .build();

  private PayloadJson() {}

  /** A parser of the text, before its first token. */
  public static JsonParser parser(JsonText text) throws IOException {
    return FACTORY.createParser(text.array(), text.offset(), text.length());
  }

  /**
   * The tree of a text.
   *
   * @param depthMax how many levels of objects and arrays are taken apart, 0 for none
   */
  static Object tree(JsonText text, int depthMax) {
    try (JsonParser parser = parser(text)) {
      return parser.nextToken() == null ? null : new Reader(text, parser).value(depthMax);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one text. */
  private static final class Reader {
    private final JsonText text;
    private final JsonParser parser;
    private String characters;

    Reader(JsonText text, JsonParser parser) {
      this.text = text;
      this.parser = parser;
    }

    Object value(int depthLeft) throws IOException {
      return switch (parser.currentToken()) {
        case START_OBJECT -> depthLeft == 0 ? whole() : object(depthLeft - 1);
        case START_ARRAY -> depthLeft == 0 ? whole() : array(depthLeft - 1);
        case VALUE_STRING -> parser.getText();
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Numbers.of(parser.getText());
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        default -> null;
      };
    }

    private Map<String, Object> object(int depthLeft) throws IOException {
      Map<String, Object> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, value(depthLeft));
      }
      return members;
    }

    private List<Object> array(int depthLeft) throws IOException {
      List<Object> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(value(depthLeft));
      }
      return elements;
    }

    private JsonText whole() throws IOException {
      // this kind of parser counts characters, not bytes
      int from = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      int to = (int) parser.currentLocation().getCharOffset();
      characters = characters == null ? text.toString() : characters;
      return JsonText.of(characters.substring(from, to));
    }
  }

  /** The JSON text of a tree. */
  static String text(Object tree) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      write(json, tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> members) {
      json.writeStartObject();
      for (Map.Entry<?, ?> member : members.entrySet()) {
        json.writeFieldName((String) member.getKey());
        write(json, member.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> elements) {
      json.writeStartArray();
      for (Object element : elements) {
        write(json, element);
      }
      json.writeEndArray();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Digits number) {
      json.writeNumber(number.text());
    } else if (value instanceof JsonText text) {
      json.writeRawValue(text.toString());
    } else {
      json.writeNull();
    }
  }
}
