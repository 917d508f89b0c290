package io.github.allsourceconnect.sink.mapping;

import java.util.ArrayList;
import java.util.List;

/** A dotted path: a dot leads inwards, {@code \.} is a dot of a name, {@code \\} a backslash. */
final class FieldPath {
  private FieldPath() {}

  /** The steps of a path. */
  static List<String> parse(String path) {
    List<String> steps = new ArrayList<>();
    StringBuilder step = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '\\' && i + 1 < path.length()) {
        step.append(path.charAt(++i));
      } else if (c == '.') {
        steps.add(step.toString());
        step.setLength(0);
      } else {
        step.append(c);
      }
    }
    steps.add(step.toString());
    return List.copyOf(steps);
  }
}
