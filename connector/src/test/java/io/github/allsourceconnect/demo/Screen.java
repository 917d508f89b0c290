package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.demo.Comparison.Losses;
import io.github.allsourceconnect.demo.Comparison.Tally;
import io.github.allsourceconnect.protocol.Event;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the demo shows once a second: on a terminal a screen that is drawn in place and is as large
 * as the window, otherwise a line.
 */
final class Screen {
  private static final int LEAST_ROWS = 10;

  private final PrintStream out;
  private final Terminal terminal;
  private final List<String> calls;
  private final String places;
  private Moment before;

  /**
   * The demo's state at a moment.
   *
   * @param nanos of {@link System#nanoTime}
   * @param seconds since the demo began
   * @param states of the connectors, for people
   * @param written events at the leader; with a real leader, seen anywhere
   * @param ownLeader whether the demo's own leader writes, so that its side is known
   * @param kafka what was found in the topic
   * @param follower what was found at the follower
   * @param acked how many events the leader was acknowledged
   * @param losses what the leader lost on the way
   * @param repairs how many snapshots were fetched to repair gaps
   * @param repaired how many events they brought
   * @param outOfOrder entries that came after a higher one
   * @param latenessMicros how late one came at most
   * @param unaccounted offsets that the source gave up
   * @param newest events that the follower has, the newest first
   */
  record Moment(
      long nanos,
      long seconds,
      String states,
      long written,
      boolean ownLeader,
      Tally kafka,
      Tally follower,
      long acked,
      Losses losses,
      long repairs,
      long repaired,
      long outOfOrder,
      long latenessMicros,
      long unaccounted,
      List<Event> newest) {}

  /**
   * @param terminal null where nothing is redrawn
   * @param calls commands to try, the most instructive ones first
   * @param places where everything is, one line
   */
  Screen(PrintStream out, Terminal terminal, List<String> calls, String places) {
    this.out = out;
    this.terminal = terminal;
    this.calls = calls;
    this.places = places;
    if (terminal == null) {
      out.println(places);
      calls.forEach(out::println);
      out.flush();
    }
  }

  void show(Moment now) {
    Moment last = before == null ? now : before;
    before = now;
    if (terminal == null) {
      out.println(line(now, last));
    } else {
      int[] size = terminal.size();
      StringBuilder text = new StringBuilder("\u001b[H");
      for (String line : lines(now, last, size[0], size[1])) {
        text.append(line).append("\u001b[K\n");
      }
      // no line end behind the last line: the screen would scroll
      text.setLength(text.length() - 1);
      out.print(text.append("\u001b[J"));
    }
    out.flush();
  }

  private static String line(Moment now, Moment last) {
    // what a leader of others was acknowledged, and what it lost, nobody tells
    String leader = now.ownLeader() ? text("  acked %,d", now.acked()) : "";
    String lost =
        now.ownLeader()
            ? text(
                "lost on the way %,d, fetched again %,d",
                now.losses().lost(), now.losses().fetched())
            : text("fetched again %,d", now.repaired());
    return text(
        "%s  %s %,d (%,d/s)  in the topic %,d%s  at the follower %,d  %s  unaccounted %,d  wrong"
            + " %,d  %s",
        clock(now.seconds()),
        now.ownLeader() ? "written" : "seen",
        now.written(),
        rate(now, last, now.written() - last.written()),
        now.kafka().arrived,
        leader,
        now.follower().arrived,
        lost,
        now.unaccounted(),
        now.kafka().faults() + now.follower().faults(),
        now.states());
  }

