package io.github.allsourceconnect.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A plot of a few series over one axis, both axes logarithmic, as a small SVG. */
final class Plot {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 320;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 34;
  private static final int BOTTOM = 46;
  private static final String[] COLOURS = {"#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df"};

  private final String title;
  private final String across;
  private final String up;
  private final Map<String, List<double[]>> series = new LinkedHashMap<>();

  /**
   * @param across what the x axis says
   * @param up what the y axis says
   */
  Plot(String title, String across, String up) {
    this.title = title;
    this.across = across;
    this.up = up;
  }

  /** Another point of a series; what is not above 0 has no place on such axes, and is left out. */
  Plot add(String name, double x, double y) {
    if (x <= 0 || y <= 0) {
      return this;
    }
    series.computeIfAbsent(name, unknown -> new ArrayList<>()).add(new double[] {x, y});
    return this;
  }

  String title() {
    return title;
  }

  Map<String, List<double[]>> series() {
    return series;
  }

  /** The picture. */
  String svg() {
    double[] x = range(0);
    double[] y = range(1);
    StringBuilder out = new StringBuilder(4096);
    out.append(head(WIDTH, HEIGHT, title));
    text(out, LEFT, 18, "start", title, true);
    text(out, LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 8, "middle", across, false);
    out.append(
        String.format(
            Locale.ROOT,
            "<text transform=\"translate(13,%d) rotate(-90)\" text-anchor=\"middle\">%s</text>%n",
            TOP + (HEIGHT - TOP - BOTTOM) / 2,
            escaped(up)));
    for (double tick = x[0]; tick <= x[1] * 1.001; tick *= 10) {
      double at = x(tick, x);
      rule(out, at, TOP, at, HEIGHT - BOTTOM);
      text(out, at, HEIGHT - BOTTOM + 15, "middle", label(tick), false);
    }
    for (double tick = y[0]; tick <= y[1] * 1.001; tick *= 10) {
      double at = y(tick, y);
      rule(out, LEFT, at, WIDTH - RIGHT, at);
      text(out, LEFT - 5, at + 4, "end", label(tick), false);
    }
    int number = 0;
    for (Map.Entry<String, List<double[]>> one : series.entrySet()) {
      draw(out, one.getKey(), one.getValue(), number++, x, y);
    }
    return out.append("</svg>\n").toString();
  }

  private void draw(
      StringBuilder out, String name, List<double[]> points, int number, double[] x, double[] y) {
    String colour = COLOURS[number % COLOURS.length];
    StringBuilder line = new StringBuilder();
    for (double[] point : points) {
      double px = x(point[0], x);
      double py = y(point[1], y);
      line.append(String.format(Locale.ROOT, "%.1f,%.1f ", px, py));
      out.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
              px,
              py,
              colour));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>%n",
            line.toString().strip(),
            colour));
    double at = TOP + 14.0 + 15 * number;
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%.0f\" style=\"fill:%s\">%s</text>%n",
            LEFT + 8,
            at,
            colour,
            escaped(name)));
  }

  private double[] range(int axis) {
    double least = Double.MAX_VALUE;
    double most = Double.MIN_VALUE;
    for (List<double[]> points : series.values()) {
      for (double[] point : points) {
        least = Math.min(least, point[axis]);
        most = Math.max(most, point[axis]);
      }
    }
    double from = Math.pow(10, Math.floor(Math.log10(least)));
    return new double[] {from, Math.max(from * 10, Math.pow(10, Math.ceil(Math.log10(most))))};
  }

  private static double x(double value, double[] range) {
    return LEFT + share(value, range) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double value, double[] range) {
    return HEIGHT - BOTTOM - share(value, range) * (HEIGHT - TOP - BOTTOM);
  }

  private static double share(double value, double[] range) {
    return Math.log10(value / range[0]) / Math.log10(range[1] / range[0]);
  }

  private static String label(double tick) {
    if (tick >= 1e6) {
      return String.format(Locale.ROOT, "%.0fM", tick / 1e6);
    }
    if (tick >= 1e3) {
      return String.format(Locale.ROOT, "%.0fk", tick / 1e3);
    }
    return tick >= 1
        ? String.format(Locale.ROOT, "%.0f", tick)
        : String.format(Locale.ROOT, "%.2g", tick);
  }

  private static void rule(StringBuilder out, double x1, double y1, double x2, double y2) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#d0d7de\"/>%n",
            x1,
            y1,
            x2,
            y2));
  }

  /** The beginning of a picture, with the style of its texts. */
  static String head(int width, int height, String title) {
    return String.format(
        Locale.ROOT,
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
        <title>%3$s</title>
        <style>text{font:11px sans-serif;fill:#24292f}.b{font-weight:bold;font-size:13px}</style>
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        """,
        width,
        height,
        escaped(title));
  }

  static void text(
      StringBuilder out, double x, double y, String anchor, String text, boolean bold) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>%n",
            x,
            y,
            anchor,
            bold ? " class=\"b\"" : "",
            escaped(text)));
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
