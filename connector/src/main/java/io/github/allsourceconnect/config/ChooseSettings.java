package io.github.allsourceconnect.config;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * Which events are produced. An event is left out if a list of what to include is not empty and
 * nothing in it fits, or if anything fits that is to be excluded.
 *
 * @param types by event type
 * @param entities by entity id
 * @param tenants by tenant
 * @param includePayload conditions of which one must hold; empty: none need
 * @param excludePayload conditions of which none may hold
 */
public record ChooseSettings(
    Lists types,
    Lists entities,
    Lists tenants,
    List<PayloadCondition> includePayload,
    List<PayloadCondition> excludePayload) {

  /** Two lists of expressions, each for a whole text. */
  public record Lists(List<Pattern> include, List<Pattern> exclude) {
    /** Whether everything passes. */
    public boolean isEmpty() {
      return include.isEmpty() && exclude.isEmpty();
    }
  }

  /**
   * Something about one value of the payload.
   *
   * @param pointer where it is (RFC 6901)
   * @param equal what it must be; null: not asked
   * @param matches what the whole of it must match; null: not asked
   */
  public record PayloadCondition(JsonPointer pointer, String equal, Pattern matches) {
    /** From {@code /pointer}, {@code /pointer=text} or {@code /pointer=~expression}. */
    static PayloadCondition of(String text) {
      String condition = text.trim();
      int at = condition.indexOf('=');
      String pointer = at < 0 ? condition : condition.substring(0, at).trim();
      if (!pointer.startsWith("/")) {
        throw new IllegalArgumentException(
            "has \"" + text + "\", which does not begin with a JSON pointer such as /country");
      }
      JsonPointer compiled = Validators.pointer(pointer);
      if (at < 0) {
        return new PayloadCondition(compiled, null, null);
      }
      String value = condition.substring(at + 1);
      return value.startsWith("~")
          ? new PayloadCondition(compiled, null, pattern(value.substring(1).trim()))
          : new PayloadCondition(compiled, value.trim(), null);
    }
  }

  public static final String INCLUDE_TYPES = "include.event.types";
  public static final String EXCLUDE_TYPES = "exclude.event.types";
  public static final String INCLUDE_ENTITIES = "include.entities";
  public static final String EXCLUDE_ENTITIES = "exclude.entities";
  public static final String INCLUDE_TENANTS = "include.tenants";
  public static final String EXCLUDE_TENANTS = "exclude.tenants";
  public static final String INCLUDE_PAYLOAD = "include.payload";
  public static final String EXCLUDE_PAYLOAD = "exclude.payload";

  private static final String GROUP = "Choice";

  static void define(ConfigDef def) {
    ConfigDef.Validator expressions =
        Validators.each("regular expressions", ChooseSettings::pattern);
    ConfigDef.Validator conditions =
        Validators.each("conditions on the payload", PayloadCondition::of);
    int order = 0;
    String types =
        " What is left out is acked within a second. The stored position passes it with the next"
            + " record, or with the next mark of ledger.topic.";
    String tenants =
        " Neither list of tenants applies to a snapshot row whose tenant is not known.";
    for (String[] of :
        new String[][] {
          {INCLUDE_TYPES, EXCLUDE_TYPES, "event types", types},
          {INCLUDE_ENTITIES, EXCLUDE_ENTITIES, "entity ids", ""},
          {INCLUDE_TENANTS, EXCLUDE_TENANTS, "tenants", tenants}
        }) {
      list(
          def,
          of[0],
          ++order,
          expressions,
          "Regular expressions, separated by commas, for whole "
              + of[2]
              + ". Only events that one of them matches are produced; the others are counted as"
              + " filtered and acked. A comma within an expression is written \\x2C. An event for"
              + " which an expression takes too long is produced (filterUndecided counts)."
              + of[3]);
      list(
          def,
          of[1],
          ++order,
          expressions,
          "The same for " + of[2] + " that are left out. This wins over " + of[0] + "." + of[3]);
    }
    list(
        def,
        INCLUDE_PAYLOAD,
        ++order,
        conditions,
        "Conditions on the payload, separated by commas, of which one must hold: /country (the"
            + " value is there; null counts as a value), /country=DE (it is that text, number,"
            + " true, false or null), /country=~D.* (an expression matches the whole of it). The"
            + " pointer is RFC 6901's. A number is compared as a number; an object or array equals"
            + " and matches nothing.");
    list(
        def,
        EXCLUDE_PAYLOAD,
        ++order,
        conditions,
        "Conditions like those, of which none may hold. This wins over " + INCLUDE_PAYLOAD + ".");
  }

  private static void list(
      ConfigDef def, String key, int order, ConfigDef.Validator validator, String doc) {
    def.define(
        key,
        ConfigDef.Type.LIST,
        List.of(),
        validator,
        Importance.MEDIUM,
        doc,
        GROUP,
        order,
        Width.LONG,
        label(key));
  }

  private static String label(String key) {
    return key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1).replace('.', ' ');
  }

  private static Pattern pattern(String expression) {
    if (expression.isEmpty()) {
      throw new IllegalArgumentException("has an empty expression, which only matches nothing");
    }
    try {
      return Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "has \""
              + expression
              + "\", which is not a regular expression: "
              + e.getDescription()
              + (e.getDescription().startsWith("Unclosed")
                  ? ". A comma ends an expression: within one it is written \\x2C, and a{2,3} aaa?"
                  : ""),
          e);
    }
  }

  static ChooseSettings from(AbstractConfig config) {
    return new ChooseSettings(
        lists(config, INCLUDE_TYPES, EXCLUDE_TYPES),
        lists(config, INCLUDE_ENTITIES, EXCLUDE_ENTITIES),
        lists(config, INCLUDE_TENANTS, EXCLUDE_TENANTS),
        config.getList(INCLUDE_PAYLOAD).stream().map(PayloadCondition::of).toList(),
        config.getList(EXCLUDE_PAYLOAD).stream().map(PayloadCondition::of).toList());
  }

  private static Lists lists(AbstractConfig config, String include, String exclude) {
    return new Lists(
        config.getList(include).stream().map(ChooseSettings::pattern).toList(),
        config.getList(exclude).stream().map(ChooseSettings::pattern).toList());
  }

  /** Whether everything is produced. */
  public boolean isEmpty() {
    return types.isEmpty()
        && entities.isEmpty()
        && tenants.isEmpty()
        && includePayload.isEmpty()
        && excludePayload.isEmpty();
  }
}
