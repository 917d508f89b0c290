package io.github.allsourceconnect.tool.input;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A command's arguments: {@code --name value} or {@code --name=value}, and flags without a value.
 * An empty value counts as none, so that a build tool may pass properties that nobody has set.
 * Immutable.
 */
public final class Arguments {
  private final Map<String, List<String>> given;

  private Arguments(Map<String, List<String>> given) {
    this.given = given;
  }

  /**
   * Reads them.
   *
   * @param flags options without a value, with their dashes
   * @param valued options with one
   * @param repeated those of {@code valued} that may come more than once
   * @throws UsageException naming what is wrong
   */
  public static Arguments parse(
      String[] args, Set<String> flags, Set<String> valued, Set<String> repeated)
      throws UsageException {
    Map<String, List<String>> given = new LinkedHashMap<>();
    for (int i = 0; i < args.length; i++) {
      int equals = args[i].startsWith("--") ? args[i].indexOf('=') : -1;
      String name = equals < 0 ? args[i] : args[i].substring(0, equals);
      String value = equals < 0 ? null : args[i].substring(equals + 1);
      if (flags.contains(name)) {
        if (value == null || value.equals("true")) {
          given.put(name, List.of("true"));
        } else if (!value.isEmpty() && !value.equals("false")) {
          throw new UsageException(name + " takes no value, but has " + value);
        }
        continue;
      }
      if (!valued.contains(name)) {
        throw unknown(name, flags, valued);
      }
      if (value == null) {
        i++;
        if (i == args.length) {
          throw new UsageException(name + " needs a value: " + name + " VALUE");
        }
        value = args[i];
      }
      if (value.isEmpty()) {
        continue;
      }
      List<String> values = given.computeIfAbsent(name, none -> new ArrayList<>());
      if (!values.isEmpty() && !repeated.contains(name)) {
        throw new UsageException(name + " is given twice");
      }
      values.add(value);
    }
    return new Arguments(given);
  }

  private static UsageException unknown(String name, Set<String> flags, Set<String> valued) {
    Set<String> all = new TreeSet<>(flags);
    all.addAll(valued);
    return new UsageException(
        "there is no option " + name + "; there are " + String.join(", ", all));
  }

  /** Whether it was given. */
  public boolean has(String name) {
    return given.containsKey(name);
  }

  /** Its value, or null. */
  public String value(String name) {
    return given.containsKey(name) ? given.get(name).get(0) : null;
  }

  /** All its values in their order. */
  public List<String> values(String name) {
    return given.getOrDefault(name, List.of());
  }

  /**
   * Its value as a whole number.
   *
   * @param otherwise if it was not given
   * @param least the smallest allowed
   * @throws UsageException if it is no number, or less
   */
  public long number(String name, long otherwise, long least) throws UsageException {
    String value = value(name);
    if (value == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException(name + " needs a whole number from " + least + ", not " + value);
  }
}
