package io.github.allsourceconnect.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of the loopback interface. */
public final class Ports {
  private static final int LOWEST = 15_000;
  private static final int HIGHEST = 32_000;

  /** A topic may get more partitions, whose ports are the next ones. */
  private static final int GAP = 10;

  private static int next = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);

  private Ports() {}

  /** A port that was free a moment ago. */
  public static int free() {
    return free(1);
  }

  /**
   * The first of {@code count} ports in a row that were free a moment ago. They are below those
   * that systems give to outgoing connections, so that none of these takes one before it is used.
   * None is told twice before all others were, and each process begins somewhere else.
   */
  public static synchronized int free(int count) {
    while (true) {
      int first = next + count > HIGHEST ? LOWEST : next;
      next = first + count + GAP;
      int free = 0;
      while (free < count && isFree(first + free)) {
        free++;
      }
      if (free == count) {
        return first;
      }
    }
  }

  /** Whether {@code port} can be bound now. */
  public static boolean isFree(int port) {
    if (port > 65535) {
      return false;
    }
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
