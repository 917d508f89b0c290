package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ValueNames;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shapes of all event types, bounded in number, fields and depth. What is beyond a bound stays
 * JSON text, which is counted and said once. One thread.
 */
public final class Shapes {
  private static final Logger LOG = LoggerFactory.getLogger(Shapes.class);
  private static final String NAMESPACE = "io.github.allsourceconnect.";

  /** Longer event types have no shape of their own. */
  private static final int TYPE_MAX = 200;

  /**
   * How large shapes may be.
   *
   * @param types how many event types have one
   * @param fields how many fields a payload's has, and as many a metadata's
   * @param depth how many levels of objects and arrays are taken apart
   * @param legalNames whether fields have names only that every format takes
   */
  public record Limits(int types, int fields, int depth, boolean legalNames) {}

  /** How many texts the shapes are kept in; a type is always in the same. */
  public static final int PARTS = 64;

  /** What such a text takes at most where Connect stores it, in bytes: Kafka's limit is 1 MiB. */
  private static final long PART_BYTES = 900_000;

  /** Of a schema in JSON, for each field that it may have. */
  private static final long FIELD_BYTES = 240;

  private final Limits limits;
  private final BitSet changed = new BitSet(PARTS);
  private final Map<String, OfType> known = new LinkedHashMap<>();
  private final long[] partBytes = new long[PARTS];
  private final OfType ofOthers;
  private long changes;
  private long unshaped;
  private boolean warned;

  public Shapes(Limits limits) {
    this.limits = limits;
    ofOthers = new OfType(null, Fields.NONE, Fields.NONE);
  }

  /** The shapes of an event type, or those of all that have none. */
  public OfType of(String eventType) {
    OfType found = known.get(eventType);
    if (found != null) {
      return found;
    }
    if (known.size() >= limits.types() || eventType.length() > TYPE_MAX) {
      bounded("there are as many event types as struct.types.max lets have schemas");
      return ofOthers;
    }
    if (partBytes[part(eventType)] + Price.ofField(eventType, 0, true) > PART_BYTES) {
      bounded("the schemas of some event types take all the room that there is to keep them");
      return ofOthers;
    }
    return add(eventType, Fields.NONE, Fields.NONE);
  }

  private OfType add(String eventType, Fields payload, Fields metadata) {
    OfType made = new OfType(eventType, payload, metadata);
    known.put(eventType, made);
    partBytes[part(eventType)] +=
        Price.ofField(eventType, 0, true) + made.payloadBytes + made.metadataBytes;
    return made;
  }

  /** How many event types have shapes. */
  public int types() {
    return known.size();
  }

  /** How often a schema was made or changed. */
  public long changes() {
    return changes;
  }

  /** How many payloads and metadata did not fit their schema wholly. */
  public long unshaped() {
    return unshaped;
  }

  /** The lowest part whose text has changed since it was taken; -1 for none. */
  public int changedPart() {
    return changed.nextSetBit(0);
  }

  /** The part's text is to be taken again. */
  public void changed(int part) {
    changed.set(part);
  }

  /** The text of a part, to be kept. */
  public String take(int part) {
    changed.clear(part);
    Map<String, List<Fields>> types = new LinkedHashMap<>();
    known.forEach(
        (type, shapes) -> {
          if (part(type) == part) {
            types.put(type, List.of(shapes.payload.shape(), shapes.metadata.shape()));
          }
        });
    return ShapeText.ofTypes(types);
  }

  /**
   * What a part said when it was taken is known again.
   *
   * @throws IllegalArgumentException saying what is wrong with the text
   */
  public void restore(String text) {
    ShapeText.parseTypes(text)
        .forEach(
            (type, shapes) -> {
              if (known.size() < limits.types() && !known.containsKey(type)) {
                add(type, wanted(shapes.get(0)), wanted(shapes.get(1)));
              }
            });
  }

  /**
   * What comes of payload and metadata of an event, as if it had never been asked: nothing grows
   * and nothing is counted.
   */
  public <T> T tried(String eventType, Supplier<T> made) {
    OfType type = of(eventType);
    int part = part(eventType);
    OfType before = new OfType(type);
    long partBytesBefore = partBytes[part];
    boolean changedBefore = changed.get(part);
    long changesBefore = changes;
    long unshapedBefore = unshaped;
    try {
      return made.get();
    } finally {
      type.set(before);
      partBytes[part] = partBytesBefore;
      changed.set(part, changedBefore);
      changes = changesBefore;
      unshaped = unshapedBefore;
    }
  }

