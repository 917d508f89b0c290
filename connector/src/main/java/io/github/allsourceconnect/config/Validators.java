package io.github.allsourceconnect.config;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.SslConfigs;

/** Validators whose text reads well in the generated list of settings, and their use. */
final class Validators {
  private Validators() {}

  /** Any case of an enum's lower-case constant names. */
  static <E extends Enum<E>> ConfigDef.Validator oneOf(Class<E> type) {
    String allowed =
        Arrays.stream(type.getEnumConstants())
            .map(Validators::name)
            .collect(Collectors.joining(", "));
    return new Choice(
        of(
            "one of " + allowed,
            value -> {
              if (value != null) {
                parse(type, (String) value);
              }
            }),
        Arrays.stream(type.getEnumConstants()).<Object>map(Validators::name).toList());
  }

  /** A validator of few values, which a form can offer. */
  private record Choice(ConfigDef.Validator validator, List<Object> values)
      implements ConfigDef.Validator {
    @Override
    public void ensureValid(String key, Object value) {
      validator.ensureValid(key, value);
    }

    @Override
    public String toString() {
      return validator.toString();
    }
  }

  /** The constant whose lower-case name this is. */
  static <E extends Enum<E>> E parse(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (name(constant).equalsIgnoreCase(text.trim())) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "must be one of "
            + Arrays.stream(type.getEnumConstants())
                .map(Validators::name)
                .collect(Collectors.joining(", ")));
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** A list (possibly empty) whose members the check all accepts. */
  static ConfigDef.Validator each(String description, Consumer<String> check) {
    return of(
        description,
        value -> {
          for (Object member : value == null ? List.of() : new ArrayList<>((List<?>) value)) {
            check.accept((String) member);
          }
        });
  }

  /** A text that, where it is set, is not blank and that the parser accepts. */
  static ConfigDef.Validator text(String description, Consumer<String> check) {
    return of(
        description,
        value -> {
          if (value != null) {
            if (((String) value).isBlank()) {
              throw new IllegalArgumentException("must not be blank; leave it out instead");
            }
            check.accept((String) value);
          }
        });
  }

  /**
   * A JSON pointer.
   *
   * @throws IllegalArgumentException if it is none (RFC 6901)
   */
  static JsonPointer pointer(String text) {
    if (text.matches("(?s).*~(?![01]).*")) {
      throw new IllegalArgumentException(
          "has \"" + text + "\", where ~ stands alone: in a JSON pointer ~0 is ~, and ~1 is /");
    }
    return JsonPointer.compile(text);
  }

  /** Where it is set, not blank. */
  static ConfigDef.Validator notBlank() {
    return text("not blank", text -> {});
  }

  /** -1 for never, or a number that is not too small. */
  static ConfigDef.Validator neverOrAtLeast(long least) {
    return of(
        "-1, or " + least + " and more",
        value -> {
          if (value instanceof Long number && number != -1 && number < least) {
            throw new IllegalArgumentException("must be -1, or " + least + " and more");
          }
        });
  }

  /** A replication factor: -1 for the brokers' default, or 1 and more. */
  static ConfigDef.Validator replication() {
    return of(
        "-1, or 1 and more",
        value -> {
          if (value instanceof Short factor && factor != -1 && factor < 1) {
            throw new IllegalArgumentException("must be -1, or 1 and more");
          }
        });
  }

  /**
   * Checks everything at once: each error lands on the key that is to blame.
   *
   * @param crossCheck looks at the values that are right by themselves, and tells which key is
   *     wrong beside others, and why; the key need not be in {@code def}
   * @return one value for each key of {@code def}, then those blamed besides
   */
  static List<ConfigValue> validate(
      ConfigDef def,
      Map<String, String> properties,
      BiConsumer<Map<String, Object>, BiConsumer<String, String>> crossCheck) {
    Map<String, ConfigValue> byKey = new LinkedHashMap<>();
    Map<String, Object> parsed = new HashMap<>();
    for (ConfigValue value : def.validate(properties)) {
      byKey.put(value.name(), value);
      if (def.configKeys().get(value.name()).validator instanceof Choice choice) {
        value.recommendedValues(choice.values());
      }
      if (value.errorMessages().isEmpty()) {
        parsed.put(value.name(), value.value());
      }
    }
    crossCheck.accept(
        parsed,
        (key, message) ->
            byKey.computeIfAbsent(key, ConfigValue::new).addErrorMessage(naming(key, message)));
    return new ArrayList<>(byKey.values());
  }

  /** A message that names its key, for Connect shows it alone. */
  static String naming(String key, String message) {
    if (message.startsWith(key)) {
      return message;
    }
    boolean predicate =
        message.matches("(must|can't|may|is|has|names|needs|leads|does|are|knows)\\b.*");
    return key + (predicate ? " " : ": ") + message;
  }

  /** Kafka's own {@code ssl.} settings, in a group and with widths, as forms want them. */
  static void defineSsl(ConfigDef def, String group) {
    SslConfigs.addClientSslSupport(def);
    int order = 10;
    for (ConfigKey key : List.copyOf(def.configKeys().values())) {
      if (key.name.startsWith("ssl.") && key.group == null) {
        def.configKeys()
            .put(
                key.name,
                new ConfigKey(
                    key.name,
                    key.type,
                    key.defaultValue,
                    key.validator,
                    key.importance,
                    key.documentation,
                    group,
                    order++,
                    key.name.contains("location") || key.name.contains("cert")
                        ? Width.LONG
                        : Width.MEDIUM,
                    key.name.substring("ssl.".length()).replace('.', ' '),
                    key.dependents,
                    key.recommender,
                    key.internalConfig));
      }
    }
  }

  private static ConfigDef.Validator of(String description, Consumer<Object> check) {
    return new ConfigDef.Validator() {
      @Override
      public void ensureValid(String key, Object value) {
        try {
          check.accept(value);
        } catch (IllegalArgumentException e) {
          throw new ConfigException(key, value, e.getMessage());
        }
      }

      @Override
      public String toString() {
        return description;
      }
    };
  }
}
