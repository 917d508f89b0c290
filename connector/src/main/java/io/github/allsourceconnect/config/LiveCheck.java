package io.github.allsourceconnect.config;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigValue;

/** Whether a configuration is tried, not only read, before it is accepted. */
public final class LiveCheck {
  public static final String KEY = "validate.live";

  /** How long all of it may take. */
  public static final long LIMIT_MS = 2_500;

  private LiveCheck() {}

  static void define(ConfigDef def, String what) {
    def.define(
        KEY,
        ConfigDef.Type.BOOLEAN,
        true,
        Importance.LOW,
        what + " It takes three seconds at most.",
        "Validation",
        1,
        Width.SHORT,
        "Try it out");
  }

  /** Whether settings that were found right are to be tried. */
  public static boolean wanted(Map<String, String> properties, List<ConfigValue> found) {
    return isOn(properties) && found.stream().allMatch(value -> value.errorMessages().isEmpty());
  }

  static boolean isOn(Map<String, String> properties) {
    String set = properties.get(KEY);
    return set == null || !set.trim().equalsIgnoreCase("false");
  }

  /** Puts what was found into {@code values}, on its key. */
  public static BiConsumer<String, String> into(List<ConfigValue> values) {
    return (key, message) -> {
      for (ConfigValue value : values) {
        if (value.name().equals(key)) {
          value.addErrorMessage(Validators.naming(key, message));
        }
      }
    };
  }
}
