package io.github.allsourceconnect.tool.preview;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.tool.preview.ShownRecord.Text;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** For people: a row a record, its value and headers beneath, all cut to the width. */
final class Table implements Output {
  private static final int NUMBER = 5;
  private static final int FROM = 7;
  private static final int TIME = 24;
  private static final int NAMES_LEAST = 12;
  private static final String BENEATH = " ".repeat(NUMBER + 2);

  private final PrintStream out;
  private final int width;
  private final int topicWidth;
  private long rows;

  /**
   * @param width characters of a row
   */
  Table(PrintStream out, int width) {
    this.out = out;
    this.width = width;
    topicWidth = Math.max(NAMES_LEAST, (width - NUMBER - FROM - TIME - 4 * 2) / 2);
  }

  private void row(String number, String from, String time, String topic, String key) {
    print(
        String.format(
            Locale.ROOT,
            "%" + NUMBER + "s  %-" + FROM + "s  %-" + TIME + "s  %s  %s",
            number,
            from,
            time,
            topic.length() <= topicWidth
                ? topic + " ".repeat(topicWidth - topic.length())
                : topic.substring(0, topicWidth - 1) + "…",
            key));
  }

  private void print(String line) {
    out.print((line.length() <= width ? line : line.substring(0, width - 1) + "…") + "\n");
    out.flush();
  }

  private String begin() {
    if (rows++ == 0) {
      row("#", "from", "time", "topic", "key");
    }
    return Long.toString(rows);
  }

  @Override
  public void record(From from, String eventId, ShownRecord record) {
    show(begin(), from.toString(), record);
  }

  private void show(String number, String from, ShownRecord record) {
    row(
        number,
        from,
        record.timestampMs() == null ? "-" : Instant.ofEpochMilli(record.timestampMs()).toString(),
        Printable.of(record.topic())
            + (record.partition() == null ? "" : " [" + record.partition() + "]"),
        text(record.key()));
    print(BENEATH + "value    " + text(record.value()));
    String line = BENEATH + "headers";
    int empty = line.length();
    for (Map.Entry<String, Text> header : record.headers().entrySet()) {
      String next = "  " + Printable.of(header.getKey()) + "=" + text(header.getValue());
      if (line.length() > empty && line.length() + next.length() > width) {
        print(line);
        line = " ".repeat(empty);
      }
      line += next;
    }
    if (line.length() > empty) {
      print(line);
    }
  }

  @Override
  public void refused(From from, String eventId, String why, String answer, ShownRecord note) {
    String what = eventId == null ? "a line" : Printable.of(eventId);
    row(begin(), from.toString(), "REFUSED", what, "");
    print(BENEATH + "why      " + Printable.message(why));
    print(BENEATH + "then     " + Printable.message(answer));
    if (note != null) {
      show("", "note", note);
    }
  }

  private static String text(Text text) {
    if (text.text() == null) {
      return "(none)";
    }
    return text.base64()
        ? "(" + text.bytes() + " bytes that are no text)"
        : Printable.message(text.text());
  }

  @Override
  public boolean isBroken() {
    return out.checkError();
  }

  @Override
  public void summary(Account account) {
    StringBuilder end = new StringBuilder();
    end.append(count(account.history, "record")).append(" of the history");
    if (account.historyHas >= 0) {
      end.append(" (of about ").append(number(account.historyHas)).append(')');
    }
    end.append(", ").append(number(account.live)).append(" live;\n");
    end.append(count(account.leftOut, "event")).append(" left out by the settings, ");
    end.append(number(account.refused)).append(" refused");
    if (account.failing > 0) {
      end.append(";\nthe task would fail for ").append(number(account.failing)).append(" of these");
    }
    out.print((rows == 0 ? "" : "\n") + end + ".\n");
    out.flush();
  }

  private static String count(long number, String what) {
    return number(number) + " " + what + (number == 1 ? "" : "s");
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
