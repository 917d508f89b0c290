package io.github.allsourceconnect.mutation;

import java.util.List;
import java.util.stream.Stream;

/**
 * Something that may notice a mutant.
 *
 * @param name a test class below the root package, or a side of the simulator
 * @param histories how many of them; 0 for a test class
 */
record Stage(String name, long histories) {
  static Stage histories(String side, long histories) {
    return new Stage(side, histories);
  }

  static List<Stage> tests(Stream<String> names) {
    return names.map(name -> new Stage(name, 0)).toList();
  }

  @Override
  public String toString() {
    return histories == 0 ? name : histories + " histories of the " + name;
  }
}
