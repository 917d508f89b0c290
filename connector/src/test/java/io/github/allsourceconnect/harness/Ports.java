package io.github.allsourceconnect.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * TCP ports of the loopback interface. Each process has a stretch of them to itself, for what is
 * free now is bound a little later, and another process must not take it in between.
 */
public final class Ports {
  private static final int LOWEST = 15_000;
  static final int STRETCH = 1_000;

  /** All are below the ports that systems give to outgoing connections. */
  private static final int STRETCHES = 17;

  /** A topic may get more partitions, whose ports are the next ones. */
  private static final int GAP = 10;

  /** Bound as long as this process lives: the stretch behind it is taken. */
  private static final ServerSocket TAKEN = take();

  private static final int FIRST = TAKEN.getLocalPort() + 1;

  private static int next = FIRST;

  private Ports() {}

  private static ServerSocket take() {
    int any = ThreadLocalRandom.current().nextInt(STRETCHES);
    for (int i = 0; i < STRETCHES; i++) {
      try {
        return bind(LOWEST + (any + i) % STRETCHES * STRETCH);
      } catch (IOException e) {
        // another process has it
      }
    }
    throw new IllegalStateException(
        STRETCHES + " processes have taken all ports from " + LOWEST + " on");
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  /** A port that was free a moment ago. */
  public static int free() {
    return free(1);
  }

  /**
   * The first of {@code count} ports in a row that were free a moment ago, and are told to nobody
   * else before all others of the stretch were.
   *
   * @param count no more than a few hundred
   */
  public static synchronized int free(int count) {
    while (true) {
      int candidate = next + count + GAP >= FIRST + STRETCH ? FIRST : next;
      next = candidate + count + GAP;
      int free = 0;
      while (free < count && isFree(candidate + free)) {
        free++;
      }
      if (free == count) {
        return candidate;
      }
    }
  }

  /** Whether {@code port} can be bound now. */
  public static boolean isFree(int port) {
    if (port > 65535) {
      return false;
    }
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
