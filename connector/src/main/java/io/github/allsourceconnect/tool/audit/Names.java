package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.tool.audit.decision.Named;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for names, up to a bound; all further names share one. One thread. */
final class Names implements Named {
  private static final int MOST = 10_000;
  private static final int LENGTH_MAX = 256;
  private static final int OTHERS = 1;

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>(List.of("(unknown)", "(others)"));
  private final Map<Integer, String> escaped = new HashMap<>();

  /** The number of a name; of null {@link Named#NONE}. */
  int number(String name) {
    if (name == null) {
      return NONE;
    }
    Integer known = numbers.get(name);
    if (known != null) {
      return known;
    }
    if (names.size() == MOST || name.length() > LENGTH_MAX) {
      return OTHERS;
    }
    numbers.put(name, names.size());
    names.add(Printable.of(name));
    if (!names.get(names.size() - 1).equals(name)) {
      escaped.put(names.size() - 1, name);
    }
    return names.size() - 1;
  }

  /** The name itself, which is not to be shown; null if the number stands for none, or several. */
  String exactly(int number) {
    return number <= OTHERS ? null : escaped.getOrDefault(number, names.get(number));
  }

  @Override
  public String name(int number) {
    return names.get(number);
  }
}
