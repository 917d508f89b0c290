package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.tool.input.Arguments;
import io.github.allsourceconnect.tool.input.UsageException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command's options: {@code --name value} or {@code --name=value}, where an empty value counts
 * as none. Immutable.
 */
final class Options {
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
    SINK(
        "HOST:PORT",
        "compare the topic with what the sink sends, instead of a leader; the address of partition"
            + " 0, the others follow; --connector is then the sink"),
    STORE(
        "URL",
        "compare the topic with a store that followed it, by the store's HTTP interface; small"
            + " stores only"),
    PATIENCE("SECONDS", "events as new as this may not be in the topic yet; default 60"),
    SETTLE("SECONDS", "the time between the snapshot and the end of what is read; default 5"),
    STALL(
        "SECONDS",
        "how long the brokers may bring or take nothing before the command gives up; default 60"),
    RACE("MS", "how close in time two events may stand either way; default 100"),
    EXAMPLES("N", "how many examples of each finding are shown; default 5"),
    MEMORY("MB", "memory for sorting; default: a quarter of the heap, 256 at most"),
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
  }

  private final Arguments arguments;

  private Options(Arguments arguments) {
    this.arguments = arguments;
  }

  /**
   * Reads them.
   *
   * @throws UsageException saying which one is wrong
   */
  static Options parse(String[] args) throws UsageException {
    Set<String> flags = new TreeSet<>();
    Set<String> valued = new TreeSet<>();
    for (Option option : Option.values()) {
      (option.value == null ? flags : valued).add(option.dashed());
    }
    return new Options(Arguments.parse(args, flags, valued, Set.of(Option.SET.dashed())));
  }

  /** Whether JSON is wanted, by arguments of which others may be wrong. */
  static boolean isJson(String[] args) {
    return List.of(args).contains(Option.JSON.dashed())
        || List.of(args).contains(Option.JSON.dashed() + "=true");
  }

  /** The value; null if it is not given. */
  String get(Option option) {
    return arguments.value(option.dashed());
  }

  List<String> all(Option option) {
    return arguments.values(option.dashed());
  }

  /** The value, which is needed. */
  String need(Option option) throws UsageException {
    String value = get(option);
    if (value == null) {
      throw new UsageException(
          option.dashed() + " " + option.value + " is needed (" + option.text + ")");
    }
    return value;
  }

  /** Whether a flag is given. */
  boolean is(Option flag) {
    return arguments.has(flag.dashed());
  }

  long number(Option option, long otherwise, long least, long most) throws UsageException {
    long number = arguments.number(option.dashed(), otherwise, least);
    if (number > most) {
      throw new UsageException(option.dashed() + " is " + most + " at most, not " + number);
    }
    return number;
  }

  /** Bytes of memory for sorting. */
  long memory() throws UsageException {
    long quarter = (Runtime.getRuntime().maxMemory() / 4) >> 20;
    return number(Option.MEMORY, Math.max(8, Math.min(256, quarter)), 8, 1 << 20) << 20;
  }

  /** The command's help. */
  static String help() {
    StringBuilder help =
        new StringBuilder(
            """
            Usage: Audit --leader HOST:PORT --bootstrap HOST:PORT --topic TOPIC [option]...
               or: Audit --connector URL --bootstrap HOST:PORT [option]...
               or: Audit --ledger TOPIC --topic TOPIC --bootstrap HOST:PORT [option]...
               or: Audit --sink HOST:PORT --topic TOPIC --bootstrap HOST:PORT [option]...

            Compares all events of an AllSource leader with the topic that the source connector
            writes: missing, twice, altered, foreign, out of order within an entity. The leader goes
            on writing, the connector goes on working, and nothing is written unless --repair is
            given. Exit status: 0 all is well, 1 something is wrong, 2 it could not be judged.

            """);
    for (Option option : Option.values()) {
      String head = option.dashed() + (option.value == null ? "" : " " + option.value);
      help.append("  ").append(head);
      help.append(head.length() < 24 ? " ".repeat(24 - head.length()) : "\n" + " ".repeat(26));
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