  /** The screen, {@code rows} lines at most, none wider than {@code columns}. */
  List<String> lines(Moment now, Moment last, int rows, int columns) {
    List<String> top = figures(now, last);
    List<String> bottom = new ArrayList<>();
    // what there is no room for is left out: commands first, then events
    int free = Math.max(LEAST_ROWS, rows) - top.size() - 3;
    int shown = Math.max(0, Math.min(calls.size(), free - 4));
    if (shown > 0) {
      bottom.add("");
      bottom.addAll(calls.subList(0, shown));
    }
    bottom.add(places);
    int events = Math.max(0, rows - top.size() - 2 - bottom.size());
    List<String> lines = new ArrayList<>(top);
    lines.add("");
    lines.add("  the newest events at the follower");
    for (int i = 0; i < events; i++) {
      lines.add(i < now.newest().size() ? event(now.newest().get(i)) : "");
    }
    lines.addAll(bottom);
    return lines.stream().limit(rows).map(line -> Cells.cut(line, columns)).toList();
  }

  private static List<String> figures(Moment now, Moment last) {
    Tally kafka = now.kafka();
    Tally outside = now.follower();
    List<String> lines = new ArrayList<>();
    lines.add(text("AllSource → Kafka → followers  %s   %s", clock(now.seconds()), now.states()));
    lines.add("");
    lines.add("                     events   per s  behind");
    if (now.ownLeader()) {
      lines.add(
          text(
              "  written          %,10d %,7d",
              now.written(), rate(now, last, now.written() - last.written())));
    }
    lines.add(
        row("in the topic", kafka.arrived, last.kafka().arrived, now, last)
            + text(
                "  = %,d live + %,d from files", kafka.arrived - kafka.fromFiles, kafka.fromFiles));
    if (now.ownLeader()) {
      lines.add(
          row("acked to leader", now.acked(), last.acked(), now, last)
              + "  as soon as Kafka has them");
    }
    lines.add(row("at the follower", outside.arrived, last.follower().arrived, now, last));
    lines.add("");
    if (now.ownLeader()) {
      lines.add(
          text(
              "  lost on the way  %,10d  = %,d fetched again + %,d still missing",
              now.losses().lost(), now.losses().fetched(), now.losses().missing()));
    } else {
      lines.add(
          text(
              "  fetched again    %,10d  lost on the way, found in the leader's files",
              now.repaired()));
    }
    lines.add(text("  repairs          %,10d  times the files were read for that", now.repairs()));
    lines.add(
        text(
            "  out of order     %,10d  up to %,.1f ms late; put in order",
            now.outOfOrder(), now.latenessMicros() / 1000.0));
    lines.add(
        text("  without a tenant %,10d  the leader's files do not name it", kafka.tenantUnknown));
    lines.add(text("  unaccounted      %,10d  offsets given up; 0 is right", now.unaccounted()));
    lines.add(
        text(
            "  wrong            %,10d  = %,d twice + %,d order + %,d altered + %,d foreign",
            kafka.faults() + outside.faults(),
            kafka.twice + outside.twice,
            kafka.outOfOrder + outside.outOfOrder,
            kafka.altered + outside.altered,
            kafka.foreign + outside.foreign));
    return lines;
  }

  private static String row(String name, long events, long earlier, Moment now, Moment last) {
    return text(
        "  %-16s %,10d %,7d %,7d",
        name, events, rate(now, last, events - earlier), Math.max(0, now.written() - events));
  }

  private static String event(Event event) {
    return "  "
        + Cells.pad(event.timestamp().replaceFirst("^.*T(.{8}).*$", "$1"), 9)
        + Cells.pad(plain(event.tenantId() == null ? "-" : event.tenantId()), 9)
        + Cells.pad(plain(event.entityId()), 16)
        + Cells.pad(plain(event.eventType()), 17)
        + plain(event.payload().toString());
  }

  /** A peer's text without what a terminal would act on. */
  private static String plain(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "?");
  }

  private static long rate(Moment now, Moment last, long events) {
    return Math.round(events / Math.max(1e-9, (now.nanos() - last.nanos()) / 1e9));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String clock(long seconds) {
    return text("%02d:%02d", seconds / 60, seconds % 60);
  }
}