  private Fields wanted(Fields known) {
    return limits.legalNames() ? known.legal() : known;
  }

  private static int part(String eventType) {
    return Math.floorMod(eventType.hashCode(), PARTS);
  }

  private void bounded(String why) {
    if (!warned) {
      warned = true;
      LOG.warn(
          "Not everything in payloads gets a field of its own: {}. The rest goes to {}, as JSON text."
              + " This line comes once; the metric unshaped counts",
          why,
          ValueNames.REST);
    }
  }

  /** The shapes of one event type. */
  public final class OfType {
    private final String eventType;
    private final String name;
    private Shaped payload;
    private Shaped metadata;
    private long payloadBytes;
    private long metadataBytes;

    private OfType(String eventType, Fields payload, Fields metadata) {
      this.eventType = eventType;
      name = eventType == null ? "" : "." + SchemaNames.ofType(eventType);
      this.payload = Shaped.of(schemaName("payload"), payload, false);
      this.metadata = Shaped.of(schemaName("metadata"), metadata, true);
      payloadBytes = Price.of(payload, schemaName("payload").length());
      metadataBytes = Price.of(metadata, schemaName("metadata").length());
    }

    private OfType(OfType other) {
      eventType = other.eventType;
      name = other.name;
      set(other);
    }

    private void set(OfType other) {
      payload = other.payload;
      metadata = other.metadata;
      payloadBytes = other.payloadBytes;
      metadataBytes = other.metadataBytes;
    }

    /** The name of a schema for events of this type. */
    public String schemaName(String part) {
      return NAMESPACE + part + name;
    }

    /** The schema that the next payloads have. */
    public Schema payloadSchema() {
      return payload.schema();
    }

    /** The schema that the next metadata have. */
    public Schema metadataSchema() {
      return metadata.schema();
    }

    /** The payload, whose schema is {@link #payloadSchema} from then on. */
    public Struct payload(JsonText text) {
      Object tree = tree(text);
      Growth growth = growth(payloadBytes);
      payload = grown(growth, payload, tree);
      payloadBytes += growth.bytes();
      return counted(payload.value(tree, text.length()));
    }

    /** The metadata, whose schema is {@link #metadataSchema} from then on; null for null. */
    public Struct metadata(JsonText text) {
      if (text == null || text.isNull()) {
        return null;
      }
      Object tree = tree(text);
      Growth growth = growth(metadataBytes);
      metadata = grown(growth, metadata, tree);
      metadataBytes += growth.bytes();
      return counted(metadata.value(tree, text.length()));
    }

    private Object tree(JsonText text) {
      return PayloadJson.tree(text, eventType == null ? 0 : limits.depth());
    }

    private Struct counted(Struct value) {
      unshaped += value.get(ValueNames.REST) == null ? 0 : 1;
      return value;
    }

    private Growth growth(long bytes) {
      long left = eventType == null ? 0 : PART_BYTES - partBytes[part(eventType)];
      return new Growth(
          limits.fields(),
          Math.min(left, schemaBytesMax(limits.fields()) - bytes),
          ValueNames.REST,
          limits.legalNames());
    }

    @SuppressWarnings("ReferenceEquality") // what has not grown is returned as it was
    private Shaped grown(Growth growth, Shaped before, Object tree) {
      if (!(tree instanceof Map<?, ?> members)) {
        return before;
      }
      Schema schema = before.schema();
      Fields after = growth.grown(before.shape(), members, schema.name().length());
      if (growth.isBounded()) {
        bounded(
            "one of "
                + Printable.of(eventType)
                + " has more fields than struct.fields.max, or longer names than they may have"
                + " together, or is nested deeper than payload.depth.max");
      }
      if (after == before.shape()) {
        return before;
      }
      Shaped made = Shaped.of(schema.name(), after, schema.isOptional());
      changes += made.schema().equals(schema) ? 0 : 1;
      changed.set(part(eventType));
      partBytes[part(eventType)] += growth.bytes();
      return made;
    }
  }

  /**
   * How many bytes a schema's fields take in JSON at most.
   *
   * @param fields how many they may be
   */
  public static long schemaBytesMax(int fields) {
    return FIELD_BYTES * fields;
  }

  /**
   * How many bytes of JSON a structure has at most for what a text of such length does not have.
   */
  public static long emptyBytesMax(long length) {
    return Shaped.EMPTY_BYTES + Shaped.EMPTY_BYTES_EACH * length;
  }
}
