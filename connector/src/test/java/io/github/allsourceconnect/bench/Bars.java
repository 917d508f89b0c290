package io.github.allsourceconnect.bench;

import java.util.List;
import java.util.Locale;

/** The lines that are rates beside a peer's, as bars: how long against the peer's, and the goal. */
final class Bars {
  private static final int WIDTH = 640;
  private static final int LEFT = 300;
  private static final int ROW = 24;
  private static final double MOST = 2;

  private Bars() {}

  /** The picture; the peer's length is 1. */
  static String svg(List<Line> lines) {
    int height = 46 + ROW * lines.size();
    StringBuilder out = new StringBuilder(4096);
    out.append(Plot.head(WIDTH, height, "Throughput beside what else does the same"));
    Plot.text(out, 10, 18, "start", "Throughput, ratio of medians to the peer (1.0)", true);
    double one = x(1);
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.1f\" y1=\"26\" x2=\"%1$.1f\" y2=\"%2$d\" stroke=\"#57606a\""
                + " stroke-dasharray=\"3 3\"/>%n",
            one,
            height - 14));
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      double y = 32 + ROW * (double) i;
      double end = x(Math.min(MOST, line.ratio()));
      out.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>%n",
              LEFT,
              y,
              end - LEFT,
              line.isMet() ? "#1f6feb" : "#9a6700"));
      Plot.text(out, LEFT - 6, y + 11, "end", line.what(), false);
      Plot.text(
          out,
          end + 5,
          y + 11,
          "start",
          String.format(Locale.ROOT, "%.2f x %s", line.ratio(), line.peer()),
          false);
    }
    return out.append("</svg>\n").toString();
  }

  private static double x(double ratio) {
    return LEFT + ratio * (WIDTH - LEFT - 150) / MOST;
  }
}
