package io.github.allsourceconnect.source.decision.phase;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/** Which phase may come after which. */
public final class Successions {
  private Successions() {}

  /**
   * All pairs.
   *
   * @param legal for each phase, in the same order: 1 for each one that may come after it
   */
  public static <P extends Phase<P>> void assertThese(List<P> all, String... legal) {
    for (int from = 0; from < all.size(); from++) {
      for (int to = 0; to < all.size(); to++) {
        assertEquals(
            legal[from].charAt(to) == '1',
            all.get(to).mayFollow(all.get(from)),
            all.get(from) + " to " + all.get(to));
      }
    }
  }
}
