package io.github.allsourceconnect.source.record.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ValueNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered of event types, within bounds, and from one task to the next. */
class ShapesTest {
  private static Shapes shapes(int types) {
    return new Shapes(new Shapes.Limits(types, 10, 5, false));
  }

  private static Struct payload(Shapes shapes, String type, String json) {
    return shapes.of(type).payload(JsonText.of(json));
  }

  private static List<String> taken(Shapes shapes) {
    List<String> parts = new ArrayList<>();
    while (shapes.changedPart() >= 0) {
      parts.add(shapes.take(shapes.changedPart()));
    }
    return parts;
  }

  @Test
  void typesBeyondTheBoundShareASchemaWithoutFields() {
    Shapes shapes = shapes(2);
    payload(shapes, "a", "{\"x\":1}");
    payload(shapes, "b", "{\"x\":1}");
    assertEquals(0, shapes.unshaped());
    Struct third = payload(shapes, "c", "{\"x\": 1.50}");
    assertEquals("{\"\":{\"x\": 1.50}}", third.getString(ValueNames.REST));
    assertEquals("io.github.allsourceconnect.payload", third.schema().name());
    assertSame(third.schema(), payload(shapes, "t".repeat(300), "[]").schema());
    assertEquals(2, shapes.types());
    assertEquals(2, shapes.unshaped());
    assertNull(payload(shapes, "a", "{\"x\":2}").get(ValueNames.REST));
    assertEquals("io.github.allsourceconnect.payload.a", shapes.of("a").payloadSchema().name());
  }

  @Test
  void metadataHaveAShapeOfTheirOwn() {
    Shapes.OfType type = shapes(1).of("a");
    assertNull(type.metadata(null));
    assertNull(type.metadata(JsonText.NULL));
    Struct metadata = type.metadata(JsonText.of("{\"by\":\"x\"}"));
    assertEquals("x", metadata.getString("by"));
    assertTrue(metadata.schema().isOptional());
    assertNull(type.payloadSchema().field("by"));
  }

  @Test
  void theNextTaskGoesOnWithThem() {
    Shapes shapes = shapes(1000);
    for (int i = 0; i < 300; i++) {
      payload(shapes, "type-" + i, "{\"b\":1,\"a\":[{\"" + i + "\":true}]}");
      shapes.of("type-" + i).metadata(JsonText.of("{\"m\":{\"n\":1.5}}"));
    }
    List<String> parts = taken(shapes);
    assertTrue(parts.size() > 1 && parts.size() <= Shapes.PARTS, parts.size() + " parts");
    Shapes next = shapes(1000);
    parts.forEach(next::restore);
    assertEquals(-1, next.changedPart());
    assertEquals(300, next.types());
    for (int i = 0; i < 300; i++) {
      assertEquals(shapes.of("type-" + i).payloadSchema(), next.of("type-" + i).payloadSchema());
      assertEquals(shapes.of("type-" + i).metadataSchema(), next.of("type-" + i).metadataSchema());
    }
    payload(next, "type-7", "{\"b\":2}");
    assertEquals(0, next.changes());
    payload(next, "type-7", "{\"b\":2.5}");
    assertEquals(1, next.changes());
    assertEquals(1, taken(next).size());
  }

  /** What a double can hold is known from all numbers before, not from those of one task. */
  @Test
  void aLargeNumberIsRememberedThoughTheSchemaIsTheSame() {
    Shapes shapes = shapes(1);
    payload(shapes, "a", "{\"n\":1}");
    taken(shapes);
    payload(shapes, "a", "{\"n\":9007199254740993}");
    assertEquals(1, shapes.changes());
    Shapes next = shapes(1);
    taken(shapes).forEach(next::restore);
    assertEquals("{\"/n\":1.5}", payload(next, "a", "{\"n\":1.5}").getString(ValueNames.REST));
  }

