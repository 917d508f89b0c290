package io.github.allsourceconnect.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A line of the table: a figure beside its peer or its limit.
 *
 * @param key for the JSON: the part and what is measured, with dots
 * @param what the figure
 * @param unit of both
 * @param peer whom or what it stands beside
 * @param mine of each round, in their order
 * @param theirs of the same rounds, or one number for all: a limit
 */
record Line(
    String key,
    String what,
    String unit,
    String peer,
    Goal goal,
    List<Double> mine,
    List<Double> theirs) {

  static final String HEAD =
      String.format(
          Locale.ROOT,
          "%-56s %11s  %-10s %11s %-34s %6s %-15s %-10s",
          "figure",
          "median",
          "unit",
          "beside",
          "(whom or what)",
          "ratio",
          "(rounds)",
          "goal");

  Line {
    mine = List.copyOf(mine);
    theirs = List.copyOf(theirs);
  }

  double median() {
    return median(mine);
  }

  double peerMedian() {
    return median(theirs);
  }

  /** Of the medians. */
  double ratio() {
    return median() / peerMedian();
  }

  /** The least and the most that the ratio was in one round. */
  double[] spread() {
    double[] ratios = new double[mine.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = mine.get(i) / (theirs.size() == 1 ? theirs.get(0) : theirs.get(i));
    }
    Arrays.sort(ratios);
    return new double[] {ratios[0], ratios[ratios.length - 1]};
  }

  boolean isMet() {
    return goal.isMet(median(), peerMedian());
  }

  /** As it stands in the table. */
  String text() {
    double[] spread = spread();
    String reached = goal.kind() == Goal.Kind.NONE ? "" : isMet() ? "met" : "missed";
    return String.format(
        Locale.ROOT,
        "%-56s %11s  %-10s %11s %-34s %6.2f %-15s %-10s %s",
        what,
        number(median()),
        unit,
        number(peerMedian()),
        peer,
        ratio(),
        String.format(Locale.ROOT, "%.2f to %.2f", spread[0], spread[1]),
        goal.text(),
        reached);
  }

  static String number(double value) {
    double size = Math.abs(value);
    return String.format(Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
