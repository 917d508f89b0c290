package io.github.allsourceconnect.source.decision.position;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a connection that is gone should have brought, and nothing has brought since.
 *
 * @param open how many events, of which whoever is followed may have some
 * @param passedOver how many more it lacks, so that what came behind them has been produced
 * @param skipped how many more may stay missing, for their lines could not be used
 * @param all where and when they lie, and how many they are altogether
 */
public record LostHole(long open, long passedOver, long skipped, Losses.Loss all) {
  private static final String SEPARATOR = "; ";
  private static final String COLON = ": ";

  /** Whether nothing waits for any of them. */
  public boolean isPassedOver() {
    return open + skipped == 0;
  }

  /** Such as {@code 2 open, 1 passed over, 0 skipped: 3 of 21-60, …}; see {@link Losses.Loss}. */
  @Override
  public String toString() {
    return open + " open, " + passedOver + " passed over, " + skipped + " skipped" + COLON + all;
  }

  /** All of them. */
  public static String text(List<LostHole> holes) {
    return holes.stream().map(LostHole::toString).collect(Collectors.joining(SEPARATOR));
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static List<LostHole> parse(String text) {
    return Arrays.stream(text.split(SEPARATOR, -1)).map(LostHole::hole).toList();
  }

  private static LostHole hole(String text) {
    String[] parts = text.split(COLON, 2);
    String[] counts = parts[0].split(" (open|passed over|skipped)(, )?", -1);
    if (parts.length != 2 || counts.length != 4 || !counts[3].isEmpty()) {
      throw new IllegalArgumentException("is no list of holes");
    }
    Losses.Loss all = Losses.Loss.parse(parts[1]);
    LostHole hole =
        new LostHole(
            Long.parseLong(counts[0]), Long.parseLong(counts[1]), Long.parseLong(counts[2]), all);
    boolean areParts =
        LongStream.of(hole.open, hole.passedOver, hole.skipped)
            .allMatch(part -> part >= 0 && part <= all.events());
    if (!areParts || hole.open + hole.passedOver + hole.skipped != all.events()) {
      throw new IllegalArgumentException("has a hole whose numbers do not add up");
    }
    return hole;
  }
}
