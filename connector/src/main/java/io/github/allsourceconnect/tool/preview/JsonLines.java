package io.github.allsourceconnect.tool.preview;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.tool.preview.ShownRecord.Text;
import java.io.PrintStream;

/** One JSON object a line: {@code record}, {@code refused}, and {@code summary} as the last. */
final class JsonLines implements Output {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PrintStream out;

  JsonLines(PrintStream out) {
    this.out = out;
  }

  @Override
  public void record(From from, String eventId, ShownRecord record) {
    ObjectNode line = line("record", from, eventId);
    add(line, record);
    print(line);
  }

  @Override
  public void refused(From from, String eventId, String why, String answer, ShownRecord note) {
    ObjectNode line = line("refused", from, eventId);
    line.put("why", why);
    line.put("answer", answer);
    if (note != null) {
      add(line.putObject("dead_letter"), note);
    }
    print(line);
  }

  @Override
  public boolean isBroken() {
    return out.checkError();
  }

  @Override
  public void summary(Account account) {
    ObjectNode line = JSON.createObjectNode();
    line.put("type", "summary");
    line.put("history", account.history);
    line.put("live", account.live);
    line.put("left_out", account.leftOut);
    line.put("refused", account.refused);
    line.put("failing", account.failing);
    if (account.historyHas >= 0) {
      line.put("history_events", account.historyHas);
    }
    print(line);
  }

  private static ObjectNode line(String type, From from, String eventId) {
    ObjectNode line = JSON.createObjectNode();
    line.put("type", type);
    line.put("from", from.toString());
    if (eventId != null) {
      line.put("event_id", eventId);
    }
    return line;
  }

  private static void add(ObjectNode line, ShownRecord record) {
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    line.put("timestamp", record.timestampMs());
    add(line, "key", record.key());
    ObjectNode headers = line.putObject("headers");
    record.headers().forEach((name, text) -> add(headers, name, text));
    add(line, "value", record.value());
  }

  private static void add(ObjectNode to, String name, Text text) {
    if (text.base64()) {
      to.putObject(name).put("base64", text.text());
    } else {
      to.put(name, text.text());
    }
  }

  private void print(ObjectNode line) {
    out.print(line + "\n");
    out.flush();
  }
}
