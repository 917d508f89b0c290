import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import javax.imageio.ImageIO;

/**
 * Draws the logo: {@code java connector/src/hub/Logo.java connector/src/hub/assets/logo.png}. Two
 * logs with the same entries, and what keeps them the same.
 */
public final class Logo {
  private static final Color PAPER = new Color(0xf7f9fb);
  private static final Color INK = new Color(0x17324d);
  private static final Color ENTRY = new Color(0x2a9d8f);
  private static final Color NEWEST = new Color(0xe9a23b);
  private static final int ENTRIES = 7;

  private Logo() {}

  public static void main(String[] args) throws IOException {
    BufferedImage image = new BufferedImage(800, 400, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(PAPER);
    g.fillRect(0, 0, 800, 400);
    log(g, 75);
    log(g, 255);
    arrow(g, 300, 163, 237);
    arrow(g, 500, 237, 163);
    g.dispose();
    ImageIO.write(image, "png", new File(args[0]));
  }

  private static void log(Graphics2D g, double y) {
    for (int i = 0; i < ENTRIES; i++) {
      g.setColor(i == ENTRIES - 1 ? NEWEST : ENTRY);
      g.fill(new RoundRectangle2D.Double(103 + i * 87, y, 72, 70, 16, 16));
      g.setColor(PAPER);
      g.fill(new Ellipse2D.Double(103 + i * 87 + 26, y + 25, 20, 20));
    }
  }

  private static void arrow(Graphics2D g, double x, double from, double to) {
    g.setColor(INK);
    g.setStroke(new BasicStroke(10, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    double back = to > from ? -20 : 20;
    Path2D path = new Path2D.Double();
    path.moveTo(x, from);
    path.lineTo(x, to);
    path.moveTo(x - 20, to + back);
    path.lineTo(x, to);
    path.lineTo(x + 20, to + back);
    g.draw(path);
  }
}
