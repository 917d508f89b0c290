package io.github.allsourceconnect.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;

/**
 * Runs of several contenders in turns, so that what else the machine does falls on all of them
 * alike; what each found in each measured round.
 *
 * @param <R> what a run finds
 */
final class Rounds<R> {
  private final Map<String, Callable<R>> contenders = new LinkedHashMap<>();
  private final Map<String, List<R>> results = new LinkedHashMap<>();

  Rounds<R> with(String name, Callable<R> run) {
    contenders.put(name, run);
    return this;
  }

  /** Runs all of them so often. */
  Rounds<R> run(int warmups, int rounds, ToDoubleFunction<R> shown, String unit) throws Exception {
    for (int round = 1 - warmups; round <= rounds; round++) {
      for (Map.Entry<String, Callable<R>> one : contenders.entrySet()) {
        R result = one.getValue().call();
        Report.progress(
            "%-9s %-48s %12s %s",
            round < 1 ? "warm-up" : "round " + round,
            one.getKey(),
            Line.number(shown.applyAsDouble(result)),
            unit);
        if (round >= 1) {
          results.computeIfAbsent(one.getKey(), name -> new ArrayList<>()).add(result);
        }
      }
    }
    return this;
  }

  /** What a contender found in each round. */
  List<Double> of(String name, ToDoubleFunction<R> figure) {
    return results.get(name).stream().map(figure::applyAsDouble).toList();
  }

  double median(String name, ToDoubleFunction<R> figure) {
    return Line.median(of(name, figure));
  }
}
