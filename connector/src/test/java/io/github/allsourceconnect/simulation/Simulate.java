package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.history.Histories;
import io.github.allsourceconnect.simulation.sink.SinkHistories;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Runs simulated histories: {@code -Dseeds=N} of each side, or of the one that {@code
 * -Dside=source|sink|chain} names; or the one history of {@code -Dseed=S} with its trace, of the
 * source where no side is named.
 */
public final class Simulate {
  private enum Side {
    SOURCE(SourceHistories.REAL),
    SINK(SinkHistories.REAL),
    CHAIN(ChainHistories.REAL);

    final Histories histories;

    Side(Histories histories) {
      this.histories = histories;
    }
  }

  private Simulate() {}

  /**
   * Runs histories until one breaks the promise.
   *
   * @return the first violation; null for none
   */
  public static String firstViolation(String side, long seeds) {
    Histories histories = Side.valueOf(side.toUpperCase(Locale.ROOT)).histories;
    for (long seed = 1; seed <= seeds; seed++) {
      List<String> violations = histories.run(seed).violations();
      if (!violations.isEmpty()) {
        return "seed " + seed + ": " + violations.get(0);
      }
    }
    return null;
  }

  /**
   * Exit status 1 on any violation: the last lines are then the first violation of each side and
   * the command that replays it. Maven runs this within itself, so that it ends with that, too.
   */
  public static void main(String[] args) {
    String side = System.getProperty("side", "all").toUpperCase(Locale.ROOT);
    List<Side> sides =
        Stream.of(Side.values()).filter(s -> side.equals("ALL") || s.name().equals(side)).toList();
    if (sides.isEmpty()) {
      System.err.println("-Dside is none of all, source, sink, chain");
      System.exit(2);
    }
    String one = System.getProperty("seed");
    if (one != null && !one.isBlank()) {
      System.exit(sides.get(0).histories.replay(Long.parseLong(one)) ? 0 : 1);
    }
    long seeds = Long.getLong("seeds", 20_000);
    long first = Long.getLong("first", 1);
    StringBuilder summary = new StringBuilder();
    StringBuilder complaints = new StringBuilder();
    for (Side each : sides) {
      Histories.Result result = each.histories.run(first, seeds);
      if (result.broken() > 0) {
        complaints.append(result.complaint()).append(System.lineSeparator());
      }
      summary.append(
          String.format(
              "%n  %-7s %,d histories, %,d violations",
              each.name().toLowerCase(Locale.ROOT), seeds, result.broken()));
    }
    System.out.println("summary:" + summary);
    System.out.print(complaints);
    System.exit(complaints.isEmpty() ? 0 : 1);
  }
}
