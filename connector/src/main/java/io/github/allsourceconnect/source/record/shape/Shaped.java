package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.protocol.ValueNames;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import io.github.allsourceconnect.source.record.shape.Shape.Items;
import io.github.allsourceconnect.source.record.shape.Shape.Kind;
import io.github.allsourceconnect.source.record.shape.Shape.Single;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/**
 * Connect's schema of a shape, and values by it. The schema depends on the shape and the name
 * alone; its version rises with each change of the shape that changes it. Immutable.
 *
 * @param shape the outermost object's
 * @param schema a structure's, whose first field is {@link ValueNames#REST} and whose others are
 *     optional
 */
record Shaped(Fields shape, Schema schema) {
  /**
   * What the elements of arrays may take for fields that most of them have no value for, in bytes;
   * the whole of a payload beyond stays text.
   */
  static final long EMPTY_BYTES = 50_000;

  /** As many more for each byte of the text. */
  static final long EMPTY_BYTES_EACH = 4;

  static Shaped of(String name, Fields shape, boolean optional) {
    SchemaBuilder schema =
        SchemaBuilder.struct()
            .name(name)
            .version(1 + weight(shape))
            .field(ValueNames.REST, Schema.OPTIONAL_STRING_SCHEMA);
    addFields(schema, name, shape);
    return new Shaped(shape, optional ? schema.optional().build() : schema.build());
  }

  /** Rises by one at least with each change of the schema. */
  private static int weight(Shape shape) {
    if (shape instanceof Items items) {
      return weight(items.element());
    }
    if (shape instanceof Single single) {
      return single.kind() == Kind.DOUBLE ? 1 : 0;
    }
    return ((Fields) shape)
        .members().values().stream().mapToInt(member -> 1 + weight(member)).sum();
  }

  private static void addFields(SchemaBuilder schema, String name, Fields shape) {
    shape
        .members()
        .forEach(
            (field, member) ->
                schema.field(field, schema(SchemaNames.within(name, field), member)));
  }

  private static Schema schema(String name, Shape shape) {
    if (shape instanceof Items items) {
      return SchemaBuilder.array(schema(name, items.element())).optional().build();
    }
    if (shape instanceof Fields fields) {
      SchemaBuilder schema = SchemaBuilder.struct().name(name).optional();
      addFields(schema, name, fields);
      return schema.build();
    }
    return switch (((Single) shape).kind()) {
      case BOOLEAN -> Schema.OPTIONAL_BOOLEAN_SCHEMA;
      case WHOLE, LONG -> Schema.OPTIONAL_INT64_SCHEMA;
      case DOUBLE -> Schema.OPTIONAL_FLOAT64_SCHEMA;
      case NUMBER -> SchemaBuilder.string().name(ValueNames.NUMBER).optional().build();
      case TEXT -> Schema.OPTIONAL_STRING_SCHEMA;
    };
  }

  /**
   * The value of a payload, all of which is in it.
   *
   * @param length of its text, in bytes
   */
  Struct value(Object tree, long length) {
    Struct struct = new Struct(schema);
    if (tree instanceof Map<?, ?> members) {
      Places rest = new Places(EMPTY_BYTES + EMPTY_BYTES_EACH * length);
      fill(struct, shape, members, null, false, rest);
      if (!rest.areTooMany()) {
        Map<String, Object> left = rest.values();
        return left.isEmpty() ? struct : struct.put(ValueNames.REST, PayloadJson.text(left));
      }
    }
    Map<String, Object> whole = new HashMap<>();
    whole.put("", tree);
    return new Struct(schema).put(ValueNames.REST, PayloadJson.text(whole));
  }

  /**
   * @param repeated whether it is within an array's element
   */
  private static void fill(
      Struct struct, Fields shape, Map<?, ?> members, Pointer path, boolean repeated, Places rest) {
    for (Map.Entry<?, ?> member : members.entrySet()) {
      Object value = member.getValue();
      if (value == null) {
        continue;
      }
      String name = (String) member.getKey();
      Shape known = shape.members().get(name);
      if (known == null || !known.takes(value)) {
        rest.put(new Pointer(path, name), value);
        continue;
      }
      Field field = struct.schema().field(name);
      struct.put(
          field,
          known instanceof Single single
              ? single(single, value)
              : value(known, field.schema(), value, new Pointer(path, name), repeated, rest));
    }
  }

  private static Object value(
      Shape shape, Schema schema, Object value, Pointer path, boolean repeated, Places rest) {
    if (shape instanceof Items items) {
      List<Object> elements = new ArrayList<>();
      for (Object element : (List<?>) value) {
        Pointer here = new Pointer(path, Integer.toString(elements.size()));
        elements.add(
            element == null
                ? null
                : value(items.element(), schema.valueSchema(), element, here, true, rest));
      }
      return elements;
    }
    if (shape instanceof Fields fields) {
      if (repeated) {
        rest.spend(fields.emptyBytes());
      }
      if (rest.areTooMany()) {
        return null; // it stays text as a whole
      }
      Struct struct = new Struct(schema);
      fill(struct, fields, (Map<?, ?>) value, path, repeated, rest);
      return struct;
    }
    return single((Single) shape, value);
  }

  private static Object single(Single shape, Object value) {
    return switch (shape.kind()) {
      case DOUBLE -> ((Number) value).doubleValue();
      case NUMBER -> value instanceof Double ? PayloadJson.text(value) : value.toString();
      case BOOLEAN, WHOLE, LONG, TEXT -> value;
    };
  }
}