  /** Fields that are no longer wanted are not kept either. */
  @Test
  void theNextTaskMayWantLegalNamesOnly() {
    Shapes shapes = shapes(1);
    payload(shapes, "a", "{\"n\":1,\"o-p\":[{\"q\":1}],\"r\":[{\"s\":1,\"t.u\":2}]}");
    Shapes next = new Shapes(new Shapes.Limits(1, 10, 5, true));
    taken(shapes).forEach(next::restore);
    assertEquals(
        "{\"/o-p\":2,\"/v w\":3}",
        payload(next, "a", "{\"n\":1,\"o-p\":2,\"v w\":3}").getString(ValueNames.REST));
    Schema schema = next.of("a").payloadSchema();
    assertEquals(3, schema.fields().size());
    assertEquals(1, schema.field("r").schema().valueSchema().fields().size());
  }

  @Test
  void anUnchangedSchemaIsTheSameObject() {
    Shapes shapes = shapes(1);
    Struct first = payload(shapes, "a", "{\"n\":1}");
    assertSame(first.schema(), payload(shapes, "a", "{\"n\":2}").schema());
    assertNotSame(first.schema(), payload(shapes, "a", "{\"o\":2}").schema());
  }

  /** A text that Connect could not store would fail the task. */
  @Test
  void aPartIsBounded() {
    Shapes shapes = new Shapes(new Shapes.Limits(100_000, 500, 5, false));
    for (int i = 0; i < 20_000; i++) {
      payload(shapes, "t" + i, "{\"" + "n".repeat(150) + "\":1}");
    }
    for (String part : taken(shapes)) {
      assertTrue(part.length() <= 200_000, part.length() + " characters");
      Shapes next = shapes(1000);
      next.restore(part);
      assertTrue(next.types() > 100);
    }
  }

  /** As Connect writes it, characters may be six bytes each, and quotes are escaped. */
  @ParameterizedTest
  @ValueSource(strings = {"😀", "\\\"", "\\u0001", "漢", "n"})
  void aPartIsBoundedInBytes(String character) {
    Shapes shapes = new Shapes(new Shapes.Limits(100_000, 10_000, 5, false));
    String name = character.repeat(character.equals("😀") ? 90 : 190);
    for (int i = 0; i < 10; i++) {
      StringBuilder json = new StringBuilder("{");
      for (int j = 0; j < 105; j++) {
        json.append(j == 0 ? "" : ",").append('"').append(name).append(i * 105 + j).append("\":1");
      }
      payload(shapes, "t", json + "}");
    }
    try (JsonConverter offsets = new JsonConverter()) {
      offsets.configure(Map.of("schemas.enable", "false", "converter.type", "value"));
      for (String part : taken(shapes)) {
        int bytes = offsets.fromConnectData("t", null, Map.of("shapes_of_types", part)).length;
        assertTrue(bytes < 1_000_000, bytes + " bytes");
      }
    }
  }

  /** What could not be kept would be found out anew, and perhaps otherwise. */
  @Test
  void whatIsKnownIsKept() {
    Shapes shapes = new Shapes(new Shapes.Limits(100_000, 500, 5, false));
    List<String> types = new ArrayList<>();
    for (int i = 0; types.size() < 300; i++) {
      // all in one part, as whoever writes events can have it
      if (Math.floorMod(("t" + i).hashCode(), Shapes.PARTS) == 7) {
        types.add("t" + i);
      }
    }
    for (String type : types) {
      for (int j = 0; j < 40; j++) {
        payload(shapes, type, "{\"" + "n".repeat(100) + j + "\":" + j + "}");
      }
    }
    Shapes next = new Shapes(new Shapes.Limits(100_000, 500, 5, false));
    taken(shapes).forEach(next::restore);
    for (String type : types) {
      assertEquals(shapes.of(type).payloadSchema(), next.of(type).payloadSchema());
    }
    assertTrue(shapes.unshaped() > 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "{\"a\":{}}", "{\"a\":[{},{\"b\":\"q\"}]}", "{\"a\":[{}]}", "{\"a\""})
  void whatIsNoPartIsRefused(String text) {
    Shapes shapes = shapes(9);
    assertThrows(IllegalArgumentException.class, () -> shapes.restore(text));
    assertEquals(0, shapes.types());
  }
}
