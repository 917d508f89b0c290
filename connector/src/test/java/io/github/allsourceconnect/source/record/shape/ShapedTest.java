package io.github.allsourceconnect.source.record.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ValueNames;
import io.github.allsourceconnect.source.record.shape.Numbers.Digits;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaProjector;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schemas and values of generated payloads, and each rule by an example. */
class ShapedTest {
  private static final int DEPTH = 6;

  private static Object tree(String payload) {
    return PayloadJson.tree(JsonText.of(payload), DEPTH);
  }

  private static Shaped after(Shaped before, String payload, int fieldsMax) {
    return tree(payload) instanceof Map<?, ?> members
        ? Shaped.of(
            "n",
            new Growth(fieldsMax, 1_000_000, ValueNames.REST, false)
                .grown(before.shape(), members, 1),
            false)
        : before;
  }

  private static Shaped none() {
    return Shaped.of("n", Fields.NONE, false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':1}|{'a':2}|Struct{a=2}",
        "{'a':1}|{'a':2.5}|Struct{a=2.5}",
        "{'a':2.5}|{'a':1}|Struct{a=1.0}",
        "{'a':2.5}|{'a':9007199254740993}|Struct{allsource_rest={'/a':9007199254740993}}",
        "{'a':1}|{'a':18446744073709551615}|Struct{allsource_rest={'/a':18446744073709551615}}",
        "{'a':18446744073709551615}|{'a':1e400}|Struct{a=1e400}",
        "{'a':18446744073709551615}|{'a':1e5}|Struct{a=100000.0}",
        "{'a':1}|{'a':'1'}|Struct{allsource_rest={'/a':'1'}}",
        "{'a':1}|{'a':null}|Struct{}",
        "{'a':1}|{'b':null}|Struct{}",
        "{'a':1}|{'b':[]}|Struct{allsource_rest={'/b':[]}}",
        "{'a':1}|{'b':{}}|Struct{allsource_rest={'/b':{}}}",
        "{'a':[1]}|{'a':[]}|Struct{a=[]}",
        "{'a':[1]}|{'a':[2,null]}|Struct{a=[2, null]}",
        "{'a':[1]}|{'a':[2,'x']}|Struct{allsource_rest={'/a':[2,'x']}}",
        "{'a':{'b':1}}|{'a':{}}|Struct{a=Struct{}}",
        "{'a':[{'b':1}]}|{'a':[{'b':2},{'b':'x'}]}|Struct{allsource_rest={'/a/1/b':'x'},a=[Struct{b=2},"
            + " Struct{}]}",
        "{'a':1}|{'':1,'allsource_rest':2,'x~/y':[1,'']}|Struct{allsource_rest={'/':1,'/allsource_rest':2,'/x~0~1y':[1,'']}}",
        "{'a':1}|[1,2]|Struct{allsource_rest={'':[1,2]}}",
        "{'a':1}|\"x\"|Struct{allsource_rest={'':'x'}}",
        "{'a':1}|null|Struct{allsource_rest={'':null}}",
        "{'a':1}|{'a':1,'a':2}|Struct{a=2}",
        "{'a':1}|{'b':{'c':{'d':{'e':{'f':{'g':[ 1.50 ]}}}}}}"
            + "|Struct{allsource_rest={'/b':{'c':{'d':{'e':{'f':{'g':[ 1.50 ]}}}}}}}"
      })
  void examples(String first, String payload, String expected) {
    String json = payload.replace('\'', '"');
    Shaped shaped = after(after(none(), first.replace('\'', '"'), 99), json, 99);
    Struct value = shaped.value(tree(json), json.length());
    value.validate();
    assertEquals(expected.replace('\'', '"'), value.toString());
  }

