package io.github.allsourceconnect.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A terminal's screen as an SVG picture. */
final class Picture {
  private static final double CELL = 8.4;
  private static final int LINE = 19;
  private static final int EDGE = 14;

  private Picture() {}

  /** Writes {@code lines}, shown {@code columns} cells wide, to {@code file}. */
  static void write(Path file, List<String> lines, int columns) throws IOException {
    int width = (int) Math.ceil(columns * CELL) + 2 * EDGE;
    int height = lines.size() * LINE + 2 * EDGE;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"#16181d\"/>\n"
                + "<g font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\""
                + " font-size=\"14\" fill=\"#d7dae0\">\n",
            width,
            height,
            width,
            height));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).stripTrailing();
      if (line.isEmpty()) {
        continue;
      }
      // the length is given, so that columns stand in line whatever the font is
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\" textLength=\"%.1f\""
                  + " lengthAdjust=\"spacingAndGlyphs\"%s>%s</text>\n",
              EDGE,
              EDGE + (i + 1) * LINE - 5,
              Cells.of(line) * CELL,
              i == 0 ? " fill=\"#ffffff\" font-weight=\"bold\"" : "",
              line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")));
    }
    svg.append("</g>\n</svg>\n");
    if (file.toAbsolutePath().getParent() != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    Files.writeString(file, svg);
  }
}
