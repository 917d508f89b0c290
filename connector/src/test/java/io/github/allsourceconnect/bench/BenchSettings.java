package io.github.allsourceconnect.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a run of the benchmark is told.
 *
 * @param records events of a measured run; parts that need fewer or more take a share of it
 * @param rounds measured rounds of each line
 * @param warmups rounds before them that do not count
 * @param seconds of a run at a steady rate
 * @param only the parts that are run; empty: all but those that are asked for by name
 * @param brief whether everything is as small as can be: shows that it works, and no speed
 * @param out where the JSON and the plots go
 */
record BenchSettings(
    int records, int rounds, int warmups, int seconds, Set<String> only, boolean brief, Path out) {

  /** From the system properties of the same names; an empty one counts as not given. */
  static BenchSettings ofSystem() {
    String isBrief = text("short", "");
    boolean brief = !isBrief.isEmpty() && !isBrief.equals("false");
    String only = text("only", "");
    return new BenchSettings(
        number("records", brief ? 2_000 : 200_000),
        number("rounds", brief ? 1 : 5),
        number("warmups", brief ? 1 : 2),
        number("seconds", brief ? 1 : 6),
        only.isEmpty() ? Set.of() : Set.copyOf(List.of(only.split(","))),
        brief,
        Path.of(text("bench.out", "target/bench")));
  }

  /** One or the other, as the run is a short one or not. */
  int sized(int usual, int inBrief) {
    return brief ? inBrief : usual;
  }

  private static int number(String property, int otherwise) {
    String value = text(property, "");
    return value.isEmpty() ? otherwise : Integer.parseInt(value);
  }

  private static String text(String property, String otherwise) {
    String value = System.getProperty(property);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
