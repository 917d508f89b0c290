package io.github.allsourceconnect.demo;

import java.util.Map;
import java.util.stream.Collectors;

/** The live picture: a few lines once a second, drawn in place on a terminal. One thread. */
final class Screen {
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final boolean terminal = System.console() != null && System.getenv("TERM") != null;
  private final String rest;
  private final String bootstrap;
  private final int sinkPort;
  private long lastWritten;
  private long lastInKafka;
  private long lastOut;
  private boolean first = true;

  Screen(int restPort, String bootstrap, int sinkPort) {
    rest = "http://localhost:" + restPort;
    this.bootstrap = bootstrap;
    this.sinkPort = sinkPort;
  }

  /**
   * Draws.
   *
   * @param second since the beginning
   * @param shop null when a real leader is followed
   */
  void show(long second, ShopLeader shop, long inKafka, CheckingFollower follower) {
    StringBuilder text = new StringBuilder(terminal ? CLEAR : "");
    if (terminal || first) {
      text.append(
          "AllSource leader → source connector → Kafka topic → sink connector → follower\n");
    }
    long out = follower.received();
    text.append(String.format("%n%5d s  ", second));
    if (shop != null) {
      long written = shop.written();
      text.append(
          String.format(
              "leader %,d (%,d/s), acked %,d, never sent live %,d | ",
              written, rate(written, lastWritten), shop.acked(), shop.lost()));
      lastWritten = written;
    }
    text.append(
        String.format(
            "in Kafka %,d (%,d/s) | follower %,d (%,d/s), %s%n",
            inKafka,
            rate(inKafka, lastInKafka),
            out,
            rate(out, lastOut),
            follower.connected() ? "connected" : "not connected"));
    if (shop != null) {
      text.append(
          String.format(
              "         lag: %,d to Kafka, %,d to the follower%n",
              shop.written() - inKafka, inKafka - out));
    }
    figures(text, "source", Figures.of("source-metrics"));
    if (terminal || first) {
      calls(text);
    }
    lastInKafka = inKafka;
    lastOut = out;
    first = false;
    System.out.print(text);
    System.out.flush();
  }

  private long rate(long now, long before) {
    return first ? 0 : now - before;
  }

  private static void figures(StringBuilder text, String whose, Map<String, Number> figures) {
    String shown =
        figures.entrySet().stream()
            .filter(
                figure ->
                    figure
                        .getKey()
                        .matches(".*(gap|repair|unaccounted|duplicate|out-of-order|snapshot).*"))
            .map(figure -> figure.getKey() + "=" + figure.getValue())
            .collect(Collectors.joining("  "));
    if (!shown.isEmpty()) {
      text.append("         ").append(whose).append(": ").append(shown).append('\n');
    }
  }

  private void calls(StringBuilder text) {
    text.append(
        String.format(
            "%nTo try in another terminal:%n"
                + "  curl %1$s/connectors?expand=status%n"
                + "  curl -X PUT %1$s/connectors/shop-to-kafka/pause%n"
                + "  curl -X PUT %1$s/connectors/shop-to-kafka/resume%n"
                + "  curl -X POST '%1$s/connectors/shop-to-kafka/restart?includeTasks=true'%n"
                + "  curl %1$s/connectors/shop-to-kafka/offsets%n"
                + "  kafka-console-consumer.sh --bootstrap-server %2$s --topic %3$s"
                + " --from-beginning%n"
                + "A follower of your own subscribes at 127.0.0.1:%4$d.%n",
            rest, bootstrap, Demo.TOPIC, sinkPort));
  }
}
