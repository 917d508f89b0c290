package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Ports;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What was given on the command line, as {@code -D} properties.
 *
 * @param leader {@code host:port} of a real leader; null for the demo's own
 * @param seconds after how long the demo ends; 0: when it is interrupted
 * @param restPort port of Connect's REST interface
 * @param followerPort where the sink listens
 * @param rate how many events a second the demo's own leader is given
 * @param patience how long nothing may move at the end before the demo gives up waiting
 * @param fullScreen whether the screen is redrawn in place, not a line a second
 * @param picture where the last screen is written as an SVG picture; null for nowhere
 */
record DemoSettings(
    String leader,
    int seconds,
    int restPort,
    int followerPort,
    int rate,
    Duration patience,
    boolean fullScreen,
    Path picture) {
  private static final int USUAL_FOLLOWER_PORT = 3911;

  /**
   * @throws IllegalArgumentException naming the property that is wrong
   */
  static DemoSettings fromProperties() {
    String leader = System.getProperty("leader", "").trim();
    if (!leader.isEmpty() && !leader.matches(".+:[0-9]{1,5}")) {
      throw new IllegalArgumentException("-Dleader must be HOST:PORT, not " + leader);
    }
    String picture = System.getProperty("picture", "").trim();
    int restPort = number("port", 8083, 1, 65535);
    if (!Ports.isFree(restPort)) {
      throw new IllegalArgumentException(
          "port " + restPort + " is in use; -Dport=N takes another for Connect's REST interface");
    }
    return new DemoSettings(
        leader.isEmpty() ? null : leader,
        number("seconds", 0, 0, 1_000_000),
        restPort,
        Ports.isFree(USUAL_FOLLOWER_PORT) ? USUAL_FOLLOWER_PORT : Ports.free(),
        number("rate", 400, 1, 100_000),
        Duration.ofSeconds(number("patience", 60, 1, 100_000)),
        onTerminal(),
        picture.isEmpty() ? null : Path.of(picture));
  }

  /** From JDK 22 on only with {@code -Djdk.console=java.base}, which the demo's profile gives. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean onTerminal() {
    return System.console() != null;
  }

  private static int number(String name, int otherwise, int least, int most) {
    String text = System.getProperty(name, "").trim();
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("-D" + name + " must be a number, not " + text, e);
    }
    throw new IllegalArgumentException(
        "-D" + name + " must be from " + least + " to " + most + ", not " + text);
  }
}
