package io.github.allsourceconnect.tool.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The command's options: {@code --name value} or {@code --name=value}, or system properties {@code
 * audit.name}, where an empty one counts as not given. Immutable.
 */
public final class Options {
  /** An option. */
  enum Option {
    LEADER("HOST:PORT", "the leader whose snapshot is taken; default: the connector's"),
    BOOTSTRAP("HOST:PORT,...", "brokers of the topic's cluster"),
    TOPIC(
        "TOPIC,...",
        "the topic, or several, or a template such as events.${tenant_id}; default: the"
            + " connector's"),
    CONNECTOR(
        "URL|FILE",
        "the connector's own settings, http://HOST:8083/connectors/NAME or a file of properties or"
            + " JSON: topic, filters, converters, TLS to the leader"),
    SET("KEY=VALUE", "a setting of the connector, instead of what is found there; repeatable"),
    KAFKA_CONFIG("FILE", "properties for Kafka's clients: security, say"),
    JSON(null, "one JSON object on standard output instead of text"),
    REPAIR(null, "produce what is missing; needs --connector"),
    YES(null, "with --repair: do not ask"),
    LEDGER("TOPIC", "compare the topic with the ledger topic's marks instead of a leader"),
    PATIENCE("SECONDS", "events as new as this may not be in the topic yet; default 60"),
    SETTLE("SECONDS", "the time between the snapshot and the end of what is read; default 5"),
    RACE("MS", "how close in time two events may stand either way; default 100"),
    EXAMPLES("N", "how many examples of each finding are shown; default 5"),
    MEMORY("MB", "memory for sorting; default 256"),
    DIR("FOLDER", "where the snapshot and what is sorted go; default: the JVM's temporary folder"),
    HELP(null, "this text");

    /** What its value is; null if it has none. */
    final String value;

    final String text;

    Option(String value, String text) {
      this.value = value;
      this.text = text;
    }

    String dashed() {
      return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String property() {
      return "audit." + name().toLowerCase(Locale.ROOT).replace('_', '.');
    }
  }

  private final Map<Option, List<String>> given = new LinkedHashMap<>();

  private Options() {}

  /**
   * Reads them.
   *
   * @param properties a system property by its name; null for none
   * @throws Unjudgeable saying which one is wrong
   */
  public static Options parse(List<String> args, Function<String, String> properties)
      throws Unjudgeable {
    Options options = new Options();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      int equals = arg.indexOf('=');
      String name = equals < 0 ? arg : arg.substring(0, equals);
      Option option = byName(name);
      if (option.value == null) {
        options.add(option, equals < 0 ? "true" : arg.substring(equals + 1));
      } else if (equals >= 0) {
        options.add(option, arg.substring(equals + 1));
      } else if (++i < args.size()) {
        options.add(option, args.get(i));
      } else {
        throw new Unjudgeable(name + " needs a value: " + option.value);
      }
    }
    for (Option option : Option.values()) {
      String value = properties.apply(option.property());
      if (value != null && !value.isBlank() && !options.given.containsKey(option)) {
        options.add(option, value.trim());
      }
    }
    return options;
  }

  private static Option byName(String name) throws Unjudgeable {
    for (Option option : Option.values()) {
      if (option.dashed().equals(name) || (option == Option.HELP && name.equals("-h"))) {
        return option;
      }
    }
    throw new Unjudgeable("there is no option " + name + "; --help lists all");
  }

  private void add(Option option, String value) {
    given.computeIfAbsent(option, first -> new ArrayList<>()).add(value);
  }

  /** The value; null if it is not given. */
  String get(Option option) {
    List<String> values = given.get(option);
    return values == null ? null : values.get(values.size() - 1);
  }

  List<String> all(Option option) {
    return given.getOrDefault(option, List.of());
  }

  /** The value, which is needed. */
  String need(Option option) throws Unjudgeable {
    String value = get(option);
    if (value == null) {
      throw new Unjudgeable(
          option.dashed() + " " + option.value + " is needed (" + option.text + ")");
    }
    return value;
  }

  /** Whether a flag is given. */
  boolean is(Option flag) {
    return "true".equalsIgnoreCase(get(flag));
  }

  long number(Option option, long otherwise, long least, long most) throws Unjudgeable {
    String value = get(option);
    if (value == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new Unjudgeable(
        option.dashed() + "=" + value + " is no number from " + least + " to " + most);
  }

  /** The command's help. */
  public static String help() {
    StringBuilder help =
        new StringBuilder(
            """
            Usage: Audit --leader HOST:PORT --bootstrap HOST:PORT --topic TOPIC [option]...
               or: Audit --connector URL --bootstrap HOST:PORT [option]...
               or: Audit --ledger TOPIC --topic TOPIC --bootstrap HOST:PORT [option]...

            Compares all events of an AllSource leader with the topic that the source connector
            writes: missing, twice, altered, foreign, out of order within an entity. The leader goes
            on writing, the connector goes on working, and nothing is written unless --repair is
            given. Exit status: 0 all is well, 1 something is wrong, 2 it could not be judged.

            """);
    for (Option option : Option.values()) {
      String head = option.dashed() + (option.value == null ? "" : " " + option.value);
      help.append("  ").append(head);
      help.append(
          head.length() < 24 ? " ".repeat(24 - head.length()) : "\n" + " ".repeat(26));
      wrap(help, option.text);
    }
    return help.append(
            """

            With Kafka's own script, from the folder of the plugin:
              CLASSPATH='FOLDER/*' kafka-run-class.sh io.github.allsourceconnect.tool.Audit ...
            From the repository: mvn -q -Paudit -Dleader=... -Dbootstrap=... -Dtopic=...
            """)
        .toString();
  }

  private static void wrap(StringBuilder to, String text) {
    int column = 26;
    for (String word : text.split(" ", -1)) {
      if (column > 26 && column + word.length() + 1 > 96) {
        to.append('\n').append(" ".repeat(26));
        column = 26;
      } else if (column > 26) {
        to.append(' ');
        column++;
      }
      to.append(word);
      column += word.length();
    }
    to.append('\n');
  }
}
