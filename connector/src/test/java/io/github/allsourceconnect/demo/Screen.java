package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.demo.Comparison.Tally;
import java.io.PrintStream;
import java.util.Locale;

/** What the demo shows once a second, redrawn in place on a terminal, otherwise a line. */
final class Screen {
  private final PrintStream out;
  private final boolean full;
  private final String footer;
  private Moment before;

  /**
   * The demo's state at a moment.
   *
   * @param nanos of {@link System#nanoTime}
   * @param seconds since the demo began
   * @param states of the tasks, for people
   * @param written events at the leader; with a real leader, in Kafka
   * @param ownLeader whether the demo's own leader writes, so that its side is known
   * @param kafka what was found in the topic
   * @param follower what was found at the follower
   * @param lastAck what the leader's last ack line said
   * @param sequence the leader's last WAL offset
   * @param lost entries that the leader overwrote
   * @param source the source's figures
   * @param sink the sink's
   */
  record Moment(
      long nanos,
      long seconds,
      String states,
      long written,
      boolean ownLeader,
      Tally kafka,
      Tally follower,
      long lastAck,
      long sequence,
      long lost,
      Figures source,
      Figures sink) {}

  /**
   * @param footer lines below the figures, shown once where nothing is redrawn
   */
  Screen(PrintStream out, boolean full, String footer) {
    this.out = out;
    this.full = full;
    this.footer = footer;
    if (!full) {
      out.print(footer);
      out.flush();
    }
  }

  void show(Moment now) {
    Moment last = before == null ? now : before;
    before = now;
    double elapsed = Math.max(1e-9, (now.nanos() - last.nanos()) / 1e9);
    long perSecondWritten = Math.round((now.written() - last.written()) / elapsed);
    long perSecondKafka = Math.round((now.kafka().arrived - last.kafka().arrived) / elapsed);
    long perSecondOut = Math.round((now.follower().arrived - last.follower().arrived) / elapsed);
    Figures source = now.source();
    if (!full) {
      out.printf(
          Locale.ROOT,
          "%s  %s %,d (%,d/s)  Kafka %,d (%,d/s)  follower %,d (%,d/s)  %s"
              + "lost by leader %,d  gaps %,d  repaired %,d in %,d  unaccounted %,d  faults %,d%n",
          clock(now.seconds()),
          now.ownLeader() ? "written" : "seen",
          now.written(),
          perSecondWritten,
          now.kafka().arrived,
          perSecondKafka,
          now.follower().arrived,
          perSecondOut,
          now.ownLeader() ? String.format(Locale.ROOT, "acked %,d  ", now.lastAck()) : "",
          now.lost(),
          source.number("gaps"),
          source.number("repaired"),
          source.number("repairs"),
          source.number("unaccounted"),
          now.kafka().faults() + now.follower().faults());
      out.flush();
      return;
    }
    StringBuilder text = new StringBuilder("\u001b[H\u001b[2J");
    line(text, "AllSource → Kafka → followers    %s    %s", clock(now.seconds()), now.states());
    line(text, "");
    line(text, "                          events     per s       lag");
    if (now.ownLeader()) {
      line(text, "  written at leader  %,11d  %,8d", now.written(), perSecondWritten);
    }
    row(text, "in Kafka", now.kafka().arrived, perSecondKafka, now);
    row(text, "at the follower", now.follower().arrived, perSecondOut, now);
    if (now.ownLeader()) {
      line(
          text,
          "  acked by source    %,11d            %,8d",
          now.lastAck(),
          now.sequence() - now.lastAck());
    }
    line(text, "  acked by follower  %,11d   (Kafka offset + 1)", sum(now.sink(), "acked-lowest"));
    line(text, "");
    line(text, "  lost by the leader %,11d   in its ring, before they were sent", now.lost());
    line(
        text,
        "  gaps               %,11d   offsets lacked %,d, open now %,d",
        source.number("gaps"),
        source.number("gapOffsets"),
        source.number("open"));
    line(
        text,
        "  repaired           %,11d   repairs %,d, unverified %,d",
        source.number("repaired"),
        source.number("repairs"),
        source.number("unverifiedRepairs"));
    line(text, "  unaccounted        %,11d", source.number("unaccounted"));
    line(
        text,
        "  out of order       %,11d   put in order; lateness %,.1f ms, %,d repeated and dropped",
        source.number("outOfOrder"),
        source.number("latenessMicros") / 1000.0,
        source.number("duplicates"));
    line(text, "");
    checked(text, "checked in Kafka", now.kafka());
    checked(text, "checked outside", now.follower());
    line(text, "");
    text.append(footer);
    out.print(text);
    out.flush();
  }

  private static void row(StringBuilder text, String name, long events, long rate, Moment now) {
    line(
        text,
        "  %-17s  %,11d  %,8d  %,8d",
        name,
        events,
        rate,
        Math.max(0, now.written() - events));
  }

  private static void checked(StringBuilder text, String name, Tally tally) {
    line(
        text,
        "  %-17s  twice %,d, out of order %,d, altered %,d, foreign %,d",
        name,
        tally.twice,
        tally.outOfOrder,
        tally.altered,
        tally.foreign);
  }

  private static long sum(Figures figures, String name) {
    return Math.max(0, figures.number("partition-0-" + name));
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String clock(long seconds) {
    return String.format(Locale.ROOT, "%02d:%02d", seconds / 60, seconds % 60);
  }
}
