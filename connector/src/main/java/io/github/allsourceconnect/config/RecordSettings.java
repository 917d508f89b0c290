package io.github.allsourceconnect.config;

import io.github.allsourceconnect.config.Template.Kind;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * What records look like and where they go.
 *
 * @param topic where an event goes
 * @param key the record's key
 * @param partitionBy what decides about the partition; null: the key, by the producer's partitioner
 * @param partitionCount how many partitions every topic has, if {@code partitionBy} is set
 * @param entityTypeSeparator what ends the type in an entity's id
 * @param entityType an expression for whole entity ids whose first group is the type; null: the
 *     separator tells
 * @param format what the value is
 * @param headers which {@code allsource.} headers records have
 * @param tenantUnknown stands for {@code ${tenant_id}} where a row's tenant can't be known
 * @param corrupt what happens to an entry with a bad checksum or a line that can't be read
 * @param deadLetterTopic where such lines go under {@code dlq}, otherwise null
 */
public record RecordSettings(
    Template topic,
    Template key,
    Template partitionBy,
    int partitionCount,
    String entityTypeSeparator,
    Pattern entityType,
    ValueFormat format,
    Set<RecordHeader> headers,
    String tenantUnknown,
    CorruptPolicy corrupt,
    String deadLetterTopic) {

  /** What a record's value is. */
  public enum ValueFormat {
    EVENT,
    EVENT_JSON,
    WAL_ENTRY,
    PAYLOAD,
    CLOUDEVENTS
  }

  /** What happens to a line that is no good entry. */
  public enum CorruptPolicy {
    FAIL,
    SKIP,
    DLQ
  }

  public static final String TOPIC = "topic";
  public static final String RECORD_KEY = "record.key";
  public static final String PARTITION_BY = "partition.by";
  public static final String PARTITION_COUNT = "partition.count";
  public static final String ENTITY_TYPE_SEPARATOR = "entity.type.separator";
  public static final String ENTITY_TYPE_REGEX = "entity.type.regex";
  public static final String VALUE_FORMAT = "value.format";
  public static final String RECORD_HEADERS = "record.headers";
  public static final String TENANT_UNKNOWN = "tenant.unknown";
  public static final String CORRUPT_POLICY = "corrupt.entry.policy";
  public static final String DLQ_TOPIC = "dlq.topic";

  private static final String GROUP = "Records";

  private static final Set<Kind> IN_TOPICS =
      EnumSet.of(Kind.LEADER, Kind.TENANT_ID, Kind.EVENT_TYPE, Kind.ENTITY_TYPE, Kind.PAYLOAD);
  private static final Set<Kind> IN_KEYS = EnumSet.allOf(Kind.class);
  private static final String BY_ENTITY = "${entity_id}";
  private static final int TOPIC_LENGTH = 249;

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        TOPIC,
        ConfigDef.Type.STRING,
        "allsource.events",
        Validators.text("a topic's name, or a template", RecordSettings::checkTemplate),
        Importance.HIGH,
        "The topic, or a template of it with ${tenant_id}, ${event_type}, ${leader}, ${entity_type}"
            + " and ${payload:/pointer}, a text, number or boolean of the payload. Of the last two"
            + " ${payload:/country|none} has a fallback; without one an event that lacks it is"
            + " topic.invalid.policy's affair. The template"
            + " begins with literal text, or topic.name.regex is set; a name that is not allowed"
            + " is topic.invalid.policy's affair. No other topic may have the prefix that all its"
            + " names share; internal ones often begin with connect-. Events of an entity must"
            + " share a topic if their order matters.",
        GROUP,
        ++order,
        Width.LONG,
        "Topic");
    def.define(
        RECORD_KEY,
        ConfigDef.Type.STRING,
        BY_ENTITY,
        Validators.text("a template", RecordSettings::checkKey),
        Importance.MEDIUM,
        "The record's key: a template with the variables of topic and ${entity_id}. ${entity_type}"
            + " and ${payload:/pointer} need a fallback here. Where the key is not of the entity"
            + " alone, its events may go to several partitions and lose their order: set"
            + " partition.by, too. A key other than the entity's id adds the header"
            + " allsource.entity_id.",
        GROUP,
        ++order,
        Width.LONG,
        "Key");
    def.define(
        PARTITION_BY,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a template", RecordSettings::checkKey),
        Importance.LOW,
        "What decides about a record's partition instead of its key: a template like record.key's,"
            + " ${entity_id} to keep an entity's events together whatever their keys are. The"
            + " partition is the one that Kafka's own partitioner gives to such a key. Needs"
            + " partition.count.",
        GROUP,
        ++order,
        Width.LONG,
        "Partition by");
    def.define(
        PARTITION_COUNT,
        ConfigDef.Type.INT,
        0,
        Range.between(0, 100_000),
        Importance.LOW,
        "How many partitions each topic of the template has, for partition.by. A topic with fewer"
            + " fails the task; one with more leaves some empty.",
        GROUP,
        ++order,
        Width.SHORT,
        "Partition count");
    def.define(
        ENTITY_TYPE_SEPARATOR,
        ConfigDef.Type.STRING,
        "-",
        Validators.text("a text", text -> {}),
        Importance.LOW,
        "${entity_type} is what stands before the first of these in an entity's id: order of"
            + " order-17. An id without it has no type.",
        GROUP,
        ++order,
        Width.SHORT,
        "Entity type separator");
    def.define(
        ENTITY_TYPE_REGEX,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a regular expression with a group", RecordSettings::checkGroup),
        Importance.LOW,
        "An expression for whole entity ids instead of the separator; ${entity_type} is its first"
            + " group. An id that it does not match has no type.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Entity type expression");
    def.define(
        VALUE_FORMAT,
        ConfigDef.Type.STRING,
        "event",
        Validators.oneOf(ValueFormat.class),
        Importance.HIGH,
        "What a record's value is: event (a Struct), event_json (the event's own JSON text),"
            + " wal_entry (the entry's own JSON text; of snapshot rows, which are not entries, as"
            + " event_json), payload (the payload's own JSON text, the rest in headers),"
            + " cloudevents (CloudEvents 1.0, see cloudevents.mode).",
        GROUP,
        ++order,
        Width.SHORT,
        "Value");
    def.define(
        RECORD_HEADERS,
        ConfigDef.Type.STRING,
        "all",
        Validators.text("all, none, or names of headers", RecordHeader::parse),
        Importance.LOW,
        "all, none, or a list of allsource. headers by their names: "
            + RecordHeader.names()
            + ". A value of the formats event, event_json and wal_entry says the same as the"
            + " headers, but for whether a record came with a snapshot, whether its tenant is"
            + " unknown, and its mark. Without them a record is some 170 bytes shorter and costs"
            + " less time, here and at the brokers. ce_ headers are always there.",
        GROUP,
        ++order,
        Width.LONG,
        "Headers");
    def.define(
        TENANT_UNKNOWN,
        ConfigDef.Type.STRING,
        "_unknown",
        Validators.text("characters of a topic's name", RecordSettings::checkTopic),
        Importance.LOW,
        "Stands for ${tenant_id} in topic, record.key and partition.by of a snapshot row whose"
            + " tenant can't be known (such a record has the header allsource.tenant_unknown and"
            + " none of a tenant). Such a row and later events of its entity then lie in two topics"
            + " or partitions, without an order between them.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Unknown tenant");
    def.define(
        CORRUPT_POLICY,
        ConfigDef.Type.STRING,
        "fail",
        Validators.oneOf(CorruptPolicy.class),
        Importance.MEDIUM,
        "What happens to an entry with a bad checksum, a line that can't be read, and a snapshot"
            + " file that can't be read again and again: fail, skip (counted and logged), dlq (as"
            + " skip, and a line of the stream goes to dlq.topic; one of a snapshot does not).",
        GROUP,
        ++order,
        Width.SHORT,
        "Corrupt entries");
    def.define(
        DLQ_TOPIC,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a topic's name", RecordSettings::checkTopic),
        Importance.MEDIUM,
        "Where corrupt lines go under corrupt.entry.policy=dlq, and notes about events that got no"
            + " record under topic.invalid.policy=dlq and record.refused.policy=dlq.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Dead-letter topic");
  }

  static RecordSettings from(AbstractConfig config) {
    String dlq = config.getString(DLQ_TOPIC);
    return new RecordSettings(
        topic(config.getString(TOPIC)),
        key(config.getString(RECORD_KEY)),
        config.getString(PARTITION_BY) == null ? null : key(config.getString(PARTITION_BY)),
        config.getInt(PARTITION_COUNT),
        config.getString(ENTITY_TYPE_SEPARATOR),
        config.getString(ENTITY_TYPE_REGEX) == null
            ? null
            : Pattern.compile(config.getString(ENTITY_TYPE_REGEX).trim()),
        Validators.parse(ValueFormat.class, config.getString(VALUE_FORMAT)),
        RecordHeader.parse(config.getString(RECORD_HEADERS)),
        config.getString(TENANT_UNKNOWN).trim(),
        Validators.parse(CorruptPolicy.class, config.getString(CORRUPT_POLICY)),
        dlq == null ? null : dlq.trim());
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(RECORD_HEADERS) instanceof String headers
        && headers.trim().equalsIgnoreCase("none")
        && is(parsed.get(VALUE_FORMAT), ValueFormat.PAYLOAD)) {
      error.accept(
          RECORD_HEADERS,
          "must not be none with "
              + VALUE_FORMAT
              + "="
              + parsed.get(VALUE_FORMAT)
              + ": what is not in the payload is in the headers");
    }
    boolean byOther = parsed.get(PARTITION_BY) != null;
    if (parsed.containsKey(PARTITION_BY)
        && parsed.get(PARTITION_COUNT) instanceof Integer count
        && byOther == (count == 0)) {
      error.accept(
          PARTITION_COUNT,
          byOther
              ? "must be set with " + PARTITION_BY + ": to the number of partitions of each topic"
              : "does nothing without " + PARTITION_BY);
    }
    if (!parsed.containsKey(DLQ_TOPIC)) {
      return;
    }
    boolean dlq = is(parsed.get(CORRUPT_POLICY), CorruptPolicy.DLQ);
    Object topic = parsed.get(DLQ_TOPIC);
    if (dlq && topic == null) {
      error.accept(DLQ_TOPIC, CORRUPT_POLICY + "=dlq needs a topic here");
    } else if (topic instanceof String name
        && parsed.get(TOPIC) instanceof String events
        && name.trim().equals(events.trim())) {
      error.accept(DLQ_TOPIC, "must be another topic than " + TOPIC);
    }
  }

  private static boolean is(Object text, Enum<?> value) {
    return text instanceof String name && name.trim().equalsIgnoreCase(Validators.name(value));
  }

  /** The template of topics. */
  static Template topic(String text) {
    return Template.of(text.trim(), IN_TOPICS);
  }

  private static Template key(String text) {
    return Template.of(text.trim(), IN_KEYS);
  }

  /** Whether the key is the entity's id. */
  public boolean isKeyEntityId() {
    return key.equals(key(BY_ENTITY));
  }

  /** Whether all records of an entity that go to one topic go to one partition. */
  public boolean keepsEntitiesTogether() {
    return ofEntity(partitionBy == null ? key : partitionBy);
  }

  /** Whether an entity's events may go to several topics. */
  public boolean mayPartEntities() {
    return !ofEntity(topic);
  }

  /** Whether a row whose tenant is not known may go elsewhere than its entity's other events. */
  public boolean asksForTenants() {
    return topic.has(Kind.TENANT_ID)
        || (partitionBy == null ? key : partitionBy).has(Kind.TENANT_ID);
  }

  private static boolean ofEntity(Template template) {
    // an entity belongs to one tenant
    return !template.has(Kind.EVENT_TYPE) && !template.has(Kind.PAYLOAD);
  }

  private static void checkTemplate(String text) {
    checkTopic(
        topic(text).fill(variable -> variable.fallback() == null ? "x" : variable.fallback()));
  }

  private static void checkKey(String text) {
    Template template = key(text);
    if (template.variables().isEmpty()) {
      throw new IllegalArgumentException(
          "has no variable, such as ${entity_id}: it would be the same for all events. If that is"
              + " meant, use ${leader}");
    }
    Template.Variable bare = template.withoutFallback();
    if (bare != null) {
      throw new IllegalArgumentException(
          "needs a fallback for what not every event has: ${" + bare.name() + "|none}");
    }
  }

  private static void checkGroup(String text) {
    try {
      if (Pattern.compile(text.trim()).matcher("").groupCount() == 0) {
        throw new IllegalArgumentException("has no group, which would be the type");
      }
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("is not a regular expression: " + e.getDescription(), e);
    }
  }

  static void checkTopic(String text) {
    String name = text.trim();
    if (!name.matches("[a-zA-Z0-9._-]+") || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException("may have letters, digits, '.', '_' and '-' only");
    }
    if (name.length() > TOPIC_LENGTH) {
      throw new IllegalArgumentException("may have " + TOPIC_LENGTH + " characters at most");
    }
  }
}