  /** All that a payload says is in the structure; a field never changes but by becoming wider. */
  @Test
  void generatedPayloadsAreWholeAndOlderValuesCanBeRead() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("ShapedTest, seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int grown = 0;
    int rests = 0;
    for (int history = 0; history < 150; history++) {
      Shaped shaped = none();
      int fieldsMax = 5 + random.nextInt(60);
      List<Struct> values = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String payload = PayloadJson.text(payload(random, random.nextInt(8) == 0 ? 0 : 1));
        String where = "seed " + seed + ", history " + history + ", " + payload;
        Shaped before = shaped;
        shaped = after(shaped, payload, fieldsMax);
        assertTrue(shaped.shape().count() <= fieldsMax, where);
        boolean changed = !shaped.schema().equals(before.schema());
        if (changed) {
          grown++;
          assertTrue(shaped.schema().version() > before.schema().version(), where);
        } else {
          assertEquals(before.schema().version(), shaped.schema().version(), where);
        }
        Struct value = shaped.value(tree(payload), payload.length());
        value.validate();
        values.add(value);
        rests += value.get(ValueNames.REST) == null ? 0 : 1;
        assertEquals(comparable(tree(payload)), comparable(back(value)), where);
        Fields kept = ShapeText.parse(ShapeText.of(shaped.shape()));
        assertEquals(shaped.shape(), kept, where);
        assertEquals(shaped.schema(), Shaped.of("n", kept, false).schema(), where);
      }
      org.apache.avro.Schema newest = avro(shaped.schema(), "n");
      Schema checked = null;
      for (Struct old : values) {
        if (old.schema() != checked) {
          checked = old.schema();
          assertEquals(
              SchemaCompatibilityType.COMPATIBLE,
              SchemaCompatibility.checkReaderWriterCompatibility(newest, avro(checked, "n"))
                  .getType());
        }
        Struct projected = (Struct) SchemaProjector.project(old.schema(), old, shaped.schema());
        assertEquals(comparable(back(old)), comparable(back(projected)));
      }
    }
    assertTrue(grown > 500 && rests > 500, grown + " grown, " + rests + " rests, seed " + seed);
  }

  private static Object payload(SplittableRandom random, int level) {
    int kind = level == 1 ? 0 : random.nextInt(12);
    if (kind < 2 && level < DEPTH - 1) {
      Map<String, Object> members = new LinkedHashMap<>();
      for (int left = random.nextInt(5); left > 0; left--) {
        String[] names = {"a", "b", "c", "d", "e", "ü.x", "", "g/~h", ValueNames.REST};
        members.put(names[random.nextInt(names.length)], payload(random, level + 2));
      }
      return members;
    }
    if (kind < 4 && level < DEPTH - 1) {
      List<Object> elements = new ArrayList<>();
      int same = random.nextInt(12);
      for (int left = random.nextInt(4); left > 0; left--) {
        elements.add(random.nextInt(3) == 0 ? payload(random, level + 2) : scalar(random, same));
      }
      return elements;
    }
    return scalar(random, kind);
  }

  private static Object scalar(SplittableRandom random, int kind) {
    return switch (kind) {
      case 4 -> null;
      case 5 -> random.nextBoolean();
      case 6, 7 -> (long) random.nextInt(100);
      case 8 -> random.nextInt(1000) / 8.0;
      case 9 -> random.nextLong();
      case 10 -> new Digits(Long.toUnsignedString(random.nextLong() | 1L << 63));
      default -> "t" + random.nextInt(3);
    };
  }

  /** What was written, as {@link PayloadJson#tree} would read it, but for members that are null. */
  static Object back(Struct value) {
    Object whole = members(value, true);
    String rest = value.getString(ValueNames.REST);
    if (rest != null) {
      for (Map.Entry<?, ?> one : ((Map<?, ?>) tree(rest)).entrySet()) {
        String pointer = (String) one.getKey();
        whole = pointer.isEmpty() ? one.getValue() : put(whole, pointer, one.getValue());
      }
    }
    return whole;
  }

  @SuppressWarnings("unchecked")
  private static Object put(Object whole, String pointer, Object value) {
    String[] steps = pointer.substring(1).split("/", -1);
    Object here = whole;
    for (int i = 0; i < steps.length; i++) {
      String step = steps[i].replace("~1", "/").replace("~0", "~");
      boolean last = i == steps.length - 1;
      if (here instanceof List<?> list) {
        here = list.get(Integer.parseInt(step));
      } else if (last) {
        assertNull(((Map<String, Object>) here).put(step, value), pointer);
      } else {
        here = ((Map<String, Object>) here).get(step);
      }
    }
    return whole;
  }

  private static Object value(Schema schema, Object value) {
    if (value instanceof Struct struct) {
      return members(struct, false);
    }
    if (value instanceof List<?> list) {
      List<Object> elements = new ArrayList<>();
      list.forEach(one -> elements.add(value(schema.valueSchema(), one)));
      return elements;
    }
    return ValueNames.NUMBER.equals(schema.name()) && value != null
        ? Numbers.of((String) value)
        : value;
  }

  private static Map<String, Object> members(Struct struct, boolean outermost) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (Field field : struct.schema().fields()) {
      boolean rest = outermost && field.name().equals(ValueNames.REST);
      if (struct.get(field) != null && !rest) {
        members.put(field.name(), value(field.schema(), struct.get(field)));
      }
    }
    return members;
  }

  /** Numbers by their value, members in any order, and those that are null left out. */
  private static Object comparable(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      Map<Object, Object> members = new LinkedHashMap<>();
      map.forEach(
          (name, one) -> {
            if (one != null) {
              members.put(name, comparable(one));
            }
          });
      return members;
    }
    if (tree instanceof List<?> list) {
      return list.stream().map(ShapedTest::comparable).toList();
    }
    if (tree instanceof Digits || tree instanceof Number || tree instanceof JsonText) {
      return tree instanceof JsonText text
          ? comparable(PayloadJson.tree(text, 100))
          : new BigDecimal(tree.toString()).stripTrailingZeros();
    }
    return tree;
  }

  /** As Avro's converter writes it, as far as it matters here. */
  private static org.apache.avro.Schema avro(Schema schema, String name) {
    org.apache.avro.Schema made =
        switch (schema.type()) {
          case BOOLEAN -> org.apache.avro.Schema.create(org.apache.avro.Schema.Type.BOOLEAN);
          case INT64 -> org.apache.avro.Schema.create(org.apache.avro.Schema.Type.LONG);
          case FLOAT64 -> org.apache.avro.Schema.create(org.apache.avro.Schema.Type.DOUBLE);
          case STRING -> org.apache.avro.Schema.create(org.apache.avro.Schema.Type.STRING);
          case ARRAY -> org.apache.avro.Schema.createArray(avro(schema.valueSchema(), name));
          default -> {
            List<org.apache.avro.Schema.Field> fields = new ArrayList<>();
            for (Field field : schema.fields()) {
              String legal =
                  field.name().matches("[A-Za-z_]+")
                      ? field.name()
                      : "x" + Integer.toHexString(field.name().hashCode());
              fields.add(
                  new org.apache.avro.Schema.Field(
                      legal,
                      avro(field.schema(), name + "__" + legal),
                      null,
                      org.apache.avro.JsonProperties.NULL_VALUE));
            }
            yield org.apache.avro.Schema.createRecord(name, null, "", false, fields);
          }
        };
    return schema.isOptional()
        ? org.apache.avro.Schema.createUnion(
            org.apache.avro.Schema.create(org.apache.avro.Schema.Type.NULL), made)
        : made;
  }

  @Test
  void fieldsAreOptionalAndTheFirstIsTheRest() {
    Shaped shaped = after(none(), "{\"a\":{\"b\":[{\"c\":1}]},\"x y\":{\"z\":true}}", 99);
    Schema schema = shaped.schema();
    assertEquals(ValueNames.REST, schema.fields().get(0).name());
    assertTrue(schema.fields().stream().allMatch(field -> field.schema().isOptional()));
    assertEquals("n__a", schema.field("a").schema().name());
    Schema element = schema.field("a").schema().field("b").schema().valueSchema();
    assertTrue(element.isOptional());
    assertEquals("n__a__b", element.name());
    assertTrue(schema.field("x y").schema().name().matches("n___x_y_[0-9a-f]{16}"));
  }

  @ParameterizedTest
  @CsvSource({
    "order.placed, true",
    "Order_1, true",
    "order-placed, false",
    "1.0, false",
    "a..b, false",
    "'', false",
    "ü, false",
    "_x_0123456789abcdef, false"
  })
  void namesAreLegal(String type, boolean kept) {
    String name = SchemaNames.ofType(type);
    assertEquals(kept, name.equals(type));
    assertTrue(name.matches("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*"), name);
    assertNotEquals(SchemaNames.ofType(type + "-"), name);
  }
}
