package io.github.allsourceconnect.simulation;

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
    SOURCE {
      @Override
      long run(long first, long seeds) {
        return SourceHistories.run(first, seeds);
      }

      @Override
      boolean replay(long seed) {
        return SourceHistories.replay(seed);
      }
    },
    SINK {
      @Override
      long run(long first, long seeds) {
        return SinkHistories.run(first, seeds, "mvn -q -Psimulate -Dside=sink -Dseed=");
      }

      @Override
      boolean replay(long seed) {
        return SinkHistories.replay(seed);
      }
    },
    CHAIN {
      @Override
      long run(long first, long seeds) {
        return ChainHistories.run(first, seeds);
      }

      @Override
      boolean replay(long seed) {
        return ChainHistories.replay(seed);
      }
    };

    abstract long run(long first, long seeds);

    abstract boolean replay(long seed);
  }

  private Simulate() {}

  /** Exit status 1 on any violation. */
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
      System.exit(sides.get(0).replay(Long.parseLong(one)) ? 0 : 1);
    }
    long seeds = Long.getLong("seeds", 20_000);
    long first = Long.getLong("first", 1);
    StringBuilder summary = new StringBuilder();
    long violations = 0;
    for (Side each : sides) {
      long found = each.run(first, seeds);
      violations += found;
      summary.append(
          String.format(
              "%n  %-7s %,d histories, %,d violations",
              each.name().toLowerCase(Locale.ROOT), seeds, found));
    }
    System.out.println("summary:" + summary);
    System.exit(violations > 0 ? 1 : 0);
  }
}
