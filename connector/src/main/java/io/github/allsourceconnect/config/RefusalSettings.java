package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * Which events get no record, and what becomes of them.
 *
 * @param topicNames what the name of an event's topic must match as a whole; null: nothing
 * @param topicInvalid what happens to an event whose topic's name is not allowed
 * @param recordMaxBytes the largest record that Kafka takes, key, value and headers together
 * @param timeAheadMaxMs how far an event's time may lie ahead
 * @param refused what happens to an event that Kafka would refuse
 * @param key how keys are written, as far as it is known
 * @param value how values are
 * @param header how headers are
 */
public record RefusalSettings(
    Pattern topicNames,
    Policy topicInvalid,
    int recordMaxBytes,
    long timeAheadMaxMs,
    Policy refused,
    Written key,
    Written value,
    Written header) {

  /**
   * How a converter writes what it is given.
   *
   * @param json whether it is known to be Kafka's JsonConverter, which escapes text
   * @param schema whether that writes the schema, too
   */
  public record Written(boolean json, boolean schema) {
    private static Written by(Map<String, String> given, String converter) {
      String name = given.getOrDefault(converter, "").trim();
      // workers know it by its short names, too
      boolean json = name.equals("Json") || name.endsWith("JsonConverter");
      String schemas = given.getOrDefault(converter + ".schemas.enable", "true").trim();
      return new Written(json, json && !schemas.equalsIgnoreCase("false"));
    }
  }

  /** What happens to an event that gets no record. */
  public enum Policy {
    FAIL,
    DLQ,
    SKIP
  }

  /** What may happen to an event whose topic's name is not allowed. */
  private enum NamePolicy {
    FAIL,
    DLQ
  }

  public static final String TOPIC_NAME_REGEX = "topic.name.regex";
  public static final String TOPIC_INVALID_POLICY = "topic.invalid.policy";
  public static final String RECORD_MAX_BYTES = "record.max.bytes";
  public static final String RECORD_TIME_AHEAD_MAX_MS = "record.time.ahead.max.ms";
  public static final String RECORD_REFUSED_POLICY = "record.refused.policy";
  public static final String ERRORS_TOLERANCE_ACCEPTED = "errors.tolerance.accepted";

  private static final String ERRORS_TOLERANCE = "errors.tolerance";
  private static final String MAX_REQUEST_SIZE = "producer.override.max.request.size";
  private static final int PRODUCER_DEFAULT = 1 << 20;
  private static final String GROUP = "Refused events";

  /**
   * Values of an event's tenant and type, to see whether an expression lets both '.' and '_' by.
   */
  private static final String[] VALUES = {
    "a.b", "order.placed", "A.B", "1.2", "t1.x2", "tenant-1.x", "t-1.x", "a.b.c", "a.", ".a", "."
  };

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        TOPIC_NAME_REGEX,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a regular expression", RefusalSettings::checkRegex),
        Importance.HIGH,
        "What the whole name of an event's topic must match. Required where the topic template"
            + " begins with a variable other than ${leader}: whoever writes events to the store"
            + " chooses those, and could choose the name of any topic, those of Connect and of"
            + " the brokers among them. With ${tenant_id} it must let tenant.unknown pass, too,"
            + " and default, which is the tenant of events without one. Required, too, with"
            + " topic.invalid.policy=dlq, and must then let only one of '.' and '_' through where"
            + " writers choose: Kafka takes no two topics whose names differ in those only. A topic"
            + " of others that is so named, or that the worker may not create or write to, fails"
            + " the task whatever the policy: list the names.",
        GROUP,
        ++order,
        Width.LONG,
        "Topic names");
    def.define(
        TOPIC_INVALID_POLICY,
        ConfigDef.Type.STRING,
        "fail",
        Validators.oneOf(NamePolicy.class),
        Importance.MEDIUM,
        "What happens to an event whose topic's name is not allowed: it is not a legal name, begins"
            + " with __, is that of dlq.topic, does not match topic.name.regex, or a variable's"
            + " value is empty or holds the literal text that follows it in the template (so that"
            + " another event's values could give the same name). fail, or dlq: a note with the"
            + " event's id, without its payload, goes to dlq.topic.",
        GROUP,
        ++order,
        Width.SHORT,
        "Invalid topic names");
    def.define(
        RECORD_MAX_BYTES,
        ConfigDef.Type.INT,
        0,
        Range.between(0, Integer.MAX_VALUE),
        Importance.MEDIUM,
        "The largest record that Kafka takes, key, value and headers together. 0: what the"
            + " connector's producer.override.max.request.size says, or else the producer's default"
            + " of 1 MiB; set it if the worker's producer.max.request.size or the topic's"
            + " max.message.bytes differs. What a converter adds is only known of Kafka's"
            + " JsonConverter, and only where it is set on the connector (value.converter).",
        GROUP,
        ++order,
        Width.SHORT,
        "Largest record (bytes)");
    def.define(
        RECORD_TIME_AHEAD_MAX_MS,
        ConfigDef.Type.LONG,
        3_600_000L,
        Range.atLeast(0),
        Importance.LOW,
        "How far an event's time may lie ahead of this machine's clock: brokers refuse records"
            + " that are further ahead than the topic's message.timestamp.after.max.ms, one hour"
            + " by default.",
        GROUP,
        ++order,
        Width.SHORT,
        "Time ahead (ms)");
    def.define(
        RECORD_REFUSED_POLICY,
        ConfigDef.Type.STRING,
        "fail",
        Validators.oneOf(Policy.class),
        Importance.MEDIUM,
        "What happens to an event that Kafka would refuse, because it is larger than"
            + " record.max.bytes or its time further ahead than record.time.ahead.max.ms: fail; dlq"
            + " (a note with the event's id, without its payload, goes to dlq.topic); skip. Each"
            + " is logged and counted. dlq and skip need key.converter and value.converter on the"
            + " connector: what the worker's own make of a record is not known here.",
        GROUP,
        ++order,
        Width.SHORT,
        "Refused events");
    def.define(
        ERRORS_TOLERANCE_ACCEPTED,
        ConfigDef.Type.BOOLEAN,
        false,
        Importance.LOW,
        "Connect's errors.tolerance=all makes a worker drop a record that a converter, a"
            + " transformation or Kafka refuses, and tell the connector that it is done. It is"
            + " refused unless this is true; the records are then counted as dropped.",
        GROUP,
        ++order,
        Width.SHORT,
        "Loss by errors.tolerance");
  }

  static RefusalSettings from(AbstractConfig config) {
    String regex = config.getString(TOPIC_NAME_REGEX);
    Map<String, String> given = config.originalsStrings();
    return new RefusalSettings(
        regex == null ? null : Pattern.compile(regex.trim()),
        policy(config, TOPIC_INVALID_POLICY),
        maxBytes(config),
        config.getLong(RECORD_TIME_AHEAD_MAX_MS),
        policy(config, RECORD_REFUSED_POLICY),
        Written.by(given, "key.converter"),
        Written.by(given, "value.converter"),
        Written.by(given, "header.converter"));
  }

  private static Policy policy(AbstractConfig config, String key) {
    return Validators.parse(Policy.class, config.getString(key));
  }

  private static int maxBytes(AbstractConfig config) {
    int own = config.getInt(RECORD_MAX_BYTES);
    if (own > 0) {
      return own;
    }
    String producers = config.originalsStrings().get(MAX_REQUEST_SIZE);
    try {
      return producers == null ? PRODUCER_DEFAULT : Integer.parseInt(producers.trim());
    } catch (NumberFormatException e) {
      // the producer itself will say so
      return PRODUCER_DEFAULT;
    }
  }

  static void check(
      Map<String, Object> parsed, Map<String, String> given, BiConsumer<String, String> error) {
    Template topic =
        parsed.get(RecordSettings.TOPIC) instanceof String text ? RecordSettings.topic(text) : null;
    if (topic != null) {
      if (topic.beginsWithWritersChoice()
          && parsed.containsKey(TOPIC_NAME_REGEX)
          && parsed.get(TOPIC_NAME_REGEX) == null) {
        error.accept(
            RecordSettings.TOPIC,
            "begins with what the writers of events choose, so that they could name any topic, the"
                + " worker's own among them. Begin it with literal text, or set "
                + TOPIC_NAME_REGEX);
      }
      String leader =
          parsed.get(LeaderSettings.NAME) instanceof String name
              ? name.trim()
              : given.getOrDefault("name", "x");
      if (topic.has(Template.Kind.LEADER) && !leader.matches("[a-zA-Z0-9._-]{1,100}")) {
        error.accept(
            LeaderSettings.NAME,
            "stands in the topic's name as ${leader}, where it may have up to 100 letters, digits,"
                + " '.', '_' and '-' only; by default it is the connector's name");
      }
      if (topic.withLeader(leader).literals().get(0).startsWith("__")) {
        error.accept(
            RecordSettings.TOPIC, "must not begin with __, as internal topics do, nor ${leader}");
      }
      if (topic.hasAdjacentVariables()) {
        error.accept(
            RecordSettings.TOPIC,
            "must have literal text between two variables: otherwise two pairs of values give one"
                + " name");
      }
    }
    if (isDlq(parsed.get(TOPIC_INVALID_POLICY)) && topic != null) {
      checkApart(topic, parsed, error);
    }
    if (parsed.get(RecordSettings.DLQ_TOPIC) instanceof String name
        && name.trim().startsWith("__")) {
      error.accept(RecordSettings.DLQ_TOPIC, "must not begin with __, as internal topics do");
    }
    for (String policy : new String[] {TOPIC_INVALID_POLICY, RECORD_REFUSED_POLICY}) {
      if (isDlq(parsed.get(policy))
          && parsed.containsKey(RecordSettings.DLQ_TOPIC)
          && parsed.get(RecordSettings.DLQ_TOPIC) == null) {
        error.accept(RecordSettings.DLQ_TOPIC, policy + "=dlq needs a topic here");
      }
    }
    checkConverters(parsed, given, error);
    String tolerance = given.get(ERRORS_TOLERANCE);
    if (tolerance != null
        && tolerance.trim().equalsIgnoreCase("all")
        && Boolean.FALSE.equals(parsed.get(ERRORS_TOLERANCE_ACCEPTED))) {
      error.accept(
          ERRORS_TOLERANCE,
          "all makes the worker drop what a converter, a transformation or Kafka refuses and report"
              + " it as done: the leader gets an ack for an event that is in no topic. Leave it"
              + " out ("
              + RECORD_REFUSED_POLICY
              + " finds what Kafka would refuse), or accept that with "
              + ERRORS_TOLERANCE_ACCEPTED
              + "=true");
    }
  }

  /** JSON may make twice the bytes of a text: an event could stop the task by that after all. */
  private static void checkConverters(
      Map<String, Object> parsed, Map<String, String> given, BiConsumer<String, String> error) {
    if (!(parsed.get(RECORD_REFUSED_POLICY) instanceof String policy)
        || policy.trim().equalsIgnoreCase(Validators.name(Policy.FAIL))) {
      return;
    }
    for (String converter : new String[] {"key.converter", "value.converter"}) {
      if (given.getOrDefault(converter, "").isBlank()) {
        error.accept(
            RECORD_REFUSED_POLICY,
            policy.trim()
                + " needs "
                + converter
                + " on the connector itself: how large the worker's own makes a record is not known"
                + " here, and one that is larger than Kafka takes would fail the task all the same."
                + " Set it to what the worker has");
      }
    }
  }

  private static boolean isDlq(Object policy) {
    return policy instanceof String text
        && text.trim().equalsIgnoreCase(Validators.name(Policy.DLQ));
  }

  /**
   * Kafka has no two topics whose names differ in '.' and '_' only, and the task fails when it is
   * to make the second. Which of the two there may be only the expression can say; that it lets
   * both through is seen by examples.
   */
  private static void checkApart(
      Template topic, Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (!topic.hasWritersChoice() || !parsed.containsKey(TOPIC_NAME_REGEX)) {
      return;
    }
    String why =
        " with "
            + TOPIC_INVALID_POLICY
            + "=dlq and a topic that the writers of events name: Kafka takes no two topics whose"
            + " names differ in '.' and '_' only, so that an event with the second name would stop"
            + " the task. ";
    if (!(parsed.get(TOPIC_NAME_REGEX) instanceof String regex)) {
      error.accept(
          TOPIC_NAME_REGEX,
          "must be set" + why + "List the names, or let only one of the two characters through");
      return;
    }
    Pattern names = Pattern.compile(regex.trim());
    for (String value : VALUES) {
      String dots = topic.fill(variable -> value);
      String lines = topic.fill(variable -> value.replace('.', '_'));
      if (names.matcher(dots).matches() && names.matcher(lines).matches()) {
        error.accept(
            TOPIC_NAME_REGEX,
            "must not let both '.' and '_' through"
                + why
                + "It takes "
                + dots
                + " as well as "
                + lines);
        return;
      }
    }
  }

  private static void checkRegex(String text) {
    try {
      Pattern.compile(text.trim());
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("is not a regular expression: " + e.getDescription(), e);
    }
  }
}
