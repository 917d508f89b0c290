package io.github.allsourceconnect.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.monitoring.Scrapes.Point;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A dashboard's panels, drawn from scrapes as Grafana would lay them out. */
final class DashboardPicture {
  private static final int CELL_W = 46;
  private static final int CELL_H = 28;
  private static final String[] COLOURS = {"#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c"};

  private final StringBuilder svg = new StringBuilder();
  private final Scrapes scrapes;

  private DashboardPicture(Scrapes scrapes) {
    this.scrapes = scrapes;
  }

  static String draw(JsonNode dashboard, Scrapes scrapes) {
    DashboardPicture picture = new DashboardPicture(scrapes);
    int rows = 0;
    for (JsonNode panel : dashboard.path("panels")) {
      JsonNode place = panel.path("gridPos");
      rows = Math.max(rows, place.path("y").asInt() + place.path("h").asInt());
      picture.panel(panel, place);
    }
    int width = 24 * CELL_W;
    int height = rows * CELL_H;
    return String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"Helvetica,Arial,sans-serif\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#111217\"/>\n",
            width,
            height,
            width,
            height)
        + picture.svg
        + "</svg>\n";
  }

  private void panel(JsonNode panel, JsonNode place) {
    int x = place.path("x").asInt() * CELL_W + 4;
    int y = place.path("y").asInt() * CELL_H + 4;
    int w = place.path("w").asInt() * CELL_W - 8;
    int h = place.path("h").asInt() * CELL_H - 8;
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" fill=\"#181b1f\"/>",
        x, y, w, h);
    text(x + 8, y + 17, 12, "#ccccdc", panel.path("title").asText());
    if (panel.path("type").asText().equals("stat")) {
      scrapes
          .curves(panel.path("targets").path(0).path("expr").asText())
          .values()
          .forEach(
              points ->
                  text(
                      x + 8,
                      y + h - 24,
                      32,
                      COLOURS[0],
                      number(points.get(points.size() - 1).value())));
      return;
    }
    curves(panel, x + 52, y + 28, w - 62, h - 62);
    int at = x + 8;
    int colour = 0;
    for (JsonNode target : panel.path("targets")) {
      String name = target.path("legendFormat").asText().replaceAll(" ?\\{\\{.*", "");
      text(at, y + h - 10, 10, COLOURS[colour++ % COLOURS.length], "— " + name);
      at += 22 + 6 * name.length();
    }
  }

  private void curves(JsonNode panel, int x, int y, int w, int h) {
    double most = 1;
    double first = Double.MAX_VALUE;
    double last = 0;
    for (JsonNode target : panel.path("targets")) {
      for (List<Point> points : scrapes.curves(target.path("expr").asText()).values()) {
        for (Point point : points) {
          most = Math.max(most, point.value());
          first = Math.min(first, point.seconds());
          last = Math.max(last, point.seconds());
        }
      }
    }
    for (int i = 0; i <= 2; i++) {
      int line = y + h - h * i / 2;
      add("<path d=\"M%d %d h%d\" stroke=\"#2c3038\" stroke-width=\"1\"/>", x, line, w);
      text(x - 46, line + 4, 10, "#8e8e99", number(most * i / 2));
    }
    int colour = 0;
    for (JsonNode target : panel.path("targets")) {
      String stroke = COLOURS[colour++ % COLOURS.length];
      for (Map.Entry<String, List<Point>> curve :
          scrapes.curves(target.path("expr").asText()).entrySet()) {
        StringBuilder path = new StringBuilder();
        for (Point point : curve.getValue()) {
          path.append(
              String.format(
                  Locale.ROOT,
                  "%s%.1f %.1f",
                  path.isEmpty() ? "M" : "L",
                  x + (point.seconds() - first) / Math.max(1e-9, last - first) * w,
                  y + h - Math.max(0, point.value()) / most * h));
        }
        add("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>", path, stroke);
      }
    }
  }

  private static String number(double value) {
    if (value >= 1e9) {
      return String.format(Locale.ROOT, "%.1f G", value / 1e9);
    }
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.1f M", value / 1e6);
    }
    return value >= 1e4
        ? String.format(Locale.ROOT, "%.1f k", value / 1e3)
        : String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
  }

  private void text(int x, int y, int size, String fill, String text) {
    add(
        "<text x=\"%d\" y=\"%d\" font-size=\"%d\" fill=\"%s\">%s</text>",
        x, y, size, fill, text.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
